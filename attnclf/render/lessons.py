"""Renders what a lesson found: on a terminal, as one HTML page, as Markdown for the documentation."""

import html
from collections.abc import Iterator, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from attnclf.render import attended, heatmaps, prose
from attnclf.render.charts import Line, alone, chart
from attnclf.render.html import page_of, table
from attnclf.results.lessons import Curves, KnownAnswer, LessonResult, Scored, Taught, Value
from attnclf.visible import visible

KNOWN = "published or known"
HELD, LOST = "held", "lost"
LINES = ("#a85a00", "#1f66c1", "#2c8a4b", "#9a3aa8", "#6b6b6b", "#c2185b")  # of curves; the first two are those of a page
DARK = ("#f2a356", "#82b9ff", "#6fd08f", "#d79be0", "#bdbdbd", "#ff8fb3")


def listed(lessons: Sequence[tuple[str, str, int]]) -> Table:
    """Name, meaning and minutes of each lesson."""
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("lesson", "what is taught"):
        shown.add_column(heading)
    shown.add_column("minutes", justify="right")
    for name, meaning, minutes in lessons:
        shown.add_row(name, Text(meaning), str(minutes))
    return shown


def on_terminal(result: LessonResult, *, colour: bool, width: int) -> RenderableType:
    """The table of scores, how it was run, the known answers, then each example as a heat map, and pictures with what is
    looked at."""
    header, rows = scores(result.taught.table)
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for name in header:
        shown.add_column(name, justify="left" if name in ("", KNOWN) else "right", no_wrap=not name)
    for column, cells in zip(shown.columns, zip(*rows, strict=True), strict=True):
        if column.header != KNOWN:  # on a narrow terminal headings are broken between words, and figures never
            column.min_width = max(map(len, [*cells, *str(column.header).split()]), default=0)
    for row in rows:
        shown.add_row(*map(Text, row))
    told = [Text(visible(line), style="dim") for line in ["", *legend(result.taught), how_run(result)]]
    parts: list[RenderableType] = [shown, *told, Text(""), _answers(result.taught.answers)]
    for example in result.taught.examples:
        parts += [Text(""), *heatmaps.on_terminal(example, colour=colour, width=width)]
    for picture in result.taught.pictures:
        parts += [Text(""), *attended.on_terminal(picture, colour=colour, width=width)]
    return Group(*parts)


def _answers(answers: Sequence[KnownAnswer]) -> Table:
    shown = Table.grid(padding=(0, 2, 0, 0))
    for answer in answers:
        word = Text(HELD, style="green") if answer.held else Text(LOST, style="bold red")
        shown.add_row(word, Text(visible(in_words(answer))))
    return shown


def legend(taught: Taught) -> list[str]:
    """What the headings mean, a line each."""
    return [f"{heading}: {meaning}" for heading, meaning in taught.columns.items()]


def in_words(answer: KnownAnswer) -> str:
    """A known answer, what came out, and who says so."""
    source = f" ({answer.source})" if answer.source else ""
    return f"{answer.claim}: {answer.measured}{source}"


def scores(rows: Sequence[Scored]) -> tuple[list[str], list[list[str]]]:
    """Header and rows of the table, as text. The column of known values is left out where there are none."""
    names = list(dict.fromkeys(name for row in rows for name in row.scores))
    known = [KNOWN] if any(row.known for row in rows) else []
    cells = [[row.model, *(figure(row.scores.get(name)) for name in names), *([row.known] if known else [])] for row in rows]
    return ["", *names, *known], cells


def figure(value: Value) -> str:
    """A share or a loss with three decimals, a count as it is, a dash for what was not measured."""
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else value


def page(result: LessonResult, text: str) -> Iterator[str]:
    """One HTML page, in pieces, that needs no network: the text of the lesson, scores, known answers, curves, examples."""
    yield from page_of(
        f"attnclf lesson {result.lesson}", html.escape(result.meaning), _body(result, text), f"<style>{STYLE}</style>\n"
    )


