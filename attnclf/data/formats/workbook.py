"""Tables in workbooks of Excel and OpenDocument; they are written as .xlsx."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any, BinaryIO

from attnclf.config import DataConfig
from attnclf.data.compression import ZIP
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
    text_of,
)
from attnclf.data.sources import Source
from attnclf.errors import DataError
from attnclf.results import counted, some_of

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the first bytes of .xls, and of other documents of old Office
SHEETS_NAMED = COLUMNS_NAMED = 3  # in messages
MOST_ROWS, MOST_COLUMNS, MOST_CHARACTERS = 1_048_576, 16_384, 32_767  # that Excel can hold, in a sheet and in a cell


@FORMATS.register("excel", "a workbook of Excel or OpenDocument")
@dataclass(frozen=True)
class Workbook:
    """The first sheet that is not empty, of those that are shown if there is one; its first row names the columns."""

    extensions: tuple[str, ...] = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")
    written: tuple[str, ...] = (".xlsx",)
    binary: bool = True  # and so surely recognised by its content

    def recognises(self, start: Start) -> bool:
        return start.data.startswith((ZIP, OLE))  # other archives are opened before

    @opening()
    def open(self, source: Source, config: DataConfig) -> Iterator[Records]:
        from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

        try:
            with source.open() as stream:
                book = CalamineWorkbook.from_filelike(BytesIO(stream.read()))
            ordered = sorted(book.sheets_metadata, key=lambda sheet: sheet.visible != SheetVisibleEnum.Visible)
            opened = {sheet.name: book.get_sheet_by_name(sheet.name) for sheet in ordered}
            sheets = {name: sheet for name, sheet in opened.items() if sheet.start is not None}
        except (CalamineError, OSError, ValueError) as error:
            what = "a document of old Office" if source.start.startswith(OLE) else "a workbook"
            problem = f"{source.name} is {what} that cannot be read ({str(error)[:80]})"
            raise DataError(problem, hint="save its table as .xlsx or CSV") from error
        if not sheets:
            raise DataError(f"{source.name}: every sheet is empty", hint="the first row must name the columns")
        name, sheet = next(iter(sheets.items()))
        others = some_of([f"'{other}'" for other in sheets if other != name], SHEETS_NAMED)
        remarks: tuple[str, ...] = ()
        if others:
            remarks = (f"sheet '{name}' is read, not {others}; save another as a file of its own to read it",)
        top, *cells = sheet.to_python(skip_empty_area=True)
        first, left = (sheet.start or (0, 0))[0] + 1, (sheet.start or (0, 0))[1]
        given = _names(top)
        header, unnamed = named_columns(given)
        remarks += unnamed
        refuse_repeated(header, f"{source.name}, sheet '{name}'")
        remarks += _merged(sheet, first, dict(enumerate(header, left)))
        below = below_title(given, ((number, _names(values)) for number, values in enumerate(cells, first + 1)))
        empty = [name for place, name in enumerate(header) if cells and all(values[place] == "" for values in cells)]
        yield Records(header, _rows(cells, header, first), remarks, unit=f"sheet '{name}', row", below=below, empty=empty)

    @contextmanager
    def writing(self, stream: BinaryIO, header: Sequence[str], encoding: str, types: Any) -> Iterator[Write]:
        import xlsxwriter

        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}
        if len(header) > MOST_COLUMNS:
            raise DataError(
                f"{len(header):,} columns, and a sheet of Excel holds {MOST_COLUMNS:,}", hint="write CSV or Parquet"
            )
        # A workbook is an archive, whose writer goes back in it: what is compressed or a pipe only goes on.
        with tempfile.TemporaryFile() as whole:
            book = xlsxwriter.Workbook(whole, options)
            try:
                write = _writer(book.add_worksheet())
                write(header)
                yield write
            finally:
                book.close()
            whole.seek(0)
            shutil.copyfileobj(whole, stream)


def _merged(sheet: Any, first: int, columns: Mapping[int, str]) -> tuple[str, ...]:
    """A remark on cells of data, from the row `first` on, that are merged over several rows. `columns` are named by place."""
    ranges = getattr(sheet, "merged_cell_ranges", None) or ()  # no format has them but .xlsx and .xls, nor old libraries
    merged = [left for (top, left), (bottom, _) in ranges if first <= top < bottom and left in columns]
    if not merged:
        return ()
    where = some_of([f"'{columns[place]}'" for place in sorted(set(merged))], COLUMNS_NAMED)
    what = counted(len(merged), "cell is", "cells are") + f" merged over several rows (in {where})"
    return (f"{what}, and only the first of these rows has the value: unmerge them, and fill the value down",)


def _writer(sheet: Any) -> Write:
    number = 0

    def write(values: Sequence[Any]) -> None:
        nonlocal number
        if number == MOST_ROWS:
            raise DataError(f"a sheet of Excel holds {MOST_ROWS:,} rows", hint="write CSV or Parquet")
        for column, value in enumerate(values):
            if isinstance(value, bool):
                sheet.write_boolean(number, column, value)
            elif isinstance(value, int | float) and abs(value) < 2**53:
                sheet.write_number(number, column, value)
            elif len(text := text_of(value)) > MOST_CHARACTERS:
                where = f"row {number + 1}: {len(text):,} characters"
                raise DataError(f"{where}, and a cell of Excel holds {MOST_CHARACTERS:,}", hint="write CSV or Parquet")
            elif text:
                sheet.write_string(number, column, text)
        number += 1

    return write


def _names(values: Iterable[Any]) -> list[str]:
    return [text_of(_plain(value)).strip() for value in values]


def _rows(cells: list[list[Any]], header: list[str], first: int) -> Iterator[Row]:
    """All rows to the last that has a value, those without any too: a row in is a row out."""
    last = max((number for number, values in enumerate(cells) if any(value != "" for value in values)), default=-1)
    for number, values in enumerate(cells[: last + 1], first + 1):
        yield Row(dict(zip(header, map(_plain, values), strict=True)), number)


def _plain(value: Any) -> Any:
    """Workbooks have one type of number: a whole one is an integer."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
