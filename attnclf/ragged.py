"""Rows of different lengths, one after the other in one flat array; and arrays that grow.

A list of small NumPy arrays takes more than a hundred bytes for each row besides its numbers.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class Ragged(Sequence[Array]):
    """N rows of different lengths: `flat` (Σ T, …) holds their elements, of which row i has those from `starts[i]` to
    `starts[i + 1]`. A row is a view of them."""

    def __init__(self, flat: Array, lengths: NDArray[np.integer] | Sequence[int]) -> None:
        self.flat = flat
        self.starts = np.zeros(len(lengths) + 1, np.intp)
        np.cumsum(lengths, out=self.starts[1:])

    @classmethod
    def of(cls, rows: Sequence[Array]) -> "Ragged":
        """These rows, of which there is one at least; themselves if they are ragged already."""
        return rows if isinstance(rows, Ragged) else cls(np.concatenate(rows), [len(row) for row in rows])

    @classmethod
    def joined(cls, parts: list["Ragged"]) -> "Ragged":
        """The rows of all parts, of which there is one at least. The list is emptied, so that little is held twice."""
        lengths = np.concatenate([part.lengths for part in parts])
        end = sum(len(part.flat) for part in parts)
        flat = np.empty((end, *parts[0].flat.shape[1:]), parts[0].flat.dtype)
        while parts:
            last = parts.pop().flat
            flat[end - len(last) : end] = last
            end -= len(last)
        return cls(flat, lengths)

    @property
    def lengths(self) -> NDArray[np.intp]:
        """How many elements each row has (N,)."""
        return np.diff(self.starts)

    @property
    def owners(self) -> NDArray[np.int32]:
        """The number of the row that each element belongs to (Σ T,)."""
        return np.repeat(np.arange(len(self), dtype=np.int32), self.lengths)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __iter__(self) -> Iterator[Array]:
        return (self.flat[start:end] for start, end in pairwise(self.starts.tolist()))

    @overload
    def __getitem__(self, index: int) -> Array: ...
    @overload
    def __getitem__(self, index: slice) -> "Ragged": ...
    def __getitem__(self, index: int | slice) -> "Array | Ragged":
        if isinstance(index, slice):
            return self.take(np.arange(len(self))[index])
        if not -len(self) <= index < len(self):
            raise IndexError(f"row {index} of {len(self)}")
        row = index % len(self)
        return self.flat[self.starts[row] : self.starts[row + 1]]

    def take(self, rows: NDArray[np.integer] | Sequence[int]) -> "Ragged":
        """A copy of the rows with these numbers, in this order."""
        rows = np.asarray(rows, np.intp)
        starts = self.starts[rows]
        lengths = self.starts[rows + 1] - starts
        return Ragged(self.flat[ranges(starts, lengths)], lengths)

    def like(self, flat: Array) -> "Ragged":
        """Rows of the same lengths with other elements."""
        return Ragged(flat, self.lengths)

    def means(self) -> NDArray[np.float64]:
        """The mean of each row (N,), none of which is empty."""
        sums = np.add.reduceat(self.flat, self.starts[:-1], dtype=np.float64) if len(self) else np.zeros(0)
        return np.asarray(sums / self.lengths, np.float64)

    def padded(self, multiple: int = 1) -> Array:
        """The rows as one array (N, T, …), with 0 behind their ends; T is a multiple of `multiple`."""
        lengths = self.lengths
        width = -(-int(lengths.max(initial=0)) // multiple) * multiple
        array = np.zeros((len(self), width, *self.flat.shape[1:]), self.flat.dtype)
        array[np.arange(width) < lengths[:, None]] = self.flat
        return array


def ranges(starts: NDArray[np.integer], lengths: NDArray[np.integer]) -> NDArray[np.intp]:
    """The numbers start, start + 1, … of each of several ranges, one after the other."""
    before = np.cumsum(lengths) - lengths
    return np.asarray(np.arange(int(lengths.sum())) + np.repeat(starts - before, lengths), np.intp)


def with_room(array: Array, filled: int, needed: int) -> Array:
    """The array, of which the first `filled` entries count, or a longer one with the same entries and zeros behind them.

    It at least doubles, so that adding to it again and again takes time in proportion to what is added.
    """
    if needed <= len(array):
        return array
    longer = np.zeros((max(needed, 2 * len(array)), *array.shape[1:]), array.dtype)
    longer[:filled] = array[:filled]
    return longer
