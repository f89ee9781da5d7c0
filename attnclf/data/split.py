"""Holds rows out for validation: stratified by label, seeded, and by group where rows of one group must stay together."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from attnclf.errors import DataError

Rows = NDArray[np.intp]
Split = tuple[Rows, Rows]  # indices of the training rows and of the validation rows


def split(targets: NDArray[np.int32], groups: Sequence[str], share: float, seed: int) -> Split:
    """The indices of training and validation rows. About `share` of the rows are held out, and every label stays in training.

    Raises DataError when the groups do not allow that.
    """
    train, valid = _by_group(targets, groups, share, seed) if groups else _by_row(targets, share, seed)
    lost = set(targets.tolist()) - set(targets[train].tolist())
    if lost or not len(valid):
        raise DataError(
            "the groups are too few to hold some out and keep every label in training",
            hint="give validation rows with `valid`, or leave `group_col` out",
        )
    return train, valid


def _by_row(targets: NDArray[np.int32], share: float, seed: int) -> Split:
    # Not scikit-learn's stratified split, because it refuses to hold out fewer rows than there are labels.
    random = np.random.default_rng(seed)
    held_out = np.zeros(len(targets), bool)
    for label in np.unique(targets):
        rows = random.permutation(np.flatnonzero(targets == label))
        held_out[rows[: min(len(rows) - 1, max(1, round(share * len(rows))))]] = True
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)


def _by_group(targets: NDArray[np.int32], groups: Sequence[str], share: float, seed: int) -> Split:
    from sklearn.model_selection import StratifiedGroupKFold

    folds = min(max(2, round(1 / share)), len(set(groups)), *Counter(targets.tolist()).values())
    if folds < 2:
        raise DataError("all rows are of one group", hint="give validation rows with `valid`, or leave `group_col` out")
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    train, valid = next(splitter.split(np.zeros(len(targets)), targets, groups))
    return train, valid
