"""`predict`: texts in, a line with their label out for each."""

from dataclasses import replace
from typing import Annotated, TextIO

import typer

from attnclf.cli import screen
from attnclf.cli.inputs import Item, Source, check_source, data_config, open_source, trained_columns
from attnclf.cli.options import (
    DEFAULT_ENCODING,
    DEFAULT_MODEL,
    OUTPUT,
    DelimiterOfTexts,
    EncodingOfTexts,
    File,
    Output,
    QuotingOfTexts,
    TextColOfTexts,
    Texts,
    UsedModel,
    one_of,
)
from attnclf.cli.output import open_output
from attnclf.data import format_named
from attnclf.data.formats.delimited import CommaSeparated, Delimited
from attnclf.data.formats.json_lines import JsonLines
from attnclf.render import records, terminal
from attnclf.results import Prediction
from attnclf.served.model import ServedModel
from attnclf.served.prediction import predict
from attnclf.visible import visible


def predict_command(
    texts: Texts = None,
    file: File = None,
    text_col: TextColOfTexts = "",
    encoding: EncodingOfTexts = DEFAULT_ENCODING,
    delimiter: DelimiterOfTexts = "",
    quoting: QuotingOfTexts = "",
    model: UsedModel = DEFAULT_MODEL,
    top_k: Annotated[
        int,
        typer.Option("--top-k", metavar="K", min=1, help="How many labels to give, likeliest first.", rich_help_panel=OUTPUT),
    ] = 1,
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="text|jsonl|csv",
            help="How to write them.",
            show_default="by the name of -o; else csv for a table, text for texts",
            rich_help_panel=OUTPUT,
        ),
    ] = "",
    output: Output = None,
) -> None:
    """Label texts: one line out for each text in, in the same order."""
    one_of("--format", format_ or "text", ("text", "jsonl", "csv"))
    reading = data_config(text_col=text_col, encoding=encoding, delimiter=delimiter, quoting=quoting)
    check_source(texts or [], file)
    served = ServedModel.load(model)
    with open_source(texts or [], file, reading, trained_columns(served)) as source:
        reading_warnings = screen.UnreadTexts()
        with open_output(output) as stream:
            named = format_named(output) if output else None
            delimiter = named.delimiter if isinstance(named, Delimited) else CommaSeparated.delimiter
            usual = "jsonl" if isinstance(named, JsonLines) else "csv" if source.columns else "text"
            format_ = format_ or usual
            _write_predictions(served, source, format_, top_k, stream, reading_warnings, delimiter)
    reading_warnings.show(served.bundle.config.text.max_length)


def _write_predictions(
    served: ServedModel,
    source: Source,
    format_: str,
    top_k: int,
    stream: TextIO,
    reading_warnings: screen.UnreadTexts,
    delimiter: str,
) -> None:
    columns = source.columns or ["text"]
    shown = _visible_line if stream.isatty() else str  # a file gets what came in, a terminal nothing that moves its cursor
    if format_ == "csv":
        stream.write(shown(records.csv_line(records.prediction_header(columns, top_k), delimiter)))
    for window in source.windows:
        texts = list(dict.fromkeys(item.text for item in window))
        answers = dict(zip(texts, predict(served, texts, top_k), strict=True))
        results = [_own(item, answers[item.text]) for item in window]
        reading_warnings.count(answers.values() if window[0].account else results)
        for item, result in zip(window, results, strict=True):
            if format_ == "csv":
                kept = list(item.row.values()) if item.row is not None else [item.text]
                line = shown(records.csv_line(kept + records.prediction_values(result), delimiter))
            elif format_ == "jsonl":
                line = records.prediction_record(result, item.row) + "\n"
            else:
                line = terminal.prediction(result) + "\n"
            stream.write(line)
        stream.flush()


def _visible_line(line: str) -> str:
    return visible(line.removesuffix("\n")) + "\n"


def _own(item: Item, answer: Prediction) -> Prediction:
    """The answer with the row's own text, where the text that was classified is its whole account."""
    return answer if item.post is None else replace(answer, text=item.post)
