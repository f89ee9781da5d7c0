"""Batches of texts of similar length, so that little is computed on padding."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray


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
