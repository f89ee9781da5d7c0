"""Verdicts on posts and on their accounts, side by side on the same rows."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnclf.accounts.intervals import bootstrapped, wilson
from attnclf.accounts.thresholds import decide, measured, scores_of_likeliest
from attnclf.results import AccountRule, AccountScores, AccountSummary, Decisions, Interval, Scores
from attnclf.scoring import metrics


def scores_of(
    labels: Sequence[str],
    account_of: NDArray[np.intp],
    posts: tuple[NDArray[np.int32], NDArray[np.float64]],
    accounts: tuple[NDArray[np.int32], NDArray[np.float64]],
    known: int | None = None,
) -> AccountScores:
    """Scores of `posts` and of their `accounts`, each as label numbers and probabilities with a column for each label.

    `account_of` (N,) are the numbers of the posts' accounts. The model knows the first `known` of the labels, by default all.
    """
    known = len(labels) if known is None else known
    everyone = np.arange(len(accounts[0]))
    right = int((accounts[1].argmax(axis=1) == accounts[0]).sum())
    of_posts = bootstrapped(*posts, account_of, known)
    of_accounts = bootstrapped(*accounts, everyone, known) | {"accuracy": wilson(right, len(everyone))}
    return AccountScores(len(everyone), _scores(labels, posts, known, of_posts), _scores(labels, accounts, known, of_accounts))


def _scores(
    labels: Sequence[str],
    found: tuple[NDArray[np.int32], NDArray[np.float64]],
    known: int,
    intervals: dict[str, Interval | None],
) -> Scores:
    return Scores(metrics.report(labels, *found, known), intervals)


def summary_of(scores: AccountScores, texts: Sequence[str], familiar: Sequence[float]) -> AccountSummary:
    """The accounts with these scores, whose posts are `texts`; `familiar` has each text's share of tokens that training saw."""
    posts, verdicts = scores.posts.intervals, scores.verdicts.intervals
    of_accounts: Any = {name: verdicts[name] for name in ("accuracy", "macro_f1", "log_loss")}
    of_posts: Any = posts["accuracy"]
    return AccountSummary(
        scores.accounts,
        len(texts) / scores.accounts,
        float(np.mean([len(text) for text in texts])),
        float(np.mean(familiar)),
        of_posts,
        **of_accounts,
    )


def decisions_of(
    rule: AccountRule,
    labels: Sequence[str],
    z: NDArray[np.float64],
    counts: NDArray[np.intp],
    targets: NDArray[np.int32],
    shift: NDArray[np.float64] | float = 0.0,
) -> Decisions | None:
    """What the rule decides of accounts from their logits (A, K) at the base rates of training, their numbers of posts (A,)
    and their label numbers (A,); base rates add `shift` (K,). None where it decides every account by the likeliest label.

    Thresholds are measured on the accounts that have enough posts.
    """
    if rule.decides_all:
        return None
    found = decide(rule, labels, z, counts, shift)
    decided = found >= 0
    wrong = int((found != targets)[decided].sum())
    enough = counts >= rule.min_posts
    scores = scores_of_likeliest(z)
    again = [
        measured(one.label, one.rate, one.log_odds, scores[enough, k], targets[enough] == k, promised=one.promised)
        for one in rule.thresholds
        for k in [labels.index(one.label)]
    ]
    error = wilson(wrong, int(decided.sum())) if decided.any() else None
    return Decisions(wilson(int(decided.sum()), len(decided)), error, tuple(again))
