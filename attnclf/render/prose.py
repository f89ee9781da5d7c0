"""The text of a lesson: the little Markdown of a docstring, for a terminal and in HTML."""

import html
import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from rich.cells import cell_len
from rich.text import Text

MARKS = re.compile(r"\*\*(?P<bold>.+?)\*\*|`(?P<code>.+?)`|(?<![\w*])\*(?P<italic>[^\s*](?:[^*]*[^\s*])?)\*(?![\w*])")
INDENT = " " * 4
PAGE = 86  # characters of an equation that a page has room for
BESIDE, BELOW = re.compile(r"(?<=\S) {3,}(?=\S)"), "\n" + 2 * INDENT
# Where papers and code that a text names are to be found.
LINKS = re.compile(r"arXiv:(?P<paper>\d{4}\.\d{4,5})|(?P<site>(?:github|kaggle)\.com/[\w./-]*\w)")
TAGS = {"bold": "b", "code": "code", "italic": "i"}
STYLES = {"bold": "bold", "code": "cyan", "italic": "italic"}


@dataclass(frozen=True)
class Block:
    """A paragraph or an item, on one line; or equations, whose lines stay as they are."""

    kind: Literal["paragraph", "item", "equations"]
    text: str


def blocks(text: str) -> Iterator[Block]:
    """The parts of a text between empty lines; items begin with `* `, and equations are indented by four spaces."""
    for part in re.split(r"\n[ \t]*\n", text.strip("\n")):
        if part.startswith(INDENT):
            yield Block("equations", textwrap.dedent(part))
        elif part.startswith("* "):
            yield from (Block("item", " ".join(item.split())) for item in re.split(r"(?m)^\* ", part) if item)
        else:
            yield Block("paragraph", " ".join(part.split()))


def on_terminal(text: str, width: int) -> Iterator[Text]:
    """The blocks, with an empty line between them but for items. The console wraps them.

    Where an equation and what is said beside it do not fit into `width` cells, the latter stands below.
    """
    before = ""
    for block in blocks(text):
        if before and not before == block.kind == "item":
            yield Text("")
        if block.kind == "equations":
            yield Text(textwrap.indent(_fitted(block.text, width - len(INDENT)), INDENT))
        else:
            yield Text("• " if block.kind == "item" else "").append_text(_styled(block.text))
        before = block.kind


def in_html(text: str) -> str:
    """Paragraphs, lists and equations."""
    tags = {"paragraph": "p", "item": "li", "equations": "pre"}
    found = (f"<{tags[block.kind]}>{_tagged(block)}</{tags[block.kind]}>\n" for block in blocks(text))
    return re.sub(r"(<li>.*</li>\n)+", r"<ul>\n\g<0></ul>\n", "".join(found))


def in_markdown(text: str) -> str:
    """The text as it is, with links, which equations cannot have."""
    parts = text.split("\n\n")
    return "\n\n".join(part if part.startswith(INDENT) else LINKS.sub(_linked("[{name}]({url})"), part) for part in parts)


def _linked(form: str) -> Callable[[re.Match[str]], str]:
    def link(found: re.Match[str]) -> str:
        url = f"https://arxiv.org/abs/{found['paper']}" if found["paper"] else f"https://{found['site']}"
        return form.format(name=found[0], url=url)

    return link


def _fitted(equations: str, width: int) -> str:
    """The equations, where what is said beside one stands below it if the line is wider."""
    return "\n".join(line if cell_len(line) <= width else BESIDE.sub(BELOW, line) for line in equations.splitlines())


def _styled(text: str) -> Text:
    shown, end = Text(), 0
    for mark in MARKS.finditer(text):
        shown.append(text[end : mark.start()])
        shown.append(mark[str(mark.lastgroup)], style=STYLES[str(mark.lastgroup)])
        end = mark.end()
    return shown.append(text[end:])


def _tagged(block: Block) -> str:
    text = _fitted(block.text, PAGE) if block.kind == "equations" else block.text
    escaped = LINKS.sub(_linked('<a href="{url}">{name}</a>'), html.escape(text, quote=False))
    if block.kind == "equations":
        return escaped
    return MARKS.sub(
        lambda mark: f"<{TAGS[str(mark.lastgroup)]}>{mark[str(mark.lastgroup)]}</{TAGS[str(mark.lastgroup)]}>", escaped
    )
