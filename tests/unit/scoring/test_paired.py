"""Two models on the same rows: the mean of the differences and its standard error."""

import math

import numpy as np
import pytest

from attnclf.scoring.paired import losses_of, paired_gain


def test_the_loss_of_each_row() -> None:
    probabilities = np.array([[0.5, 0.5], [0.1, 0.9], [1.0, 0.0]])
    losses = losses_of(np.array([0, 1, 1], np.int32), probabilities)
    assert losses[:2] == pytest.approx([math.log(2), -math.log(0.9)])
    assert 30 < losses[2] < 40  # a probability of 0 is no infinite loss


def test_the_mean_difference_and_its_error() -> None:
    before, after = np.array([1.0, 2.0, 3.0, 4.0]), np.array([0.0, 2.0, 1.0, 3.0])
    gain, error = paired_gain(before, after)
    differences = before - after
    assert gain == pytest.approx(1.0)
    assert error == pytest.approx(differences.std(ddof=1) / 2)
    assert paired_gain(after, before)[0] == pytest.approx(-1.0)


def test_rows_of_one_account_are_not_independent() -> None:
    rng = np.random.default_rng(0)
    of_account = np.repeat(rng.normal(0.1, 1.0, 50), 20)  # every row says what its account says
    groups = [f"account {i // 20}" for i in range(1000)]
    by_rows, by_accounts = (paired_gain(of_account, np.zeros(1000), some)[1] for some in ([], groups))
    assert by_accounts == pytest.approx(of_account[::20].std(ddof=1) / 50**0.5)
    assert by_accounts > 4 * by_rows


def test_accounts_of_one_row_are_rows() -> None:
    before, after = np.random.default_rng(1).random((2, 40))
    assert paired_gain(before, after, [str(i) for i in range(40)]) == pytest.approx(paired_gain(before, after))


def test_one_row_or_account_says_nothing_of_chance() -> None:
    assert paired_gain(np.array([1.0]), np.array([0.5]))[1] == math.inf
    assert paired_gain(np.array([1.0, 2.0]), np.array([0.5, 1.0]), ["a", "a"])[1] == math.inf
