"""Cross-validated probabilities of the linear model: each row is judged by a fit to the rows of the other folds."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from attnclf.limits import available_cores
from attnclf.linear.features import FeatureStatistics, count_features, log_count_ratios, normalised
from attnclf.linear.model import HeldOutLoss, choose, some_rows
from attnclf.linear.regression import Floats, Product, fit, logits
from attnclf.reading.base import Ids
from attnclf.reading.readers import WordReader
from attnclf.results import softmax

CHOOSING_ROWS = 10_000  # that choose scale and C, once for all folds
CHOOSING_FOLDS = 3  # that are judged for it, where rows are few
TOLERANCE = 1e-4  # of the gradient: what training fits ten times closer changes no ranking

Folds = NDArray[np.intp]  # (N,)


@dataclass(frozen=True)
class FoldModel:
    """The linear model that judges a fold: the weight of each feature for each label (R, K), and the scales (R,)."""

    weights: Floats
    scales: NDArray[np.float32]


@dataclass(frozen=True)
class Crossed:
    """Probabilities (N, K) of the rows that are in a fold, and 0 for those that are in none; the means over the foldings.

    `models` has the model of each fold, by folding.
    """

    probabilities: NDArray[np.float64]
    foldings: tuple[Folds, ...]
    models: tuple[tuple[FoldModel, ...], ...]

    def judges(self, row: int) -> list[FoldModel]:
        """The models that judged a row."""
        return [models[folds[row]] for folds, models in zip(self.foldings, self.models, strict=True)]


def cross_validate(
    reader: WordReader, ids: Sequence[Ids], targets: NDArray[np.int32], labels: int, foldings: Sequence[Folds]
) -> Crossed:
    """Fits a model for each fold and judges its rows; several foldings of the same rows judge less by chance."""
    counts, whole = count_features(reader, ids), reader.whole()
    choosing = range(min(CHOOSING_FOLDS, int(foldings[0].max()) + 1) if len(foldings) > 1 else 1)
    scale, c = choose([_choosing(counts, targets, labels, foldings[0], fold, whole) for fold in choosing])
    idf = _idf(counts)
    probabilities = np.zeros((len(targets), labels))

    def judge(folds: Folds, fold: int) -> FoldModel:
        rows, others = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        seen, seen_targets = counts.rows(others), targets[others]
        ratios = log_count_ratios(seen, seen_targets, labels)  # of these rows only: the ratios know the labels
        scales = FeatureStatistics(idf, ratios, whole).scaled(scale)
        found = fit(normalised(seen, scales), seen_targets, labels, c, tolerance=TOLERANCE)
        probabilities[rows] += softmax(logits(normalised(counts.rows(rows), scales), found)) / len(foldings)
        each = found if labels > 2 else np.hstack([-found / 2, found / 2])
        return FoldModel((each[:-1] * scales[:, None]).astype(np.float32), scales)

    with ThreadPoolExecutor(available_cores()) as pool:  # within a folding, no two threads write the same row
        models = tuple(tuple(pool.map(partial(judge, folds), range(int(folds.max()) + 1))) for folds in foldings)
    return Crossed(probabilities, tuple(foldings), models)


def _choosing(
    counts: Product, targets: NDArray[np.int32], labels: int, folds: Folds, fold: int, whole: NDArray[np.bool_]
) -> HeldOutLoss:
    """The loss by which scale and C are chosen: of a fold, by a fit to the others, on a sample of the rows."""
    sample = some_rows(targets, CHOOSING_ROWS)
    sampled = counts.rows(sample)
    features = np.union1d([0], sampled.right.indices).astype(np.intp)  # those that a row may hold, and 0, which is padding
    sampled = Product(sampled.left, sampled.right[:, features])
    kept, its_targets = folds[sample] != fold, targets[sample]
    fitted, judged = np.flatnonzero(kept), np.flatnonzero(~kept)
    return HeldOutLoss(
        sampled.rows(fitted), its_targets[fitted], sampled.rows(judged), its_targets[judged], labels, whole[features]
    )


def _idf(counts: Product) -> NDArray[np.float64]:
    """The idf of each feature (R,), nearly: a feature of two words of a text counts twice, which is much faster to count."""
    rows = counts.shape[0]
    frequency = np.minimum(np.asarray(np.asarray(counts.left.sum(axis=0)).ravel() @ counts.right).ravel(), rows)
    return np.where(frequency > 0, np.log((1 + rows) / (1 + frequency)) + 1, 0.0)
