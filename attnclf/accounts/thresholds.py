"""Thresholds that promise how many accounts are called something that they are not.

An account is called k when its score, the log-odds of k against all other labels, is above a threshold t. Say t is the
(x + 1)th largest score of the n held-out accounts that are not k, so that x of them are above it. Whatever the distribution of
scores, the share of all such accounts above t is then a beta variable, and it is at most the upper end of the 95 % interval of
Clopper and Pearson (1934) for x of n with a probability of 97.5 %. So the promise is kept by the largest x whose interval ends
at or below the rate that was asked for. Where even that of x = 0 does not, the accounts are too few to promise it.

No account is called what is less likely than another label. Where few others score high, the lowest t that keeps the promise
may be below even odds, and would call more accounts fake than no threshold does. So only the likeliest label has a score.

A base rate does not enter: how often real accounts are called fake does not depend on how many fakes there are.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from attnclf.errors import DataError, UsageError
from attnclf.registry import nearest
from attnclf.results import AccountRule, Interval, Threshold

TAIL = 0.025  # of each end of a 95 % interval


def clopper_pearson(hits: int, count: int) -> Interval:
    """The share hits / count with its exact 95 % interval (Clopper and Pearson 1934). `count` is at least 1."""
    from scipy.special import betaincinv

    low = float(betaincinv(hits, count - hits + 1, TAIL)) if hits else 0.0
    return Interval(hits / count, low, _upper_end(hits, count))


def _upper_end(hits: int, count: int) -> float:
    from scipy.special import betaincinv

    return float(betaincinv(hits + 1, count - hits, 1 - TAIL)) if hits < count else 1.0


def fewest_for(rate: float) -> int:
    """How many accounts without the label are needed to promise this rate of false positives, if none of them is above."""
    return math.ceil(math.log(TAIL) / math.log1p(-rate))


def check_rates(labels: Sequence[str], rates: Mapping[str, float]) -> None:
    """Raises UsageError for a label that there is not, and for a rate that is not between 0 and 1."""
    for label, rate in rates.items():
        if label not in labels:
            raise UsageError(f"`max_false_positive_rate`: there is no label '{label}'", hint=nearest(label, labels))
        if not 0 < rate < 1:
            raise UsageError(f"`max_false_positive_rate` of '{label}' is {rate:g}", hint="a rate is between 0 and 1")


def check_enough(rates: Mapping[str, float], labels_of_accounts: Sequence[str], *, anyway: bool) -> list[str]:
    """What the held-out accounts, which have these labels, are too few to promise, in words.

    Raises DataError for it unless `anyway`, and in any case where no account has, or all accounts have, the label.
    """
    short = []
    for label, rate in rates.items():
        others = sum(other != label for other in labels_of_accounts)
        if not others or others == len(labels_of_accounts):
            which = "all" if not others else "none"
            what = f"of the accounts held out, {which} are '{label}': there is no threshold to choose"
            raise DataError(what, hint="hold more out with `valid_share`, or leave `max_false_positive_rate` out")
        if others < (fewest := fewest_for(rate)):
            what = f"{others:,} held-out accounts are not '{label}', and {fewest:,} are needed to promise"
            short.append(f"{what} a false-positive rate of {rate:g}")
    if short and not anyway:
        hint = "hold more out with `valid_share`, allow a higher rate, or choose by what there is with `anyway`"
        raise DataError("; ".join(short), hint=hint)
    return short


def scores_against_rest(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """The log-odds of each label against all others, (A, K), of logits (A, K)."""
    scores = np.empty_like(z)
    for k in range(z.shape[1]):
        others = np.delete(z, k, axis=1)
        scores[:, k] = z[:, k] - np.logaddexp.reduce(others, axis=1)
    return scores


def scores_of_likeliest(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same, −∞ for each label that is less likely than another: it is above no threshold."""
    return np.where(z >= z.max(axis=1, keepdims=True), scores_against_rest(z), -np.inf)


def choose_threshold(
    label: str, rate: float, scores: NDArray[np.float64], has_label: NDArray[np.bool_], labels: int = 2
) -> Threshold:
    """The lowest threshold whose false-positive rate is promised to be at most `rate`.

    `scores` (A,) of accounts are those of `scores_of_likeliest`, and some of the accounts have the label (A,), and some do not.
    Where they are too few for a promise, the threshold is that of the rate among these accounts. It is not below 1 / `labels`,
    which the likeliest of so many labels has at least.
    """
    others = np.sort(scores[~has_label])[::-1]
    allowed = list(takewhile(lambda x: _upper_end(x, len(others)) <= rate, range(len(others))))
    x = max(allowed, default=min(int(rate * len(others)), len(others) - 1))
    log_odds = max(float(others[x]), 0.0 - math.log(labels - 1))  # 0 - 0 is not -0
    return measured(label, rate, log_odds, scores, has_label, promised=bool(allowed))


def measured(
    label: str, rate: float, log_odds: float, scores: NDArray[np.float64], has_label: NDArray[np.bool_], *, promised: bool
) -> Threshold:
    """What a threshold does to accounts with these scores (A,): false positives among those without the label, and recall.

    Each is None where there are no such accounts.
    """
    above = scores > log_odds
    others, positives = int((~has_label).sum()), int(has_label.sum())
    false, hits = int((above & ~has_label).sum()), int((above & has_label).sum())
    return Threshold(
        label,
        rate,
        log_odds,
        others,
        clopper_pearson(false, others) if others else None,
        positives,
        clopper_pearson(hits, positives) if positives else None,
        promised,
    )


def decide(
    rule: AccountRule,
    labels: Sequence[str],
    z: NDArray[np.float64],
    counts: NDArray[np.intp],
    shift: NDArray[np.float64] | float = 0.0,
) -> NDArray[np.int32]:
    """The number of each account's label (A,), −1 for undecided, from logits (A, K) at the base rates of training.

    Other base rates add `shift` (K,) to the logits. That counts for which label is likeliest, and for no threshold.
    An account with fewer posts than the rule asks for is undecided. If it is above the threshold of a label, which is its
    likeliest, it has this label. If not, it has the likeliest label without a threshold, and if all have one, it is undecided.
    """
    likely = z + shift
    if rule.thresholds:
        scores = scores_of_likeliest(z)
        above = np.full(z.shape, False)
        free = np.full(z.shape[1], True)
        for threshold in rule.thresholds:
            k = labels.index(threshold.label)
            above[:, k] = scores[:, k] > threshold.log_odds
            free[k] = False
        allowed = np.where(above.any(axis=1, keepdims=True), above, free)
        likely = np.where(allowed, likely, -np.inf)
    found = np.where(np.isfinite(likely).any(axis=1), likely.argmax(axis=1), -1)
    return np.where(counts < rule.min_posts, -1, found).astype(np.int32)
