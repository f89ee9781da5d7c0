"""Which texts are measured, how many of their words, and how sure a mean over them is."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from attnclf.results import Interval

SAMPLES = 1_000
AFFORDABLE_WORDS = 6_000  # some ten seconds

T = TypeVar("T")


def affordable(texts: Sequence[str], many: int) -> list[str]:
    """As many texts with words in them, at most `many`, as hold about AFFORDABLE_WORDS: what measuring costs grows faster than
    the length of texts."""
    worded = [text for text in texts if text.strip()]
    mean = sum(len(text.split()) for text in worded) / max(1, len(worded))
    return evenly_spaced(worded, min(many, max(1, int(AFFORDABLE_WORDS / max(1.0, mean)))))


def evenly_spaced(texts: Sequence[T], many: int) -> list[T]:
    """At most `many` of these, spread evenly over all of them."""
    return [texts[i * len(texts) // many] for i in range(many)] if many < len(texts) else list(texts)


def share_of(share: float, words: int) -> int:
    """⌈share · words⌉, of a share that rounding may have left a little above."""
    return int(np.ceil(round(share * words, 9)))


def interval_of(values: Sequence[float] | NDArray[np.float64]) -> Interval:
    """The mean, and between which its values lie in 95 % of bootstrap samples."""
    values = np.asarray(values)
    rng = np.random.default_rng(0)
    means = [values[rng.integers(0, len(values), len(values))].mean() for _ in range(SAMPLES)]
    low, high = np.percentile(means, [2.5, 97.5])
    return Interval(float(values.mean()), float(low), float(high))
