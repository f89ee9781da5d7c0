"""Renders the global explanation of a model, as tables for a terminal or as an HTML page."""

import html
from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from attnclf.render.colours import SUPPORTS
from attnclf.render.figures import signed
from attnclf.render.html import page_of, scrolling
from attnclf.results import LabelOverview, Overview, WordOverview
from attnclf.visible import visible

HEADER = ("word", "places", "evidence", "per place", "attention", "strongest place")
LEGEND = (
    "Evidence (in nats) is for the label against the most likely other label, summed over all places of the word in texts "
    "that were given the label; attention is the mean over these places. Evidence is what the model took, not what is true of "
    "the label."
)


def overview(result: Overview) -> RenderableType:
    """A table for each label, and the legend."""
    parts: list[RenderableType] = []
    for label in result.labels:
        parts += [Text(title(result, label), style="bold"), _table(label) if label.words else Text(none(label)), Text("")]
    return Group(*parts, Text(LEGEND, style="dim"))


def title(result: Overview, label: LabelOverview) -> str:
    return f"{visible(label.label)}: {label.texts:,} of {result.texts:,} texts"


def none(label: LabelOverview) -> str:
    """What stands in place of a table without words."""
    return "no word has evidence for it" if label.texts else "no text was given this label"


def cells(word: WordOverview) -> list[str]:
    numbers = [f"{word.count:,}", signed(word.evidence), signed(word.mean_evidence), f"{word.mean_attention:.3f}"]
    return [visible(word.text), *numbers]


def _table(label: LabelOverview) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in HEADER:
        numeric = name not in (HEADER[0], HEADER[-1])
        table.add_column(name, justify="right" if numeric else "left", no_wrap=numeric)
    for word in label.words:
        before, there, after = map(visible, word.context)
        context = Text.assemble((before, "dim"), (there, f"#000000 on {SUPPORTS[2]}"), (after, "dim"))
        table.add_row(*map(Text, cells(word)), context)
    return table


def overview_page(result: Overview) -> Iterator[str]:
    """The same tables as an HTML page that needs no network and no script."""
    yield from page_of("attnclf explain --global", "What the model reads for each label", _body(result))


def _body(result: Overview) -> Iterator[str]:
    for label in result.labels:
        kinds = [""] + [' class="n"'] * 4 + [""]
        lines = ["<tr>" + "".join(f"<th{kind}>{name}</th>" for kind, name in zip(kinds, HEADER, strict=True)) + "</tr>\n"]
        for word in label.words:
            row = [f"<td{kind}>{html.escape(cell)}</td>" for kind, cell in zip(kinds, cells(word), strict=False)]
            before, there, after = (html.escape(visible(piece)) for piece in word.context)
            row.append(f'<td dir="auto">{before}<mark class="s3">{there}</mark>{after}</td>')
            lines.append(f"<tr>{''.join(row)}</tr>\n")
        body = scrolling(lines) if label.words else f"<p>{none(label)}</p>\n"
        yield f"<article>\n<h2>{html.escape(title(result, label))}</h2>\n{body}</article>\n"
    yield f'<p class="legend">{html.escape(LEGEND)}</p>\n'
