"""The linear path: logistic regression on n-grams and pairs of words, and how much it counts beside the network.

It is convex, so it is fitted by itself and to the end, in scikit-learn, rather than by the network's few noisy steps; then two
numbers, how loud the network and how loud the linear path, are fitted to the validation rows, which also calibrates the sum.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnclf.metrics import log_loss, softmax
from attnclf.reader import Ids, WordReader

# The power of a feature's idf, and what whole words and pairs count beside parts of words. Which is best depends on the
# language and the task more than anything else here does, so the validation rows choose.
SCALES = ((1.0, 1.0), (1.0, 4.0), (1.5, 3.0))
REGULARISATION = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0)  # C
FIRST_C = 2  # of these, the one that is tried with every scale
CHOOSING_ROWS = 20_000  # to choose both on; what is chosen is fitted to all rows

LOUDNESS_DEVIATION = 2.0  # of the logarithm of a loudness, before any row is seen

Rows = tuple[Sequence[Ids], NDArray[np.int32]]  # texts and their labels


@dataclass(frozen=True)
class LinearPath:
    """`table` (R, K + 1) is as `attnclf.pooling.linear_path` reads it; `bias` (K,) has no token of its own; `logits` (N, K) are
    those of the validation rows, bias included; `scale` (R,) and `c` are what they chose."""

    table: NDArray[np.float32]
    bias: NDArray[np.float32]
    logits: NDArray[np.float64]
    scale: NDArray[np.float64]
    c: float
    choice: str


def fit_linear(reader: WordReader, train: Rows, valid: Rows) -> LinearPath:
    """Scales and C are those with the least log loss on the validation rows."""
    counts, held_out = (_counts(reader, ids) for ids, _ in (train, valid))
    idf, whole = _idf(counts), reader.whole()
    chosen = _some_rows(train[1])
    some, some_targets = counts[chosen], train[1][chosen]

    def scaled(scale: tuple[float, float]) -> NDArray[np.float64]:
        return np.asarray(idf ** scale[0] * np.where(whole, scale[1], 1.0))

    def loss(scale: tuple[float, float], c: float) -> float:
        s = scaled(scale)
        model = _regression(c).fit(_normalised(some, s), some_targets)
        return log_loss(valid[1], model.predict_proba(_normalised(held_out, s)))

    losses = {scale: loss(scale, REGULARISATION[FIRST_C]) for scale in SCALES}
    scale = min(losses, key=losses.__getitem__)
    c = _climb(lambda c: loss(scale, c), losses[scale])
    choice = f"idf to the power {scale[0]:g}, words count {scale[1]:g}, C {c:g}"
    return _fitted(counts, train[1], held_out, scaled(scale), c, choice)


def fit_again(path: LinearPath, reader: WordReader, rows: Rows, valid: Sequence[Ids]) -> LinearPath:
    """The same settings fitted to other rows, the validation rows among them: nothing is left to choose."""
    counts, held_out = _counts(reader, rows[0]), _counts(reader, valid)
    return _fitted(counts, rows[1], held_out, path.scale, path.c, path.choice)


def _fitted(
    counts: Any, targets: NDArray[np.int32], held_out: Any, scale: NDArray[np.float64], c: float, choice: str
) -> LinearPath:
    model = _regression(c).fit(_normalised(counts, scale), targets)
    weights, bias = model.coef_.T, model.intercept_  # (R, K) and (K,)
    if len(model.classes_) == 2:  # scikit-learn keeps the second label's log-odds only
        weights, bias = np.hstack([-weights / 2, weights / 2]), np.array([-bias[0] / 2, bias[0] / 2])
    table = np.hstack([weights * scale[:, None], scale[:, None] ** 2]).astype(np.float32)  # row 0 is zero, as padding's idf is
    logits = np.asarray(_normalised(held_out, scale) @ weights + bias)
    return LinearPath(table, bias.astype(np.float32), logits, scale, c, choice)


def fit_loudness(
    network: NDArray[np.floating], linear: NDArray[np.floating], targets: NDArray[np.int32]
) -> tuple[float, float]:
    """a and b, both positive, for which a · network + b · linear (both logits (N, K)) has the least log loss; their logarithms
    have a normal prior of deviation 2, so that four rows which anything gets right do not make the model certain."""
    from scipy.optimize import minimize

    def loss(exponents: NDArray[np.float64]) -> float:
        a, b = np.exp(exponents)
        prior = float(exponents @ exponents) / (2 * LOUDNESS_DEVIATION**2 * len(targets))
        return log_loss(targets, softmax(np.asarray(a * network + b * linear))) + prior

    a, b = np.exp(minimize(loss, np.array([-0.5, -0.5]), method="Nelder-Mead").x)
    return float(a), float(b)


def _climb(loss: Any, first: float) -> float:
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


def _regression(c: float) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=c, solver="newton-cg", max_iter=1000)


def _some_rows(targets: NDArray[np.int32]) -> NDArray[np.intp]:
    """At most CHOOSING_ROWS row numbers and one of every label, in order."""
    some = np.random.default_rng(0).permutation(len(targets))[:CHOOSING_ROWS]
    return np.union1d(some, np.unique(targets, return_index=True)[1])


def _counts(reader: WordReader, texts: Sequence[Ids]) -> Any:
    """In how many of its distinct words and pairs each text holds each feature: a sparse matrix (N, R)."""
    from scipy.sparse import csr_matrix

    places = reader.counts(texts)
    return csr_matrix((np.ones(len(places[0]), np.float32), places), shape=(len(texts), reader.features))


def _idf(counts: Any) -> NDArray[np.float64]:
    """ln((1 + n) / (1 + df)) + 1, as scikit-learn's; of padding 0."""
    frequency = np.bincount(counts.indices, minlength=counts.shape[1])
    idf = np.log((1 + counts.shape[0]) / (1 + frequency)) + 1
    idf[0] = 0
    return np.asarray(idf)


def _normalised(counts: Any, scale: NDArray[np.float64]) -> Any:
    """Counts times scale, over the root of the sum of scale² of each count: a norm that is itself a sum over tokens."""
    norm = np.sqrt(counts @ scale**2)
    weighted = counts.multiply(scale).tocsr()
    return weighted.multiply(1 / np.maximum(norm, 1e-6)[:, None]).tocsr().astype(np.float32)
