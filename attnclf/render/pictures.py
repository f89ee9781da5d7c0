"""What a terminal shows, as an SVG that asks no server for its letters: the pictures of the documentation."""

import html
import io
import re

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.terminal_theme import MONOKAI

CELL = 12.2  # width of one cell in Rich's SVG


def of_terminal(shown: RenderableType, title: str, name: str, width: int) -> str:
    """`shown` on a terminal of so many columns under a `title`; `name` keeps its styles apart from those of other pictures."""
    console = Console(
        record=True, width=width, file=io.StringIO(), color_system="truecolor", force_terminal=True, highlight=False
    )
    console.print(shown)
    console.print()  # since the frame cuts into the last line
    code_format = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    svg = console.export_svg(title=title, theme=MONOKAI, code_format=code_format, unique_id=name)
    return re.sub(r'textLength="[^"]*"([^>]*>)([^<]*)', _with_width, svg)


def _with_width(match: re.Match[str]) -> str:
    """A run of text as wide as its cells: Rich counts characters, and Hangul is two cells wide."""
    return f'textLength="{CELL * cell_len(html.unescape(match[2])):g}"{match[1]}{match[2]}'
