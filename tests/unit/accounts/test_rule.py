"""The rule by which posts come together: computed by hand, and found again in accounts drawn from a known model."""

import numpy as np
import pytest

from attnclf.accounts.posts import Posts
from attnclf.accounts.rule import account_logits, crossed_logits, fit_rule, post_weights
from attnclf.results import AccountRule, softmax
from attnclf.scoring.metrics import log_loss
from tests.unit.accounts.posts import posts_of

HALVES = (0.5, 0.5)


def drawn(accounts: int, alike: float, seed: int = 0, most: int = 40) -> tuple[Posts, np.ndarray]:
    """Accounts of two labels with 1 to `most` posts. Each post's logits are its exact log-likelihoods, by a normal around +1 or
    −1; `alike` is the share of the variance that all posts of an account have in common."""
    random = np.random.default_rng(seed)
    targets = random.integers(0, 2, accounts).astype(np.int32)
    counts = random.integers(1, most + 1, accounts)
    common = random.normal(0, alike**0.5, accounts)
    x = np.repeat(2.0 * targets - 1 + common, counts) + random.normal(0, (1 - alike) ** 0.5, counts.sum())
    return posts_of(np.stack([-x, x], axis=1), np.repeat(np.arange(accounts).astype(str), counts).tolist()), targets


def test_the_rule_by_hand() -> None:
    rule = AccountRule((0.25, -0.25), 2.0, 0.5, HALVES, 10)
    posts = posts_of(np.array([[1.0, 0.0], [3.0, 0.0], [0.0, 1.0], [4.0, 0.0], [0.0, 1.0]]), ["a", "a", "a", "a", "b"])
    z = account_logits(rule, posts)
    # a has 4 posts: 2 · 4^(−½) = 1, so its log-odds are 0.5 + 1 · (1 + 3 − 1 + 4); b has one: 0.5 + 2 · (−1).
    assert z[:, 0] - z[:, 1] == pytest.approx([7.5, -1.5])
    assert posts.names == ("a", "b")


def test_shares_of_posts_and_the_offsets_sum_to_the_account_s_logits() -> None:
    posts, _ = drawn(20, 0.3)
    rule = AccountRule((0.1, -0.1), 1.3, 0.4, HALVES, 20)
    shares = post_weights(rule, posts)[:, None] * posts.logits
    for number in range(20):
        summed = np.asarray(rule.offsets) + shares[posts.account_of == number].sum(axis=0)
        assert summed == pytest.approx(account_logits(rule, posts)[number], abs=1e-9)


def test_a_constant_added_to_all_logits_of_a_post_changes_nothing() -> None:
    rule = AccountRule((0.0, 0.0, 0.0), 1.0, 0.5, (1 / 3,) * 3, 1)
    logits = np.random.default_rng(0).normal(size=(5, 3))
    before, after = (softmax(account_logits(rule, posts_of(some, list("aabbb")))) for some in (logits, logits + 7.0))
    assert after == pytest.approx(before)


def test_independent_posts_count_in_full() -> None:
    """The log-odds of a post are 2x, and those of independent posts add up: s = 1 and γ = 0."""
    posts, targets = drawn(3_000, alike=0.0, most=3)
    rule = fit_rule(posts, targets, HALVES)
    assert rule.damping < 0.2
    assert rule.scale == pytest.approx(1.0, abs=0.25)
    assert abs(rule.offsets[0]) < 0.1


def test_forty_alike_posts_count_as_one() -> None:
    """If all posts of an account say the same, their mean says all: γ = 1."""
    posts, targets = drawn(2_000, alike=1.0)
    rule = fit_rule(posts, targets, HALVES)
    assert rule.damping > 0.9
    assert rule.scale == pytest.approx(1.0, abs=0.3)


def test_a_fitted_rule_beats_adding_up_and_averaging_on_new_accounts() -> None:
    """Posts that are alike in part."""
    fitted_to, known = drawn(600, alike=0.1, seed=1)
    rule = fit_rule(fitted_to, known, HALVES)
    posts, targets = drawn(3_000, alike=0.1, seed=2)
    losses = [
        log_loss(targets, softmax(account_logits(AccountRule((0.0, 0.0), 1.0, damping, HALVES, 1), posts)))
        for damping in (0.0, 1.0)
    ]
    assert log_loss(targets, softmax(account_logits(rule, posts))) < min(losses) - 0.005


def test_the_offset_is_that_of_the_labels_shares() -> None:
    """Posts that say nothing leave the labels' shares."""
    targets = np.array([1] * 30 + [0] * 270, np.int32)
    posts = posts_of(np.zeros((300, 2)), list(map(str, range(300))))
    p = softmax(account_logits(fit_rule(posts, targets, (0.9, 0.1)), posts))[0]
    assert p == pytest.approx([0.9, 0.1], abs=0.01)


def test_a_few_certain_accounts_do_not_make_the_rule_certain() -> None:
    posts = posts_of(np.array([[3.0, -3.0], [-3.0, 3.0]] * 2), list("abcd"))
    rule = fit_rule(posts, np.array([0, 1, 0, 1], np.int32), HALVES)
    assert rule.scale < 5
    assert np.isfinite(account_logits(rule, posts)).all()


def test_no_account_is_judged_by_a_rule_that_was_fitted_to_it() -> None:
    """Labels drawn by lot: the loss of crossed logits is at least that of knowing nothing, unlike the fitted rule's own."""
    random = np.random.default_rng(3)
    posts = posts_of(random.normal(size=(40, 2)), list(map(str, range(40))))
    targets = random.integers(0, 2, 40).astype(np.int32)
    own = log_loss(targets, softmax(account_logits(fit_rule(posts, targets, HALVES), posts)))
    assert log_loss(targets, softmax(crossed_logits(posts, targets))) > own


def test_a_rule_survives_json() -> None:
    rule = AccountRule((0.1, -0.1), 1.5, 0.25, HALVES, 7)
    assert AccountRule.from_dict(rule.to_dict()) == rule
