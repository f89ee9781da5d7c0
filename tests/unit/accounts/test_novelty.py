"""What an account repeats is no new witness."""

from pathlib import Path

import numpy as np
import pytest

from attnclf.accounts.novelty import novelty
from attnclf.accounts.posts import Posts
from attnclf.accounts.rule import account_logits
from attnclf.results import AccountRule
from attnclf.upgrades import upgraded


def test_novelty_by_hand() -> None:
    texts = ["buy gold now", "Buy silver now!", "good morning", "", "buy gold now"]
    accounts = [0, 0, 0, 0, 1]
    # buy and now stand in two posts of account 0; gold, silver, !, good and morning in one.
    assert novelty(texts, accounts) == pytest.approx([(0.5 + 1 + 0.5) / 3, (0.5 + 1 + 0.5 + 1) / 4, 1, 1, 1])


def test_a_token_twice_in_a_post_counts_once() -> None:
    assert novelty(["very very good"], [0]) == pytest.approx([1.0])


@pytest.mark.parametrize("repeats", [1, 2, 40])
def test_equal_posts_count_together_as_one(repeats: int) -> None:
    texts = ["follow me"] * repeats
    assert novelty(texts, [0] * repeats).sum() == pytest.approx(1.0)
    rule = AccountRule((0.0, 0.0), 1.0, 0.0, (0.5, 0.5), 10)
    posts = Posts.of(texts, np.tile([2.0, 0.0], (repeats, 1)), ["a"] * repeats)
    assert account_logits(rule, posts)[0] == pytest.approx([1.0, -1.0])


def test_order_does_not_matter() -> None:
    texts = ["a b", "b c", "c d e", "a e"]
    found = novelty(texts, [0] * 4)
    assert novelty(texts[::-1], [0] * 4)[::-1] == pytest.approx(found)


def test_a_rule_of_an_older_model_counts_posts_whole() -> None:
    rule = AccountRule((0.0, 0.0), 1.0, 0.0, (0.5, 0.5), 10)
    assert AccountRule.from_dict(rule.to_dict()) == rule
    kept = {
        name: value for name, value in rule.to_dict().items() if name not in ("by_novelty", "account_model", "offsets_of_few")
    }
    older = upgraded({"format": 8, "config": {"text": {"max_length": 9}, "training": {}}, "accounts": kept}, Path("m"))[
        "accounts"
    ]
    posts = Posts.of(["follow me"] * 3, np.tile([2.0, 0.0], (3, 1)), ["a"] * 3)
    assert account_logits(AccountRule.from_dict(older), posts)[0] == pytest.approx([3.0, -3.0])


@pytest.mark.parametrize("damping", [0.0, 0.5, 1.0])
def test_repeats_neither_strengthen_nor_weaken(damping: float) -> None:
    rule = AccountRule((0.0, 0.0), 1.3, damping, (0.5, 0.5), 10)
    once, often = (
        account_logits(rule, Posts.of(texts, np.tile([2.0, 0.0], (len(texts), 1)), ["a"] * len(texts)))[0]
        for texts in (["follow me", "good morning"], ["follow me", "good morning"] * 20)
    )
    assert often == pytest.approx(once)


def test_empty_posts_are_equal() -> None:
    assert novelty(["", " ", "a"], [0, 0, 0]) == pytest.approx([0.5, 0.5, 1.0])
