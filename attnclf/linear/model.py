"""The linear path: logistic regression on n-grams and pairs of words, and how much it counts beside the network.

It is convex, so it is fitted by itself and to the end rather than by the network's few noisy steps; then two
numbers, how loud the network and how loud the linear path, are fitted to the validation rows, which also calibrates the sum.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from attnclf.data.split import Sides
from attnclf.linear.regression import Product, fit, logits
from attnclf.reading.base import Ids
from attnclf.reading.readers import WordReader
from attnclf.results import softmax
from attnclf.scoring.metrics import log_loss


class Scale(NamedTuple):
    """How much a feature counts before the regression weighs it: powers of its idf and of its contrast between the labels, and
    `words` times as much when it is a whole word or a pair of words."""

    idf: float
    contrast: float
    words: float

    def __str__(self) -> str:
        return f"idf to the power {self.idf:g}, contrast to the power {self.contrast:g}, words count {self.words:g}"


# Which is best depends on the language and the task more than anything else here does, so held-out rows choose.
SCALES = tuple(Scale(*numbers) for numbers in ((1, 0, 4), (0.5, 1, 1), (0.5, 1, 4), (1.5, 0.5, 2), (1.5, 0.5, 4)))
LEAST_CONTRAST = 0.1  # added to every contrast, so that no feature is lost
REGULARISATION = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)  # C
FIRST_C = 2  # of these, the one that is tried with every scale
CHOOSING_WORDS = 3_000_000  # and pairs, to choose both on the rows that hold so many; what is chosen is fitted to all rows
ROWS_AT_ONCE = 1_000  # whose n-grams are looked at together

# What is thought of the loudness of network and path beside each other before any row is seen: a network that has learnt its
# rows by heart is too sure of the others. Measured in folds of training rows, as is the deviation of its logarithm.
USUAL_LOUDNESS, LOUDNESS_DEVIATION = (0.3, 0.7), 0.7

Texts = tuple[Sequence[Ids], NDArray[np.int32]]  # and their labels


@dataclass(frozen=True)
class LinearPath:
    """`table` (R, K + 1) is as `attnclf.model.pooling.linear_path` reads it; `bias` (K,) has no token of its own; `logits` (N, K) are
    those of the validation rows, bias included; `scales` (R,) and `c` are what was chosen, `coefficients` the regression's."""

    table: NDArray[np.float32]
    bias: NDArray[np.float32]
    logits: NDArray[np.floating]
    scales: NDArray[np.float32]
    c: float
    choice: str
    coefficients: NDArray[np.float32]


def fit_linear(reader: WordReader, train: Texts, valid: Texts, labels: int, trials: Sequence[Sides] = ()) -> LinearPath:
    """Scales and C are those with the least log loss on the validation rows, and of `trials`, each a part of the training rows
    judged by a fit to another."""
    counts, held_out = (_counts(reader, ids) for ids, _ in (train, valid))
    whole = reader.whole()
    first = _some_rows(train[1], counts)
    judges = [_Judge(counts.rows(first), train[1][first], held_out, valid[1], labels, whole)]
    for fitted, judged in trials:
        some = fitted[_some_rows(train[1][fitted], counts.rows(fitted))]
        judges.append(_Judge(counts.rows(some), train[1][some], counts.rows(judged), train[1][judged], labels, whole))

    def loss(scale: Scale, c: float) -> float:
        return sum(judge.loss(scale, c) for judge in judges)

    losses = {scale: loss(scale, REGULARISATION[FIRST_C]) for scale in SCALES}
    scale = min(losses, key=losses.__getitem__)
    c = _climb(lambda c: loss(scale, c), losses[scale])
    scales = _Features.of(counts, train[1], labels, whole).scaled(scale)
    return _fitted(counts, train[1], labels, held_out, scales, c, f"{scale}, C {c:g}", judges[0].coefficients)


