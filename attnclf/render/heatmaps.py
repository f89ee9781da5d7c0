"""Attention as a matrix: coloured cells on a terminal, numbers where there is no colour, a table in HTML.

The colours are those of `explain`. Each row sums to 1; the largest weight of the matrix has the full colour.
"""

import html
from collections.abc import Iterator

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from attnclf.render.colours import ATTENDED, step
from attnclf.render.html import scrolling
from attnclf.results.lessons import HeatMap
from attnclf.visible import visible

LEAST = 0.005  # a smaller weight has no number
NUMBER = 3  # cells of a number such as .42


def on_terminal(result: HeatMap, *, colour: bool, width: int) -> Iterator[Text]:
    """Lines for a terminal of `width` cells. Columns that do not fit stand below, under their own heading.

    With colour each row repeats the names of the columns, each on the colour of its weight. Without, it has the weights.
    """
    yield Text(visible(result.title), style="bold")
    columns, rows = (list(map(_named, names)) for names in (result.columns, result.rows))
    first = max(map(cell_len, rows), default=0) + 2
    wide = max([0 if colour else NUMBER, *map(cell_len, columns)]) + (2 if colour else 1)
    fitting = max(1, (width - first) // wide)
    full = max(map(max, result.weights), default=0.0)
    for start in range(0, len(columns), fitting):
        if start:
            yield Text("")
        shown = range(start, min(start + fitting, len(columns)))
        if not colour:
            yield Text(" " * first + "".join(_padded(columns[i], wide) for i in shown), style="dim")
        for name, weights in zip(rows, result.weights, strict=True):
            line = Text(name + " " * (first - cell_len(name)))
            for i in shown:
                cell, style = (
                    (_centred(columns[i], wide), _style(weights[i], full)) if colour else (_cell(weights[i], wide), "")
                )
                line.append(cell, style=style)
            yield line
    if result.caption:
        yield Text(visible(result.caption), style="dim")


def _style(weight: float, full: float) -> Style:
    strength = step(weight, full)
    return Style(color="#000000", bgcolor=ATTENDED[strength - 1]) if strength else Style()


def _cell(weight: float, wide: int) -> str:
    return _padded(shortened(weight), wide)


def shortened(weight: float) -> str:
    """`.42` for 0.42, `1.0` for 1, a dot for a weight too small to say."""
    if weight < LEAST:
        return "·"
    return "1.0" if weight > 1 - LEAST else f"{weight:.2f}".removeprefix("0")


def _padded(text: str, wide: int) -> str:
    return " " * (wide - cell_len(text)) + text


def _centred(text: str, wide: int) -> str:
    left = (wide - cell_len(text)) // 2
    return " " * left + text + " " * (wide - cell_len(text) - left)


def in_html(result: HeatMap) -> str:
    """A table: the weights as numbers on their colours, the names of columns above, those of rows before."""
    full = max(map(max, result.weights), default=0.0)
    head = "".join(f"<th>{html.escape(_named(name))}</th>" for name in result.columns)
    rows = [f"<tr><th></th>{head}</tr>\n"]
    for name, weights in zip(result.rows, result.weights, strict=True):
        cells = "".join(_html_cell(weight, step(weight, full)) for weight in weights)
        rows.append(f"<tr><th>{html.escape(_named(name))}</th>{cells}</tr>\n")
    caption = f'<p class="legend">{html.escape(visible(result.caption))}</p>\n' if result.caption else ""
    return f"<article>\n<h3>{html.escape(visible(result.title))}</h3>\n{scrolling(rows, 'heat')}{caption}</article>\n"


def _named(name: str) -> str:
    """What can be seen of a name: a blank that stands for a character is ␣."""
    return visible(name) if name.strip() else "␣"


def _html_cell(weight: float, strength: int) -> str:
    kind = f' class="a{strength}"' if strength else ""
    return f"<td{kind}>{shortened(weight)}</td>"
