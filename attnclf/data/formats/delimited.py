"""Tables of comma- or tab-separated values, read row by row."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from attnclf.data.files import checked_lines, open_text
from attnclf.data.formats.base import FORMATS, Row
from attnclf.errors import DataError

if TYPE_CHECKING:
    import _csv


class Delimited:
    """A table whose values are separated by one character.

    A value that holds this character, a quote or a line end is quoted (RFC 4180).
    """

    delimiter: str

    @contextmanager
    def open(self, path: Path, encoding: str) -> Iterator[tuple[list[str], Iterator[Row]]]:
        with open_text(path, encoding) as stream:
            yield _read(stream, path, self.delimiter)


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


def _read(stream: IO[str], path: Path, delimiter: str) -> tuple[list[str], Iterator[Row]]:
    """The header, and an iterator over the rows that follow. Both raise DataError with the line of the problem."""
    csv.field_size_limit(2**31 - 1)  # a text may be a megabyte; the default of `csv` is 128 KiB
    reader = csv.reader(checked_lines(stream, path), delimiter=delimiter, strict=True)
    try:
        header = next(reader)
    except StopIteration:
        raise DataError(f"{path} is empty", hint="the first line must name the columns") from None
    except csv.Error as error:
        raise DataError(f"{path}, line {reader.line_num}: {error}") from error
    if len(header) == 1 and (separator := next((c for c in ";\t|" if c in header[0]), "")):
        kind = "tabs" if separator == "\t" else f"'{separator}'"
        raise DataError(f"{path}: its columns are separated by {kind}", hint="save it with commas, or with tabs as .tsv")
    repeated = sorted({name for name in header if header.count(name) > 1})
    if repeated:
        raise DataError(f"{path}: column '{repeated[0]}' stands more than once in the header", hint="rename one of them")
    return header, _rows(reader, header, path)


def _rows(reader: "_csv.Reader", header: list[str], path: Path) -> Iterator[Row]:
    while True:
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise DataError(
                f"{path}, line {reader.line_num}: {error}", hint="a quote in a value must be doubled, and a quoted value closed"
            ) from error
        if not values and len(header) > 1:
            continue  # a blank line, as at the end of many files
        values = values or [""]
        if len(values) != len(header):
            raise DataError(
                f"{path}, line {reader.line_num}: {len(values)} values where the header names {len(header)} columns",
                hint="put quotes around a value that holds a comma"
                if len(values) > len(header)
                else "the row is cut short, or a quote before it was not closed",
            )
        yield Row(dict(zip(header, values, strict=True)), reader.line_num)