@dataclass(frozen=True)
class _Features:
    """What the scales of features are made of, each (R,): idf, contrast between labels, and which are words or pairs."""

    idf: NDArray[np.float64]
    contrast: NDArray[np.float64]
    whole: NDArray[np.bool_]

    @classmethod
    def of(cls, counts: Product, targets: NDArray[np.int32], labels: int, whole: NDArray[np.bool_]) -> "_Features":
        return cls(_idf(counts), _contrast(counts, targets, labels), whole)

    def scaled(self, scale: Scale) -> NDArray[np.float32]:
        """How much each feature counts (R,); 0 for what no text holds."""
        words = np.where(self.whole, scale.words, 1.0)
        scales = self.idf**scale.idf * (self.contrast + LEAST_CONTRAST) ** scale.contrast * words
        return np.where(self.idf > 0, scales, 0.0).astype(np.float32)


class _Judge:
    """What scales and Cs are worth: the log loss on some texts of what is fitted to others. `coefficients`: of the last fit."""

    def __init__(
        self,
        counts: Product,
        targets: NDArray[np.int32],
        held_out: Product,
        truth: NDArray[np.int32],
        labels: int,
        whole: NDArray[np.bool_],
    ) -> None:
        self.counts, self.targets, self.held_out, self.truth = counts, targets, held_out, truth
        self._labels, self._features = labels, _Features.of(counts, targets, labels, whole)
        self._scale: Scale | None = None  # of the last question; the next is often about the same
        self.coefficients: NDArray[np.float32] | None = None

    def loss(self, scale: Scale, c: float) -> float:
        """In sum over the texts, in nats."""
        if scale != self._scale:
            scales = self._features.scaled(scale)
            self._scale, self._fitted = scale, _normalised(self.counts, scales)
            self._judged, self.coefficients = _normalised(self.held_out, scales), None
        self.coefficients = fit(self._fitted, self.targets, self._labels, c, self.coefficients)
        return log_loss(self.truth, softmax(logits(self._judged, self.coefficients))) * len(self.truth)


def fit_again(path: LinearPath, reader: WordReader, rows: Texts, valid: Sequence[Ids]) -> LinearPath:
    """The same settings fitted to other rows, the validation rows among them: nothing is left to choose."""
    counts, held_out = _counts(reader, rows[0]), _counts(reader, valid)
    return _fitted(counts, rows[1], len(path.bias), held_out, path.scales, path.c, path.choice, path.coefficients)


def _fitted(
    counts: Product,
    targets: NDArray[np.int32],
    labels: int,
    held_out: Product,
    scales: NDArray[np.float32],
    c: float,
    choice: str,
    start: NDArray[np.float32] | None,
) -> LinearPath:
    found = fit(_normalised(counts, scales), targets, labels, c, start)
    each = found if labels > 2 else np.hstack([-found / 2, found / 2])
    table = np.hstack([each[:-1] * scales[:, None], scales[:, None] ** 2])  # row 0 is zero, as padding's idf is
    return LinearPath(table, each[-1], logits(_normalised(held_out, scales), found), scales, c, choice, found)


def fit_loudness(
    network: NDArray[np.floating],
    linear: NDArray[np.floating],
    targets: NDArray[np.int32],
    usual: tuple[float, float] = USUAL_LOUDNESS,
) -> tuple[float, float]:
    """a and b, both positive, for which a · network + b · linear (both logits (N, K)) has the least log loss. Their logarithms
    have a normal prior around those of `usual`, so that few rows which anything gets right do not make the model certain."""
    from scipy.optimize import minimize

    center = np.log(usual)

    def loss(exponents: NDArray[np.float64]) -> float:
        a, b = np.exp(exponents)
        prior = float(np.sum((exponents - center) ** 2)) / (2 * LOUDNESS_DEVIATION**2 * len(targets))
        return log_loss(targets, softmax(np.asarray(a * network + b * linear))) + prior

    a, b = np.exp(minimize(loss, center, method="Nelder-Mead").x)
    return float(a), float(b)


