"""Small line charts as inline SVG. They use the page's colours, need no script, and describe in words what they show."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 340, 220
LEFT, RIGHT, TOP, BOTTOM = 44, 16, 12, 34
TICKS = 5
KEY = 14  # height of a line's key below the axes
ALONE = (
    "text { font: 10px system-ui, sans-serif; fill: #5c5c5c; } .grid { stroke: #ddd; } "
    "polyline { fill: none; stroke-width: 1.5; } circle { r: 1.6px; } .key { font-weight: 600; } "
)


@dataclass(frozen=True)
class Line:
    """A named line. It is `dashed` if it is only there for comparison."""

    name: str
    points: Sequence[tuple[float, float]]
    dashed: bool = False


def chart(title: str, across: str, up: str, lines: Sequence[Line], top: float | None = None) -> str:
    """Lines on common axes, which are named `across` and `up`; `up` runs from 0 to `top`, or to the highest point."""
    caption, words = html.escape(title), html.escape(_in_words(lines))
    keys = " ".join(
        f'<span class="key line{number}">{"┄" if line.dashed else "━"} {html.escape(line.name)}</span>'
        for number, line in enumerate(lines)
    )
    picture = (
        f'<svg role="img" viewBox="0 0 {WIDTH} {HEIGHT}"><title>{caption}: {words}</title>{_axes(across, up, lines, top)}</svg>'
    )
    return f'<figure><figcaption>{caption}</figcaption>{picture}<p class="legend">{keys}</p></figure>\n'


def alone(title: str, across: str, up: str, lines: Sequence[Line], colours: Sequence[str], top: float | None = None) -> str:
    """The same as an SVG that stands alone, on white, with a colour and a key for each line."""
    height = HEIGHT + KEY * len(lines) + 6
    styles = "".join(
        f".key.line{i}, circle.line{i} {{ fill: {colour}; }} polyline.line{i} {{ stroke: {colour}; }} "
        for i, colour in zip(range(len(lines)), colours, strict=False)
    )
    keys = "".join(
        f'<text class="key line{i}" x="{LEFT}" y="{HEIGHT + KEY * (i + 1) - 4}">━ {html.escape(line.name)}</text>'
        for i, line in enumerate(lines)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {WIDTH} {height}" width="{2 * WIDTH}">'
        f"<title>{html.escape(f'{title}: {_in_words(lines)}')}</title><style>{ALONE}{styles}</style>"
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>{_axes(across, up, lines, top)}{keys}</svg>\n'
    )


def _axes(across: str, up: str, lines: Sequence[Line], top: float | None) -> str:
    """Grid, names of the axes, and the lines themselves."""
    points = [point for line in lines for point in line.points]
    low, high = min(x for x, _ in points), max(x for x, _ in points)
    frame = _Frame(low, high if high > low else low + 1, top or max(y for _, y in points) or 1.0)
    parts = [_grid(frame, frame.top * i / (TICKS - 1)) for i in range(TICKS)]
    for x in sorted({low, high}):
        anchor = "end" if x > low else "middle"  # a long number ends within the picture
        parts.append(_text(f"{round(x, 2):g}", frame.place(x, 0)[0], HEIGHT - BOTTOM + 14, anchor=anchor))
    parts += [_drawn(frame, f"line{number}", line) for number, line in enumerate(lines)]
    parts.append(_text(across, (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 4))
    parts.append(_text(up, 12, HEIGHT / 2, f' transform="rotate(-90 12 {HEIGHT / 2})"'))
    return "".join(parts)


@dataclass(frozen=True)
class _Frame:
    """Maps numbers to places in the picture: from `low` to `high` across, from 0 to `top` upwards."""

    low: float
    high: float
    top: float

    def place(self, x: float, y: float) -> tuple[float, float]:
        across, up = (x - self.low) / (self.high - self.low), y / self.top
        return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM)


def _drawn(frame: _Frame, name: str, line: Line) -> str:
    places = [frame.place(*point) for point in line.points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    if line.dashed:
        return f'<polyline class="{name}" points="{path}" stroke-dasharray="4 4"/>'
    dots = "".join(f'<circle class="{name}" cx="{x:.1f}" cy="{y:.1f}" r="2.5"/>' for x, y in places)
    return f'<polyline class="{name}" points="{path}"/>{dots}'


def _grid(frame: _Frame, value: float) -> str:
    y = frame.place(frame.low, value)[1]
    line = f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
    return f'{line}<text x="{LEFT - 5}" y="{y + 4:.1f}" text-anchor="end">{value:.2g}</text>'


def _text(text: str, x: float, y: float, more: str = "", anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>{html.escape(text)}</text>'


def _in_words(lines: Sequence[Line]) -> str:
    shown = [line for line in lines if not line.dashed]
    return "; ".join(f"{line.name} from {line.points[0][1]:.3g} to {line.points[-1][1]:.3g}" for line in shown)
