"""The little Markdown of a lesson's text, on a terminal."""

from rich.text import Text

from attnclf.render.prose import blocks, in_html, in_markdown, on_terminal

TEXT = """What is *asked*, and `how`?

**Query.** The first line
goes on.

    a = b * c * d
      + e

* one
  thing
* another

The end."""


def test_the_blocks_of_a_text() -> None:
    assert [(block.kind, block.text) for block in blocks(TEXT)] == [
        ("paragraph", "What is *asked*, and `how`?"),
        ("paragraph", "**Query.** The first line goes on."),
        ("equations", "a = b * c * d\n  + e"),
        ("item", "one thing"),
        ("item", "another"),
        ("paragraph", "The end."),
    ]


def test_marks_become_styles_and_equations_stay_as_they_are() -> None:
    shown = list(on_terminal(TEXT, 80))
    assert [text.plain for text in shown] == [
        *("What is asked, and how?", "", "Query. The first line goes on.", "", "    a = b * c * d\n      + e", ""),
        *("• one thing", "• another", "", "The end."),
    ]
    assert [(shown[0].plain[span.start : span.end], span.style) for span in shown[0].spans] == [
        ("asked", "italic"),
        ("how", "cyan"),
    ]
    assert shown[4] == Text("    a = b * c * d\n      + e")


def test_what_stands_beside_an_equation_stands_below_it_where_it_does_not_fit() -> None:
    (shown,) = on_terminal("    a = b      the sum\n    c", 20)
    assert shown.plain == "    a = b\n            the sum\n    c"


def test_papers_and_code_have_links() -> None:
    text = "A paper (arXiv:1409.0473), code (github.com/a-b/c.d,\n2017).\n\n    a = b   arXiv:1508.04025"
    paper, code, other = (
        f'<a href="https://{path}">{name}</a>'
        for path, name in (
            ("arxiv.org/abs/1409.0473", "arXiv:1409.0473"),
            ("github.com/a-b/c.d", "github.com/a-b/c.d"),
            ("arxiv.org/abs/1508.04025", "arXiv:1508.04025"),
        )
    )
    assert in_html(text) == f"<p>A paper ({paper}), code ({code}, 2017).</p>\n<pre>a = b   {other}</pre>\n"
    assert in_markdown(text) == (
        "A paper ([arXiv:1409.0473](https://arxiv.org/abs/1409.0473)), code ([github.com/a-b/c.d](https://github.com/a-b/c.d),\n"
        "2017).\n\n    a = b   arXiv:1508.04025"
    )
