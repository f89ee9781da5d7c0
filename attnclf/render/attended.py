"""A picture with the region that is looked at, step by step: half blocks on a terminal, inline SVG in HTML.

The place with the largest weight of a step keeps its colours; the smaller the weight of a place, the darker it is. Without
colours a terminal shows the picture once, its ground left blank, and then the weights as numbers.
"""

import html
import itertools
from collections.abc import Iterator, Sequence

from rich.cells import set_cell_size
from rich.style import Style
from rich.text import Text

from attnclf.render.colours import STEPS, step
from attnclf.render.heatmaps import shortened
from attnclf.results.lessons import Picture
from attnclf.visible import visible

HALF = "▀"  # its upper half has the colour of the text, the lower one that of the background
GAP = 2  # cells between pictures
DARKEST = 0.25  # what is left of a colour where nobody looks
GROUND = "."
SIZE = 120  # of a picture in HTML


def on_terminal(result: Picture, *, colour: bool, width: int) -> Iterator[Text]:
    """Lines for a terminal of `width` cells: as many steps beside each other as fit, each below its name."""
    yield Text(visible(result.title), style="bold")
    drawn = [(name, _numbers(result, weights)) for name, weights in zip(result.names, result.weights, strict=True)]
    if colour:
        drawn = [(name, _blocks(result, weights)) for name, weights in zip(result.names, result.weights, strict=True)]
    else:
        drawn.insert(0, ("", _outline(result)))
    wide = max(line.cell_len for _, lines in drawn for line in lines)
    fitting = max(1, (width + GAP) // (wide + GAP))
    for start in range(0, len(drawn), fitting):
        row = drawn[start : start + fitting]
        if start:
            yield Text("")
        yield _beside([Text(visible(name)) for name, _ in row], wide)
        yield from (_beside(lines, wide) for lines in itertools.zip_longest(*(lines for _, lines in row), fillvalue=Text("")))
    if result.caption:
        yield Text(visible(result.caption), style="dim")


def _beside(lines: Sequence[Text], wide: int) -> Text:
    """Lines of several pictures as one line; each is cut or filled to `wide` cells."""
    whole = Text()
    for number, line in enumerate(lines):
        if number:
            whole.append(" " * GAP)
        fitting = line if line.cell_len <= wide else Text(set_cell_size(line.plain, wide))
        whole.append_text(fitting).append("" if number == len(lines) - 1 else " " * (wide - fitting.cell_len))
    return whole


def _blocks(result: Picture, weights: Sequence[float]) -> list[Text]:
    """Two rows of pixels to a line."""
    lines = []
    for y in range(0, len(result.pixels), 2):
        line = Text()
        pairs = [tuple(_seen(result, weights, row, x) for row in (y, y + 1)) for x in range(len(result.pixels[y]))]
        for (upper, lower), run in itertools.groupby(pairs):  # one style for a run, or a page of pictures would be long
            line.append(HALF * len(list(run)), Style(color=upper, bgcolor=lower))
        lines.append(line)
    return lines


def _seen(result: Picture, weights: Sequence[float], y: int, x: int) -> str:
    """The colour of a pixel, as bright as it is looked at."""
    side = len(result.pixels) // result.grid
    bright = brightness(weights)[y // side * result.grid + x // side]
    red, green, blue = (round(int(result.palette[result.pixels[y][x]][i : i + 2], 16) * bright) for i in (1, 3, 5))
    return f"#{red:02x}{green:02x}{blue:02x}"


def brightness(weights: Sequence[float]) -> list[float]:
    """What is left of the colours of each place, in the steps of an explanation: all of it where the weight is the largest, a
    quarter where there is none."""
    full = max(weights)
    return [DARKEST + (1 - DARKEST) * step(weight, full) / STEPS for weight in weights]


def _outline(result: Picture) -> list[Text]:
    """The picture without colours: what is not ground, in half blocks."""
    blocks = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}
    pairs = zip(result.pixels[::2], result.pixels[1::2], strict=True)
    return [Text("".join(blocks[up != GROUND, down != GROUND] for up, down in zip(*pair, strict=True))) for pair in pairs]


def _numbers(result: Picture, weights: Sequence[float]) -> list[Text]:
    """The grid of weights, as wide as the picture if it can be."""
    wide = max(len(result.pixels[0]) // result.grid, 4)
    cells = [shortened(weight).rjust(wide) for weight in weights]
    return [Text("".join(cells[start : start + result.grid])) for start in range(0, len(cells), result.grid)]


def in_html(result: Picture) -> str:
    """An article: one small picture for each step, with its name below."""
    figures = "".join(
        f'<figure class="seen">{_svg(result, name, weights)}<figcaption>{html.escape(visible(name))}</figcaption></figure>'
        for name, weights in zip(result.names, result.weights, strict=True)
    )
    caption = f'<p class="legend">{html.escape(visible(result.caption))}</p>\n' if result.caption else ""
    title = html.escape(visible(result.title))
    return f'<article>\n<h3>{title}</h3>\n<div class="seen">{figures}</div>\n{caption}</article>\n'


def _svg(result: Picture, name: str, weights: Sequence[float]) -> str:
    """Runs of pixels of one colour as rectangles, under a veil for each place that is less looked at."""
    side = len(result.pixels)
    place_side = side // result.grid
    best = max(range(len(weights)), key=weights.__getitem__)
    row, column = divmod(best, result.grid)
    words = f"{name}: most weight, {shortened(weights[best])}, in row {row + 1}, column {column + 1} of {result.grid}"
    parts = [f'<rect width="{side}" height="{side}" fill="{result.palette[GROUND]}"/>']
    for y, line in enumerate(result.pixels):
        x = 0
        for letter, run in itertools.groupby(line):
            length = len(list(run))
            if letter != GROUND:
                parts.append(f'<rect x="{x}" y="{y}" width="{length}" height="1" fill="{result.palette[letter]}"/>')
            x += length
    for place, bright in enumerate(brightness(weights)):
        y, x = (place_side * i for i in divmod(place, result.grid))
        if bright < 1:
            parts.append(f'<rect x="{x}" y="{y}" width="{place_side}" height="{place_side}" fill-opacity="{1 - bright:.2f}"/>')
    return (
        f'<svg role="img" viewBox="0 0 {side} {side}" width="{SIZE}" height="{SIZE}" shape-rendering="crispEdges">'
        f"<title>{html.escape(visible(words))}</title>{''.join(parts)}</svg>"
    )


STYLE = """
div.seen { display: flex; flex-wrap: wrap; gap: .6rem; margin-top: .4rem; }
figure.seen { flex: 0 0 auto; max-width: none; } figure.seen svg { width: 120px; height: 120px; display: block; }
figure.seen figcaption { font-weight: normal; text-align: center; }
"""
