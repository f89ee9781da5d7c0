"""Thresholds: intervals and decisions by hand, and a promise that is kept in accounts drawn from a known model."""

from dataclasses import asdict, replace

import numpy as np
import pytest

from attnclf.accounts.evaluation import _tell_missed
from attnclf.accounts.rule import account_logits, fit_rule
from attnclf.accounts.scores import decisions_of
from attnclf.accounts.thresholds import (
    check_enough,
    check_rates,
    choose_threshold,
    clopper_pearson,
    decide,
    fewest_for,
    measured,
    scores_against_rest,
    scores_of_likeliest,
)
from attnclf.accounts.verdicts import verdicts
from attnclf.errors import DataError, UsageError
from attnclf.render.verdicts import threshold as in_words
from attnclf.results import AccountRule, Decisions, Event, Interval, Threshold
from tests.unit.accounts.posts import posts_of
from tests.unit.accounts.test_rule import HALVES, drawn

LABELS = ("fake", "real")


def threshold(label: str, log_odds: float) -> Threshold:
    return Threshold(label, 0.05, log_odds, 100, Interval(0.01, 0.0, 0.05), 100, Interval(0.8, 0.7, 0.9), promised=True)


def test_clopper_pearson_by_hand() -> None:
    found = clopper_pearson(0, 10)  # 1 − .025^(1/10)
    assert (found.low, found.high) == pytest.approx((0.0, 1 - 0.025**0.1))
    found = clopper_pearson(10, 10)
    assert (found.low, found.high) == pytest.approx((0.025**0.1, 1.0))
    found = clopper_pearson(2, 20)
    assert (found.mean, found.low, found.high) == pytest.approx((0.1, 0.0123, 0.3170), abs=1e-4)


def test_how_many_accounts_a_promise_needs() -> None:
    assert [fewest_for(rate) for rate in (0.5, 0.05, 0.01)] == [6, 72, 368]
    for rate in (0.5, 0.05, 0.01):
        assert clopper_pearson(0, fewest_for(rate)).high <= rate < clopper_pearson(0, fewest_for(rate) - 1).high


def test_a_threshold_by_hand() -> None:
    """Of 100 others none may be above for .05, since 1 of 100 has an interval up to .0545; 11 fakes are above the highest."""
    scores = np.concatenate([np.arange(100) / 100, np.arange(20) / 10])
    fake = np.arange(120) >= 100
    found = choose_threshold("fake", 0.05, scores, fake)
    assert found.log_odds == pytest.approx(0.99)
    assert (found.false_positives.mean, found.others, found.positives, found.promised) == (0.0, 100, 20, True)
    assert found.recall.mean == pytest.approx(0.5)  # 1.0 to 1.9
    assert choose_threshold("fake", 0.06, scores, fake).false_positives.mean == pytest.approx(0.01)


def test_too_few_accounts_promise_nothing() -> None:
    scores, fake = np.arange(40) / 10, np.arange(40) >= 20
    found = choose_threshold("fake", 0.1, scores, fake)
    assert not found.promised
    assert found.false_positives.mean == pytest.approx(0.1)
    assert found.false_positives.high > 0.1
    with pytest.raises(DataError, match="20 held-out accounts are not 'fake', and 36 are needed"):
        check_enough({"fake": 0.1}, ["fake", "real"] * 20, anyway=False)
    assert check_enough({"fake": 0.1}, ["fake", "real"] * 20, anyway=True)
    assert check_enough({"fake": 0.1}, ["fake", "real"] * 36, anyway=False) == []
    for label in LABELS:
        with pytest.raises(DataError, match="no threshold to choose"):
            check_enough({"fake": 0.1}, [label] * 500, anyway=True)


def test_a_rate_is_for_a_label_that_there_is() -> None:
    with pytest.raises(UsageError, match="no label 'feke'"):
        check_rates(LABELS, {"feke": 0.1})
    with pytest.raises(UsageError, match="'fake' is 1"):
        check_rates(LABELS, {"fake": 1.0})


def test_equal_scores_are_on_one_side() -> None:
    """A threshold among ties keeps its promise: none of the equal ones is above."""
    scores, fake = np.array([1.0] * 200 + [2.0] * 5), np.arange(205) >= 200
    found = choose_threshold("fake", 0.05, scores, fake)
    assert (found.log_odds, found.false_positives.mean, found.recall.mean) == (1.0, 0.0, 1.0)


def test_a_score_is_against_all_other_labels() -> None:
    p = np.array([[0.7, 0.2, 0.1]])
    assert scores_against_rest(np.log(p))[0] == pytest.approx(np.log(p[0] / (1 - p[0])))


def test_decisions_by_hand() -> None:
    z = np.array([[3.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 3.0]])
    many = np.full(4, 9)
    rule = AccountRule((0.0, 0.0), 1.0, 0.5, HALVES, 10)
    assert decide(rule, LABELS, z, many).tolist() == [0, 0, 1, 1]
    one = replace(rule, thresholds=(threshold("fake", 2.0),))
    assert decide(one, LABELS, z, many).tolist() == [0, 1, 1, 1]  # what is not fake enough is real
    two = replace(rule, thresholds=(threshold("fake", 2.0), threshold("real", 2.0)))
    assert decide(two, LABELS, z, many).tolist() == [0, -1, -1, 1]  # between the two nothing is decided
    few = replace(rule, min_posts=3)
    assert decide(few, LABELS, z, np.array([3, 2, 3, 1])).tolist() == [0, -1, 1, -1]
    assert decide(two, LABELS, np.array([[0.0, 0.0]]), many[:1]).tolist() == [-1]


