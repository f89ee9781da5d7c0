"""Texts of a table: in memory, or, where they are many, in a temporary file of which only what is read takes memory."""

import tempfile
import weakref
from collections.abc import Iterator, Sequence
from mmap import ACCESS_READ, mmap
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from attnclf.errors import DataError

IN_MEMORY = 100_000_000  # bytes of texts; as Python's strings they take two or three times as many
WRITTEN_AT_ONCE = 1_000_000  # bytes


class StoredTexts(Sequence[str]):
    """Texts that lie one after the other in `content`, as UTF-8; text i has the bytes from `starts[i]` to `ends[i]`."""

    def __init__(self, content: mmap | bytes, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> None:
        self._content, self._starts, self._ends = content, starts, ends

    def __len__(self) -> int:
        return len(self._starts)

    def __iter__(self) -> Iterator[str]:
        return (self._text(start, end) for start, end in zip(self._starts.tolist(), self._ends.tolist(), strict=True))

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> "StoredTexts": ...
    def __getitem__(self, index: int | slice) -> "str | StoredTexts":
        if isinstance(index, slice):
            return StoredTexts(self._content, self._starts[index], self._ends[index])
        return self._text(self._starts[index], self._ends[index])

    def take(self, rows: Sequence[int]) -> "StoredTexts":
        """The texts with these numbers, in this order."""
        numbers = np.asarray(rows, np.intp)
        return StoredTexts(self._content, self._starts[numbers], self._ends[numbers])

    def _text(self, start: Any, end: Any) -> str:
        return self._content[start:end].decode("utf-8", "surrogatepass")


class TextCollector:
    """Collects texts one by one. Beyond IN_MEMORY bytes they go to a temporary file, which is gone when they are."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._bytes = self._filled = 0
        self._file: Any = None
        self._waiting: list[bytes] = []
        self._lengths: list[NDArray[np.int64]] = []

    def __len__(self) -> int:
        return len(self._texts) + sum(map(len, self._lengths)) + len(self._waiting)

    def append(self, text: str) -> None:
        """Adds a text. Raises DataError where the temporary file cannot be written."""
        if self._file is None:
            self._texts.append(text)
            self._bytes += len(text) * 3 if not text.isascii() else len(text)
            if self._bytes > IN_MEMORY:
                self._move()
            return
        self._waiting.append(encoded := text.encode("utf-8", "surrogatepass"))
        self._filled += len(encoded)
        if self._filled > WRITTEN_AT_ONCE:
            self._write()

    def texts(self) -> Sequence[str]:
        """All of them, in the order in which they were added; then no more can be added. Raises DataError as `append` does."""
        if self._file is None:
            return self._texts
        self._write()
        ends = np.cumsum(np.concatenate([np.zeros(1, np.int64), *self._lengths]))
        content = mmap(self._file.fileno(), 0, access=ACCESS_READ) if ends[-1] else b""
        self._file.close()  # it is there as long as it is mapped
        return StoredTexts(content, ends[:-1], ends[1:])

    def _move(self) -> None:
        """Moves what was collected in memory to a file."""
        texts, self._texts = self._texts, []
        try:
            self._file = tempfile.TemporaryFile(prefix="attnclf-")  # noqa: SIM115 (closed when all are there)
        except OSError as error:
            raise _no_room(error) from error
        weakref.finalize(self, self._file.close)
        for text in texts:
            self.append(text)

    def _write(self) -> None:
        self._lengths.append(np.fromiter(map(len, self._waiting), np.int64, len(self._waiting)))
        try:
            self._file.write(b"".join(self._waiting))
            self._file.flush()
        except OSError as error:
            raise _no_room(error) from error
        self._waiting, self._filled = [], 0


def taken(texts: Sequence[str], rows: Sequence[int]) -> Sequence[str]:
    """The texts with these numbers, in this order; stored ones stay where they are."""
    return texts.take(rows) if isinstance(texts, StoredTexts) else [texts[row] for row in rows]


def _no_room(error: OSError) -> DataError:
    problem = f"the table is large, and its texts cannot be kept in a temporary file: {error.strerror or error}"
    return DataError(problem, hint=f"free some room in {tempfile.gettempdir()}, or name another folder with TMPDIR")
