"""Tables of comma- or tab-separated values, read row by row."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import IO, TYPE_CHECKING, Any, BinaryIO

from attnclf.config import DataConfig
from attnclf.data.dialects import DELIMITERS, UNCLOSED, Dialect, dialect_of, first_record
from attnclf.data.encodings import encoding_of
from attnclf.data.formats.base import (
    FORMATS,
    Records,
    Row,
    Start,
    Write,
    below_title,
    named_columns,
    opening,
    refuse_repeated,
    written_text,
)
from attnclf.data.sources import Source
from attnclf.data.texts import checked_lines, open_text
from attnclf.errors import DataError
from attnclf.results import counted

if TYPE_CHECKING:
    import _csv

LINE_END = re.compile(r"\r\n?|\n")
QUOTED = "double a quote in a quoted value and close the value"


class Delimited:
    """A table whose values are separated by one character.

    A value that holds this character, a quote or a line end is quoted (RFC 4180), unless the file shows that quotes are
    letters.
    """

    delimiter: str

    def recognises(self, start: Start) -> bool:
        return False  # any text may be such a table

    @opening("encoding", "delimiter", "quoting")
    def open(self, source: Source, config: DataConfig) -> Iterator[Records]:
        encoding = encoding_of(source, config.encoding)
        dialect = dialect_of(source, encoding.name, config, self.delimiter)
        with open_text(source, encoding.name) as stream:
            header, rows = _header(stream, source, dialect)
            remarks = (*encoding.remarks, *dialect.remarks)
            below = below_title(header, _lines_below(source, encoding.name))
            if header.count("") > 1:  # one may stay without, as pandas writes its index
                header, unnamed = named_columns(header)
                remarks += unnamed
            refuse_repeated(header, source.name)
            yield Records(header, _rows(rows, header, source, dialect), remarks, encoding=encoding.name, below=below)

    @contextmanager
    def writing(self, stream: BinaryIO, header: Sequence[str], encoding: str, types: Any) -> Iterator[Write]:
        encoding = encoding or "utf-8"
        errors = "backslashreplace" if encoding.startswith("utf") else "strict"  # half characters are no reason to stop
        encoder = codecs.getincrementalencoder(encoding)(errors)  # which begins with a byte-order mark where there is one

        line_of, written = line_writer(self.delimiter), 0

        def write(values: Sequence[Any]) -> None:
            nonlocal written
            line = line_of(values)
            try:
                stream.write(encoder.encode(line))
            except UnicodeEncodeError as error:
                missing, place = line[error.start], f"row {written}" if written else "the header"
                column = next(name for name, value in zip(header, values, strict=True) if missing in written_text(value))
                problem = f"{place}, column '{column}': {encoding} has no {missing!r}"
                raise DataError(problem, hint="write it in another with `output_encoding=utf-8`") from error
            written += 1

        write(header)
        yield write


@FORMATS.register("csv", "values separated by commas")
@dataclass(frozen=True)
class CommaSeparated(Delimited):
    """Values separated by commas, as in RFC 4180."""

    extensions: tuple[str, ...] = (".csv",)
    written: tuple[str, ...] = extensions
    delimiter: str = ","


@FORMATS.register("tsv", "values separated by tabs")
@dataclass(frozen=True)
class TabSeparated(Delimited):
    """As `CommaSeparated`, with tabs instead of commas."""

    extensions: tuple[str, ...] = (".tsv", ".tab")
    written: tuple[str, ...] = extensions
    delimiter: str = "\t"


def line_writer(delimiter: str = ",") -> Callable[[Sequence[Any]], str]:
    """What makes a line of values: each as text, quoted where needed, with a line end."""
    buffer = io.StringIO()
    # The writer quotes only those line ends that are in its own terminator: with "\n", a lone "\r" would split the row.
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n")

    def line_of(values: Sequence[Any]) -> str:
        writer.writerow([value if type(value) is str else written_text(value) for value in values])
        line = buffer.getvalue().removesuffix("\r\n") + "\n"
        buffer.seek(0)
        buffer.truncate()
        return line

    return line_of


def header_of(start: Start, delimiter: str = "") -> tuple[str, list[str], list[str]]:
    """What separates the columns in the first line of a text that is not blank, their names, and the lines behind it.

    It is the separator that gives the most names. There are none where all lines are blank, as they are with one separator.
    """
    text = LINE_END.split(start.text.removeprefix("\ufeff"))
    found = []
    for one in [delimiter] if delimiter else DELIMITERS:
        lines = iter(text)
        found.append((one, first_record(next(csv.reader([line], delimiter=one), []) for line in lines), list(lines)))
    return max(found, key=lambda header: (not header[1], len(header[1])))


def _header(stream: IO[str], source: Source, dialect: Dialect) -> tuple[list[str], "_csv.Reader"]:
    """The first record that is not blank, and what reads those that follow. Raises DataError with the line of the problem."""
    reader = dialect.reader(islice(checked_lines(stream, source), dialect.skipped, None))
    try:
        header = first_record(reader)
    except csv.Error as error:
        raise _misquoted(f"{source.name}, line {dialect.skipped + 1}", error, dialect) from error
    if not header:
        raise DataError(f"{source.name} is empty", hint="the first line must name the columns")
    return header, reader


def _lines_below(source: Source, encoding: str) -> Iterator[tuple[int, list[str]]]:
    """The lines below the first that is not blank, with their numbers, as if each were a header.

    Those in which a quoted value goes on are left out.
    """
    text = source.start.decode(encoding, "replace")
    lines, quoted = header_of(Start(b"", text))[2], False
    for number, line in enumerate(lines, len(LINE_END.split(text)) - len(lines) + 1):
        if not quoted:
            yield number, header_of(Start(b"", line))[1]
        quoted ^= bool(line.count('"') % 2)


def _rows(reader: "_csv.Reader", header: list[str], source: Source, dialect: Dialect) -> Iterator[Row]:
    while True:
        before = reader.line_num
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _misquoted(f"{source.name}, line {before + dialect.skipped + 1}", error, dialect) from error
        if not values and len(header) > 1:
            continue  # a blank line, as at the end of many files
        values = values or [""]
        number = reader.line_num + dialect.skipped
        if len(values) != len(header):
            names = counted(len(header), "column", "columns")
            hint = "put quotes around a value that holds the separator, or name another with `delimiter`"
            if len(header) == 1:
                hint = "put quotes around a value that holds the separator; `input_format=lines` reads each line as a text"
            if len(values) < len(header):
                hint = "the row is cut short, or a quote before it was not closed"
            raise DataError(f"{source.name}, line {number}: {len(values)} values where the header names {names}", hint=hint)
        yield Row(dict(zip(header, values, strict=True)), number)


def _misquoted(where: str, error: csv.Error, dialect: Dialect) -> DataError:
    what = "the quote that opens in this record is not closed"
    if UNCLOSED not in str(error):
        what = "a quoted value goes on after its closing quote"
    hint = f"{QUOTED}; `quoting=letters` reads quotes as letters" if dialect.letters_fit else QUOTED
    return DataError(f"{where}: {what}", hint=hint)
