"""Rows whose label is probably wrong, by confident learning (Northcutt et al. 2021), with the words that say so.

The linear model judges each row without having seen it. Cleanlab then estimates from all these probabilities which labels are
wrong, and ranks the rows by the probability of the label that they have.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from attnclf.checking.crossed import Crossed, cross_validate
from attnclf.checking.folds import EVERYWHERE, folds_of
from attnclf.checking.words import words_against
from attnclf.config import TextConfig
from attnclf.data import Table
from attnclf.linear.model import MOST_NUMBERS, most_features
from attnclf.reading.readers import WordReader, build_reader
from attnclf.results import LabelError, LabelSearch, OnEvent, StageStarted, ignore

FEWEST_ROWS = 50
FEWEST_OF_LABEL = 5  # different texts, or groups; a label with fewer is not judged
MOST_LABELS = 500
FOLDS, FEW_FOLDS = 5, 3  # the second where there are many rows
MANY = 20_000  # rows
REPEATS = 3  # of all folds, where rows are few
FEW = 5_000  # rows


@dataclass(frozen=True)
class Judged:
    """What cross-validation says of a table, or why it was `skipped`. `order` are the numbers of the rows that were judged, the
    most doubtful label first, and `wrong` says of each row (N,) whether its label is estimated to be wrong."""

    labels: tuple[str, ...]
    targets: NDArray[np.int32]
    order: NDArray[np.intp]
    wrong: NDArray[np.bool_]
    crossed: Crossed
    reader: WordReader


def find_label_errors(table: Table, config: TextConfig, on_event: OnEvent = ignore) -> LabelSearch:
    """The search, or the reason why there is none."""
    if why := why_not_searched(table):
        return LabelSearch(skipped=why)
    on_event(StageStarted("looking for rows whose label is probably wrong"))
    judged = judge(table, config)
    if judged is None:
        return LabelSearch(skipped=f"no two labels have {FEWEST_OF_LABEL} different texts each")
    rows = [int(row) for row in judged.order if judged.wrong[row]]
    return LabelSearch(tuple(_errors(table, judged, rows)), len(judged.order))


def why_not_searched(table: Table) -> str:
    """Why a table cannot be searched; "" if it can."""
    labels = len(set(table.labels))
    if labels < 2:
        return "there is one label only"
    if len(table.texts) - table.empty_texts < FEWEST_ROWS:
        return f"there are fewer than {FEWEST_ROWS} rows to learn from"
    if labels > MOST_LABELS or labels * len(table.texts) > MOST_NUMBERS:
        return f"{labels:,} labels of {len(table.texts):,} rows would take too long"
    return ""


def judge(table: Table, config: TextConfig) -> Judged | None:
    """Cross-validates and ranks; None where fewer than two labels can be judged. Rows with empty texts are not judged."""
    labels = tuple(sorted(set(table.labels)))
    numbers = {label: number for number, label in enumerate(labels)}
    targets = np.array([numbers[label] for label in table.labels], np.int32)
    most = most_features(config.max_features, len(labels))
    config = replace(config, level="word", sentences="none", max_features=most)
    count = FOLDS if len(targets) <= MANY else FEW_FOLDS
    repeats = REPEATS if len(targets) <= FEW else 1
    foldings = [folds_of(table.texts, targets, table.groups, count, FEWEST_OF_LABEL, seed) for seed in range(repeats)]
    folds = foldings[0]
    if len(np.unique(targets[folds != EVERYWHERE])) < 2 or folds.max() < 1:
        return None
    reader = build_reader(table.texts, config)
    assert isinstance(reader, WordReader)
    ids, _ = reader.ids(table.texts)
    crossed = cross_validate(reader, ids, targets, len(labels), foldings)
    readable = np.array([bool(text.strip()) for text in table.texts])
    order, wrong = _ranked(crossed.probabilities, targets, np.flatnonzero((folds != EVERYWHERE) & readable))
    return Judged(labels, targets, order, wrong, crossed, reader)


def _ranked(
    probabilities: NDArray[np.float64], targets: NDArray[np.int32], rows: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """These rows, the most doubtful label first, and which of all rows are wrong by cleanlab's estimate."""
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    # Cleanlab wants every label to have a row, so labels that are not judged are left out.
    kept, given = np.unique(targets[rows], return_inverse=True)
    shares = probabilities[rows][:, kept]
    shares = shares / shares.sum(axis=1, keepdims=True)
    quality = get_label_quality_scores(given, shares, method="self_confidence")
    issues = find_label_issues(given, shares, n_jobs=1) & (shares.argmax(axis=1) != given)
    wrong = np.zeros(len(targets), bool)
    wrong[rows] = issues
    return rows[np.argsort(quality, kind="stable")], wrong


def _errors(table: Table, judged: Judged, rows: Sequence[int]) -> list[LabelError]:
    probabilities = judged.crossed.probabilities
    suggested = [int(probabilities[row].argmax()) for row in rows]
    words = words_against(table, judged.reader, judged.crossed, judged.targets, rows, suggested)
    return [
        LabelError(
            table.place(row),
            table.texts[row],
            table.labels[row],
            judged.labels[label],
            float(probabilities[row, judged.targets[row]]),
            float(probabilities[row, label]),
            words_of_row,
        )
        for row, label, words_of_row in zip(rows, suggested, words, strict=True)
    ]
