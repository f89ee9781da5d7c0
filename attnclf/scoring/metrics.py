"""Scores of probabilities against labels. Those that scikit-learn has are its own; it is imported only when needed."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from attnclf.results import Bin, LabelScore, Report

SMALLEST = 1e-15  # a probability of 0 would make the log loss infinite
BINS = 15


def macro_f1(targets: NDArray[np.int32], probabilities: NDArray[np.floating]) -> float:
    """The mean F1 over all labels that occur in `targets` (N,) or are predicted by `probabilities` (N, K)."""
    from sklearn.metrics import f1_score

    return float(f1_score(targets, probabilities.argmax(axis=1), average="macro", zero_division=0.0))


def widened(probabilities: NDArray[np.floating], labels: int) -> NDArray[np.float64]:
    """The probabilities (N, K) with columns of 0 for labels that the model does not know, up to the number of `labels`."""
    return np.pad(probabilities, ((0, 0), (0, labels - probabilities.shape[1])))


def report(
    labels: Sequence[str], targets: NDArray[np.int32], probabilities: NDArray[np.floating], known: int | None = None
) -> Report:
    """All scores of `probabilities` (N, K) for the label indices `targets` (N,), where K = len(labels) and N ≥ 1.

    `known` says how many of the labels, the first ones, the model can answer with; all by default. The log loss is that of the
    rows with these labels, since of any other it would be infinite; without such rows it is None.
    """
    from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

    predicted = probabilities.argmax(axis=1)
    numbers = range(len(labels))
    answerable = targets < (len(labels) if known is None else known)
    each = precision_recall_fscore_support(targets, predicted, labels=numbers, zero_division=0.0)
    weighted = precision_recall_fscore_support(targets, predicted, average="weighted", zero_division=0.0)
    return Report(
        rows=len(targets),
        accuracy=float(np.mean(predicted == targets)),
        macro_f1=macro_f1(targets, probabilities),
        weighted_f1=float(weighted[2]),
        log_loss=log_loss(targets[answerable], probabilities[answerable]) if answerable.any() else None,
        brier=brier(targets, probabilities),
        calibration_error=calibration_error(targets, probabilities),
        labels=tuple(
            LabelScore(label, float(p), float(r), float(f), int(n)) for label, p, r, f, n in zip(labels, *each, strict=True)
        ),
        confusion=tuple(tuple(map(int, row)) for row in confusion_matrix(targets, predicted, labels=numbers)),
    )


def log_loss(targets: NDArray[np.int32], probabilities: NDArray[np.floating]) -> float:
    """The mean of −log p(true label), in nats, over one row at least."""
    return float(0.0 - np.log(np.maximum(_target_probabilities(targets, probabilities), SMALLEST)).mean())  # 0 - 0 is not -0


def brier(targets: NDArray[np.int32], probabilities: NDArray[np.floating]) -> float:
    """The mean squared distance between the probabilities and the true label's one-hot vector, in [0, 2] (Brier 1950)."""
    truth = np.eye(probabilities.shape[1])[targets]
    return float(((probabilities - truth) ** 2).sum(axis=1).mean())


def calibration(targets: NDArray[np.int32], probabilities: NDArray[np.floating], bins: int = BINS) -> list[Bin]:
    """The rows in bins of equal width by confidence, without empty bins (a reliability diagram; Guo et al. 2017)."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == targets
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    rows, confident, correct = (np.bincount(bin_of, weights=w, minlength=bins) for w in (None, confidence, right))
    return [Bin(int(n), float(c / n), float(r / n)) for n, c, r in zip(rows, confident, correct, strict=True) if n]


def calibration_error(targets: NDArray[np.int32], probabilities: NDArray[np.floating], bins: int = BINS) -> float:
    """The expected calibration error (Guo et al. 2017): the mean over rows of their bin's |accuracy − confidence|."""
    gaps = [b.rows * abs(b.accuracy - b.confidence) for b in calibration(targets, probabilities, bins)]
    return float(sum(gaps) / len(targets))


def _target_probabilities(targets: NDArray[np.int32], probabilities: NDArray[np.floating]) -> NDArray[np.floating]:
    return probabilities[np.arange(len(targets)), targets]
