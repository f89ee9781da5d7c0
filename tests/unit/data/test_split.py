"""Held-out rows: stratified, seeded, and whole groups on one side."""

import numpy as np
import pytest

from attnclf.data.split import split
from attnclf.errors import DataError


def test_every_label_is_on_both_sides_in_its_share() -> None:
    targets = np.array([0] * 80 + [1] * 20, np.int32)
    train, valid = split(targets, [], 0.1, seed=0)
    assert np.bincount(targets[valid]).tolist() == [8, 2]
    assert sorted([*train, *valid]) == list(range(100))


def test_a_label_of_two_rows_has_one_on_each_side() -> None:
    targets = np.array([0] * 50 + [1] * 2, np.int32)
    train, valid = split(targets, [], 0.1, seed=0)
    assert 1 in targets[train]
    assert 1 in targets[valid]


def test_the_seed_decides() -> None:
    targets = np.array([0, 1] * 50, np.int32)
    assert np.array_equal(split(targets, [], 0.2, 1)[1], split(targets, [], 0.2, 1)[1])
    assert not np.array_equal(split(targets, [], 0.2, 1)[1], split(targets, [], 0.2, 2)[1])


def test_groups_stay_together() -> None:
    rng = np.random.default_rng(0)
    accounts = [f"account {i}" for i in rng.integers(0, 40, 400)]
    targets = np.array([int(a.split()[1]) % 2 for a in accounts], np.int32)
    train, valid = split(targets, accounts, 0.1, seed=0)
    assert not {accounts[i] for i in train} & {accounts[i] for i in valid}
    assert 20 <= len(valid) <= 80


def test_one_group_cannot_be_split() -> None:
    with pytest.raises(DataError, match="one group"):
        split(np.array([0, 1] * 5, np.int32), ["a"] * 10, 0.1, 0)


def test_a_label_must_not_leave_training_with_its_group() -> None:
    with pytest.raises(DataError, match="every label in training"):
        split(np.array([0] * 6 + [1] * 6, np.int32), ["a"] * 6 + ["b"] * 6, 0.5, 0)
