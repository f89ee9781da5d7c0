"""Hashes are counted in parts, with and without weights."""

from collections import Counter

import numpy as np

from attnclf.reading.counting import Counts


def test_parts_add_up() -> None:
    rng = np.random.default_rng(0)
    counts, expected = Counts(), Counter[int]()
    for part in range(5):
        hashes = rng.integers(0, 40, 30 * part).astype(np.uint64) << np.uint64(58)
        weights = rng.integers(1, 4, len(hashes)) if part % 2 else None
        counts.add(hashes, weights)
        for value, weight in zip(hashes.tolist(), [1] * len(hashes) if weights is None else weights.tolist(), strict=True):
            expected[value] += weight
    found = counts.frequent(1, 100).tolist()
    assert set(found) == set(expected)
    assert [expected[value] for value in found] == sorted(expected.values(), reverse=True)
    most = [value for value, count in expected.items() if count >= 20]
    assert set(counts.frequent(20, 100).tolist()) == set(most)
    assert counts.frequent(1, 2).tolist() == found[:2]


def test_nothing_is_counted() -> None:
    counts = Counts()
    counts.add(np.zeros(0, np.uint64))
    assert counts.frequent(1, 10).tolist() == []
