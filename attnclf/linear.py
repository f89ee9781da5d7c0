"""The linear path: logistic regression on n-grams and pairs of words, and how much it counts beside the network.

It is convex, so it is fitted by itself and to the end rather than by the network's few noisy steps; then two
numbers, how loud the network and how loud the linear path, are fitted to the validation rows, which also calibrates the sum.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from attnclf.metrics import log_loss, softmax
from attnclf.reader import WordReader
from attnclf.reading import Ids
from attnclf.regression import Product, fit, logits


class Scale(NamedTuple):
    """How much a feature counts before the regression weighs it: powers of its idf and of its contrast between the labels, and
    `words` times as much when it is a whole word or a pair of words."""

    idf: float
    contrast: float
    words: float

    def __str__(self) -> str:
        return f"idf to the power {self.idf:g}, contrast to the power {self.contrast:g}, words count {self.words:g}"


# Which is best depends on the language and the task more than anything else here does, so the validation rows choose.
SCALES = tuple(Scale(*numbers) for numbers in ((1, 0, 4), (0.5, 1, 1), (0.5, 1, 4), (1.5, 0.5, 2), (1, 1, 4)))
LEAST_CONTRAST = 0.1  # added to every contrast, so that no feature is lost
REGULARISATION = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)  # C
FIRST_C = 2  # of these, the one that is tried with every scale
CHOOSING_WORDS = 3_000_000  # and pairs, to choose both on the rows that hold so many; what is chosen is fitted to all rows
ROWS_AT_ONCE = 1_000  # whose n-grams are looked at together

# What is thought of the loudness of network and path before any row is seen, and the deviation of its logarithm: a network that
# has learnt its rows by heart is too sure of the others.
USUAL_LOUDNESS, LOUDNESS_DEVIATION = (0.3, 0.7), 0.7

Rows = tuple[Sequence[Ids], NDArray[np.int32]]  # texts and their labels
Sides = tuple[NDArray[np.intp], NDArray[np.intp]]  # numbers of rows to fit to and to judge by


@dataclass(frozen=True)
class LinearPath:
    """`table` (R, K + 1) is as `attnclf.pooling.linear_path` reads it; `bias` (K,) has no token of its own; `logits` (N, K) are
    those of the validation rows, bias included; `scale` (R,) and `c` are what they chose, `coefficients` the regression's."""

    table: NDArray[np.float32]
    bias: NDArray[np.float32]
    logits: NDArray[np.floating]
    scale: NDArray[np.float32]
    c: float
    choice: str
    coefficients: NDArray[np.float32]


def fit_linear(reader: WordReader, train: Rows, valid: Rows, labels: int, trials: Sequence[Sides] = ()) -> LinearPath:
    """Scales and C are those with the least log loss on the validation rows, and of `trials`, each a part of the training rows
    judged by a fit to another."""
    counts, held_out = (_counts(reader, ids) for ids, _ in (train, valid))
    idf, whole = _idf(counts), reader.whole()
    chosen = _some_rows(train[1], counts)
    judges = [_Judge(counts.rows(chosen), train[1][chosen], held_out, valid[1], labels, idf, whole)]
    for a, b in trials:
        judges.append(_Judge(counts.rows(a), train[1][a], counts.rows(b), train[1][b], labels, idf, whole))

    def loss(scale: Scale, c: float) -> float:
        return sum(judge.loss(scale, c) for judge in judges)

    losses = {scale: loss(scale, REGULARISATION[FIRST_C]) for scale in SCALES}
    scale = min(losses, key=losses.__getitem__)
    c = _climb(lambda c: loss(scale, c), losses[scale])
    numbers = _numbers(scale, idf, _contrast(counts, train[1], labels), whole)
    return _fitted(counts, train[1], labels, held_out, numbers, c, f"{scale}, C {c:g}", judges[0].found[scale, c])


class _Judge:
    """What scales and Cs are worth: the log loss on some rows of what is fitted to others."""

    def __init__(
        self,
        counts: Product,
        targets: NDArray[np.int32],
        held_out: Product,
        truth: NDArray[np.int32],
        labels: int,
        idf: NDArray[np.float64],
        whole: NDArray[np.bool_],
    ) -> None:
        self._rows, self._targets, self._held_out, self._truth = counts, targets, held_out, truth
        self._labels, self._features = labels, (idf, _contrast(counts, targets, labels), whole)
        self._products = lru_cache(maxsize=1)(self._of_scale)
        self.found: dict[tuple[Scale, float], NDArray[np.float32]] = {}  # what each scale and C ended with

    def loss(self, scale: Scale, c: float) -> float:
        """In sum over the rows, in nats."""
        rows, held_out = self._products(scale)
        start = self.found.get((scale, REGULARISATION[FIRST_C]))
        self.found[scale, c] = found = fit(rows, self._targets, self._labels, c, start)
        return log_loss(self._truth, softmax(logits(held_out, found))) * len(self._truth)

    def _of_scale(self, scale: Scale) -> tuple[Product, Product]:
        numbers = _numbers(scale, *self._features)
        return _normalised(self._rows, numbers), _normalised(self._held_out, numbers)


