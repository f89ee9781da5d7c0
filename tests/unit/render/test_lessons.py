"""What a lesson found, on a terminal with colour and without, as a page and as Markdown."""

import io
import re
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from attnclf.render import attended, heatmaps, lessons, pictures
from attnclf.render.colours import ATTENDED
from attnclf.results.lessons import Curve, Curves, HeatMap, KnownAnswer, LessonResult, Picture, Scored, Taught

MAP = HeatMap.of("5+6 = 11", "11", "5+6 ", [[0.5, 0.001, 0.25, 0.249], [0, 0, 1, 0]], "look: <b>")

PALETTE = {".": "#c8c8c8", "r": "#ff0000", "<": "#0000ff"}
PICTURE = Picture.of("a <cross>", PALETTE, ["r...", ".<..", "....", "...r"], ["a", "<b>"], [[0.75, 0.25, 0, 0], [0.25] * 4])


@pytest.fixture
def result() -> LessonResult:
    table = (
        Scored("plain", {"right": 0.5, "epoch": None}),
        Scored("<dot>", {"right": 0.987654, "epoch": 1200}, ".99 (a paper)"),
    )
    answers = (KnownAnswer("dot wins", "0.988", True, "a paper"), KnownAnswer("plain wins", "0.500", False))
    curves = (Curves("right", "epoch", "share", (Curve("plain", ((1, 0.2), (2, 0.5))), Curve("<dot>", ((1, 0.9),)))),)
    settings = {"seed": 0, "attention": "dot", "rows": 20_000, "held_out": 5}
    taught = Taught(table, answers, (MAP,), curves, (PICTURE,), {"right": "of all <sums>"})
    return LessonResult("sums", "what <b> is", settings, True, 61.2, taught)


def printed(renderable: object, colour: bool, width: int = 80) -> str:
    system = "truecolor" if colour else None
    console = Console(
        file=io.StringIO(), width=width, force_terminal=colour, color_system=system, highlight=False, markup=False
    )
    console.print(renderable)
    return console.file.getvalue()  # type: ignore[attr-defined]


def lines(map_: HeatMap, colour: bool, width: int = 80) -> list[str]:
    return [line.plain for line in heatmaps.on_terminal(map_, colour=colour, width=width)]


def test_without_colour_there_are_numbers() -> None:
    title, head, first, second, caption = lines(MAP, colour=False)
    assert (title, caption) == ("5+6 = 11", "look: <b>")
    assert head.split() == ["5", "+", "6", "␣"]
    assert first.split() == ["1", ".50", "·", ".25", ".25"]
    assert second.split() == ["1", "·", "·", "1.0", "·"]
    assert head.index("5") == first.index(".50") + 2  # a number stands under its name


def test_with_colour_the_names_stand_on_their_weight() -> None:
    _, first, second, _ = heatmaps.on_terminal(MAP, colour=True, width=80)
    assert first.plain.split() == ["1", "5", "+", "6", "␣"]
    shown = {first.plain[span.start : span.end].strip(): span.style.bgcolor.name for span in first.spans}
    assert shown == {"5": ATTENDED[2], "6": ATTENDED[1], "␣": ATTENDED[1]}  # .5 is half of the largest; .001 has no colour
    assert [span.style.bgcolor.name for span in second.spans] == [ATTENDED[4]]


@pytest.mark.parametrize("colour", [True, False])
def test_what_is_wider_than_the_terminal_stands_below(colour: bool) -> None:
    wide = HeatMap.of("t", ["월", "일"], [f"{i}일" for i in range(30)], [[1 / 30] * 30] * 2)
    found = [line for line in lines(wide, colour, width=40) if line]
    assert max(map(cell_len, found)) <= 40
    assert len(found) > 6
    heads = found[1::2] if colour else found[1::3]  # with colour each row has the names
    names = re.findall(r"\d+일", " ".join(heads))
    assert names == [f"{i}일" for i in range(30)]


def test_a_picture_is_dark_where_nobody_looks() -> None:
    title, names, upper, lower = attended.on_terminal(PICTURE, colour=True, width=80)
    assert title.plain == "a <cross>"
    assert names.plain.split() == ["a", "<b>"]
    assert upper.plain == lower.plain == "▀▀▀▀  ▀▀▀▀"
    colours = [(span.style.color.name, span.style.bgcolor.name) for span in upper.spans]
    # the first step: whole colours at the left, 0.55 of them at the right, where the weight is a third of the largest
    assert colours[:3] == [("#ff0000", "#c8c8c8"), ("#c8c8c8", "#0000ff"), ("#6e6e6e", "#6e6e6e")]
    assert colours[3:5] == [("#ff0000", "#c8c8c8"), ("#c8c8c8", "#0000ff")]  # the second looks everywhere alike
    assert lower.spans[1].style.bgcolor.name == "#400000"  # a quarter


