"""Logistic regression on what texts hold, where most of it they hold through their words.

It is scikit-learn's, objective and solver, for a matrix that is never made: that of every n-gram of every word of every text,
which for long texts is most of the memory and of the time. A text holds words, and a word n-grams, so the matrix is the product
of two that are smaller; and the solver needs nothing but its product with vectors.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

TOLERANCE = 1e-5  # of the largest part of the gradient; a tenth of scikit-learn's, under which a warm start hardly moves
MOST_STEPS = 100

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Product:
    """The matrix `left` · `right`, (N, M) and (M, R), both sparse and of float32."""

    left: Any
    right: Any

    def scaled(self, rows: NDArray[np.floating], columns: NDArray[np.floating]) -> "Product":
        """Every row and every column times a number: `rows` (N,), `columns` (R,)."""
        left, right = self.left.multiply(rows[:, None]), self.right.multiply(columns)
        return Product(left.tocsr().astype(np.float32), right.tocsr().astype(np.float32))

    def rows(self, some: NDArray[np.intp]) -> "Product":
        """Some of the rows."""
        return Product(self.left[some], self.right)

    def __matmul__(self, vectors: NDArray[Any]) -> NDArray[Any]:
        return np.asarray(self.left @ (self.right @ vectors))


def fit(x: Product, targets: NDArray[np.int32], labels: int, c: float, start: Floats | None = None) -> Floats:
    """Coefficients (R + 1, K), the last row their biases, of least  C Σ_i −log p(y_i) + ½ ‖W‖²,  biases left free.

    With two labels one column, of the second's log-odds, as in scikit-learn; Newton's method, its steps by conjugate gradients
    (Nocedal & Wright 2006, 7.1). `start` are coefficients to start from.
    """
    from scipy.optimize import minimize

    columns = 1 if labels == 2 else labels
    shape = (x.right.shape[1] + 1, columns)
    loss = _Loss(x, np.eye(labels, dtype=np.float32)[targets][:, -columns:], c)

    def stop_when_flat(_: NDArray[np.floating]) -> None:
        if np.abs(loss.gradient).max() < TOLERANCE:
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
    """(N, K), for two labels too."""
    scores = np.asarray(x @ coefficients[:-1] + coefficients[-1], np.float64)
    return np.hstack([-scores / 2, scores / 2]) if scores.shape[1] == 1 else scores


class _Loss:
    """The mean of the objective over rows, and its derivatives where it was last asked."""

    def __init__(self, x: Product, truth: Floats, c: float) -> None:
        self._x, self._truth = x, truth  # truth (N, K): 1 for the label, 0 for the others
        self._back = Product(x.right.T.tocsr(), x.left.T.tocsr())
        self._penalty = np.float32(1 / (c * len(truth)))

    def at(self, w: Floats) -> tuple[float, Floats]:
        z = self._x @ w[:-1] + w[-1]
        one = z.shape[1] == 1
        highest = np.maximum(z, 0) if one else z.max(axis=1, keepdims=True)
        sums = np.exp(z - highest).sum(axis=1, keepdims=True) + (np.exp(-highest) if one else 0)
        self._p = np.exp(z - highest) / sums
        losses = np.log(sums) + highest - (self._truth * z).sum(axis=1, keepdims=True)
        self.gradient = self._sloped(self._p - self._truth, w)
        norm = float(np.square(w[:-1], dtype=np.float64).sum())
        return float(losses.mean(dtype=np.float64)) + float(self._penalty) * norm / 2, self.gradient.ravel()

    def curvature(self, w: Floats) -> Floats:
        """The Hessian's product with w."""
        change = self._p * (self._x @ w[:-1] + w[-1])
        return self._sloped(change - self._p * change.sum(axis=1, keepdims=True), w)

    def _sloped(self, residuals: Floats, w: Floats) -> Floats:
        residuals = (residuals / len(residuals)).astype(np.float32)
        return np.vstack([self._back @ residuals + self._penalty * w[:-1], residuals.sum(axis=0, keepdims=True)])