def _climb(loss: Callable[[float], float], first: float) -> float:
    """The C of the ladder with the least loss, from its middle on, up or down as long as that helps."""
    best, least = FIRST_C, first
    for direction in (1, -1):
        while 0 <= best + direction < len(REGULARISATION):
            if (next_loss := loss(REGULARISATION[best + direction])) >= least:
                break
            best, least = best + direction, next_loss
        if best != FIRST_C:
            break
    return REGULARISATION[best]


def _some_rows(targets: NDArray[np.int32], counts: Product) -> NDArray[np.intp]:
    """Numbers of rows that hold about CHOOSING_WORDS words and pairs together, and one row of every label, in order."""
    most = max(1, int(len(targets) * min(1.0, CHOOSING_WORDS / max(1, counts.left.nnz))))
    some = np.random.default_rng(0).permutation(len(targets))[:most]
    return np.union1d(some, np.unique(targets, return_index=True)[1])


def _counts(reader: WordReader, texts: Sequence[Ids]) -> Product:
    """In how many of its distinct words and pairs each text holds each feature: which units it holds (N, M), which features a
    unit has (M, R). The units are the words met and the features themselves, as which pairs stand."""
    from scipy.sparse import csr_array

    (text, word), (paired, pair) = reader.distinct(texts)
    words, many = reader.words(), reader.words() + reader.features
    made_of = reader.made_of(used := np.unique(word))
    features = made_of["features"]
    real = features > 0
    owners = np.broadcast_to(used[made_of["words"]][:, None], features.shape)[real]
    left = np.concatenate([text, paired]), np.concatenate([word, words + pair])
    right = np.concatenate([owners, words + np.unique(pair)]), np.concatenate([features[real], np.unique(pair)])
    return Product(
        csr_array((np.ones(len(left[0]), np.float32), left), shape=(len(texts), many)),
        csr_array((np.ones(len(right[0]), np.float32), right), shape=(many, reader.features)),
    )


def _idf(counts: Product) -> NDArray[np.float64]:
    """ln((1 + n) / (1 + df)) + 1, as scikit-learn's; of padding, and of what no text holds, 0."""
    rows, features = counts.left.shape[0], counts.right.shape[1]
    frequency = np.zeros(features, np.int64)
    for start in range(0, rows, ROWS_AT_ONCE):
        held = counts.left[start : start + ROWS_AT_ONCE] @ counts.right
        frequency += np.bincount(held.indices, minlength=features)
    return np.where(frequency > 0, np.log((1 + rows) / (1 + frequency)) + 1, 0.0)


def _contrast(counts: Product, targets: NDArray[np.int32], labels: int) -> NDArray[np.float64]:
    """How much oftener or more rarely a feature stands with a label than the label's share of the texts would have it: the root
    of the mean over labels of ln²((n_k + a) / a · b / (n − n_k + b)), where n counts the feature, and a = 2 N_k / N and
    b = 2 − a share out two texts more. It is 0 for what stands with each label in proportion.

    What naive Bayes would make of the feature alone, as in NB-SVM (Wang and Manning 2012), without its sign, which the
    regression finds by itself.
    """
    from scipy.sparse import csr_array

    texts = np.bincount(targets, minlength=labels)
    of_label = csr_array((np.ones(len(targets)), (targets, np.arange(len(targets)))), shape=(labels, len(targets)))
    by_label = (of_label @ counts.left @ counts.right).tocsr()  # (K, R)
    total = np.asarray(by_label.sum(axis=0)).ravel()
    squares = np.zeros(len(total))
    for label in np.flatnonzero(texts):
        held, a = by_label[[label]].toarray().ravel(), 2 * texts[label] / len(targets)
        b = 2 - a
        squares += np.log((held + a) / a * b / (total - held + b)) ** 2
    return np.asarray(np.sqrt(squares / labels))


def _normalised(counts: Product, scales: NDArray[np.float32]) -> Product:
    """Counts times scales, over the root of the sum of scale² of each count: a norm that is itself a sum over tokens."""
    norm = np.sqrt(counts @ scales**2)
    return counts.scaled(1 / np.maximum(norm, 1e-6), scales)
