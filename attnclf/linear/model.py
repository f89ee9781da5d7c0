"""The linear model: logistic regression on n-grams and word pairs, next to the network.

The problem is convex, so the model is fitted by itself and to the end, rather than by the network's few noisy steps. Held-out
rows choose how features are scaled and how strong the regularisation is.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from attnclf.data.split import Split
from attnclf.limits import available_cores
from attnclf.linear.features import FeatureStatistics, Scale, count_features, normalised
from attnclf.linear.regression import Product, fit, logits
from attnclf.ragged import Ragged
from attnclf.reading.base import Ids
from attnclf.reading.readers import WordReader
from attnclf.results import softmax
from attnclf.scoring.metrics import log_loss

# The best of these depends on language and task, so held-out rows choose.
SCALES = tuple(Scale(*numbers) for numbers in ((1, 0, 4), (0.5, 1, 1), (0.5, 1, 4), (1.5, 0.5, 2), (1.5, 0.5, 4)))
REGULARISATION = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)  # C
FIRST_C = 2  # its place in REGULARISATION: the C that every scale is tried with
MOST_WEIGHTS = 10_000_000  # with many labels, fewer n-grams
MOST_NUMBERS = 50_000_000  # rows × labels: a linear model of more would take longer than all the rest, and much memory
TRIAL_TOLERANCE = 1e-4  # of a fit that only judges scale and C: the held-out loss moves in its fifth digit
MOST_AT_ONCE = 20_000_000  # numbers in the trials that run at the same time, about a gigabyte
CHOOSING_WORDS = 3_000_000  # words and word pairs in the rows that choose scale and C; the choice is then fitted to all rows

MOST_COUNTED = 75_000_000  # numbers in the matrices of the rows that it is fitted to, some 8 to 12 bytes each

LabelledIds = tuple[Sequence[Ids], NDArray[np.int32]]
"""The ids of texts, and the numbers of their labels (N,)."""


@dataclass(frozen=True)
class LinearModel:
    """A fitted linear model of R features and K labels.

    `table` (R, K + 1) is what `attnclf.model.pooling.linear_contributions` reads. `bias` (K,) belongs to no token. `logits`
    (N, K) are those of the validation rows, bias included. `scales` (R,), `c` and `choice` (both in words) say what was chosen;
    `coefficients` are the regression's own.
    """

    table: NDArray[np.float32]
    bias: NDArray[np.float32]
    logits: NDArray[np.floating]
    scales: NDArray[np.float32]
    c: float
    choice: str
    coefficients: NDArray[np.float32]


def affordable(reader: WordReader, rows: LabelledIds) -> LabelledIds:
    """These rows or, where their features take more than MOST_COUNTED numbers, a random sample of the rows, in their order.

    A text takes a number for each of its words and word pairs, and a word met so far one for each of its features. Every label
    has a row in the sample.
    """
    ids, targets = Ragged.of(rows[0]), rows[1]
    numbers = 2 * len(ids.flat) + reader.feature_numbers
    if numbers <= MOST_COUNTED:
        return rows
    kept = some_rows(targets, int(len(targets) * MOST_COUNTED / numbers))
    return ids.take(kept), targets[kept]


def most_features(asked: int, labels: int) -> int:
    """How many n-grams a reader may know: as many as were `asked` for, and fewer where there are more than 25 labels or so."""
    return min(asked, max(10, MOST_WEIGHTS // labels))


def fit_linear_model(
    reader: WordReader, train: LabelledIds, valid: LabelledIds, labels: int, splits: Sequence[Split] = ()
) -> LinearModel:
    """The linear model of the training rows, with the scale and the C that have the least log loss on held-out rows.

    Held out are the validation rows and, for each of `splits`, the second part of the training rows, judged by a fit to the
    first.
    """
    counts, valid_counts = (count_features(reader, ids) for ids, _ in (train, valid))
    targets, whole = train[1], reader.whole()
    rows = _sample_rows(targets, counts)
    held_out = [HeldOutLoss(counts.rows(rows), targets[rows], valid_counts, valid[1], labels, whole)]
    for fitted, judged in splits:
        rows = fitted[_sample_rows(targets[fitted], counts.rows(fitted))]
        held_out.append(HeldOutLoss(counts.rows(rows), targets[rows], counts.rows(judged), targets[judged], labels, whole))
    scale, c = choose(held_out)
    scales = FeatureStatistics.of(counts, targets, labels, whole).scaled(scale)
    return _fitted(counts, targets, labels, valid_counts, scales, c, f"{scale}, C {c:g}", held_out[0].coefficients.get(scale))


def choose(held_out: Sequence["HeldOutLoss"]) -> tuple[Scale, float]:
    """The scale and the C that have the least log loss on held-out rows.

    Trials run in threads, on as many cores as this process may use; products of sparse matrices do not hold Python's lock. The
    choice does not depend on how many cores there are.
    """
    at_once = min(available_cores(), max(1, MOST_AT_ONCE // max(one.numbers for one in held_out)))
    with ThreadPoolExecutor(at_once) as pool:

        def losses(scales: Sequence[Scale], c: float) -> list[float]:
            found = pool.map(lambda trial: trial[1].loss(trial[0], c), product(scales, held_out))
            return [sum(next(found) for _ in held_out) for _ in scales]

        of_scales = losses(SCALES, REGULARISATION[FIRST_C])
        least = min(of_scales)
        scale = SCALES[of_scales.index(least)]
        for one in held_out:
            one.keep(scale)
        return scale, _best_c(lambda c: losses([scale], c)[0], least)


def refit(model: LinearModel, reader: WordReader, rows: LabelledIds, valid: Sequence[Ids]) -> LinearModel:
    """The same scale and C fitted to other rows, the validation rows among them: nothing is left to choose."""
    counts, valid_counts = count_features(reader, rows[0]), count_features(reader, valid)
    labels = len(model.bias)
    return _fitted(counts, rows[1], labels, valid_counts, model.scales, model.c, model.choice, model.coefficients)


class HeldOutLoss:
    """The log loss on held-out texts of a fit to others, by scale and C.

    `coefficients` are those of the last fit at each scale, from which the next one starts. Threads may share one, each with its
    own scale.
    """

    def __init__(
        self,
        counts: Product,
        targets: NDArray[np.int32],
        held_out: Product,
        held_out_targets: NDArray[np.int32],
        labels: int,
        whole: NDArray[np.bool_],
    ) -> None:
        self.counts, self.targets, self.held_out, self.held_out_targets = counts, targets, held_out, held_out_targets
        self._labels, self._statistics = labels, FeatureStatistics.of(counts, targets, labels, whole)
        self.coefficients: dict[Scale, NDArray[np.float32]] = {}

    @property
    def numbers(self) -> int:
        """How many a trial works with: those in its matrices, and its coefficients."""
        return int(self.counts.left.nnz + self.counts.right.nnz + self.counts.right.shape[1] * self._labels)

    def keep(self, scale: Scale) -> None:
        """Forgets the coefficients at other scales."""
        self.coefficients = {scale: self.coefficients[scale]} if scale in self.coefficients else {}

    def loss(self, scale: Scale, c: float) -> float:
        """The sum over the held-out texts, in nats."""
        scales = self._statistics.scaled(scale)
        start = self.coefficients.get(scale)
        found = fit(normalised(self.counts, scales), self.targets, self._labels, c, start, TRIAL_TOLERANCE)
        self.coefficients[scale] = found
        probabilities = softmax(logits(normalised(self.held_out, scales), found))
        return log_loss(self.held_out_targets, probabilities) * len(self.held_out_targets)


def _fitted(
    counts: Product,
    targets: NDArray[np.int32],
    labels: int,
    valid_counts: Product,
    scales: NDArray[np.float32],
    c: float,
    choice: str,
    start: NDArray[np.float32] | None,
) -> LinearModel:
    found = fit(normalised(counts, scales), targets, labels, c, start)
    each = found if labels > 2 else np.hstack([-found / 2, found / 2])
    table = np.hstack([each[:-1] * scales[:, None], scales[:, None] ** 2])  # row 0 is zero, as padding's idf is
    return LinearModel(table, each[-1], logits(normalised(valid_counts, scales), found), scales, c, choice, found)


def _best_c(loss: Callable[[float], float], first: float) -> float:
    """The C of the ladder with the least loss: from FIRST_C on, up or down as long as that helps. `first` is its loss."""
    best, least = FIRST_C, first
    for direction in (1, -1):
        while 0 <= best + direction < len(REGULARISATION):
            if (next_loss := loss(REGULARISATION[best + direction])) >= least:
                break
            best, least = best + direction, next_loss
        if best != FIRST_C:
            break
    return REGULARISATION[best]


def _sample_rows(targets: NDArray[np.int32], counts: Product) -> NDArray[np.intp]:
    """Row numbers, rising, that together hold about CHOOSING_WORDS words and word pairs; every label has a row among them."""
    return some_rows(targets, int(len(targets) * min(1.0, CHOOSING_WORDS / max(1, counts.left.nnz))))


def some_rows(targets: NDArray[np.int32], most: int) -> NDArray[np.intp]:
    """Row numbers, rising: at random `most` of all, but one at least, and one row of every label."""
    sample = np.random.default_rng(0).permutation(len(targets))[: max(1, most)]
    return np.union1d(sample, np.unique(targets, return_index=True)[1])
