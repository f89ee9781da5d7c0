"""Logistic regression on the features of texts, where most features come from words.

The objective and the solver are scikit-learn's, but the matrix of every n-gram of every word of every text is never built. For
long texts it would take most of the memory and time. A text holds words and a word holds n-grams, so the matrix is the product
of two smaller ones, and the solver needs only its products with vectors.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

TOLERANCE = 1e-5  # of the largest part of the gradient; a tenth of scikit-learn's, with which a warm start hardly moves
MOST_STEPS = 100

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Product:
    """The matrix `left` · `right`, where `left` (N, M) and `right` (M, R) are sparse and of float32.

    Each row is multiplied by its number in `of_rows` (N,), and each column by its number in `of_columns` (R,), where they are
    given. They stay by themselves: the large matrices are shared by all that differ in scales alone.
    """

    left: Any
    right: Any
    of_rows: Floats | None = None
    of_columns: Floats | None = None

    @property
    def shape(self) -> tuple[int, int]:
        return self.left.shape[0], self.right.shape[1]

    def scaled(self, rows: NDArray[np.floating], columns: NDArray[np.floating]) -> "Product":
        """This matrix, which has no scales, with those of `rows` (N,) and `columns` (R,)."""
        return replace(self, of_rows=rows.astype(np.float32), of_columns=columns.astype(np.float32))

    def rows(self, some: NDArray[np.intp]) -> "Product":
        """The matrix of the rows with these indices.

        A product takes as long as `right` does, so what none of a few rows holds is left out of it.
        """
        left, of_rows = self.left[some], None if self.of_rows is None else self.of_rows[some]
        held = np.zeros(left.shape[1], bool)
        held[left.indices] = True
        if 2 * np.count_nonzero(held) > len(held):
            return Product(left, self.right, of_rows, self.of_columns)
        kept = np.flatnonzero(held)
        return Product(left[:, kept], self.right[kept], of_rows, self.of_columns)

    def __matmul__(self, vectors: NDArray[Any]) -> NDArray[Any]:
        return _times(self.of_rows, self.left @ (self.right @ _times(self.of_columns, vectors)))

    def transposed_times(self, vectors: NDArray[Any]) -> NDArray[Any]:
        """The product of the transposed matrix (R, N) with vectors."""
        return _times(self.of_columns, self.right.T @ (self.left.T @ _times(self.of_rows, vectors)))


def fit(
    x: Product,
    targets: NDArray[np.int32],
    labels: int,
    c: float,
    start: Floats | None = None,
    tolerance: float = TOLERANCE,
) -> Floats:
    """The coefficients (R + 1, K) that minimise

        C Σ_i −log p(y_i) + ½ ‖W‖²

    The last row holds the biases, which are not penalised. With two labels there is one column, the log-odds of the second
    label, as in scikit-learn.

    The solver is Newton's method with steps by conjugate gradients (Nocedal & Wright 2006, 7.1). It starts from `start`, or
    from zero without `start`, and ends where no part of the gradient is larger than `tolerance`.
    """
    from scipy.optimize import minimize

    columns = 1 if labels == 2 else labels
    shape = (x.shape[1] + 1, columns)
    loss = _Loss(x, np.eye(labels, dtype=np.float32)[targets][:, -columns:], c)

    def stop_when_flat(_: NDArray[np.floating]) -> None:
        if np.abs(loss.gradient).max() < tolerance:
            raise StopIteration

    found = minimize(
        lambda w: loss.at(w.reshape(shape)),
        (np.zeros(shape, np.float32) if start is None else start).ravel(),
        jac=True,
        hessp=lambda _, w: loss.curvature(w.reshape(shape)).ravel(),
        method="Newton-CG",
        callback=stop_when_flat,
        options={"maxiter": MOST_STEPS, "xtol": 0.0},
    )
    return np.asarray(found.x, np.float32).reshape(shape)


def logits(x: Product, coefficients: Floats) -> NDArray[np.floating]:
    """Logits (N, K). For two labels they are −z/2 and z/2, where z is the log-odds of the second label."""
    scores = np.asarray(x @ coefficients[:-1] + coefficients[-1], np.float64)
    return np.hstack([-scores / 2, scores / 2]) if scores.shape[1] == 1 else scores


class _Loss:
    """The mean of the objective over rows, with its gradient and curvature at the last point that `at` was given."""

    def __init__(self, x: Product, truth: Floats, c: float) -> None:
        self._x, self._truth = x, truth  # truth (N, K), or (N, 1) for two labels: 1 for the label, 0 for the others
        self._penalty = np.float32(1 / (c * len(truth)))

    def at(self, w: Floats) -> tuple[float, Floats]:
        """The loss at w, and its gradient as a flat array."""
        z = self._x @ w[:-1] + w[-1]
        binary = z.shape[1] == 1
        highest = np.maximum(z, 0) if binary else z.max(axis=1, keepdims=True)
        sums = np.exp(z - highest).sum(axis=1, keepdims=True) + (np.exp(-highest) if binary else 0)
        self._p = np.exp(z - highest) / sums
        losses = np.log(sums) + highest - (self._truth * z).sum(axis=1, keepdims=True)
        self.gradient = self._derivative(self._p - self._truth, w)
        norm = float(np.square(w[:-1], dtype=np.float64).sum())
        return float(losses.mean(dtype=np.float64)) + float(self._penalty) * norm / 2, self.gradient.ravel()

    def curvature(self, w: Floats) -> Floats:
        """The product of the Hessian with w."""
        change = self._p * (self._x @ w[:-1] + w[-1])
        return self._derivative(change - self._p * change.sum(axis=1, keepdims=True), w)

    def _derivative(self, residuals: Floats, w: Floats) -> Floats:
        """xᵀ · residuals / N, plus the penalty times w; the biases are not penalised."""
        residuals = (residuals / len(residuals)).astype(np.float32)
        return np.vstack([self._x.transposed_times(residuals) + self._penalty * w[:-1], residuals.sum(axis=0, keepdims=True)])


def _times(scales: Floats | None, vectors: NDArray[Any]) -> NDArray[Any]:
    """Each row of `vectors`, (N,) or (N, K), times its scale."""
    if scales is None:
        return np.asarray(vectors)
    return np.asarray((vectors.T * scales).T)
