"""Verdicts after the first few posts."""

from dataclasses import replace

import numpy as np
import pytest

from attnclf.accounts.curve import after_posts
from attnclf.accounts.rule import account_logits, fit_rule
from attnclf.results import AccountRule, softmax
from attnclf.scoring.metrics import log_loss
from tests.unit.accounts.posts import posts_of
from tests.unit.accounts.test_rule import HALVES, drawn

RULE = AccountRule((0.0, 0.0), 1.0, 0.0, HALVES, 9, min_posts=2)
LABELS = ("fake", "real")
NOTHING = np.zeros(2)


def test_the_first_posts_are_those_that_stand_first() -> None:
    posts = posts_of(np.stack([np.arange(6.0), np.zeros(6)], axis=1), ["a", "b", "a", "a", "b", "c"])
    first = posts.first(2)
    assert first.logits[:, 0].tolist() == [0.0, 0.5, 1.0, 2.0, 2.5]  # centred halves of 0, 1, 2, 4 and 5
    assert first.account_of.tolist() == [0, 1, 0, 1, 2]
    assert first.names == posts.names
    assert posts.first(9).logits.tolist() == posts.logits.tolist()


def test_a_curve_by_hand() -> None:
    """a begins with a post that speaks for the wrong label, b has one post."""
    posts = posts_of(np.array([[0.0, 1.0], [2.0, 0.0], [5.0, 0.0], [0.0, 3.0]]), ["a", "a", "a", "b"])
    found = after_posts(RULE, LABELS, posts, np.array([0, 1], np.int32), NOTHING)
    assert [one.posts for one in found] == [1, 2, None]
    assert [one.read for one in found] == [1.0, 1.5, 2.0]
    assert [one.accuracy.mean for one in found] == [0.5, 1.0, 1.0]
    assert [one.undecided.mean for one in found] == [1.0, 0.5, 0.5]
    z = np.array([[-0.5, 0.5], [-1.5, 1.5]])
    assert found[0].log_loss == pytest.approx(log_loss(np.array([0, 1], np.int32), softmax(z)))


def test_all_posts_are_what_the_rule_says() -> None:
    posts, targets = drawn(300, alike=0.2)
    rule = fit_rule(posts, targets, HALVES)
    found = after_posts(rule, LABELS, posts, targets, NOTHING)
    assert found[-1].accuracy.mean == np.mean(account_logits(rule, posts).argmax(axis=1) == targets)
    assert found[-1].accuracy.mean > found[0].accuracy.mean
    assert [one.posts for one in found] == [1, 2, 3, 5, 10, 20, None]


def test_a_base_rate_counts_after_any_number_of_posts() -> None:
    posts, targets = drawn(50, alike=0.2)
    rule = replace(RULE, min_posts=1)
    found = after_posts(rule, LABELS, posts, targets, np.array([1e6, 0.0]))
    assert {one.accuracy.mean for one in found} == {np.mean(targets == 0)}


def test_an_account_with_an_unknown_label_is_an_error() -> None:
    posts = posts_of(np.array([[1.0, 0.0], [1.0, 0.0]]), ["a", "b"])
    (found,) = after_posts(RULE, LABELS, posts, np.array([0, -1], np.int32), NOTHING)
    assert found.accuracy.mean == 0.5
    assert found.log_loss == pytest.approx(np.log1p(np.exp(-1.0)))
    (found,) = after_posts(RULE, LABELS, posts, np.array([-1, -1], np.int32), NOTHING)
    assert found.log_loss is None
