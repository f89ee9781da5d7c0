"""Tables of comma- or tab-separated values, read row by row."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from attnclf.config import DataConfig
from attnclf.data.dialects import Dialect, dialect_of
from attnclf.data.files import checked_lines, open_text
from attnclf.data.formats.base import FORMATS, Records, Row
from attnclf.errors import DataError

if TYPE_CHECKING:
    import _csv

UNCLOSED = "double a quote in a quoted value and close the value; `quoting=letters` reads quotes as letters"


class Delimited:
    """A table whose values are separated by one character.

    A value that holds this character, a quote or a line end is quoted (RFC 4180), unless the file shows that quotes are
    letters.
    """

    delimiter: str

    def recognises(self, start: bytes) -> bool:
        return False  # any text may be such a table

    @contextmanager
    def open(self, path: Path, config: DataConfig) -> Iterator[Records]:
        dialect = dialect_of(path, config, self.delimiter)
        with open_text(path, config.encoding) as stream:
            header, rows = _read(stream, path, dialect)
            yield Records(header, rows, dialect.remarks)


@FORMATS.register("csv", "values separated by commas")
@dataclass(frozen=True)
class CommaSeparated(Delimited):
    """Values separated by commas, as in RFC 4180."""

    extensions: tuple[str, ...] = (".csv",)
    delimiter: str = ","


@FORMATS.register("tsv", "values separated by tabs")
@dataclass(frozen=True)
class TabSeparated(Delimited):
    """As `CommaSeparated`, with tabs instead of commas."""

    extensions: tuple[str, ...] = (".tsv", ".tab")
    delimiter: str = "\t"


def _read(stream: IO[str], path: Path, dialect: Dialect) -> tuple[list[str], Iterator[Row]]:
    """The header, and an iterator over the rows that follow. Both raise DataError with the line of the problem."""
    reader = dialect.reader(checked_lines(stream, path))
    try:
        header = next(reader)
    except StopIteration:
        raise DataError(f"{path} is empty", hint="the first line must name the columns") from None
    except csv.Error as error:
        raise DataError(f"{path}, line 1: {error}", hint=UNCLOSED) from error
    repeated = sorted({name for name in header if header.count(name) > 1})
    if repeated:
        raise DataError(f"{path}: column '{repeated[0]}' stands more than once in the header", hint="rename one of them")
    return header, _rows(reader, header, path)


def _rows(reader: "_csv.Reader", header: list[str], path: Path) -> Iterator[Row]:
    while True:
        before = reader.line_num
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            at = before + 1
            raise DataError(f"{path}, line {at}: the quote that opens in this record is not closed", hint=UNCLOSED) from error
        if not values and len(header) > 1:
            continue  # a blank line, as at the end of many files
        values = values or [""]
        if len(values) != len(header):
            raise DataError(
                f"{path}, line {reader.line_num}: {len(values)} values where the header names {len(header)} columns",
                hint="put quotes around a value that holds the separator, or name another with `delimiter`"
                if len(values) > len(header)
                else "the row is cut short, or a quote before it was not closed",
            )
        yield Row(dict(zip(header, values, strict=True)), reader.line_num)
