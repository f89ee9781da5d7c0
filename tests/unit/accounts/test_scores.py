"""Scores of posts and accounts with intervals over accounts."""

from dataclasses import asdict

import numpy as np
import pytest

from attnclf.accounts.intervals import bootstrapped, chance_of_fewer, wilson
from attnclf.accounts.scores import scores_of, summary_of
from attnclf.results import AccountSummary, Interval, with_interval
from attnclf.scoring.metrics import log_loss, macro_f1


def test_wilson_by_hand() -> None:
    found = wilson(8, 10)
    assert (found.mean, found.low, found.high) == pytest.approx((0.8, 0.4902, 0.9433), abs=1e-4)  # Wilson 1927, 8 of 10
    assert wilson(10, 10).high == pytest.approx(1.0)
    assert wilson(10, 10).low == pytest.approx(0.7225, abs=1e-4)


def test_the_means_are_the_scores() -> None:
    random = np.random.default_rng(0)
    targets = random.integers(0, 3, 60).astype(np.int32)
    p = random.dirichlet(np.ones(3), 60)
    found = bootstrapped(targets, p, np.arange(60), known=3)
    assert found["accuracy"].mean == pytest.approx(np.mean(p.argmax(axis=1) == targets))
    assert found["macro_f1"].mean == pytest.approx(macro_f1(targets, p))
    assert found["log_loss"].mean == pytest.approx(log_loss(targets, p))
    assert all(one.low < one.mean < one.high for one in found.values())


def test_posts_that_are_all_alike_are_as_uncertain_as_their_accounts() -> None:
    """Twenty accounts of fifty posts, of which all are right or all wrong: the interval is that of 20, and not of 1,000."""
    targets = np.zeros(1_000, np.int32)
    right = np.repeat(np.arange(20) % 4 > 0, 50)
    p = np.where(right[:, None], [0.9, 0.1], [0.2, 0.8])
    alike = bootstrapped(targets, p, np.repeat(np.arange(20), 50), known=2)["accuracy"]
    apart = bootstrapped(targets, p, np.arange(1_000), known=2)["accuracy"]
    assert alike.mean == apart.mean == 0.75
    assert alike.high - alike.low > 5 * (apart.high - apart.low)
    assert alike.high - alike.low == pytest.approx(2 * 1.96 * (0.75 * 0.25 / 20) ** 0.5, rel=0.2)


def test_posts_and_accounts_are_counted_each() -> None:
    posts = np.array([0, 0, 1], np.int32), np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8]])
    accounts = np.array([0, 1], np.int32), np.array([[0.7, 0.3], [0.1, 0.9]])
    found = scores_of(["a", "b"], np.array([0, 0, 1]), posts, accounts)
    assert (found.accounts, found.posts.report.rows, found.verdicts.report.rows) == (2, 3, 2)
    assert found.posts.report.accuracy == pytest.approx(2 / 3)
    assert found.verdicts.report.accuracy == 1.0
    assert found.verdicts.intervals["accuracy"] == wilson(2, 2)


def test_a_label_that_the_model_does_not_know_is_an_error_and_has_no_loss() -> None:
    p = np.array([[0.6, 0.4, 0.0], [0.3, 0.7, 0.0]])
    found = bootstrapped(np.array([0, 2], np.int32), p, np.arange(2), known=2)
    assert found["accuracy"].mean == 0.5
    assert found["log_loss"].mean == pytest.approx(-np.log(0.6))


def test_labels_that_are_all_unknown_have_no_loss_and_no_warning() -> None:
    targets, p = np.full(6, 2, np.int32), np.tile([0.6, 0.4, 0.0], (6, 1))
    found = scores_of(["a", "b", "c"], np.arange(6), (targets, p), (targets, p), known=2)
    for side in (found.posts, found.verdicts):
        assert side.report.log_loss is None
        assert side.intervals["log_loss"] is None
    summary = summary_of(found, ["a text"] * 6, [1.0] * 6)
    assert summary.log_loss is None
    assert AccountSummary.from_dict(asdict(summary)) == summary


def test_a_few_accounts_and_equal_resamples_have_no_interval() -> None:
    """One account says nothing of others, and thirty that are all right draw only themselves again."""
    one = bootstrapped(np.zeros(5, np.int32), np.tile([0.8, 0.2], (5, 1)), np.zeros(5, np.intp), known=2)
    assert one["accuracy"] == Interval(1.0, None, None)
    right = np.arange(30, dtype=np.int32) % 2
    p = np.where(np.eye(2)[right] > 0, 0.9, 0.1) + np.linspace(0, 0.05, 30)[:, None] * [1, -1]
    found = bootstrapped(right, p, np.arange(30), known=2)
    assert found["macro_f1"] == Interval(1.0, None, None)
    assert found["log_loss"] is not None
    assert found["log_loss"].low is not None
    assert with_interval(found["macro_f1"], 30) == "1.00 (–)"
    assert with_interval(Interval(1.0, 1.0, 1.0), 30) == "1.00 (–)"  # as an older model keeps it


def test_how_likely_chance_is_by_hand() -> None:
    assert chance_of_fewer(0, 1, 28, 30) == pytest.approx(3 / 31)  # one of the three errors among 31 accounts
    assert chance_of_fewer(1, 2, 1, 2) == 1.0
    assert chance_of_fewer(20, 40, 95, 100) < 1e-6
