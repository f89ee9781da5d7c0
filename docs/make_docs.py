"""Writes what the README shows but nobody types: the command reference, and the picture of `explain`.

    python docs/make_docs.py [--model DIR]

The picture is of a model that is trained on `sample_data` when DIR is not there yet.
"""

import argparse
import html
import io
import os
import re
import subprocess
import sys
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.cells import cell_len
from rich.console import Console, Group
from rich.rule import Rule
from rich.terminal_theme import MONOKAI

from attnclf.explain import explain, with_counterfactuals
from attnclf.render import terminal
from attnclf.served.model import ServedModel

ROOT = Path(__file__).parent.parent
COMMANDS = ("train", "eval", "predict", "explain", "compare")
BEGIN, END = "<!-- command reference: begin (make docs) -->", "<!-- command reference: end -->"
CELL = 12.2  # width of one cell in Rich's SVG
SHOWN = ["get 1000 f0llowers fast, link in bio 🔥", "오늘 성수동에서 라떼 마셨는데 너무 좋았다ㅋㅋ"]


def reference() -> str:
    """The help of every command, as the application prints it on a terminal of 100 columns."""
    blocks = [f"### attnclf {command}\n\n```text\n{help_of(command)}\n```" for command in COMMANDS]
    return "\n\n".join(blocks)


def help_of(command: str) -> str:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ATTNCLF")} | {
        "COLUMNS": "100",
        "TERMINAL_WIDTH": "100",
    }
    result = subprocess.run(
        [sys.executable, "-m", "attnclf", command, "--help"], capture_output=True, check=True, env=environment, encoding="utf-8"
    )
    return "\n".join(line.rstrip() for line in result.stdout.strip().splitlines())


def with_reference(readme: str) -> str:
    """The README with its command reference made new."""
    head, rest = readme.split(BEGIN)
    return f"{head}{BEGIN}\n\n{reference()}\n\n{END}{rest.split(END)[1]}"


def picture(model: Path) -> str:
    """`attnclf explain` on two posts, as SVG that asks no server for its letters."""
    served = ServedModel.load(model)
    console = Console(record=True, width=88, file=io.StringIO(), color_system="truecolor", force_terminal=True)
    explained = with_counterfactuals(served, explain(served, SHOWN))
    methods, trust = ("attention", "evidence"), served.bundle.faithfulness
    first, second = (terminal.explanation(e, methods, colour=True, trust=trust) for e in explained)
    console.print(Group(first, Rule(style="dim"), second))
    code_format = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    svg = console.export_svg(title="attnclf explain", theme=MONOKAI, code_format=code_format, unique_id="explain")
    return re.sub(r'textLength="[^"]*"([^>]*>)([^<]*)', _with_width, svg)


def _with_width(match: re.Match[str]) -> str:
    """A run of text as wide as its cells: Rich counts characters, and Hangul is two cells wide."""
    return f'textLength="{CELL * cell_len(html.unescape(match[2])):g}"{match[1]}{match[2]}'


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path, default=ROOT / "demo-model")
    model = parser.parse_args().model
    if not model.exists():
        data = ["sample_data/train.csv", "--group-col", "account"]
        subprocess.run([sys.executable, "-m", "attnclf", "train", *data, "-m", str(model)], cwd=ROOT, check=True)
    (ROOT / "docs" / "explain.svg").write_text(picture(model), encoding="utf-8")
    readme = ROOT / "README.md"
    readme.write_text(with_reference(readme.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
