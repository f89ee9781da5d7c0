"""The interface of a table format: one way in which a file holds a table."""

import datetime
import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import wraps
from itertools import islice
from typing import Any, BinaryIO, Protocol

from attnclf.config import DataConfig
from attnclf.data.encodings import by_mark
from attnclf.data.sources import Source
from attnclf.errors import DataError
from attnclf.registry import Registry
from attnclf.results import counted, listed

SETTINGS = ("encoding", "delimiter", "quoting")  # that only some formats use
BELOW = 10  # rows in which a header is looked for, below a title


@dataclass(frozen=True)
class Row:
    """One record: its values by column, and its number in the units of its table's `Records`."""

    values: Mapping[str, Any]
    number: int

    def text(self, column: str) -> str:
        """A value as text; "" for a column that the record lacks."""
        return text_of(self.values.get(column, ""))

    @property
    def is_blank(self) -> bool:
        """Whether it has no value in any column, as rows have that only separate others."""
        return not any(map(text_of, self.values.values()))


@dataclass(frozen=True)
class Records:
    """An opened table: the names of its columns, its rows, and remarks for the reader on how it is read.

    Rows are numbered in `unit`s, such as the lines of a file; a value may span lines, and the number is then that of the last.
    `encoding` is the codec of a text, "" for others. `types` are the types of a typed table's columns, as its library has them.
    `below` has the first rows below a header that may be a title instead, by number and only where they name more than it does.
    `empty` are columns of a workbook without any value.
    """

    header: list[str]
    rows: Iterator[Row]
    remarks: tuple[str, ...] = ()
    unit: str = "line"
    encoding: str = ""
    types: Any = None
    below: Sequence[tuple[int, list[str]]] = ()
    empty: Sequence[str] = ()


@dataclass(frozen=True)
class Start:
    """How a source begins: its first bytes, and these as text."""

    data: bytes
    text: str

    @classmethod
    def of(cls, data: bytes) -> "Start":
        """The text is decoded by the byte-order mark if there is one, else as UTF-8; what cannot be read is replaced."""
        return cls(data, data.decode(by_mark(data) or "utf-8", "replace"))


Write = Callable[[Sequence[Any]], None]
"""Writes the values of a row, in the order of the columns."""


class Format(Protocol):
    """A format is a frozen dataclass with these members. A new one needs a file in `attnclf/data/formats` and no other edit."""

    @property
    def extensions(self) -> tuple[str, ...]:
        """The endings of file names in this format, in lower case and with the dot."""
        ...

    def recognises(self, start: Start) -> bool:
        """Whether a source that begins so is surely in this format, whatever its name."""
        ...

    def open(self, source: Source, config: DataConfig) -> AbstractContextManager[Records]:
        """The records of the source. Opening and each row raise DataError with the place of the problem."""
        ...


class WrittenFormat(Format, Protocol):
    """A format in which tables can also be written."""

    @property
    def written(self) -> tuple[str, ...]:
        """Those of its `extensions` whose files it writes."""
        ...

    def writing(self, stream: BinaryIO, header: Sequence[str], encoding: str, types: Any) -> AbstractContextManager[Write]:
        """What writes the rows of a table. `encoding` and `types` are those of `Records`. Raises DataError."""
        ...


FORMATS: Registry[Format] = Registry("table format")
Open = Callable[[Any, Source, DataConfig], Iterator[Records]]


def opening(*used: str) -> Callable[[Open], Callable[[Any, Source, DataConfig], AbstractContextManager[Records]]]:
    """Makes `Format.open` of a generator. Of the `SETTINGS`, those that it has not `used` are told where they were given."""

    def opened_by(records_of: Open) -> Callable[[Any, Source, DataConfig], AbstractContextManager[Records]]:
        @contextmanager
        @wraps(records_of)
        def opened(self: Any, source: Source, config: DataConfig) -> Iterator[Records]:
            with contextmanager(records_of)(self, source, config) as records:
                yield replace(records, remarks=(*_without_use(self, config, used), *records.remarks))

        return opened

    return opened_by


def _without_use(format_: Any, config: DataConfig, used: Sequence[str]) -> Iterator[str]:
    idle = [name for name in SETTINGS if name not in used and getattr(config, name) != getattr(DataConfig(), name)]
    if idle:
        name = next(name for name in FORMATS.names() if FORMATS[name] is type(format_))
        yield f"read as {name}, where {listed(f'`{one}`' for one in idle)} {'do' if len(idle) > 1 else 'does'} nothing"


def named_columns(header: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """The names in a header, where a column without one is called by its place; and the remarks that say so."""
    unnamed = list(header).count("")
    one, several = "column has no name, and is called by its place", "columns have no name, and are called by their places"
    remarks = (counted(unnamed, one, several),) if unnamed else ()
    return [name or f"column {place}" for place, name in enumerate(header, 1)], remarks


def below_title(first: Sequence[str], rows: Iterable[tuple[int, list[str]]]) -> list[tuple[int, list[str]]]:
    """The `Records.below` of a table with this `first` row: none where it fills several cells, and all of them.

    The first of two may be empty, as pandas writes the header of one column beside its index.
    """
    filled = sum(map(bool, first))
    if (filled > 1 and filled == len(first)) or (len(first) == 2 and not first[0]):
        return []
    return [(number, values) for number, values in islice(rows, BELOW) if sum(map(bool, values)) > filled]


def refuse_repeated(header: Sequence[str], where: str) -> None:
    """Raises DataError for a column that stands more than once in the header."""
    repeated = sorted(name for name, count in Counter(header).items() if count > 1)
    if repeated:
        raise DataError(f"{where}: column '{repeated[0]}' stands more than once", hint="rename one of them")


def written_text(value: Any) -> str:
    """A value as text in a table that is written: truth values as JSON has them, all others as `text_of` reads them."""
    return ("true" if value else "false") if isinstance(value, bool) else text_of(value)


def text_of(value: Any) -> str:
    """A value as text: strings as they are, what is missing empty, lists and records as JSON."""
    if isinstance(value, str):
        return value
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, float):
        return str(value + 0.0)  # −0.0 is 0.0
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, list | dict) else str(value)
