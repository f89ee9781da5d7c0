"""Renders explanations as one HTML page that needs no network and no script, readable in dark and light and by keyboard."""

import html
import itertools
from collections.abc import Iterable, Iterator, Sequence

from attnclf.render import captions
from attnclf.render.colours import ATTENDED, OPPOSES, SUPPORTS
from attnclf.render.segments import Segment, Shading, lines_of
from attnclf.results import Explanation, Faithfulness

STYLE = """
:root { color-scheme: light dark; --page: #fff; --ink: #1a1a1a; --quiet: #5c5c5c; --line: #ddd;
  --one: #a85a00; --two: #1f66c1; --three: #2b7a43; }
@media (prefers-color-scheme: dark) { :root { --page: #161616; --ink: #eee; --quiet: #aaa; --line: #444;
  --one: #f2a356; --two: #82b9ff; --three: #7fd08f; } }
body { background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, "Noto Sans KR", sans-serif;
  max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.05rem; margin: 0 0 .2rem; white-space: pre-wrap; }
h3 { font-size: .9rem; margin: 1rem 0 .2rem; }
article { border-top: 1px solid var(--line); padding: 1.2rem 0; }
.wide + article, .legend + article { margin-top: 1.2rem; }
.text { font-size: 1.15rem; line-height: 1.9; margin: 0; overflow-wrap: anywhere; unicode-bidi: isolate; position: relative; }
.text + .text { margin-top: .5rem; }
.text span[tabindex] { border-radius: 2px; padding: .1em 0; }
.text span[tabindex]:focus { outline: 2px solid var(--ink); outline-offset: 1px; }
.text span[data-scores]:is(:hover, :focus)::after { content: attr(data-scores); position: absolute; left: 0; margin-top: 1.9em;
  z-index: 1; max-width: 100%; padding: 0 .5em; background: var(--ink); color: var(--page);
  font: 14px/1.7 system-ui, sans-serif; direction: ltr; unicode-bidi: isolate; border-radius: 2px; }
.unknown { font-style: italic; } .unread { text-decoration: line-through; color: var(--quiet); }
p.legend { color: var(--quiet); font-size: .85rem; margin: .3rem 0 0; }
table { border-collapse: collapse; font-size: .9rem; margin-top: 1rem; }
th, td { text-align: left; padding: .1rem 1.2rem .1rem 0; }
td, th { vertical-align: baseline; } td { overflow-wrap: anywhere; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
body > h2 { margin-top: 1.8rem; } .wide { overflow-x: auto; } .wide td.n, .wide th { white-space: nowrap; }
.charts { display: flex; flex-wrap: wrap; gap: 1rem; }
figure { margin: 0; flex: 1 1 20rem; max-width: 24rem; } figcaption { font-size: .9rem; font-weight: 600; }
svg { width: 100%; height: auto; } svg text { font-size: 10px; fill: var(--quiet); }
svg .grid { stroke: var(--line); } svg polyline { fill: none; stroke-width: 2; }
polyline.line0 { stroke: var(--one); } circle.line0 { fill: var(--one); } .key.line0 { color: var(--one); }
polyline.line1 { stroke: var(--two); } circle.line1 { fill: var(--two); } .key.line1 { color: var(--two); }
polyline.line2 { stroke: var(--three); } circle.line2 { fill: var(--three); } .key.line2 { color: var(--three); }
.share { background: color-mix(in srgb, var(--one) calc(var(--share) * 45%), transparent); }
@media print { body { margin: 0; } article { break-inside: avoid; } span { print-color-adjust: exact; } }
""" + "".join(
    f".{name}{number} {{ background: {colour}; color: #000;{extra} }}\n"
    for name, colours, extra in (
        ("a", ATTENDED, ""),
        ("s", SUPPORTS, ""),
        ("o", OPPOSES, " text-decoration: underline;"),
    )
    for number, colour in enumerate(colours, 1)
)