def _body(result: LessonResult, text: str) -> Iterator[str]:
    yield f'<div class="prose">{prose.in_html(text)}</div>\n'
    yield f'<p class="legend">{html.escape(how_run(result))}</p>\n'
    header, rows = scores(result.taught.table)
    yield table(header, rows, [name not in ("", KNOWN) for name in header])
    yield f'<p class="legend">{"<br>".join(map(html.escape, legend(result.taught)))}</p>\n' if result.taught.columns else ""
    yield f'<ul class="answers">\n{"".join(map(_item, result.taught.answers))}</ul>\n'
    yield f'<div class="charts">{"".join(map(curves, result.taught.curves))}</div>\n' if result.taught.curves else ""
    yield from map(heatmaps.in_html, result.taught.examples)
    yield from map(attended.in_html, result.taught.pictures)


def _item(answer: KnownAnswer) -> str:
    word = HELD if answer.held else LOST
    return f'<li><b class="{word}">{word}</b> {html.escape(in_words(answer))}</li>\n'


def how_run(result: LessonResult) -> str:
    """The settings of a run, and how long it took."""
    return f"{'quick form, ' if result.quick else ''}{in_short(result.settings)}; {result.seconds:.0f} seconds"


def in_short(settings: Mapping[str, Value]) -> str:
    """Settings and their values, on one line."""
    return ", ".join(f"{name.replace('_', ' ')} {_set(value)}" for name, value in settings.items())


def _set(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else str(value)


def outcome(result: LessonResult) -> str:
    """How many of the known answers came out."""
    answers = result.taught.answers
    lost = sum(not answer.held for answer in answers)
    return f"all {len(answers)} held" if not lost else f"{len(answers) - lost} held, **{lost} lost**"


def curves_alone(result: Curves) -> str:
    """Curves as an SVG that stands alone."""
    lines = [Line(line.name, line.points) for line in result.lines]
    return alone(result.title, result.across, result.up, lines, LINES, result.top or None)


def curves(result: Curves) -> str:
    """Curves as an inline SVG."""
    return chart(
        result.title, result.across, result.up, [Line(line.name, line.points) for line in result.lines], result.top or None
    )


def markdown(result: LessonResult) -> str:
    """The table of scores and the known answers, as the documentation shows them."""
    header, rows = scores(result.taught.table)
    marks = ["---" if name in ("", KNOWN) else "--:" for name in header]
    lines = [f"| {' | '.join(row)} |" for row in (header, marks, *rows)]
    answers = [f"* **{HELD if answer.held else LOST}**: {in_words(answer)}" for answer in result.taught.answers]
    told = [f"* {line}" for line in legend(result.taught)]
    return "\n".join([*lines, "", *told, *([""] if told else []), *answers, "", f"({how_run(result)})"]) + "\n"


def _line_styles(colours: Sequence[str]) -> str:
    return "".join(
        f"polyline.line{i} {{ stroke: {colour}; }} circle.line{i} {{ fill: {colour}; }} .key.line{i} {{ color: {colour}; }}\n"
        for i, colour in enumerate(colours)
        if i > 1
    )


STYLE = f"""
{_line_styles(LINES)}@media (prefers-color-scheme: dark) {{ {_line_styles(DARK)} }}
body td {{ overflow-wrap: normal; }}
.prose pre {{ overflow-x: auto; font-size: .8rem; }}
table:not(.heat) td:first-child {{ white-space: nowrap; }}
table:not(.heat) th {{ white-space: normal; }}
table.heat {{ border-spacing: 0; margin-top: .3rem; }} table.heat th {{ font-weight: normal; white-space: pre; }}
table.heat :is(td, th) {{ text-align: center; padding: .1rem .3rem; min-width: 1.6em; font-variant-numeric: tabular-nums; }}
table.heat tr > th:first-child {{ text-align: left; }}
table.heat td {{ border: 1px solid var(--line); font-size: .8rem; }}
.answers {{ padding-left: 0; list-style: none; }} .held {{ color: #2c8a4b; }} .lost {{ color: #c62828; }}
.charts figure {{ max-width: 40rem; flex-basis: 30rem; }}
{attended.STYLE}"""
