"""Held-out rows: stratified, seeded, and whole groups on one side."""

import numpy as np
import pytest

from attnclf.data.split import normalised, split
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


@pytest.mark.parametrize("share", [0.05, 0.1, 0.3, 0.4, 0.6, 0.9])
@pytest.mark.parametrize("seed", range(3))
def test_of_groups_about_the_share_asked_for_is_held_out(share: float, seed: int) -> None:
    accounts = [f"account {n // 9}" for n in range(900)]
    targets = np.array([n // 9 % 2 for n in range(900)], np.int32)
    _, valid = split(targets, accounts, share, seed)
    assert np.bincount(targets[valid]) == pytest.approx([450 * share] * 2, abs=40)
    assert len(valid) == pytest.approx(900 * share, abs=12)


@pytest.mark.parametrize("seed", range(4))
def test_a_group_that_is_too_large_for_the_share_is_trained_on(seed: int) -> None:
    accounts = ["large"] * 400 + [f"account {n // 10}" for n in range(600)]
    targets = np.array([0] * 400 + [n // 10 % 2 for n in range(600)], np.int32)
    _, valid = split(targets, accounts, 0.1, seed)
    assert "large" not in {accounts[row] for row in valid}
    assert 80 <= len(valid) <= 120
    assert set(targets[valid]) == {0, 1}


def test_the_seed_decides_on_the_largest_group_too() -> None:
    accounts = ["largest"] * 45 + [f"account {n // 9}" for n in range(900)]
    targets = np.array([0] * 45 + [n // 9 % 2 for n in range(900)], np.int32)
    held_out = [0 in split(targets, accounts, 0.1, seed)[1] for seed in range(20)]
    assert 1 <= sum(held_out) <= 4


def test_one_group_cannot_be_split() -> None:
    with pytest.raises(DataError, match="one group"):
        split(np.array([0, 1] * 5, np.int32), ["a"] * 10, 0.1, 0)


def test_a_label_must_not_leave_training_with_its_group() -> None:
    with pytest.raises(DataError, match="every label in training"):
        split(np.array([0] * 6 + [1] * 6, np.int32), ["a"] * 6 + ["b"] * 6, 0.5, 0)


def test_equal_texts_stay_together() -> None:
    texts = [f"post {n}" for n in range(50)] * 3 + [f" POST  {n}" for n in range(50)]
    targets = np.array([n % 2 for n in range(50)] * 4, np.int32)
    train, valid = split(targets, [], 0.1, 0, texts)
    keys = [normalised(text) for text in texts]
    assert not {keys[i] for i in train} & {keys[i] for i in valid}
    assert sorted([*train, *valid]) == list(range(200))
    assert 12 <= len(valid) <= 28
    assert set(targets[valid]) == {0, 1}


@pytest.mark.parametrize("seed", range(6))
def test_a_text_with_too_many_rows_for_the_share_is_trained_on(seed: int) -> None:
    texts = [f"text {n}" for n in range(100)] + ["copied"] * 60 + [f"other {n}" for n in range(40)]
    targets = np.array([0] * 100 + [1] * 100, np.int32)
    _, valid = split(targets, [], 0.1, seed, texts)
    assert np.bincount(targets[valid]).tolist() == [10, 10]
    assert "copied" not in {texts[row] for row in valid}


@pytest.mark.parametrize("seed", range(6))
def test_of_texts_beside_a_large_one_half_stay_in_training(seed: int) -> None:
    texts = [f"text {n}" for n in range(100)] + ["copied"] * 96 + [f"other {n}" for n in range(4)]
    targets = np.array([0] * 100 + [1] * 100, np.int32)
    _, valid = split(targets, [], 0.1, seed, texts)
    assert np.bincount(targets[valid]).tolist() == [10, 2]
    texts = ["a"] * 60 + ["b"] * 40 + texts[100:]
    _, valid = split(targets, [], 0.1, seed, texts)
    assert {texts[row] for row in valid if row < 100} == {"b"}  # all are large: the smallest


def test_without_repeats_texts_change_nothing() -> None:
    targets = np.array([0, 1, 1] * 40, np.int32)
    plain, with_texts = split(targets, [], 0.2, 3), split(targets, [], 0.2, 3, [f"text {n}" for n in range(120)])
    assert np.array_equal(plain[1], with_texts[1])


def test_a_label_of_one_row_is_trained_on() -> None:
    targets = np.array([0] * 50 + [1], np.int32)
    train, valid = split(targets, [], 0.1, 0)
    assert 50 in train
    assert len(valid) == 5
    accounts = [f"account {n % 17}" for n in range(50)] + ["alone"]
    train, valid = split(targets, accounts, 0.1, 0)
    assert 50 in train
    assert len(valid)


@pytest.mark.parametrize("seed", range(20))
def test_a_label_whose_only_text_has_another_label_too_is_trained_on(seed: int) -> None:
    texts = ["same"] * 4 + [f"text {n}" for n in range(8)]
    targets = np.array([0, 0, 0, 1] + [0] * 8, np.int32)
    train, valid = split(targets, [], 0.5, seed, texts)
    assert 1 in targets[train]
    assert len(valid)


def test_where_every_label_has_one_text_it_stands_on_both_sides() -> None:
    targets = np.array([0] * 20 + [1] * 20, np.int32)
    train, valid = split(targets, [], 0.1, 0, ["a"] * 20 + ["b"] * 20)
    assert np.bincount(targets[valid]).tolist() == [2, 2]
    assert len(train) == 36


def test_where_every_label_has_one_row_nothing_can_be_held_out() -> None:
    with pytest.raises(DataError, match="every label has a single row"):
        split(np.array([0, 1, 2], np.int32), [], 0.1, 0, ["a", "b", "c"])
