"""Mixing weights: how much the network and the linear model each count in the sum of their logits.

    ℓ = a · ℓ_network + b · ℓ_linear        a, b > 0

The two numbers are fitted to the validation rows, which also calibrates the probabilities.
"""

import numpy as np
from numpy.typing import NDArray

from attnclf.results import softmax
from attnclf.scoring.metrics import log_loss

# The prior, measured in folds of training rows: the usual (a, b), and the standard deviation of their logarithms. Without it
# a network that has memorised its few training rows is too confident about the others.
USUAL_WEIGHTS = (0.3, 0.7)
DEVIATION = 0.7


def fit_mixing_weights(
    network: NDArray[np.floating],
    linear: NDArray[np.floating],
    targets: NDArray[np.int32],
    usual: tuple[float, float] = USUAL_WEIGHTS,
) -> tuple[float, float]:
    """The (a, b) for which a · network + b · linear has the least log loss on the label numbers `targets` (N,). Both are logits
    (N, K).

    Their logarithms have a normal prior around those of `usual`. It keeps a few rows that any model gets right from making
    the sum certain.
    """
    from scipy.optimize import minimize

    center = np.log(usual)

    def loss(exponents: NDArray[np.float64]) -> float:
        a, b = np.exp(exponents)
        prior = float(np.sum((exponents - center) ** 2)) / (2 * DEVIATION**2 * len(targets))
        return log_loss(targets, softmax(np.asarray(a * network + b * linear))) + prior

    a, b = np.exp(minimize(loss, center, method="Nelder-Mead").x)
    return float(a), float(b)
