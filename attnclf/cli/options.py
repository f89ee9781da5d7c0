"""Options that more than one command has, each defined once, and the headings of help."""

from pathlib import Path
from typing import Annotated, Any, cast, get_args

import typer

from attnclf.config import InputFormat
from attnclf.errors import UsageError
from attnclf.results import SEVERITIES, Severity

# Headings of help, in the order in which they are shown.
DATA, ACCOUNTS, TEXTS, TEXT, MODEL, TRAINING, GRID, SEARCH, KEPT, EXPLANATION, SERVICE, LIMITS, OUTPUT = (
    "Data",
    "Accounts",
    "Texts",
    "Text",
    "Model",
    "Training",
    "What is compared",
    "Search",
    "Settings; one that is given is not searched",
    "Explanation",
    "Service",
    "Limits",
    "Output",
)


def setting(heading: str, name: str, help_: str, default: Any, metavar: str = "") -> Any:
    """An option that overrides a setting of the configuration: unset unless given. Help says its default."""
    return typer.Option(name, help=help_, metavar=metavar or None, show_default=str(default), rich_help_panel=heading)


Tables = Annotated[
    list[str],
    typer.Argument(
        metavar="DATA",
        help="Tables of texts and labels: CSV, TSV, JSON, JSON Lines, Parquet, Excel, fastText lines, a folder for each label; "
        "compressed or not; files, globs, addresses, - for standard input.",
        rich_help_panel=DATA,
    ),
]
Model = Annotated[
    Path,
    typer.Option("--model", "-m", metavar="DIR", envvar="ATTNCLF_MODEL", help="The model directory.", rich_help_panel=OUTPUT),
]
UsedModel = Annotated[
    Path,
    typer.Option("--model", "-m", metavar="DIR", envvar="ATTNCLF_MODEL", help="The model directory.", rich_help_panel=MODEL),
]
DEFAULT_MODEL = Path("attnclf-model")
Texts = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="TEXT",
        help="Texts, or - for one a line on standard input. After --, texts that begin with a dash.",
        rich_help_panel=TEXTS,
    ),
]
Files = Annotated[
    list[str] | None,
    typer.Option(
        "--file",
        "-f",
        metavar="FILE",
        help="A table in any format that train reads, or a file with one text a line; - is standard input. May be repeated.",
        rich_help_panel=TEXTS,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print everything as one JSON object.", rich_help_panel=OUTPUT)]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Write here instead of standard output; replaced only when all went well.",
        rich_help_panel=OUTPUT,
    ),
]


def _column(heading: str, role: str, plural: str, more: str = "") -> Any:
    return typer.Option(
        f"--{role}-col",
        metavar="COLUMN",
        help=f"The column of {plural}. {more}".strip(),
        show_default="guessed",
        rich_help_panel=heading,
    )


TextCol = Annotated[list[str] | None, _column(DATA, "text", "texts", "May be repeated: a text is then all of them, in order.")]
GroupCol = Annotated[
    str,
    typer.Option(
        "--group-col",
        metavar="COLUMN",
        help="Rows with the same value (an account) stay on one side of the split, and get one verdict from all of them.",
        rich_help_panel=DATA,
    ),
]


def _group_col(heading: str) -> Any:
    """Of a command that uses a model, which knows the name in training."""
    help_ = "The column of accounts, for a model that knows accounts."
    return typer.Option("--group-col", metavar="COLUMN", help=help_, show_default="that of training", rich_help_panel=heading)


GroupColToScore = Annotated[str, _group_col(DATA)]
GroupColOfTexts = Annotated[str, _group_col(TEXTS)]
LabelCol = Annotated[str, _column(DATA, "label", "labels")]
TextColOfTexts = Annotated[
    list[str] | None, _column(TEXTS, "text", "texts", "May be repeated: a text is then all of them, in order.")
]


def _input_format(heading: str) -> Any:
    return typer.Option(
        "--input-format",
        metavar="FORMAT",
        help=f"The format: {', '.join(name for name in get_args(InputFormat) if name != 'auto')}.",
        show_default="as the file shows",
        rich_help_panel=heading,
    )


def _encoding(heading: str) -> Any:
    return typer.Option(
        "--encoding",
        metavar="NAME",
        help="The encoding, such as cp949.",
        show_default="as the file shows",
        rich_help_panel=heading,
    )


def _delimiter(heading: str) -> Any:
    help_ = "What separates the values of a table: , or ; or a tab, for instance."
    return typer.Option(
        "--delimiter", metavar="CHARACTER", help=help_, show_default="as the file shows", rich_help_panel=heading
    )


def _quoting(heading: str) -> Any:
    help_ = "Whether quotes in a table quote values, or are letters. auto decides on the whole file."
    return typer.Option("--quoting", metavar="auto|quotes|letters", help=help_, show_default="auto", rich_help_panel=heading)


InputFormatOption = Annotated[str, _input_format(DATA)]
InputFormatOfTexts = Annotated[str, _input_format(TEXTS)]
Encoding = Annotated[str, _encoding(DATA)]
EncodingOfTexts = Annotated[str, _encoding(TEXTS)]
Delimiter = Annotated[str, _delimiter(DATA)]
DelimiterOfTexts = Annotated[str, _delimiter(TEXTS)]
QuotingOption = Annotated[str, _quoting(DATA)]
QuotingOfTexts = Annotated[str, _quoting(TEXTS)]
ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="A TOML file of settings. Options override it.", rich_help_panel=TRAINING),
]
Valid = Annotated[
    str | None,
    typer.Option("--valid", metavar="FILE", help="Validate on this file, not on a part held out.", rich_help_panel=DATA),
]


Strict = Annotated[
    str,
    typer.Option(
        "--strict",
        metavar="error|warning|note",
        help="Stop with exit code 3 for findings of this severity or worse.",
        show_default="off",
        rich_help_panel=DATA,
    ),
]


def severity_of(strict: str) -> Severity | None:
    """What `--strict` asks for; None where it was not given. Raises UsageError."""
    return cast(Severity, one_of("--strict", strict, SEVERITIES)) if strict else None


def one_of(option: str, value: str, allowed: tuple[str, ...]) -> str:
    """`value`, or a UsageError that lists what is allowed."""
    if value not in allowed:
        raise UsageError(f"{option} is '{value}'", hint=f"one of {', '.join(allowed)}")
    return value
