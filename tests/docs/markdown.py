"""What a page in Markdown holds, as the tests of the pages and of the recipes read it: fences, headings, links, commands."""

import re
import shlex
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

SHELL = ("sh", "bash", "shell", "console")
ASSIGNMENT = re.compile(r"[A-Z_]+=.*")  # KERAS_BACKEND=jax before a command


@dataclass(frozen=True)
class Fence:
    """A block of code. `line` is that of its first line of code, from 1; `info` is all that stands behind the backticks."""

    info: str
    code: str
    line: int

    @property
    def language(self) -> str:
        return self.info.split(" ", maxsplit=1)[0]

    @property
    def path(self) -> str:
        """The file that the code belongs to, where its first line is a comment that names one."""
        found = re.match(r"# ([\w./-]+\.\w+)", self.code)
        return found[1] if found else ""


class Page:
    """A page by its path; what stands in fences is neither a heading nor a link."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = path.read_text(encoding="utf-8")
        self.fences: list[Fence] = []
        self.prose: list[str] = []
        lines = iter(enumerate(self.text.splitlines(), 1))
        for number, line in lines:
            if opening := re.match(r"(\s*)(`{3,}|~{3,})\s*(.*)", line):
                indent, marks, info = opening.groups()
                code = []
                for _, inner in lines:
                    if inner.strip() == marks:
                        break
                    code.append(inner.removeprefix(indent))
                self.fences.append(Fence(info.strip(), "\n".join(code), number + 1))
            else:
                self.prose.append(line)

    @cached_property
    def headings(self) -> list[tuple[int, str]]:
        """Level and words of each heading."""
        found = (re.match(r"(#+)\s+(.*?)\s*#*$", line) for line in self.prose)
        return [(len(match[1]), match[2]) for match in found if match]

    @cached_property
    def anchors(self) -> set[str]:
        """What a link may name behind a #, as GitHub makes it of the headings."""
        met: Counter[str] = Counter()
        anchors = set(re.findall(r"<a (?:id|name)=\"([^\"]+)\"", "\n".join(self.prose)))
        for _, words in self.headings:
            plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", words).lower()
            anchor = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
            anchors.add(f"{anchor}-{met[anchor]}" if met[anchor] else anchor)
            met[anchor] += 1
        return anchors

    @cached_property
    def links(self) -> set[str]:
        """Where its links and pictures lead, but for the web."""
        text = re.sub(r"`[^`\n]*`", "`code`", "\n".join(self.prose))
        found = re.findall(r"\]\(\s*<?([^)>\s]+)", text) + re.findall(r"(?:src|href)=\"([^\"]+)\"", text)
        return {target for target in found if not re.match(r"[a-z]+:", target)}

    @cached_property
    def spans(self) -> list[str]:
        """Code within sentences."""
        return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", "\n".join(self.prose))]

    def section(self, heading: str) -> list[Fence]:
        """The fences from a heading to the next."""
        lines = self.text.splitlines()
        start = next(i for i, line in enumerate(lines, 1) if re.fullmatch(rf"#+ {re.escape(heading)}", line))
        inside = {line for fence in self.fences for line in range(fence.line, fence.line + fence.code.count("\n") + 1)}
        ends = (i for i, line in enumerate(lines, 1) if i > start and i not in inside and re.match(r"#+ ", line))
        end = next(ends, len(lines) + 1)
        return [fence for fence in self.fences if start < fence.line < end]

    def commands(self, program: str) -> Iterator[tuple[int, list[str]]]:
        """The arguments of each call of the program in its shell fences, with the line. Pipes are taken apart. In a fence
        of a terminal only what stands behind a `$` is typed; the rest is output."""
        for fence in self.fences:
            for number, line in _whole_lines(fence) if fence.language in SHELL else ():
                typed = line.removeprefix("$ ")
                if program not in typed or (fence.language == "console" and typed == line):
                    continue
                for name, *arguments in _simple_commands(typed):
                    if name == program:
                        yield number, arguments


def _whole_lines(fence: Fence) -> Iterator[tuple[int, str]]:
    """Lines of a fence, with those that a backslash continues as one."""
    held, start = "", fence.line
    for number, line in enumerate(fence.code.splitlines(), fence.line):
        start = start if held else number
        held += line.removesuffix("\\") if line.endswith("\\") else line
        if not line.endswith("\\"):
            yield start, held.strip()
            held = ""


def _simple_commands(line: str) -> Iterator[list[str]]:
    """`A=1 a x 2>&1 | b > c` is [a, x] and [b]."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words: list[str] = []
    to_file = False
    for word in [*lexer, ";"]:
        if set(word) <= set("<>&") and word not in ("&", "&&"):
            words, to_file = words[: len(words) - words[-1:][0].isdigit()], True
        elif set(word) <= set(";|&"):
            while words and ASSIGNMENT.fullmatch(words[0]):
                words = words[1:]
            if words:
                yield words
            words, to_file = [], False
        elif to_file:
            to_file = False
        else:
            words.append(word)
