"""Equal numbers that stand together, and how often each of many hashes occurs, counted in parts."""

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]


def begins_run(ordered: NDArray[np.integer]) -> NDArray[np.bool_]:
    """True for each number (N,) that is the first of its kind, where equal numbers stand together."""
    return np.asarray(np.concatenate([[True], ordered[1:] != ordered[:-1]])[: len(ordered)], bool)


class Counts:
    """How often each hash occurs, summed over several calls of `add`."""

    def __init__(self) -> None:
        self._hashes, self._counts = np.zeros(0, np.uint64), np.zeros(0, np.int64)

    def add(self, hashes: Hashes, weights: NDArray[np.int64] | None = None) -> None:
        """Counts these hashes, each as often as `weights` says, or once without `weights`."""
        if weights is None:
            new, counts = _summed(np.sort(hashes), np.ones(len(hashes), np.int64))
        else:
            once = weights == 1  # most of them; to sort without an order is much faster
            self.add(hashes[once])
            hashes, weights = hashes[~once], weights[~once]
            order = np.argsort(hashes)
            new, counts = _summed(hashes[order], weights[order])
        both = np.concatenate([self._hashes, new])
        order = np.argsort(both, kind="stable")  # which merges the two in a single pass: each is sorted
        self._hashes, self._counts = _summed(both[order], np.concatenate([self._counts, counts])[order])

    def frequent(self, least: int, limit: int) -> Hashes:
        """The hashes that occur at least `least` times, by falling count, at most `limit` of them."""
        enough = self._counts >= least
        order = np.argsort(-self._counts[enough], kind="stable")[:limit]
        return self._hashes[enough][order]


def _summed(hashes: Hashes, counts: NDArray[np.int64]) -> tuple[Hashes, NDArray[np.int64]]:
    """The distinct ones of sorted hashes, and the sum of the counts of each."""
    first = np.flatnonzero(begins_run(hashes))
    return hashes[first], np.add.reduceat(counts, first) if len(first) else counts
