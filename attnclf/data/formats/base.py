"""What a format is: one way in which a file holds a table."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from attnclf.registry import Registry


@dataclass(frozen=True)
class Row:
    """One record: its values by column, and the line of the file that it ends on (a quoted value may span lines)."""

    values: Mapping[str, str]
    line: int


class Format(Protocol):
    """A frozen dataclass with these members. A new format is one file in `attnclf/data/formats` and no other edit."""

    @property
    def extensions(self) -> tuple[str, ...]:
        """The endings of its files' names, in lower case, with their dot."""
        ...

    def open(self, path: Path, encoding: str) -> AbstractContextManager[tuple[list[str], Iterator[Row]]]:
        """The names of the columns, and the rows one at a time. Both raise DataError, naming the line."""
        ...


FORMATS: Registry[Format] = Registry("table format")
