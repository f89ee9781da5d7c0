"""The interface of a table format: one way in which a file holds a table."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from attnclf.config import DataConfig
from attnclf.registry import Registry


@dataclass(frozen=True)
class Row:
    """One record: its values by column, and the line of the file on which it ends (a quoted value may span lines)."""

    values: Mapping[str, str]
    line: int


@dataclass(frozen=True)
class Records:
    """An opened table: the names of its columns, its rows, and remarks for the reader on how it is read."""

    header: list[str]
    rows: Iterator[Row]
    remarks: tuple[str, ...] = ()


class Format(Protocol):
    """A format is a frozen dataclass with these members. A new one needs a file in `attnclf/data/formats` and no other edit."""

    @property
    def extensions(self) -> tuple[str, ...]:
        """The endings of file names in this format, in lower case and with the dot."""
        ...

    def recognises(self, start: bytes) -> bool:
        """Whether a file that begins with these bytes is surely in this format, whatever its name."""
        ...

    def open(self, path: Path, config: DataConfig) -> AbstractContextManager[Records]:
        """The records of the file. Opening and each row raise DataError with the line of the problem."""
        ...


FORMATS: Registry[Format] = Registry("table format")