def test_no_account_is_called_what_is_less_likely_than_another_label() -> None:
    """However low a threshold is, asking for few false positives calls no more accounts fake."""
    rule = AccountRule((0.0,) * 3, 1.0, 0.5, (1 / 3,) * 3, 9, 1, (threshold("fake", -9.0), threshold("real", -9.0)))
    z = np.array([[1.0, 2.0, 9.0], [1.0, 2.0, 1.5]])
    assert decide(rule, (*LABELS, "shop"), z, np.ones(2, np.intp)).tolist() == [2, 1]


def test_a_threshold_is_not_below_even_odds() -> None:
    """All others are surely real, so that even a threshold far below would keep the promise."""
    z = np.array([[-5.0, 0.0]] * 100 + [[-1.0, 0.0]] * 10 + [[2.0, 0.0]] * 10)
    fake = np.arange(120) >= 100
    found = choose_threshold("fake", 0.05, scores_of_likeliest(z)[:, 0], fake)
    assert (found.log_odds, found.probability, found.recall.mean) == (0.0, 0.5, 0.5)  # type: ignore[union-attr]
    assert choose_threshold("fake", 0.05, scores_of_likeliest(z)[:, 0], fake, labels=4).probability == pytest.approx(0.25)


def test_what_there_are_no_accounts_for_is_not_measured() -> None:
    scores = np.array([1.0, -1.0])
    found = measured("fake", 0.05, 0.0, scores, np.array([True, True]), promised=True)
    assert (found.false_positives, found.others) == (None, 0)
    assert "false positives – (no other account was measured), recall 0.50 (" in in_words(found)
    assert Threshold.from_dict(asdict(found)) == found
    found = measured("fake", 0.05, 0.0, scores, np.array([False, False]), promised=True)
    assert (found.recall, found.positives) == (None, 0)
    assert in_words(found).endswith("recall – (no account that is fake was measured)")


def test_a_broken_promise_is_told() -> None:
    heard: list[Event] = []
    scores, fake = np.repeat([1.0, -1.0], [18, 2]), np.full(20, False)
    broken = measured("fake", 0.05, 0.0, scores, fake, promised=True)
    kept = measured("fake", 0.95, 0.0, scores, fake, promised=True)
    assert "false positives 0.900 (0.683–0.988), more than the 0.05 asked for" in in_words(broken)
    share = Interval(1.0, 0.8, 1.0)
    _tell_missed("other.csv", Decisions(share, share, (broken, kept)), heard.append)
    (note,) = heard
    assert (
        "of 20 accounts that are not 'fake', 0.900 (0.683–0.988) are called 'fake', more than the 0.05 that was asked for"
        in str(note)
    )


def test_a_verdict_says_why_it_is_undecided() -> None:
    rule = AccountRule((0.0, 0.0), 1.0, 0.5, HALVES, 10, 2, (threshold("fake", 2.0), threshold("real", 2.0)))
    found = verdicts(rule, LABELS, posts_of(np.array([[9.0, 0.0], [1.0, 0.0], [0.5, 0.0]]), ["a", "b", "b"]), {})
    assert (found["a"].label, found["a"].undecided, found["a"].target) == ("", "fewer than 2 posts", "fake")
    assert (found["b"].label, found["b"].undecided) == ("", "above no threshold")
    assert found["a"].thresholds == rule.thresholds


def test_a_base_rate_changes_no_decision_of_a_threshold() -> None:
    rule = AccountRule((0.0, 0.0), 1.0, 0.5, HALVES, 10, 1, (threshold("fake", 2.0),))
    (found,) = verdicts(rule, LABELS, posts_of(np.array([[3.0, 0.0]]), ["a"]), {"fake": 0.001}).values()
    assert found.label == "fake"
    assert found.probability < 0.1


def test_coverage_and_error_among_the_decided_by_hand() -> None:
    z = np.array([[3.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 3.0]])
    two = AccountRule((0.0, 0.0), 1.0, 0.5, HALVES, 10, 1, (threshold("fake", 2.0), threshold("real", 2.0)))
    found = decisions_of(two, LABELS, z, np.full(4, 9), np.array([1, 0, 1, 1], np.int32))
    assert found is not None
    assert (found.coverage.mean, found.error.mean) == (0.5, 0.5)  # type: ignore[union-attr]
    fake = found.thresholds[0]
    assert (fake.false_positives.mean, fake.others, fake.recall.mean, fake.positives) == (pytest.approx(1 / 3), 3, 0.0, 1)
    plain = replace(two, thresholds=())
    assert decisions_of(plain, LABELS, z, np.full(4, 9), np.zeros(4, np.int32)) is None
    nothing = decisions_of(replace(plain, min_posts=10), LABELS, z, np.full(4, 9), np.zeros(4, np.int32))
    assert nothing is not None
    assert (nothing.coverage.mean, nothing.error) == (0.0, None)


def test_a_promised_rate_holds_in_95_of_100_draws() -> None:
    """Rule and threshold from 240 drawn accounts; the true rate is that among 20,000 others of the same model."""
    everyone, truth = drawn(20_000, alike=0.2, seed=1_000, most=10)
    kept, recalls = 0, []
    for seed in range(100):
        posts, targets = drawn(240, alike=0.2, seed=seed, most=10)
        rule = fit_rule(posts, targets, HALVES)
        found = choose_threshold("b", 0.05, scores_of_likeliest(account_logits(rule, posts))[:, 1], targets == 1)
        assert found.promised
        above = scores_of_likeliest(account_logits(rule, everyone))[:, 1] > found.log_odds
        kept += above[truth == 0].mean() <= 0.05
        recalls.append(above[truth == 1].mean())
    assert kept >= 95
    assert np.mean(recalls) > 0.7  # and the threshold is not so high that nothing is above it