def page(results: Iterable[Explanation], methods: tuple[str, ...], trust: Faithfulness | None = None) -> Iterator[str]:
    """The page in pieces, one for each text, so that a long file streams in constant memory."""
    articles = (article(result, methods) for result in results)
    yield from page_of("attnclf explain", "Why the model decided so", itertools.chain(articles, [closing(methods, trust)]))


def page_of(title: str, heading: str, body: Iterable[str], mark: str = "") -> Iterator[str]:
    """A page in pieces: its head, with an element that marks it, if any, the pieces of its `body`, and its end."""
    yield (
        '<!doctype html>\n<html lang="und">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"{mark}<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{heading}</h1>\n"
    )
    yield from body
    yield "</body>\n</html>\n"


def closing(methods: tuple[str, ...], trust: Faithfulness | None) -> str:
    """What the shown methods are, and how faithful they are."""
    return "".join(f'<p class="legend">{html.escape(line)}</p>\n' for line in captions.trusted(methods, trust))


def article(result: Explanation, methods: tuple[str, ...]) -> str:
    """One text: its prediction, the text coloured by each method, and a table of the strongest tokens."""
    parts = [f"<article>\n<h2>{html.escape(captions.probabilities(result.prediction))}</h2>\n"]
    for method in methods:
        shading = Shading.of(result, method)
        lines = ["".join(_span(segment, shading) for segment in line) for line in lines_of(result)]
        parts += [
            f"<h3>{html.escape(captions.title(result, method))}</h3>\n",
            "".join(f'<p class="text" dir="auto">{spans}</p>\n' for spans in lines),
            f'<p class="legend">{html.escape(captions.legend(result, method, shading.full))}</p>\n',
        ]
    parts += [f'<p class="legend">{html.escape(remark)}</p>\n' for remark in captions.remarks(result)]
    header, rows = captions.sentences(result)
    parts += [table(header, rows, [False, True, True]), _table(result, methods)] if rows else [_table(result, methods)]
    parts += [f'<p class="legend">{html.escape(line)}</p>\n' for line in captions.tried(result)]
    return "".join([*parts, "</article>\n"])


def _span(segment: Segment, shading: Shading) -> str:
    text = html.escape(segment.visible)
    if not segment.read:
        return f'<span class="unread">{text}</span>'
    if not segment.scored:
        return text
    strength = shading.step(segment)
    kind = {1: "s", -1: "o", 0: "a"}[shading.side(segment)]
    classes = " ".join(([f"{kind}{strength}"] if strength else []) + ([] if segment.known else ["unknown"]))
    shown = dict.fromkeys(("evidence", "attention", *segment.scores))
    scores = ", ".join(f"{name} {captions.number(segment.score(name), name)}" for name in shown)
    focus = ' tabindex="0"' if strength else ""
    named = f' class="{classes}"' if classes else ""
    return f'<span{focus}{named} data-scores="{scores}">{text}</span>'


def _table(result: Explanation, methods: tuple[str, ...]) -> str:
    header, rows = captions.strongest(result, methods)
    shown = captions.columns(methods)
    return table(header, rows, [name in shown for name in header])


def table(header: Sequence[str], rows: Iterable[Sequence[str]], numeric: Sequence[bool]) -> str:
    """A table of plain cells under a header; `numeric` says which columns hold numbers."""
    kinds = [' class="n"' if number else "" for number in numeric]
    lines = [
        "<tr>" + "".join(f"<{tag}{kind}>{html.escape(cell)}</{tag}>" for kind, cell in zip(kinds, row, strict=True)) + "</tr>\n"
        for tag, row in [*([("th", header)] if any(header) else []), *(("td", row) for row in rows)]
    ]
    return scrolling(lines)


def scrolling(rows: Iterable[str], name: str = "") -> str:
    """A table of `rows` that scrolls by itself if it is wider than the page; `name` is its CSS class."""
    named = f' class="{name}"' if name else ""
    return f'<div class="wide"><table{named}>{"".join(rows)}</table></div>\n'
