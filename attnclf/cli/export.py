"""`export`: a model directory → a folder for programs in other languages, or for MLflow."""

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from attnclf.bundle.atomic import write_through
from attnclf.cli import screen
from attnclf.cli.folders import Pages, open_folder
from attnclf.cli.inputs import data_config, trained_columns
from attnclf.cli.options import (
    DATA,
    DEFAULT_MODEL,
    OUTPUT,
    Delimiter,
    Encoding,
    InputFormatOption,
    LabelCol,
    QuotingOption,
    TextCol,
    UsedModel,
    one_of,
)
from attnclf.cli.output import open_output
from attnclf.data import Table, read_table
from attnclf.errors import ScoreTooLow, UsageError
from attnclf.results import Note, counted
from attnclf.results.exported import Quantisation
from attnclf.served.model import ServedModel

KINDS = ("onnx", "mlflow")
MOST_LOST = 0.01


def export_command(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="onnx|mlflow",
            help="ONNX graphs, with all that a program in another language needs; or a model of MLflow.",
            rich_help_panel=OUTPUT,
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="DIR",
            help="The folder to write: a new one, an empty one, or that of an older export to ONNX.",
            rich_help_panel=OUTPUT,
        ),
    ],
    model: UsedModel = DEFAULT_MODEL,
    int8: Annotated[
        bool,
        typer.Option(
            "--int8",
            help="Quantise the table of vectors and the network. Needs --data, and says what it costs.",
            show_default="off",
            rich_help_panel=OUTPUT,
        ),
    ] = False,
    max_loss: Annotated[
        float | None,
        typer.Option(
            "--max-loss",
            metavar="SHARE",
            help="Write nothing, and exit with code 6, if --int8 costs more of the accuracy.",
            show_default=str(MOST_LOST),
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    data: Annotated[
        list[str] | None,
        typer.Option(
            "--data", metavar="FILE", help="A labelled table to measure --int8 on. May be repeated.", rich_help_panel=DATA
        ),
    ] = None,
    text_col: TextCol = None,
    label_col: LabelCol = "",
    input_format: InputFormatOption = "",
    encoding: Encoding = "",
    delimiter: Delimiter = "",
    quoting: QuotingOption = "",
) -> None:
    """Export a model for other programs: as ONNX graphs, in float32 or int8, or as a model of MLflow."""
    one_of("KIND", kind, KINDS)
    reading = {"text_col": text_col, "label_col": label_col, "input_format": input_format}
    reading |= {"encoding": encoding, "delimiter": delimiter, "quoting": quoting}
    most = _checked(kind, int8, data, max_loss, reading)
    served = ServedModel.load(model)
    if kind == "mlflow":
        _export_mlflow(served, output)
        return
    columns = replace(trained_columns(served), group="")  # a row is a row here, whoever wrote it
    table = read_table(data, data_config(**reading), columns) if data else None
    _export_onnx(served, output, table, most)


def _checked(
    kind: str, int8: bool, data: list[str] | None, max_loss: float | None, reading: Mapping[str, str | list[str] | None]
) -> float:
    """How much accuracy may be lost. Raises UsageError for options that make no sense together."""
    if int8 and kind != "onnx":
        raise UsageError("--int8 is for onnx", hint="a model of MLflow is the model as it is")
    if int8 and not data:
        raise UsageError("--int8 needs a labelled table to measure on", hint="pass one with --data")
    for name, value in {"data": data, "max_loss": max_loss, **reading}.items():
        if value not in (None, "", []) and not int8:
            what, more = ("onnx --int8", "") if kind == "mlflow" else ("--int8", ", or add --int8")
            raise UsageError(f"--{name.replace('_', '-')} is for {what}", hint=f"leave it out{more}")
    if max_loss is not None and not (math.isfinite(max_loss) and 0 <= max_loss <= 1):
        raise UsageError(f"--max-loss is {max_loss:g}", hint="a share between 0 and 1, such as .005")
    return MOST_LOST if max_loss is None else max_loss


def _export_onnx(served: ServedModel, folder: Path, table: Table | None, most: float) -> None:
    """Writes the graphs; in int8 where there is a table to measure that on. Raises ScoreTooLow if that costs too much."""
    from attnclf.export.files import INDEX, MARK, NAMES, check_exportable, onnx_files, summary_of
    from attnclf.export.quantised import graphs_of, with_graphs

    check_exportable(served)
    kind = Pages(INDEX, MARK, NAMES.__contains__, whole="an export")
    with open_folder(folder, kind) as temporary:
        graphs, found = graphs_of(served), None
        if table is not None:
            graphs, found = _quantised(served, graphs, table, most)
        for name, content in onnx_files(served, graphs, with_graphs(served, graphs), found).items():
            write_through(temporary / name, content)
        replaced = summary_of(folder)
    _told(served, folder, f"; it replaced an export of {replaced}" if replaced else "")


def _quantised(
    served: ServedModel, graphs: dict[str, bytes], table: Table, most: float
) -> tuple[dict[str, bytes], Quantisation]:
    from attnclf.export.quantised import measured, quantised
    from attnclf.render.exported import shown
    from attnclf.scoring.evaluation import evaluate

    screen.show_columns(table)
    known = evaluate(served, table, screen.show_note, "skip").table
    smaller = quantised(graphs, served.weights())
    if 0 < most < (one := 1 / len(known.texts)):
        what = f"of {counted(len(known.texts), 'row', 'rows')} one is {one:.2g} of the accuracy, and --max-loss allows {most:g}"
        screen.show_note(Note(f"{what}: measure on more rows", warning=True))
    found = measured(served, graphs, smaller, known.texts, known.labels, _names_of(table))
    with open_output(None) as stream:
        screen.results_console(stream).print(shown(found))
    if found.accuracy_lost > most:
        raise ScoreTooLow(
            f"int8 costs {found.accuracy_lost:.4f} of the accuracy, and --max-loss allows {most:g}; nothing was written",
            hint="export without --int8, or allow more",
        )
    return smaller, found


def _names_of(table: Table) -> str:
    """The files by their names alone: they are handed on with the export."""
    first, *more = table.files or (table.source,)
    return Path(first).name + (f" and {counted(len(more), 'more file', 'more files')}" if more else "")


def _export_mlflow(served: ServedModel, folder: Path) -> None:
    from attnclf.export.mlflow_model import library, save

    library()
    with open_folder(folder, Pages("", "", frozenset[str]().__contains__, whole="an empty folder")) as temporary:
        save(served, temporary)
    _told(served, folder)


def _told(served: ServedModel, folder: Path, replaced: str = "") -> None:
    files = [path for path in folder.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files) / 1e6
    screen.show_note(Note(f"{folder}, {len(files)} files, {size:,.1f} MB{replaced}", topic="export"))
    if served.knows_accounts:
        what = "accounts are not exported: the export answers for one text at a time"
        if served.classifies_accounts:
            what += ", and this model was trained on all posts of an account together"
        screen.show_note(Note(what, warning=True))
