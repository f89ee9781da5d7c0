"""Folds for cross-validation: even in labels, seeded, and with rows that belong together in one of them.

It differs from `attnclf.data.split` in that every row is held out once.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from attnclf.data.split import normalised

EVERYWHERE = -1  # the fold of rows that are always trained on


def folds_of(
    texts: Sequence[str], targets: NDArray[np.int32], groups: Sequence[str], folds: int, fewest: int, seed: int = 0
) -> NDArray[np.intp]:
    """The fold of each row (N,).

    Rows of one group are in one fold, or, without groups, rows with equal texts. A label whose rows make fewer than `fewest`
    such units is too rare to be judged: its rows are in no fold.
    """
    keys = [group or f"\0{row}" for row, group in enumerate(groups)] if groups else list(map(normalised, texts))
    numbers: dict[str, int] = {}
    units = np.array([numbers.setdefault(key, len(numbers)) for key in keys], np.intp)
    first = np.unique(units, return_index=True)[1]
    sizes = np.bincount(units)
    of_unit = targets[first]  # a unit with several labels counts as one of the first
    order = np.random.default_rng(seed).permutation(len(sizes))
    order = order[np.argsort(-sizes[order], kind="stable")]  # the largest first, so that the small ones even them out
    rows = [[0] * folds for _ in range(int(targets.max()) + 1)]  # of each label, in each fold
    fold_of_unit = np.zeros(len(sizes), np.intp)
    for unit, label, size in zip(order.tolist(), of_unit[order].tolist(), sizes[order].tolist(), strict=True):
        held = rows[label]
        fold_of_unit[unit] = fold = held.index(min(held))
        held[fold] += size
    units_of_label = Counter(label for label, _ in set(zip(targets.tolist(), units.tolist(), strict=True)))
    rare = np.array([units_of_label[label] < fewest for label in range(int(targets.max()) + 1)])
    return np.where(rare[targets], EVERYWHERE, fold_of_unit[units])
