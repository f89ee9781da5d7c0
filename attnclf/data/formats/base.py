"""The interface of a table format: one way in which a file holds a table."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from attnclf.registry import Registry


@dataclass(frozen=True)
class Row:
    """One record: its values by column, and the line of the file on which it ends (a quoted value may span lines)."""

    values: Mapping[str, str]
    line: int


class Format(Protocol):
    """A format is a frozen dataclass with these members. A new one needs a file in `attnclf/data/formats` and no other edit."""

    @property
    def extensions(self) -> tuple[str, ...]:
        """The endings of file names in this format, in lower case and with the dot."""
        ...

    def open(self, path: Path, encoding: str) -> AbstractContextManager[tuple[list[str], Iterator[Row]]]:
        """The names of the columns, and an iterator over the rows. Both raise DataError with the line of the problem."""
        ...


FORMATS: Registry[Format] = Registry("table format")