def _numbers(
    scale: Scale, idf: NDArray[np.float64], contrast: NDArray[np.float64], whole: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """How much each feature counts (R,); padding nothing."""
    words = np.where(whole, scale.words, 1.0)
    return np.asarray(idf**scale.idf * (contrast + LEAST_CONTRAST) ** scale.contrast * words, np.float32)


def fit_again(path: LinearPath, reader: WordReader, rows: Rows, valid: Sequence[Ids]) -> LinearPath:
    """The same settings fitted to other rows, the validation rows among them: nothing is left to choose."""
    counts, held_out = _counts(reader, rows[0]), _counts(reader, valid)
    return _fitted(counts, rows[1], len(path.bias), held_out, path.scale, path.c, path.choice, path.coefficients)


def _fitted(
    counts: Product,
    targets: NDArray[np.int32],
    labels: int,
    held_out: Product,
    scale: NDArray[np.float32],
    c: float,
    choice: str,
    start: NDArray[np.float32],
) -> LinearPath:
    found = fit(_normalised(counts, scale), targets, labels, c, start)
    each = found if labels > 2 else np.hstack([-found / 2, found / 2])
    table = np.hstack([each[:-1] * scale[:, None], scale[:, None] ** 2])  # row 0 is zero, as padding's idf is
    return LinearPath(table, each[-1], logits(_normalised(held_out, scale), found), scale, c, choice, found)


def fit_loudness(
    network: NDArray[np.floating], linear: NDArray[np.floating], targets: NDArray[np.int32]
) -> tuple[float, float]:
    """a and b, both positive, for which a · network + b · linear (both logits (N, K)) has the least log loss. Their logarithms
    have a normal prior, so that few rows which anything gets right do not make the model certain."""
    from scipy.optimize import minimize

    usual = np.log(USUAL_LOUDNESS)

    def loss(exponents: NDArray[np.float64]) -> float:
        a, b = np.exp(exponents)
        prior = float(np.sum((exponents - usual) ** 2)) / (2 * LOUDNESS_DEVIATION**2 * len(targets))
        return log_loss(targets, softmax(np.asarray(a * network + b * linear))) + prior

    a, b = np.exp(minimize(loss, usual, method="Nelder-Mead").x)
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
    """ln((1 + n) / (1 + df)) + 1, as scikit-learn's; of padding 0."""
    rows, features = counts.left.shape[0], counts.right.shape[1]
    frequency = np.zeros(features, np.int64)
    for start in range(0, rows, ROWS_AT_ONCE):
        held = counts.left[start : start + ROWS_AT_ONCE] @ counts.right
        frequency += np.bincount(held.indices, minlength=features)
    idf = np.log((1 + rows) / (1 + frequency)) + 1
    idf[0] = 0
    return np.asarray(idf)


def _contrast(counts: Product, targets: NDArray[np.int32], labels: int) -> NDArray[np.float64]:
    """How differently often a feature stands in texts of one label and of the others: the root of the mean over labels of
    ln²((n_k + 1) / (N_k + 2) · (N − N_k + 2) / (n − n_k + 1)), n being counts of the feature and N of texts.

    What naive Bayes would make of the feature alone, as in NB-SVM (Wang and Manning 2012), without its sign, which the
    regression finds by itself.
    """
    from scipy.sparse import csr_array

    texts = np.bincount(targets, minlength=labels)
    of_label = csr_array((np.ones(len(targets)), (targets, np.arange(len(targets)))), shape=(labels, len(targets)))
    by_label = (of_label @ counts.left @ counts.right).tocsr()  # (K, R)
    total = np.asarray(by_label.sum(axis=0)).ravel()
    squares = np.zeros(len(total))
    for label in range(labels):
        held = by_label[[label]].toarray().ravel()
        here, elsewhere = (held + 1) / (texts[label] + 2), (total - held + 1) / (len(targets) - texts[label] + 2)
        squares += np.log(here / elsewhere) ** 2
    return np.asarray(np.sqrt(squares / labels))


def _normalised(counts: Product, scale: NDArray[np.float32]) -> Product:
    """Counts times scale, over the root of the sum of scale² of each count: a norm that is itself a sum over tokens."""
    norm = np.sqrt(counts @ scale**2)
    return counts.scaled(1 / np.maximum(norm, 1e-6), scale)
