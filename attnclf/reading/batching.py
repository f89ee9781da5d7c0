"""Texts of like length together, so that little is computed on padding."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray


def batches_by_length(lengths: NDArray[np.intp], tokens: int) -> Iterator[NDArray[np.intp]]:
    """Row numbers of one batch after the other: shortest rows first, at most `tokens` tokens with padding (or one row)."""
    order = np.argsort(lengths, kind="stable")
    start = 0
    while start < len(order):
        end = start + 1
        while end < len(order) and (end - start + 1) * lengths[order[end]] <= tokens:
            end += 1
        yield order[start:end]
        start = end
