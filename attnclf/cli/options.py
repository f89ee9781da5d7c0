"""Options that more than one command has, each defined once."""

from pathlib import Path
from typing import Annotated

import typer

from attnclf.config import DataConfig
from attnclf.errors import UsageError

Model = Annotated[Path, typer.Option("--model", "-m", metavar="DIR", envvar="ATTNCLF_MODEL", help="The model directory.")]
DEFAULT_MODEL = Path("attnclf-model")
Texts = Annotated[list[str] | None, typer.Argument(metavar="TEXT", help="Texts, or - for one a line on stdin.")]
File = Annotated[
    Path | None,
    typer.Option("--file", "-f", metavar="FILE", help="A .csv or .tsv table, or a file with one text a line; - is stdin."),
]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write here instead of stdout; replaced only when all went well."),
]
TextCol = Annotated[str, typer.Option("--text-col", metavar="COLUMN", help="The column of texts.", show_default="guessed")]
LabelCol = Annotated[str, typer.Option("--label-col", metavar="COLUMN", help="The column of labels.", show_default="guessed")]
Encoding = Annotated[str, typer.Option("--encoding", metavar="NAME", help="How the file is encoded, such as cp949.")]
DEFAULT_ENCODING = DataConfig().encoding


def one_of(option: str, value: str, allowed: tuple[str, ...]) -> str:
    """`value`, or a UsageError that lists what is allowed."""
    if value not in allowed:
        raise UsageError(f"{option} is '{value}'", hint=f"one of {', '.join(allowed)}")
    return value
