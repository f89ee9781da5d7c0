"""Verdicts on accounts: a label from all posts, and what each post said for it and against it."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from attnclf.accounts.posts import Posts
from attnclf.accounts.rule import account_logits, post_weights, shift_of
from attnclf.accounts.thresholds import decide
from attnclf.errors import UsageError
from attnclf.results import AccountRule, AccountVerdict, softmax
from attnclf.served.base_rates import rates_by_label
from attnclf.served.model import ServedModel


def rule_of(served: ServedModel) -> AccountRule:
    """The model's rule for accounts. Raises UsageError where it has none."""
    if served.bundle.accounts is None:
        hint = "train it with `group_col`, which names the column of accounts"
        raise UsageError("this model has no rule for accounts", hint=hint)
    return served.bundle.accounts


def verdicts(
    rule: AccountRule,
    labels: Sequence[str],
    posts: Posts,
    rates: Mapping[str, float],
) -> dict[str, AccountVerdict]:
    """The verdict on each account, by its name, from its posts.

    Their logits are those at the base rates of training; `rates` are base rates asked for. Raises UsageError for rates that are
    none.
    """
    shift = shift_of(rule, labels, rates)
    z, weights, by_model = account_logits(rule, posts), post_weights(rule, posts), rule.account_model * posts.by_account_model
    decided = decide(rule, labels, z, posts.counts, shift)
    rows = np.split(np.argsort(posts.account_of, kind="stable"), np.cumsum(posts.counts)[:-1])
    at = rates_by_label(labels, rule.shares, rates) if rates else {}
    found = zip(posts.names, decided.tolist(), z + shift, rows, strict=True)
    return {
        name: _verdict(rule, labels, name, label, of_account, weights[own], posts.logits[own], by_model[own], own, at)
        for name, label, of_account, own in found
    }


def _verdict(
    rule: AccountRule,
    labels: Sequence[str],
    name: str,
    decided: int,
    z: NDArray[np.float64],
    weights: NDArray[np.float64],
    logits: NDArray[np.float64],
    by_account_model: NDArray[np.float64],
    rows: NDArray[np.intp],
    rates: Mapping[str, float],
) -> AccountVerdict:
    probabilities = softmax(z)
    order = np.argsort(-probabilities, kind="stable").tolist()
    k = decided if decided >= 0 else order[0]
    r = next(i for i in order if i != k)
    by_model = by_account_model[:, k] - by_account_model[:, r]
    evidence = weights * (logits[:, k] - logits[:, r]) + by_model
    few = len(rows) < rule.min_posts
    why = f"fewer than {rule.min_posts:,} posts" if few else "above no threshold"
    return AccountVerdict(
        account=name,
        label=labels[decided] if decided >= 0 else "",
        undecided="" if decided >= 0 else why,
        target=labels[k],
        against=labels[r],
        probabilities={labels[i]: float(probabilities[i]) for i in order},
        log_odds=float(z[k] - z[r]),
        weights=tuple(weights.tolist()),
        by_account_model=tuple(by_model.tolist()),
        offset=float(z[k] - z[r] - evidence.sum()),
        rows=tuple(rows.tolist()),
        evidence=tuple(evidence.tolist()),
        base_rates=rates,
        thresholds=rule.thresholds,
    )
