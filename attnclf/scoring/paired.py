"""Two models on the same rows: how much lower is the log loss of one, and how sure is that."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from attnclf.scoring.metrics import SMALLEST


def losses_of(targets: NDArray[np.int32], probabilities: NDArray[np.floating]) -> NDArray[np.float32]:
    """The log loss (N,) of each row, in nats, for targets (N,) and probabilities (N, K)."""
    right = probabilities[np.arange(len(targets)), targets]
    return np.asarray(-np.log(np.maximum(right, SMALLEST)), np.float32)


def paired_gain(before: NDArray[np.floating], after: NDArray[np.floating], groups: Sequence[str] = ()) -> tuple[float, float]:
    """How much lower the losses (N,) `after` are than those `before`, in the mean, and the standard error of that.

    Rows of one group are alike, so groups, if there are any, are what is drawn: their sums vary, and not their rows. With a
    single row or group the error is infinite.
    """
    gains = np.asarray(before, np.float64) - np.asarray(after, np.float64)
    mean = float(gains.mean())
    _, group_of = np.unique(np.asarray(groups), return_inverse=True) if len(groups) else (None, np.arange(len(gains)))
    sums = np.bincount(group_of, weights=gains - mean)
    if len(sums) < 2:
        return mean, float("inf")
    return mean, float(np.sqrt(len(sums) / (len(sums) - 1) * (sums**2).sum()) / len(gains))
