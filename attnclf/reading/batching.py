"""Texts in parts: batches of similar length, so that little is computed on padding, and many texts read a few at a time."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from attnclf.ragged import Ragged

READ_AT_ONCE = 10_000  # texts whose tokens are Python's objects, which are large, at the same time

Read = Callable[[Sequence[str]], tuple[Ragged, list[bool]]]
"""Gives the ids (T,) of each text, and which texts are longer than what is read of them."""


def read_in_parts(texts: Sequence[str], read: Read) -> tuple[Ragged, list[bool]]:
    """What `read` gives for all texts, of which it is handed READ_AT_ONCE at a time."""
    parts, truncated = [Ragged(np.zeros(0, np.int32), [])], []
    for start in range(0, len(texts), READ_AT_ONCE):
        ids, cut = read(texts[start : start + READ_AT_ONCE])
        parts.append(ids)
        truncated += cut
    return Ragged.joined(parts), truncated


def batches_by_length(lengths: NDArray[np.intp], tokens: int) -> Iterator[NDArray[np.intp]]:
    """Yields the row numbers of each batch, shortest rows first.

    A batch holds at most `tokens` tokens, padding included; a longer row is a batch by itself.
    """
    order = np.argsort(lengths, kind="stable")
    start = 0
    while start < len(order):
        end = start + 1
        while end < len(order) and (end - start + 1) * lengths[order[end]] <= tokens:
            end += 1
        yield order[start:end]
        start = end
