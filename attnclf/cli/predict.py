"""`predict`: texts in, a line with their label out for each."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Annotated, Any, BinaryIO

import typer

from attnclf.cli import screen
from attnclf.cli.accounts import PriorOption, rates_of
from attnclf.cli.inputs import Incoming, Item, check_source, data_config, open_source, trained_columns
from attnclf.cli.options import (
    DEFAULT_MODEL,
    OUTPUT,
    DelimiterOfTexts,
    EncodingOfTexts,
    Files,
    InputFormatOfTexts,
    Output,
    QuotingOfTexts,
    TextColOfTexts,
    Texts,
    UsedModel,
    one_of,
)
from attnclf.cli.output import open_bytes
from attnclf.data.encodings import checked_encoding
from attnclf.data.formats import FORMATS, Write, WrittenFormat, text_of, written_as
from attnclf.data.formats.delimited import csv_line
from attnclf.errors import UsageError
from attnclf.render import records, terminal
from attnclf.results import Note, Prediction
from attnclf.served.model import ServedModel
from attnclf.served.prediction import predict
from attnclf.visible import visible

FORMS = ("text", "jsonl", "csv", "tsv", "parquet", "excel")
BINARY = ("parquet", "excel")


def predict_command(
    texts: Texts = None,
    file: Files = None,
    text_col: TextColOfTexts = None,
    input_format: InputFormatOfTexts = "",
    encoding: EncodingOfTexts = "",
    delimiter: DelimiterOfTexts = "",
    quoting: QuotingOfTexts = "",
    model: UsedModel = DEFAULT_MODEL,
    prior: PriorOption = None,
    top_k: Annotated[
        int,
        typer.Option("--top-k", metavar="K", min=1, help="How many labels to give, likeliest first.", rich_help_panel=OUTPUT),
    ] = 1,
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="|".join(FORMS),
            help="How to write them.",
            show_default="by the name of -o; else csv for a table, text for texts",
            rich_help_panel=OUTPUT,
        ),
    ] = "",
    output: Output = None,
    output_encoding: Annotated[
        str,
        typer.Option(
            "--output-encoding",
            metavar="NAME",
            help="The encoding of CSV and TSV.",
            show_default="that of the table, else utf-8",
            rich_help_panel=OUTPUT,
        ),
    ] = "",
) -> None:
    """Label texts: one line out for each text in, in the same order."""
    one_of("--format", format_ or "text", FORMS)
    reading = data_config(text_col=text_col, input_format=input_format, encoding=encoding, delimiter=delimiter, quoting=quoting)
    check_source(texts or [], file or [])
    rates = rates_of("--prior", prior or [])
    served = ServedModel.load(model).at(rates)
    with open_source(texts or [], file or [], reading, trained_columns(served)) as source:
        reading_warnings = screen.UnreadTexts()
        form = format_ or (written_as(output) if output else "") or ("csv" if source.columns else "text")
        with open_bytes(output) as stream:
            if form in ("text", "jsonl"):
                _write_lines(served, source, form, top_k, stream, reading_warnings)
            else:
                _write_table(served, source, form, top_k, stream, reading_warnings, output_encoding)
    reading_warnings.show(served.bundle.config.text.max_length)


def _write_lines(
    served: ServedModel, source: Incoming, form: str, top_k: int, stream: BinaryIO, reading_warnings: screen.UnreadTexts
) -> None:
    for window in source.windows:
        for item, result in _answers(served, window, top_k, reading_warnings):
            line = records.prediction_record(result, item.row) if form == "jsonl" else terminal.prediction(result)
            stream.write((line + "\n").encode("utf-8", "backslashreplace"))
        stream.flush()


def _write_table(
    served: ServedModel,
    source: Incoming,
    form: str,
    top_k: int,
    stream: BinaryIO,
    reading_warnings: screen.UnreadTexts,
    encoding: str,
) -> None:
    columns = source.columns or ["text"]
    header = records.prediction_header(columns, top_k, rates=bool(served.rates))
    if form in BINARY and stream.isatty():
        raise UsageError(f"{form} is not for a terminal", hint="write it to a file with -o")
    values_of = records.prediction_values if form in BINARY else records.prediction_cells
    with _writing(form, stream, header, _encoding_of(encoding, source, form), source.types) as write:
        for window in source.windows:
            for item, result in _answers(served, window, top_k, reading_warnings):
                kept = [item.row[name] for name in columns] if item.row is not None else [item.text]
                write([*kept, *values_of(result)])
            if form not in BINARY:
                stream.flush()


def _writing(form: str, stream: BinaryIO, header: Sequence[str], encoding: str, types: Any) -> AbstractContextManager[Write]:
    """What writes a table; on a terminal, nothing in it may move the cursor."""
    if stream.isatty():
        return _visible_lines(stream, header)
    format_: WrittenFormat = FORMATS.make(form, {})  # type: ignore[assignment]
    return format_.writing(stream, header, encoding, types)


@contextmanager
def _visible_lines(stream: BinaryIO, header: Sequence[str]) -> Iterator[Write]:
    def write(values: Sequence[Any]) -> None:
        line = csv_line([text_of(value) for value in values]).removesuffix("\n")
        stream.write((visible(line) + "\n").encode("utf-8", "backslashreplace"))

    write(header)
    yield write


def _encoding_of(wanted: str, source: Incoming, form: str) -> str:
    """The encoding to write in: what is wanted, else that of the table, which is said where it is not plain UTF-8."""
    if wanted:
        return checked_encoding(wanted)
    if form not in BINARY and source.encoding not in ("", "utf-8"):
        screen.show_note(Note(f"written as {source.encoding}, as the table is; `output_encoding` names another"))
    return source.encoding


def _answers(
    served: ServedModel, window: list[Item], top_k: int, reading_warnings: screen.UnreadTexts
) -> Iterator[tuple[Item, Prediction]]:
    texts = list(dict.fromkeys(item.text for item in window))
    answers = dict(zip(texts, predict(served, texts, top_k), strict=True))
    results = [_own(item, answers[item.text]) for item in window]
    reading_warnings.count(answers.values() if window[0].account else results)
    return zip(window, results, strict=True)


def _own(item: Item, answer: Prediction) -> Prediction:
    """The answer with the row's own text, where the text that was classified is its whole account."""
    return answer if item.post is None else replace(answer, text=item.post)
