"""95 % intervals over accounts.

Posts of one account are alike, so that the error of any score is that of so many accounts, however many posts they have: a
resample draws accounts, and all of their posts come along (the cluster bootstrap).
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from attnclf.results import Interval
from attnclf.scoring.metrics import SMALLEST

RESAMPLES, AT_ONCE = 1_000, 50
FEWEST = 5  # accounts that are resampled: draws from fewer are too much alike
SAME = 1e-12  # resamples that differ by less are equal
Z = 1.959964  # of a normal distribution, 97.5 % lie below it


def wilson(hits: int, count: int) -> Interval:
    """The share hits / count with its 95 % interval (Wilson 1927). `count` is at least 1."""
    share = hits / count
    center = (share + Z**2 / (2 * count)) / (1 + Z**2 / count)
    half = Z / (1 + Z**2 / count) * (share * (1 - share) / count + Z**2 / (4 * count**2)) ** 0.5
    return Interval(share, max(0.0, center - half), min(1.0, center + half))


def chance_of_fewer(hits: int, count: int, others: int, of_others: int) -> float:
    """How likely chance alone gives `hits` or fewer of `count`, where others have `others` of `of_others` (Fisher 1935)."""
    from scipy.special import betaln

    total, all_hits = count + of_others, hits + others
    if hits * of_others >= others * count:
        return 1.0  # not fewer, which need not be summed
    fewer = np.arange(max(0, all_hits - of_others), hits + 1)

    def log_choose(n: int, k: NDArray[np.intp] | int) -> NDArray[np.float64]:
        return np.asarray(-np.log(n + 1) - betaln(n - k + 1, k + 1))

    logs = log_choose(count, fewer) + log_choose(of_others, all_hits - fewer) - log_choose(total, all_hits)
    return float(np.exp(logs).sum())


def bootstrapped(
    targets: NDArray[np.int32],
    probabilities: NDArray[np.float64],
    account_of: NDArray[np.intp],
    known: int,
    seed: int = 0,
) -> dict[str, Interval | None]:
    """Accuracy, macro F1 and log loss of rows (N,) with 95 % intervals over resampled accounts.

    There is no interval of fewer than FEWEST accounts, nor where all resamples are equal, as when every row is right: that says
    nothing of other accounts. The log loss is None where the model knows the label of no row.

    `probabilities` (N, K) are for all labels that occur; the model knows the first `known` of them, and the log loss is that of
    rows with such labels. `account_of` (N,) are the numbers of the rows' accounts.
    """
    rows, labels = probabilities.shape
    predicted = probabilities.argmax(axis=1)
    right = predicted == targets
    answerable = targets < known
    losses = np.where(answerable, -np.log(np.maximum(probabilities[np.arange(rows), targets], SMALLEST)), 0.0)
    of_row = [np.ones(rows), right, losses, answerable]
    sums = [np.bincount(account_of, numbers) for numbers in of_row]
    for labels_of_row in (targets, predicted, np.where(right, targets, labels)):  # true, predicted, and both, of each label
        sums += [np.bincount(account_of, labels_of_row == label) for label in range(labels)]
    table = np.stack(sums, axis=1).astype(np.float64)  # (A, 4 + 3K): sums over the rows of each account
    means = _scores(table.sum(axis=0, keepdims=True), labels)[0].tolist()
    drawn = np.concatenate([_scores(totals, labels) for totals in _resampled(table, seed)]).T
    found = zip(("accuracy", "macro_f1", "log_loss"), means, drawn, strict=True)
    return {name: _interval(mean, of_score, len(table)) for name, mean, of_score in found}


def _interval(mean: float, drawn: NDArray[np.float64], accounts: int) -> Interval | None:
    """The mean with the interval of the scores that were drawn (R,); NaN is of a draw without a row to score."""
    if np.isnan(mean):
        return None
    low, high = np.nanquantile(drawn, [0.025, 0.975]).tolist()
    return (
        Interval(mean, low, high)
        if accounts >= FEWEST and np.nanmax(drawn) - np.nanmin(drawn) > SAME
        else Interval(mean, None, None)
    )


def _resampled(table: NDArray[np.float64], seed: int) -> Iterator[NDArray[np.float64]]:
    random, accounts = np.random.default_rng(seed), len(table)
    for _ in range(RESAMPLES // AT_ONCE):
        drawn = random.integers(0, accounts, (AT_ONCE, accounts))
        times = np.stack([np.bincount(row, minlength=accounts) for row in drawn])  # how often each account was drawn
        yield times @ table


def _scores(totals: NDArray[np.float64], labels: int) -> NDArray[np.float64]:
    """Accuracy, macro F1 and log loss (R, 3) of totals (R, 4 + 3K)."""
    rows, right, losses, answerable = totals[:, :4].T
    true, predicted, both = (totals[:, 4 + i * labels : 4 + (i + 1) * labels] for i in range(3))
    occurs = true + predicted > 0
    f1 = np.where(occurs, 2 * both / np.maximum(true + predicted, 1), 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.stack([right / rows, f1.sum(axis=1) / occurs.sum(axis=1), losses / answerable], axis=1)
