"""Choosing the texts to measure, counting a share of their words, and the confidence interval of a mean over texts."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from attnclf.results import Interval

SAMPLES = 1_000  # bootstrap samples
T = TypeVar("T")


def affordable(texts: Sequence[str], many: int, cost: Callable[[int], int], budget: int) -> list[str]:
    """At most `many` texts that hold a word, few enough that they cost about `budget`, by their `cost` for a number of words.

    There is at least one, if any holds a word.
    """
    worded = [text for text in texts if text.strip()]
    mean = sum(cost(len(text.split())) for text in worded) / max(1, len(worded))
    return evenly_spaced(worded, min(many, max(1, int(budget / max(1.0, mean)))))


def evenly_spaced(texts: Sequence[T], many: int) -> list[T]:
    """At most `many` of `texts`, spread evenly over the whole sequence."""
    return [texts[i * len(texts) // many] for i in range(many)] if many < len(texts) else list(texts)


def share_of(share: float, words: int) -> int:
    """⌈share · words⌉. The product is rounded first: 0.07 · 100 is 7.000000000000001 in floating point, and must give 7."""
    return int(np.ceil(round(share * words, 9)))


def interval_of(values: Sequence[float] | NDArray[np.float64]) -> Interval:
    """The mean of `values` and its 95 % bootstrap interval."""
    values = np.asarray(values)
    rng = np.random.default_rng(0)
    means = [values[rng.integers(0, len(values), len(values))].mean() for _ in range(SAMPLES)]
    low, high = np.percentile(means, [2.5, 97.5])
    return Interval(float(values.mean()), float(low), float(high))
