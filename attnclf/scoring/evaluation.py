"""`eval`: a labelled table in, a report out."""

from collections import Counter
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from attnclf.data import Table
from attnclf.data.known_labels import as_in_training, differs
from attnclf.data.repeats import accounts_met, rows_met
from attnclf.errors import DataError
from attnclf.registry import nearest
from attnclf.results import Note, OnEvent, Report, counted, ignore, softmax
from attnclf.scoring.metrics import report, widened
from attnclf.served.model import ServedModel
from attnclf.served.unread import Unread

UnknownLabels = Literal["count", "skip", "error"]
Unit = Literal["rows", "accounts"]  # what a row of the table is


@dataclass(frozen=True)
class Evaluation:
    """The model's scores on the N rows of a table.

    `labels` are those of the model, and behind them those that only the table has. `targets` (N,) are the indices of the true
    labels. `logits` have a column for each label of the model, without what base rates add; `probabilities` (N, K) have
    one for each of the labels, 0 for those that the model does not know. So many rows with labels that the model does not know
    were `left_out`.
    """

    table: Table
    report: Report
    labels: tuple[str, ...]
    targets: NDArray[np.int32]
    logits: NDArray[np.float32]
    probabilities: NDArray[np.float64]
    left_out: int = 0

    def most_confident_errors(self, most: int) -> list[int]:
        """The indices of up to `most` rows with a wrong label, those with the highest probability of that label first."""
        wrong = np.flatnonzero(self.probabilities.argmax(axis=1) != self.targets)
        return [int(row) for row in wrong[np.argsort(-self.probabilities[wrong].max(axis=1), kind="stable")][:most]]


def evaluate(
    served: ServedModel,
    table: Table,
    on_event: OnEvent = ignore,
    unknown_labels: UnknownLabels = "count",
    unit: Unit = "rows",
) -> Evaluation:
    """Evaluates the model on `table`, each row of which is a `unit`.

    Rows whose label the model has never seen are counted as errors, unless `unknown_labels` is "skip" or "error". They are told
    to `on_event`, as are texts that the model could not read. Raises DataError if no label is known, or if `unknown_labels` is
    "error" and one is not.
    """
    given = len(table.labels)
    table, labels = _with_labels(served, table, on_event, unknown_labels, unit)
    _warn_of_training_texts(served, table, on_event)
    numbers = {label: i for i, label in enumerate(labels)}
    targets = np.array([numbers[label] for label in table.labels], np.int32)
    logits, known, left_out = served.logits(table.texts)
    unread = Unread()
    unread.add(known, left_out)
    for note in unread.notes(served.limits):
        on_event(note)
    probabilities = widened(softmax(logits), len(labels))
    found = report(labels, targets, probabilities, len(served.labels))
    return Evaluation(table, found, labels, targets, logits - served.shift, probabilities, given - len(table.labels))


def _warn_of_training_texts(served: ServedModel, table: Table, on_event: OnEvent) -> None:
    if met := rows_met(table.texts, served.bundle.training_texts()):
        on_event(note_of_met(met, table))


def tell_met_accounts(served: ServedModel, table: Table, on_event: OnEvent) -> None:
    """Tells how many of the accounts of the table the model has met."""
    names = set(table.groups) - {""}
    if met := accounts_met(names, served.bundle.training_texts()):
        were = f"{met:,} of {counted(len(names), 'account', 'accounts')} of {table.source} {'was' if met == 1 else 'were'}"
        what = f"{were} in training or validation; the scores are better than they would be on new accounts"
        on_event(Note(what, warning=True, topic="accounts"))


def note_of_met(met: int, table: Table) -> Note:
    """A warning of texts of the table that the model has met."""
    share = f"{met / len(table.texts):.0%} of {table.source}"
    what = f"{counted(met, 'text was', 'texts were')} in training or validation ({share})"
    return Note(f"{what}; the scores are better than they would be on new texts", warning=True)


def _with_labels(
    served: ServedModel, table: Table, on_event: OnEvent, unknown_labels: UnknownLabels, unit: Unit
) -> tuple[Table, tuple[str, ...]]:
    """The rows to score, and the labels that they may have: those of the model, and behind them those it does not know."""
    told = len(table.remarks)
    table = as_in_training(table, served.labels, served.bundle.label_type)
    for remark in table.remarks[told:]:
        on_event(Note(remark))
    counts = Counter(label for label in table.labels if label not in served.labels)
    if not counts:
        return table, served.labels
    unknown = sorted(counts)
    first = f"'{unknown[0]}'" + (f" and {len(unknown) - 1:,} more" if len(unknown) > 1 else "")
    rows = counted(counts.total(), f"{unit.removesuffix('s')} has a label", f"{unit} have labels")
    near = differs(counts, served.labels)
    what = f"{table.source}: {rows} that the model does not know ({first})"
    if unknown_labels == "error" or counts.total() == len(table.labels):
        hint = near or nearest(unknown[0], served.labels)
        skip = f"; `unknown_labels=skip` leaves such {unit} out" if counts.total() < len(table.labels) else ""
        raise DataError(what, hint=hint + skip)
    what += f"; {near}" if near else ""
    if unknown_labels == "skip":
        on_event(Note(f"{what}; such {unit} are left out", warning=True))
        return table.rows([row for row, label in enumerate(table.labels) if label not in counts]), served.labels
    on_event(Note(f"{what}; such {unit} count as errors, and `unknown_labels=skip` leaves them out", warning=True))
    return table, (*served.labels, *unknown)
