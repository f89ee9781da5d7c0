"""Verdicts on accounts: a label from all posts, and what each post said for it and against it."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from attnclf.accounts.rule import Posts, account_logits, post_shares, shift_of
from attnclf.results import AccountRule, AccountVerdict, softmax


def verdicts(
    rule: AccountRule,
    labels: Sequence[str],
    logits: NDArray[np.floating],
    accounts: Sequence[str],
    rates: Mapping[str, float],
) -> dict[str, AccountVerdict]:
    """The verdict on each account, by its name, from the logits (N, K) of posts and the names of their accounts.

    `logits` are those at the base rates of training; `rates` are base rates asked for. Raises UsageError for rates that are
    none.
    """
    posts = Posts.of(logits, accounts)
    shift = shift_of(rule, labels, rates)
    z = account_logits(rule, posts) + shift
    shares = post_shares(rule, posts)
    rows = np.split(np.argsort(posts.account_of, kind="stable"), np.cumsum(posts.counts)[:-1])
    at = rule.rates(labels, shift) if rates else {}
    return {
        name: _verdict(name, labels, z[number], shares[rows[number]], rows[number].tolist(), at)
        for number, name in enumerate(posts.names)
    }


def _verdict(
    name: str,
    labels: Sequence[str],
    z: NDArray[np.float64],
    shares: NDArray[np.float64],
    rows: Sequence[int],
    rates: Mapping[str, float],
) -> AccountVerdict:
    probabilities = softmax(z)
    order = np.argsort(-probabilities, kind="stable")
    k, r = order[:2]
    return AccountVerdict(
        account=name,
        labels=tuple(labels[i] for i in order),
        probabilities=tuple(float(probabilities[i]) for i in order),
        log_odds=float(z[k] - z[r]),
        rows=tuple(rows),
        evidence=tuple((shares[:, k] - shares[:, r]).tolist()),
        base_rates=rates,
    )
