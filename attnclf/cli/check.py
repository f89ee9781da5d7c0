"""`check`: tables in; what is odd in them, and rows whose label is probably wrong, out."""

from dataclasses import replace
from typing import Annotated, Any

import typer

from attnclf.cli import screen
from attnclf.cli.forms import OBJECT, form_by_ending
from attnclf.cli.options import (
    DATA,
    OUTPUT,
    TEXT,
    AsJson,
    Delimiter,
    Encoding,
    GroupCol,
    InputFormatOption,
    LabelCol,
    Output,
    QuotingOption,
    Strict,
    Tables,
    TextCol,
    setting,
    severity_of,
)
from attnclf.cli.output import check_outputs, open_output
from attnclf.cli.showing import show_json
from attnclf.cli.spelling import as_options
from attnclf.config import Config
from attnclf.data import Table, read_table
from attnclf.data.known_labels import as_in_training
from attnclf.data.sources import check_names
from attnclf.progress import NORMAL, TrainingProgress
from attnclf.render import checked as rendered
from attnclf.results import Checked

DEFAULT = Config()


def check_command(
    data: Tables,
    text_col: TextCol = None,
    label_col: LabelCol = "",
    group_col: GroupCol = "",
    valid: Annotated[
        str | None, typer.Option(metavar="FILE", help="Validation rows, checked too.", rich_help_panel=DATA)
    ] = None,
    test: Annotated[str | None, typer.Option(metavar="FILE", help="Test rows, checked too.", rich_help_panel=DATA)] = None,
    input_format: InputFormatOption = "",
    encoding: Encoding = "",
    delimiter: Delimiter = "",
    quoting: QuotingOption = "",
    strict: Strict = "",
    level: Annotated[str, setting(TEXT, "--level", "What a token is.", "auto", "auto|char|word")] = "",
    max_length: Annotated[
        int | None, setting(TEXT, "--max-length", "Tokens that the network reads of each text.", DEFAULT.text.max_length)
    ] = None,
    long_texts: Annotated[
        str | None,
        setting(TEXT, "--long-texts", "Where it reads them in a longer text.", DEFAULT.text.long_texts, "both|start|end"),
    ] = None,
    label_errors: Annotated[
        bool,
        typer.Option(
            "--label-errors/--no-label-errors",
            help="Look for rows whose label is probably wrong.",
            show_default="on",
            rich_help_panel=OUTPUT,
        ),
    ] = True,
    top: Annotated[
        int, typer.Option(metavar="N", min=0, help="Show so many of these rows; --json has all.", rich_help_panel=OUTPUT)
    ] = 10,
    as_json: AsJson = False,
    output: Output = None,
) -> None:
    """Check tables before training: columns, labels, texts, repeats, overlap, what gives labels away, and wrong labels."""
    from attnclf.checking import check, refuse
    from attnclf.checking.tables import Tables as CheckedTables

    severity = severity_of(strict)
    check_names([*data, valid, test])
    check_outputs([*data, valid, test], output=output)
    as_json = form_by_ending("json" if as_json else "", output, OBJECT) == "json"
    columns = {"text_col": text_col, "label_col": label_col, "group_col": group_col}
    given: dict[str, dict[str, Any]] = {
        "data": columns | {"input_format": input_format, "encoding": encoding, "delimiter": delimiter, "quoting": quoting},
        "text": {"level": level, "max_length": max_length, "long_texts": long_texts},
    }
    config = DEFAULT.override(screen.given(given))
    table = read_table(data, config.data, keep_others=True, labelled=False)
    tables = CheckedTables(table, *(_beside(table, path, config) for path in (valid, test)))
    with TrainingProgress(screen.stderr(), NORMAL, as_options) as progress:
        found = check(tables, config.text, search=label_errors, on_event=progress)
    if as_json:
        show_json(_spelled(found).to_dict(), output)
    else:
        with open_output(output) as stream:
            console = screen.results_console(stream)
            for part in rendered.checked(_spelled(found), top):
                console.print(part, soft_wrap=False)
    if severity:
        refuse(found.findings, severity)


def _beside(table: Table, path: str | None, config: Config) -> Table | None:
    """The table of validation or test rows, by the columns of the training rows where it has them, and with their labels."""
    if path is None:
        return None
    data = replace(config.data, group_col="")  # a group column matters where there is one
    return as_in_training(read_table([path], data, table.columns, labelled=False), table.labels, table.label_type)


def _spelled(found: Checked) -> Checked:
    """The same, with options where messages name settings."""
    findings = (
        replace(finding, message=as_options(finding.message), advice=as_options(finding.advice)) for finding in found.findings
    )
    files = (replace(file, remarks=tuple(map(as_options, file.remarks))) for file in found.files)
    return replace(found, findings=tuple(findings), files=tuple(files))
