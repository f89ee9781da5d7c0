"""Answers as `predict` writes them: lines, tables and rows of accounts."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import chain
from typing import Any, BinaryIO

from attnclf.accounts.verdicts import rule_of
from attnclf.cli import screen
from attnclf.cli.answers import Answer, Judged
from attnclf.cli.inputs import Incoming
from attnclf.data.encodings import checked_encoding
from attnclf.data.formats import FORMATS, Write, WrittenFormat, written_text
from attnclf.data.formats.delimited import line_writer
from attnclf.errors import DataError, UsageError
from attnclf.render import records, terminal, verdicts
from attnclf.results import Note
from attnclf.served.model import ServedModel
from attnclf.visible import visible

BINARY = ("parquet", "excel")
# The types of the columns that are written beside those of the table, as Arrow calls them; the others hold labels or text.
TYPES = {
    "probability": "float64",
    "known": "float64",
    "evidence_for": "float64",
    "evidence_against": "float64",
    "posts": "int64",
    "truncated": "bool",
}
LABELS = ("predicted", "likeliest")


def write_lines(answers: Iterable[list[Answer]], form: str, stream: BinaryIO) -> None:
    for window in answers:
        for answer in window:
            result, verdict = answer.prediction, answer.verdict
            if form == "jsonl":
                line = records.prediction_record(result, answer.item.row, verdicts.of_record(verdict))
            else:
                line = terminal.prediction(result) + verdicts.behind_post(verdict)
            stream.write((line + "\n").encode("utf-8", "backslashreplace"))
        stream.flush()


def write_table(
    served: ServedModel,
    source: Incoming,
    form: str,
    top_k: int,
    stream: BinaryIO,
    answers: Iterable[list[Answer]],
    encoding: str,
) -> None:
    columns = source.columns or ["text"]
    header = records.prediction_header(columns, top_k, rates=bool(served.base_rates))
    rule = served.bundle.accounts if source.group else None
    header = verdicts.beside_post_header(header, rule) if rule else header
    if renamed := records.renamed_in_words(header, len(columns)):
        screen.show_note(Note(renamed))
    _check_form(form, stream)
    values_of = records.prediction_values if form in BINARY else records.prediction_cells
    typed = _typed_labels(served)
    names = _names(served, form)
    keep = _as_text if form == "parquet" and source.types is None else _as_it_is
    types = _typed(source.types, header[len(columns) :], typed) if form == "parquet" else None
    with _writing(form, stream, header, _encoding_of(encoding, source, form, stream), types) as write:
        for window in answers:
            for answer in window:
                row = answer.item.row
                kept = [keep(row[name]) for name in columns] if row is not None else [answer.item.text]
                beside = verdicts.beside_post(answer.verdict, rule, names) if rule else []
                ours = values_of(answer.prediction, typed)
                write([*kept, *ours, *(beside if form in BINARY else verdicts.as_cells(beside))])
            if form not in BINARY:
                stream.flush()


def _typed_labels(served: ServedModel) -> dict[str, Any]:
    """The labels in the type that they had in training; as text where that has numbers which Parquet does not hold."""
    typed = served.bundle.typed_labels
    if any(isinstance(label, int) and abs(label) >= 2**63 for label in typed):
        typed = served.labels
    return dict(zip(served.labels, typed, strict=True))


def _names(served: ServedModel, form: str) -> dict[str, Any]:
    """What is written for each label of an account: as text, for a format without types."""
    typed = _typed_labels(served)
    return typed if form in BINARY else {label: written_text(value) for label, value in typed.items()}


def _as_it_is(value: Any) -> Any:
    return value


def _as_text(value: Any) -> str | None:
    """Of a table without types a column may hold anything, and Parquet wants one type."""
    return None if value is None else written_text(value)


def write_accounts(
    served: ServedModel, source: Incoming, form: str, judged: Iterator[Judged], stream: BinaryIO, encoding: str
) -> None:
    """One row, or one line, for each account."""
    _check_form(form, stream)
    first = next(judged)  # what fails, fails before anything is written
    found = chain([first], judged)
    if form in ("text", "jsonl"):
        render = verdicts.record if form == "jsonl" else verdicts.line
        for one, texts in found:
            stream.write((render(one, texts) + "\n").encode("utf-8", "backslashreplace"))
        return
    rule = rule_of(served)
    header = verdicts.header(source.group, rule, rates=bool(served.base_rates))
    names = _names(served, form)
    types, value_of = _of_names(source, form)
    types = _typed(types, header[1:], names) if form == "parquet" else None
    with _writing(form, stream, header, _encoding_of(encoding, source, form, stream), types) as write:
        for one, texts in found:
            values = verdicts.values(one, value_of(one.account), texts, rule, names)
            write(values if form in BINARY else verdicts.as_cells(values))


def _of_names(source: Incoming, form: str) -> tuple[Any, Callable[[str], Any]]:
    """The type of the column of accounts, and what makes a value of it from an account's name, so that tables can be joined."""
    if form != "parquet" or source.types is None:
        return None, str
    import pyarrow as pa

    column = source.types.field(source.group)
    if pa.types.is_integer(column.type):
        return pa.schema([column]), int
    if pa.types.is_floating(column.type):
        return pa.schema([column]), float
    return None, str


def _typed(types: Any, own: Sequence[str], labels: Mapping[str, Any]) -> Any:
    """The `types` of a table's columns, and those of our `own` beside them, whose first values may all be missing.

    `labels` has what is written for each label.
    """
    import pyarrow as pa

    kinds = {type(label) for label in labels.values()}
    of_labels = {bool: "bool", int: "int64", float: "float64"}.get(kinds.pop() if len(kinds) == 1 else str, "string")
    known = TYPES | dict.fromkeys(LABELS, of_labels)
    fields = [pa.field(name, known.get(_unnumbered(name), "string")) for name in own]
    return pa.schema([*(types or ()), *fields])


def _unnumbered(name: str) -> str:
    """The name without its rank, without the number that keeps it apart from another, and without what it is of."""
    return re.sub(r"(_\d+)?(\.\d+)?$", "", name).removeprefix("account_")


def _check_form(form: str, stream: BinaryIO) -> None:
    if form in BINARY and stream.isatty():
        raise UsageError(f"{form} is not for a terminal", hint="write it to a file with -o")


def _writing(form: str, stream: BinaryIO, header: Sequence[str], encoding: str, types: Any) -> AbstractContextManager[Write]:
    """What writes a table; on a terminal, nothing in it may move the cursor."""
    if stream.isatty():
        return _visible_lines(stream, header)
    format_: WrittenFormat = FORMATS.make(form, {})  # type: ignore[assignment]
    return format_.writing(stream, header, encoding, types)


@contextmanager
def _visible_lines(stream: BinaryIO, header: Sequence[str]) -> Iterator[Write]:
    line_of = line_writer()

    def write(values: Sequence[Any]) -> None:
        stream.write((visible(line_of(values).removesuffix("\n")) + "\n").encode("utf-8", "backslashreplace"))

    write(header)
    yield write


def _encoding_of(wanted: str, source: Incoming, form: str, stream: BinaryIO) -> str:
    """The encoding to write in: what is wanted, else that of the table, which is said where it is not plain UTF-8. A terminal
    has its own."""
    if wanted:
        try:
            return checked_encoding(wanted)
        except DataError as error:
            raise UsageError(error.message, hint=error.hint) from error
    if form not in BINARY and source.encoding not in ("", "utf-8") and not stream.isatty():
        screen.show_note(Note(f"written as {source.encoding}, as the table is; `output_encoding` names another"))
    return source.encoding