def test_a_picture_without_colour_is_an_outline_and_numbers() -> None:
    found = [line.plain.rstrip() for line in attended.on_terminal(PICTURE, colour=False, width=80)]
    assert found == ["a <cross>", "          a         <b>", "▀▄         .75 .25   .25 .25", "   ▄         ·   ·   .25 .25"]


@pytest.mark.parametrize("colour", [True, False])
def test_pictures_that_do_not_fit_stand_below(colour: bool) -> None:
    found = [line.plain.rstrip() for line in attended.on_terminal(PICTURE, colour=colour, width=8)]
    assert max(map(len, found[1:])) <= 8
    assert [name for name in found if name in ("a", "<b>")] == ["a", "<b>"]


def test_a_picture_in_html() -> None:
    text = attended.in_html(PICTURE)
    assert text.count("<svg") == 2
    assert "<b>" not in text
    assert "<title>a: most weight, .75, in row 1, column 1 of 2</title>" in text
    assert '<rect x="1" y="1" width="1" height="1" fill="#0000ff"/>' in text
    assert '<rect x="2" y="0" width="2" height="2" fill-opacity="0.45"/>' in text
    assert text.count("fill-opacity") == 3  # none on what is looked at


def test_the_table_has_known_values_beside_and_a_loss_is_a_loss(result: LessonResult) -> None:
    text = printed(lessons.on_terminal(result, colour=False, width=80), colour=False)
    rows = [line.split() for line in text.splitlines()]
    assert rows[:3] == [
        ["right", "epoch", "published", "or", "known"],
        ["plain", "0.500", "–"],
        ["<dot>", "0.988", "1,200", ".99", "(a", "paper)"],
    ]
    assert rows[4] == ["right:", "of", "all", "<sums>"]
    assert " ".join(rows[5]) == "quick form, seed 0, attention dot, rows 20,000, held out 5; 61 seconds"
    assert rows[7:9] == [
        ["held", "dot", "wins:", "0.988", "(a", "paper)"],
        ["lost", "plain", "wins:", "0.500"],
    ]


def test_figures_are_never_broken_on_a_narrow_terminal(result: LessonResult) -> None:
    row = Scored("a network with a long name", {"single peaks there": 0.5, "accuracy": 0.25, "after": 0.125})
    narrow = replace(result, taught=Taught((row,), ()))
    text = printed(lessons.on_terminal(narrow, colour=False, width=40), colour=False)
    assert {"0.500", "0.250", "0.125", "accuracy"} <= set(text.split())


def test_colour_on_a_terminal(result: LessonResult) -> None:
    assert "\x1b[" in printed(lessons.on_terminal(result, colour=True, width=80), colour=True)


def test_the_page_escapes_and_needs_no_network(result: LessonResult) -> None:
    page = "".join(lessons.page(result, "**Ask** `<h>`:\n\n    a < b\n\n* one\n* two"))
    body = page.split("</style>")[-1]
    assert "<dot>" not in body
    assert "<h1>what &lt;b&gt; is</h1>" in body
    assert "<p><b>Ask</b> <code>&lt;h&gt;</code>:</p>\n<pre>a &lt; b</pre>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>" in body
    assert '<p class="legend">right: of all &lt;sums&gt;</p>' in body
    assert '<b class="lost">lost</b> plain wins: 0.500' in body
    assert body.count("<polyline") == 2
    assert '<td class="a5">1.0</td>' in body
    assert "quick form, seed 0, attention dot, rows 20,000, held out 5; 61 seconds" in body
    assert not re.search(r"(?:src|href)=|https?:|<script", page)


def test_markdown_has_the_same_figures(result: LessonResult) -> None:
    text = lessons.markdown(result)
    assert "| <dot> | 0.988 | 1,200 | .99 (a paper) |" in text
    assert "* **lost**: plain wins: 0.500" in text
    assert lessons.outcome(result) == "1 held, **1 lost**"


def test_a_picture_of_curves_stands_alone(result: LessonResult) -> None:
    svg = lessons.curves_alone(result.taught.curves[0])
    assert svg.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    assert "━ &lt;dot&gt;</text>" in svg


def test_json_and_back(result: LessonResult) -> None:
    told = result.to_dict()
    assert told["held"] is False
    assert told["examples"][0]["weights"][1] == (0, 0, 1, 0)
    assert LessonResult.from_dict(told) == result


def test_a_picture_of_the_terminal_knows_wide_letters(result: LessonResult) -> None:
    svg = pictures.of_terminal(Text("일월"), "lesson", "one", 40)
    assert 'textLength="48.8"' in svg  # four cells
    assert "@font-face" not in svg
    assert not re.search(r'(?:href|src)="https?:', svg)
