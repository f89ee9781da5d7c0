"""The linear path: logistic regression on TF-IDF n-grams and word pairs, and how much it counts beside the network.

It is convex, so it is fitted by itself and to the end, in scikit-learn, rather than by the network's few noisy steps; then two
numbers, how loud the network and how loud the linear path, are fitted to the validation rows, which also calibrates the sum.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnclf.metrics import log_loss, softmax
from attnclf.reader import Ids, WordReader

REGULARISATION = (3.0, 10.0, 30.0)  # C; the best on the validation rows is kept
MANY_ROWS = 50_000  # above it the first is taken untried: each takes half a minute, and they differ little
Linear = dict[str, NDArray[np.float32]]


def fit_linear(
    reader: WordReader,
    train: tuple[Sequence[Ids], NDArray[np.int32]],
    valid: tuple[Sequence[Ids], NDArray[np.int32]],
    labels: int,
) -> tuple[Linear, NDArray[np.float32]]:
    """`W` (R, K) and `squares` (R, 1) as `attnclf.pooling.linear_path` reads them, and the bias (K,)."""
    from sklearn.linear_model import LogisticRegression

    counts = [_counts(reader, ids) for ids, _ in (train, valid)]
    idf = _idf(counts[0])
    features, held_out = (_normalised(matrix, idf) for matrix in counts)
    best: tuple[float, Any] | None = None
    for c in REGULARISATION if len(train[1]) <= MANY_ROWS else REGULARISATION[:1]:
        model = LogisticRegression(C=c, max_iter=1000).fit(features, train[1])
        loss = log_loss(valid[1], model.predict_proba(held_out))
        if best is None or loss < best[0]:
            best = loss, model
    assert best is not None
    weights, bias = best[1].coef_.T, best[1].intercept_  # (R, K) and (K,)
    if labels == 2:  # scikit-learn keeps the second label's log-odds only
        weights, bias = np.hstack([-weights / 2, weights / 2]), np.array([-bias[0] / 2, bias[0] / 2])
    arrays = {"W": weights * idf[:, None], "squares": idf[:, None] ** 2}  # row 0 is zero, as padding's idf is
    return {name: array.astype(np.float32) for name, array in arrays.items()}, bias.astype(np.float32)


def fit_loudness(
    network: NDArray[np.floating], linear: NDArray[np.floating], targets: NDArray[np.int32]
) -> tuple[float, float]:
    """a and b, both positive, for which a · network + b · linear (both logits (N, K)) has the least log loss."""
    from scipy.optimize import minimize

    def loss(exponents: NDArray[np.float64]) -> float:
        a, b = np.exp(exponents)
        return log_loss(targets, softmax(np.asarray(a * network + b * linear)))

    a, b = np.exp(minimize(loss, np.array([-0.5, -0.5]), method="Nelder-Mead").x)
    return float(a), float(b)


def _counts(reader: WordReader, texts: Sequence[Ids]) -> Any:
    """How often each text holds each feature: a sparse matrix (N, R)."""
    from scipy.sparse import csr_matrix

    rows = [reader.features_of(ids) for ids in texts]
    ends = np.cumsum([0, *map(len, rows)])
    matrix = csr_matrix((np.ones(ends[-1], np.float32), np.concatenate(rows), ends), shape=(len(texts), reader.features))
    matrix.sum_duplicates()
    return matrix


def _idf(counts: Any) -> NDArray[np.float64]:
    """ln((1 + n) / (1 + df)) + 1, as scikit-learn's; of padding 0."""
    frequency = np.bincount(counts.indices, minlength=counts.shape[1])
    idf = np.log((1 + counts.shape[0]) / (1 + frequency)) + 1
    idf[0] = 0
    return np.asarray(idf)


def _normalised(counts: Any, idf: NDArray[np.float64]) -> Any:
    """TF-IDF over the root of the sum of idf² of each occurrence, a norm that is itself a sum over tokens."""
    norm = np.sqrt(counts @ idf**2)
    weighted = counts.multiply(idf).tocsr()
    return weighted.multiply(1 / np.maximum(norm, 1e-6)[:, None]).tocsr()
