"""Verdicts on accounts by hand."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from attnclf.accounts.explained import explain_account, explained_posts
from attnclf.accounts.novelty import novelty
from attnclf.accounts.verdicts import verdicts
from attnclf.errors import UsageError
from attnclf.results import AccountRule, softmax
from attnclf.served.model import ServedModel
from attnclf.served.unread import Unread
from tests.models import TEXTS, write_bundle
from tests.unit.accounts.posts import posts_of

LABELS = ("fake", "real")
RULE = AccountRule((0.25, -0.25), 2.0, 0.5, (0.5, 0.5), 10)
LOGITS = np.array([[1.0, 0.0], [0.0, 3.0], [3.0, 0.0], [0.0, 1.0], [4.0, 0.0]])
NAMES = ["a", "b", "a", "a", "a"]


def test_a_verdict_by_hand() -> None:
    found = verdicts(RULE, LABELS, posts_of(LOGITS, NAMES), {})
    a, b = found["a"], found["b"]
    assert list(found) == ["a", "b"]
    # Four posts: each counts 2 · 4^(−½) = 1. The log-odds are 0.5 + 1 + 3 − 1 + 4.
    assert (a.label, a.rows) == ("fake", (0, 2, 3, 4))
    assert a.log_odds == pytest.approx(7.5)
    assert a.evidence == pytest.approx((1, 3, -1, 4))
    assert a.probability == pytest.approx(1 / (1 + np.exp(-7.5)))
    assert (a.strongest_for, a.strongest_against) == (3, 2)
    # One post counts 2: for real, 6 − 0.5.
    assert (b.label, b.posts) == ("real", 1)
    assert b.log_odds == pytest.approx(5.5)
    assert b.evidence == pytest.approx((6.0,))
    assert b.strongest_against is None


def test_the_evidence_of_all_posts_and_an_offset_are_the_log_odds() -> None:
    random = np.random.default_rng(0)
    rule = AccountRule((0.3, -0.1, -0.2), 1.2, 0.4, (0.5, 0.3, 0.2), 10)
    names = random.integers(0, 9, 200).astype(str).tolist()
    for verdict in verdicts(rule, ("x", "y", "z"), posts_of(random.normal(size=(200, 3)), names), {}).values():
        k, r = (("x", "y", "z").index(label) for label in (verdict.target, verdict.against))
        assert verdict.offset == pytest.approx(rule.offsets[k] - rule.offsets[r])
        assert sum(verdict.evidence) + verdict.offset == pytest.approx(verdict.log_odds)
        p = verdict.probabilities
        assert np.log(p[verdict.target] / p[verdict.against]) == pytest.approx(verdict.log_odds)
        assert list(p)[:2] == [verdict.target, verdict.against]


def test_a_base_rate_shifts_an_account_exactly() -> None:
    before, after = (verdicts(RULE, LABELS, posts_of(LOGITS, NAMES), rates)["a"] for rates in ({}, {"fake": 0.02}))
    assert after.log_odds == pytest.approx(before.log_odds + np.log(0.02 / 0.98))
    assert after.evidence == before.evidence
    assert after.base_rates == pytest.approx({"fake": 0.02, "real": 0.98})
    assert after.probability == pytest.approx(softmax(np.array([7.5 + np.log(0.02 / 0.98), 0.0]))[0])


def test_the_label_is_the_likeliest_at_the_base_rate_asked_for() -> None:
    """The log-odds 7.5 for fake are outweighed by a base rate of one in 10,000, whose log-odds are −9.2."""
    found = verdicts(RULE, LABELS, posts_of(LOGITS, NAMES), {"fake": 1e-4})["a"]
    assert (found.label, found.target, found.against) == ("real", "real", "fake")
    assert found.probability > 0.5
    assert found.evidence == pytest.approx((-1, -3, 1, -4))


def test_what_is_no_base_rate_is_refused() -> None:
    with pytest.raises(UsageError, match="'fake' is 1"):
        verdicts(RULE, LABELS, posts_of(LOGITS, NAMES), {"fake": 1.0})


def test_what_tokens_are_not_summed_to_is_refused_though_no_post_is_explained(served: ServedModel) -> None:
    with pytest.raises(UsageError, match="by is 'words'"):
        explain_account(served, RULE, "ann", TEXTS, {}, Unread(), by="words", most=0)


@pytest.mark.parametrize("by", ["token", "word"])
@pytest.mark.parametrize("account_model", [0.0, 0.7])
def test_an_account_s_evidence_is_the_exact_sum_over_its_posts_and_theirs_over_their_tokens(
    by: str, account_model: float, tmp_path: Path
) -> None:
    rule = AccountRule((0.3, -0.1, -0.2), 1.2, 0.4, (0.5, 0.3, 0.2), 10, account_model=account_model)
    served = ServedModel.load(write_bundle(tmp_path / "m", level="word", accounts=rule).path)
    unread = Unread()
    found = explain_account(served, rule, "ann", TEXTS, {"fake": 0.02}, unread, by=by)
    verdict = found.verdict
    assert any(verdict.by_account_model) == bool(account_model)
    new = novelty(TEXTS, [0] * len(TEXTS))
    assert verdict.weights == pytest.approx(1.2 * new.sum() ** -0.4 * new)
    assert sorted(found.ranked) == list(range(len(TEXTS)))
    total = verdict.offset
    for post, result in zip(found.ranked, found.explained, strict=True):
        assert result.text == TEXTS[post]
        assert (result.target, result.against) == (verdict.target, verdict.against)
        tokens = sum(token.evidence for token in result.tokens)
        assert tokens == pytest.approx(verdict.evidence[post], abs=1e-5)
        assert result.log_odds == verdict.evidence[post]
        total += tokens
    assert total == pytest.approx(verdict.log_odds, abs=1e-4)
    sizes = [abs(verdict.evidence[post]) for post in found.ranked]
    assert sizes == sorted(sizes, reverse=True)
    assert len(explain_account(served, rule, "ann", TEXTS, {}, unread, most=2).explained) == 2
    one_by_one = explained_posts(served, rule, replace(found, explained=()), by="word", most=3)
    assert [post.text for post in one_by_one] == [TEXTS[post] for post in found.ranked[:3]]


def loud(posts: int) -> tuple[np.ndarray, list[str]]:
    """Logits and accounts: one account with so many posts among forty with three."""
    names = (
        [f"user {number // 3}" for number in range(60)]
        + ["loud"] * posts
        + [f"user {number // 3}" for number in range(60, 120)]
    )
    return np.random.default_rng(0).normal(size=(len(names), 2)), names


def test_an_account_with_100_000_posts_is_one_among_those_with_three() -> None:
    logits, names = loud(100_000)
    found = verdicts(RULE, LABELS, posts_of(logits, names), {})
    assert found["loud"].posts == 100_000
    centred = logits - logits.mean(axis=1, keepdims=True)
    of_loud = np.array(names) == "loud"
    z = np.array(RULE.offsets) + RULE.scale * 100_000**-RULE.damping * centred[of_loud].sum(axis=0)
    assert found["loud"].log_odds == pytest.approx(abs(z[0] - z[1]))
    alone = verdicts(RULE, LABELS, posts_of(logits[~of_loud], [name for name in names if name != "loud"]), {})
    assert len(found) == 41
    assert all(found[name].log_odds == pytest.approx(one.log_odds) for name, one in alone.items())
