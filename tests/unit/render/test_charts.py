"""Charts: points where they belong, one point or none that move, names that are no markup."""

import re

from attnclf.render.charts import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Line, chart
from attnclf.render.html import STYLE


def dots(svg: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r'<circle[^>]*cx="([^"]+)" cy="([^"]+)"', svg)]


def test_the_corners_of_the_axes() -> None:
    svg = chart("t", "x", "y", [Line("a", [(1, 0.0), (3, 2.0)])])
    assert dots(svg) == [(LEFT, HEIGHT - BOTTOM), (WIDTH - RIGHT, TOP)]


def test_the_top_can_be_given() -> None:
    ((_, y),) = dots(chart("t", "x", "y", [Line("a", [(0, 0.5)])], top=1.0))
    assert y == (HEIGHT - BOTTOM + TOP) / 2


def test_one_point_and_only_zeros_are_drawn() -> None:
    assert len(dots(chart("t", "x", "y", [Line("a", [(1, 0.0)])]))) == 1


def test_names_are_escaped_and_values_told_in_words() -> None:
    svg = chart("<b>", "x", "y", [Line("a&b", [(0, 0.25), (1, 0.5)]), Line("ideal", [(0, 0), (1, 1)], dashed=True)])
    assert "<b>" not in svg
    assert "<title>&lt;b&gt;: a&amp;b from 0.25 to 0.5</title>" in svg
    assert svg.count("stroke-dasharray") == 1


def test_the_last_number_of_an_axis_is_short_and_ends_with_it() -> None:
    svg = chart("t", "x", "y", [Line("a", [(1, 0.5), (10 + 1 / 6, 1.0)])])
    assert re.findall(r'text-anchor="(\w+)">([\d.]+)</text>', svg.split("<polyline")[0])[-2:] == [
        ("middle", "1"),
        ("end", "10.17"),
    ]
    assert ">100000</text>" in chart("t", "x", "y", [Line("a", [(0, 0.5), (100_000, 1.0)])])


def test_the_lines_of_a_page_have_colours() -> None:
    for number in range(3):  # as many as one chart draws
        for part in (f"polyline.line{number} {{ stroke:", f"circle.line{number} {{ fill:", f".key.line{number} {{ color:"):
            assert part in STYLE
