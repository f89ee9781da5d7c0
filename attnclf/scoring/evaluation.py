"""`eval`: a labelled table in, a report out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attnclf.data import Table
from attnclf.errors import DataError
from attnclf.results import OnEvent, Report, ignore, softmax
from attnclf.scoring.metrics import report
from attnclf.served.model import ServedModel
from attnclf.served.prediction import reading_warnings


@dataclass(frozen=True)
class Evaluation:
    """The model's scores on the N rows of a table.

    `targets` (N,) are the indices of the true labels, and `probabilities` (N, K) are the model's.
    """

    report: Report
    targets: NDArray[np.int32]
    probabilities: NDArray[np.float64]

    def most_confident_errors(self, most: int) -> list[int]:
        """The indices of up to `most` rows with a wrong label, those with the highest probability of that label first."""
        wrong = np.flatnonzero(self.probabilities.argmax(axis=1) != self.targets)
        return [int(row) for row in wrong[np.argsort(-self.probabilities[wrong].max(axis=1), kind="stable")][:most]]


def evaluate(served: ServedModel, table: Table, on_event: OnEvent = ignore) -> Evaluation:
    """Evaluates the model on `table`.

    Raises DataError when the table holds a label that the model has never seen. Warnings about texts that the model could not
    read go to `on_event`.
    """
    numbers = {label: i for i, label in enumerate(served.labels)}
    if unknown := sorted(set(table.labels) - set(numbers)):
        raise DataError(
            f"{table.source}: the model does not know the label '{unknown[0]}'"
            + (f", nor {len(unknown) - 1} more" if len(unknown) > 1 else ""),
            hint=f"it knows: {', '.join(served.labels)}",
        )
    targets = np.array([numbers[label] for label in table.labels], np.int32)
    logits, known, truncated = served.logits(table.texts)
    for note in reading_warnings(known.count(0.0), sum(truncated), served.bundle.config.text.max_length):
        on_event(note)
    probabilities = softmax(logits)
    return Evaluation(report(served.labels, targets, probabilities), targets, probabilities)
