"""How a file of separated values is to be read: what separates them, and whether quotes quote.

Both are decided on the whole file, since a sample may look otherwise than the rest. Posts hold quotes that nothing closes: read
as quotation, they would swallow all rows up to the next one.

A file can be read in a way if every record has as many values as the header. Quotes quote if the file can be read so, unless
values span lines and each of their lines can be a record by itself, too. Then the quotes are letters, as long as none of these
values holds a doubled quote, which only quotation does.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attnclf.config import DataConfig
from attnclf.data.sources import Source
from attnclf.data.texts import checked_lines, open_text
from attnclf.results import counted

if TYPE_CHECKING:
    import _csv

DELIMITERS = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "bars"}


@dataclass(frozen=True)
class Dialect:
    """`quotes` says that a quote begins a value with quotation; otherwise it is a letter. `remarks` say what was decided."""

    delimiter: str
    quotes: bool = True
    remarks: tuple[str, ...] = ()

    def reader(self, lines: Iterable[str]) -> "_csv.Reader":
        """Python's CSV reader in this dialect."""
        csv.field_size_limit(2**31 - 1)  # a text may be a megabyte; the default of `csv` is 128 KiB
        if self.quotes:
            return csv.reader(lines, delimiter=self.delimiter, strict=True)
        return csv.reader(lines, delimiter=self.delimiter, quoting=csv.QUOTE_NONE)


@dataclass(frozen=True)
class _Survey:
    """What a file looks like in a dialect.

    `columns` is 0 for a file without a header. `spanning` counts the records over several lines, and `doubled` says that one of
    them holds a doubled quote.
    """

    columns: int
    consistent: bool
    spanning: int = 0
    doubled: bool = False
    opened: int = 0  # the line on which a quote opened that nothing closed


def dialect_of(source: Source, encoding: str, config: DataConfig, usual: str) -> Dialect:
    """The dialect of a file, as `config` asks or as the file shows; `usual` is the delimiter that its name lets expect.

    If the file can be read in no way, it is the one in which the header has the most columns: reading it then says where the
    trouble is. Raises DataError for what is no text.
    """
    usual = config.delimiter or usual
    first, columns = _read_as(source, encoding, config, usual)
    if first and (config.delimiter or columns > 1):
        return first
    most, likeliest = columns, usual
    for other in [] if config.delimiter else [delimiter for delimiter in DELIMITERS if delimiter != usual]:
        found, columns = _read_as(source, encoding, config, other)
        if found and columns > 1:
            what = f"columns are separated by {DELIMITERS[other]}"
            return Dialect(other, found.quotes, (what, *found.remarks))
        if columns > most:
            most, likeliest = columns, other
    return first if first and most <= 1 else Dialect(likeliest, config.quoting != "letters")


def _read_as(source: Source, encoding: str, config: DataConfig, delimiter: str) -> tuple[Dialect | None, int]:
    """The dialect with this delimiter in which the file can be read, None if there is none; and how many columns it gives."""
    quoted, letters = Dialect(delimiter), Dialect(delimiter, quotes=False)
    if config.quoting == "letters":
        survey = _survey(source, encoding, letters)
        return (letters if survey.consistent else None), survey.columns
    survey = _survey(source, encoding, quoted)
    if survey.consistent and not survey.spanning:
        return quoted, survey.columns
    spanning = f"{counted(survey.spanning, 'record spans', 'records span')} several lines"
    may_be_letters = config.quoting == "auto" and survey.columns != 1 and not survey.doubled
    if may_be_letters and (plain := _survey(source, encoding, letters)).consistent:
        why = f"line {survey.opened} has one that nothing closes" if survey.opened else f"otherwise {spanning}"
        return Dialect(delimiter, False, (f"quotes are read as letters: {why}; `quoting=quotes` overrides",)), plain.columns
    return (Dialect(delimiter, True, (spanning,)) if survey.consistent else None), survey.columns


def _survey(source: Source, encoding: str, dialect: Dialect) -> _Survey:
    with open_text(source, encoding) as stream:
        reader = dialect.reader(checked_lines(stream, source))
        columns = spanning = before = 0
        doubled = False
        try:
            for values in reader:
                if reader.line_num - before > 1:
                    spanning += 1
                    doubled |= any('"' in value for value in values if "\n" in value)
                before = reader.line_num
                if not columns:
                    columns = len(values)
                elif len(values) != columns and values:
                    return _Survey(columns, False, spanning, doubled)
        except csv.Error:
            return _Survey(columns, False, spanning, doubled, opened=before + 1)
    return _Survey(columns, columns > 0, spanning, doubled)
