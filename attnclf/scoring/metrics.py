"""Scores of probabilities against labels: scikit-learn's where it has them, imported only when asked."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from attnclf.results import Bin, LabelScore, Report

SMALLEST = 1e-15  # a probability of 0 would make the log loss infinite
BINS = 15


def macro_f1(targets: NDArray[np.int32], probabilities: NDArray[np.floating]) -> float:
    """Mean F1 over the labels that `targets` (N,) holds or `probabilities` (N, K) predict."""
    from sklearn.metrics import f1_score

    return float(f1_score(targets, probabilities.argmax(axis=1), average="macro", zero_division=0.0))


def report(labels: Sequence[str], targets: NDArray[np.int32], probabilities: NDArray[np.floating]) -> Report:
    """All scores of `probabilities` (N, K) for the label numbers `targets` (N,); K = len(labels), N ≥ 1."""
    from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

    predicted = probabilities.argmax(axis=1)
    numbers = range(len(labels))
    each = precision_recall_fscore_support(targets, predicted, labels=numbers, zero_division=0.0)
    weighted = precision_recall_fscore_support(targets, predicted, average="weighted", zero_division=0.0)
    return Report(
        rows=len(targets),
        accuracy=float(np.mean(predicted == targets)),
        macro_f1=macro_f1(targets, probabilities),
        weighted_f1=float(weighted[2]),
        log_loss=log_loss(targets, probabilities),
        brier=brier(targets, probabilities),
        calibration_error=calibration_error(targets, probabilities),
        labels=tuple(
            LabelScore(label, float(p), float(r), float(f), int(n)) for label, p, r, f, n in zip(labels, *each, strict=True)
        ),
        confusion=tuple(tuple(map(int, row)) for row in confusion_matrix(targets, predicted, labels=numbers)),
    )


def log_loss(targets: NDArray[np.int32], probabilities: NDArray[np.floating]) -> float:
    """Mean −log p(true label), in nats."""
    return float(0.0 - np.log(np.maximum(_of_target(targets, probabilities), SMALLEST)).mean())  # 0 - 0 is not -0


def brier(targets: NDArray[np.int32], probabilities: NDArray[np.floating]) -> float:
    """Mean squared distance between the probabilities and the true label's one-hot vector, in [0, 2] (Brier 1950)."""
    truth = np.eye(probabilities.shape[1])[targets]
    return float(((probabilities - truth) ** 2).sum(axis=1).mean())


def calibration(targets: NDArray[np.int32], probabilities: NDArray[np.floating], bins: int = BINS) -> list[Bin]:
    """The rows in equal bins of confidence, those without a row left out (a reliability diagram; Guo et al. 2017)."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == targets
    number = np.minimum((confidence * bins).astype(int), bins - 1)
    rows, confident, correct = (np.bincount(number, weights=w, minlength=bins) for w in (None, confidence, right))
    return [Bin(int(n), float(c / n), float(r / n)) for n, c, r in zip(rows, confident, correct, strict=True) if n]


def calibration_error(targets: NDArray[np.int32], probabilities: NDArray[np.floating], bins: int = BINS) -> float:
    """Expected calibration error (Guo et al. 2017): the mean over rows of |accuracy − confidence| of their bin."""
    gaps = [b.rows * abs(b.accuracy - b.confidence) for b in calibration(targets, probabilities, bins)]
    return float(sum(gaps) / len(targets))


def _of_target(targets: NDArray[np.int32], probabilities: NDArray[np.floating]) -> NDArray[np.floating]:
    return probabilities[np.arange(len(targets)), targets]
