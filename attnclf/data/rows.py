"""The rows of a file, one at a time, checked: what is not text, or not a table, is an error that names the line."""

import codecs
import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from attnclf.errors import DataError

if TYPE_CHECKING:
    import _csv

DELIMITERS = {".tsv": "\t", ".tab": "\t"}  # by extension; everything else is separated by commas


@dataclass(frozen=True)
class Row:
    """One record: its values by column, and the line of the file it ends on (a quoted value may span lines)."""

    values: Mapping[str, str]
    line: int


def open_text(path: Path, encoding: str, newline: str = "") -> IO[str]:
    """The file opened for `read_rows` (or, with newline "\\n", `read_lines`); DataError when it is not there or no file."""
    try:
        return path.open(encoding="utf-8-sig" if _is_utf8(encoding) else encoding, newline=newline)
    except IsADirectoryError as error:
        raise DataError(f"{path} is a directory, not a table", hint="name a CSV file in it") from error
    except FileNotFoundError as error:
        raise DataError(f"{path} does not exist", hint=_neighbours(path)) from error
    except LookupError as error:
        raise DataError(f"there is no encoding '{encoding}'", hint="try utf-8, cp949 or latin-1") from error
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from error


def _is_utf8(encoding: str) -> bool:
    return codecs.lookup(encoding).name == "utf-8"


def _neighbours(path: Path) -> str:
    if not path.parent.is_dir():
        return f"the directory {path.parent} does not exist either"
    tables = sorted(p.name for p in path.parent.iterdir() if p.suffix in (".csv", ".tsv"))
    return f"tables in {path.parent}: {', '.join(tables[:8])}" if tables else "check the path"


def read_rows(stream: IO[str], path: Path) -> tuple[list[str], Iterator[Row]]:
    """The header and an iterator over the rows that follow. Both raise DataError, naming the line."""
    csv.field_size_limit(2**31 - 1)  # a text may be a megabyte; the library's own limit is 128 KiB
    reader = csv.reader(_checked_lines(stream, path), delimiter=DELIMITERS.get(path.suffix.lower(), ","), strict=True)
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


def read_lines(stream: IO[str], path: Path) -> Iterator[str]:
    """The lines of a plain text file, without their ends. Raises DataError, naming the line."""
    return (line.removesuffix("\n").removesuffix("\r") for line in _checked_lines(stream, path))


def _checked_lines(stream: IO[str], path: Path) -> Iterator[str]:
    number = 0
    while True:
        number += 1
        try:
            line = next(stream)
        except StopIteration:
            return
        except UnicodeDecodeError as error:
            at = _line_of_first_error(path, error.encoding) or number
            raise DataError(
                f"{path}, line {at}: not {error.encoding} text (byte 0x{error.object[error.start]:02x})",
                hint="name its encoding: --encoding cp949 for Korean Windows files, --encoding latin-1 for Western ones",
            ) from error
        except UnicodeError as error:  # utf-16 without its byte-order mark, for one
            raise DataError(f"{path}: {error}", hint="name the file's encoding with --encoding") from error
        if "\0" in line:
            raise DataError(f"{path}, line {number}: holds a NUL byte", hint="this is not a text file, or it is damaged")
        yield line


def _line_of_first_error(path: Path, encoding: str) -> int:
    """Streams decode in blocks, so only a second look tells the line; 0 where the file cannot be read twice."""
    try:
        path.read_bytes().decode(encoding)
    except UnicodeDecodeError as error:
        return error.object.count(b"\n", 0, error.start) + 1
    except OSError:
        return 0
    return 0
