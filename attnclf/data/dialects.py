"""How a file of separated values is to be read: what separates them, and whether quotes quote.

Both are decided on the whole file, since a sample may look otherwise than the rest. Posts hold quotes that nothing closes: read
as quotation, they would swallow all rows up to the next one.

A file can be read in a way if every record has as many values as the header. Quotes quote if the file can be read so, unless
values span lines and each of their lines can be a record by itself, too. Then the quotes are letters, as long as nothing shows
that they quote: a header in quotes, or a doubled quote in such a value. Where commas or semicolons separate, which texts hold
too, quotation is the rule: there the quotes are letters only if lines within such values are records as well.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import TYPE_CHECKING

from attnclf.config import DataConfig
from attnclf.data.sources import Source
from attnclf.data.texts import checked_lines, open_text
from attnclf.results import counted

if TYPE_CHECKING:
    import _csv

SAID = re.compile(r"\ufeff?sep=([^\w\s\"]|\t)\r?\n?")  # how Excel says what separates, in a line before the header
PROSE = ",;"  # delimiters that texts hold too
UNCLOSED = "unexpected end of data"  # in the words of Python's CSV reader
DELIMITERS = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "bars"}


@dataclass(frozen=True)
class Dialect:
    """`quotes` says that a quote begins a value with quotation; otherwise it is a letter. `remarks` say what was decided.

    `skipped` is the number of lines before the header: one where the file begins with `sep=;`, as Excel writes it.
    `letters_fit` says that the file can be read with quotes as letters.
    """

    delimiter: str
    quotes: bool = True
    remarks: tuple[str, ...] = ()
    skipped: int = 0
    letters_fit: bool = False

    def reader(self, lines: Iterable[str]) -> "_csv.Reader":
        """Python's CSV reader in this dialect."""
        csv.field_size_limit(2**31 - 1)  # a text may be a megabyte; the default of `csv` is 128 KiB
        if self.quotes:
            return csv.reader(lines, delimiter=self.delimiter, strict=True)
        return csv.reader(lines, delimiter=self.delimiter, quoting=csv.QUOTE_NONE)


@dataclass(frozen=True)
class _Survey:
    """What a file looks like in a dialect.

    `columns` is 0 for a file without a header. `spanning` counts the records over several lines; `doubled` says that one of
    them holds a doubled quote, and `apart` that every line within one is a record by itself. `header_quoted` says that the
    header holds a quote.
    """

    columns: int
    consistent: bool
    spanning: int = 0
    doubled: bool = False
    apart: bool = False
    header_quoted: bool = False
    opened: int = 0  # the line on which a quote opened that nothing closed


def dialect_of(source: Source, encoding: str, config: DataConfig, usual: str) -> Dialect:
    """The dialect of a file, as `config` asks or as the file shows; `usual` is the delimiter that its name lets expect.

    If the file can be read in no way, it is the one in which the header has the most columns: reading it then says where the
    trouble is. Raises DataError for what is no text.
    """
    with open_text(source, encoding) as stream:
        said = SAID.fullmatch(next(checked_lines(stream, source), ""))
    skipped = 1 if said else 0
    usual = config.delimiter or (said[1] if said else usual)
    first, columns = _read_as(source, encoding, config, usual, skipped)
    if first and (config.delimiter or said or columns > 1):
        return first
    most, likeliest = columns, usual
    for other in [] if config.delimiter or said else [delimiter for delimiter in DELIMITERS if delimiter != usual]:
        found, columns = _read_as(source, encoding, config, other, skipped)
        if found and columns > 1:
            what = f"columns are separated by {DELIMITERS[other]}"
            return replace(found, remarks=(what, *found.remarks))
        if columns > most:
            most, likeliest = columns, other
    if first and most <= 1:
        return first
    letters = _survey(source, encoding, Dialect(likeliest, False, skipped=skipped)).consistent
    return Dialect(likeliest, config.quoting != "letters", skipped=skipped, letters_fit=letters)


def _read_as(source: Source, encoding: str, config: DataConfig, delimiter: str, skipped: int) -> tuple[Dialect | None, int]:
    """The dialect with this delimiter in which the file can be read, None if there is none; and how many columns it gives."""
    quoted, letters = Dialect(delimiter, skipped=skipped), Dialect(delimiter, quotes=False, skipped=skipped)
    if config.quoting == "letters":
        survey = _survey(source, encoding, letters)
        return (letters if survey.consistent else None), survey.columns
    survey = _survey(source, encoding, quoted)
    if survey.consistent and not survey.spanning:
        return quoted, survey.columns
    spanning = f"{counted(survey.spanning, 'record spans', 'records span')} several lines"
    may_be_letters = config.quoting == "auto" and survey.columns != 1 and not survey.doubled and not survey.header_quoted
    may_be_letters &= survey.apart or not survey.consistent or delimiter not in PROSE
    if may_be_letters and (plain := _survey(source, encoding, letters)).consistent:
        why = f"otherwise {spanning}" if survey.spanning else "otherwise a value goes on after its closing quote"
        why = f"line {survey.opened} has one that nothing closes" if survey.opened else why
        return replace(letters, remarks=(f"quotes are read as letters: {why}; `quoting=quotes` overrides",)), plain.columns
    return (replace(quoted, remarks=(spanning,)) if survey.consistent else None), survey.columns


def _survey(source: Source, encoding: str, dialect: Dialect) -> _Survey:
    with open_text(source, encoding) as stream:
        lines = islice(checked_lines(stream, source), dialect.skipped, None)
        first = next(lines, "")
        quoted = '"' in first
        reader = dialect.reader(chain([first] if first else [], lines))
        columns = spanning = before = 0
        doubled, apart = False, True
        try:
            for values in reader:
                if reader.line_num - before > 1:
                    spanning += 1
                    doubled |= any('"' in value for value in values if "\n" in value)
                    apart &= _are_records(values, dialect.delimiter, columns)
                before = reader.line_num
                if not columns:
                    columns = 0 if is_blank(values) else len(values)
                elif len(values) != columns and values:
                    return _Survey(columns, False, spanning, doubled, apart, quoted)
        except csv.Error as error:
            opened = before + dialect.skipped + 1 if UNCLOSED in str(error) else 0
            return _Survey(columns, False, spanning, doubled, apart, quoted, opened)
    return _Survey(columns, columns > 0, spanning, doubled, apart, quoted)


def is_blank(values: Iterable[str]) -> bool:
    """Whether a record says nothing. Before the header, such records are no part of the table."""
    return not any(value.strip() for value in values)


def first_record(records: Iterator[list[str]]) -> list[str]:
    """The first of the records that is not blank, which names the columns; none where all are. The others stay to be read."""
    return next((values for values in records if not is_blank(values)), [])


def _are_records(values: list[str], delimiter: str, columns: int) -> bool:
    """Whether the whole lines inside a value could be records by themselves; False if there are none."""
    inner = [line for value in values for line in value.split("\n")[1:-1]]
    return bool(inner) and all(line.count(delimiter) == columns - 1 for line in inner)
