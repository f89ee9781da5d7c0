"""From scores to weights: three ways to make numbers that sum to 1 over the tokens of a text and are exactly 0 on padding.

All take scores (B, T, G) in float32, each of the G columns by itself, and a mask (B, T, 1), 1 for a token and 0 for padding,
with at least one token a row. Like every equation they are read by `keras.ops`, NumPy and ONNX through `xp`.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from attnclf.registry import Registry

Normalizer = Callable[[Any, Any, Any], Any]

FAR_BELOW = -1e9  # a score no real token has; beside any that has, its exp is exactly 0 in float32
OUTSIDE = -2.0  # of scores whose largest is 0: sparsemax gives nothing below −1, nor 1.5-entmax, which halves them, below −1
ONE, ZERO = np.float32(1), np.float32(0)
TINY = 1e-12  # under a root, whose slope at 0 is infinite

NORMALIZERS: Registry[Any] = Registry("normalizer")


@NORMALIZERS.register("softmax", "every token gets something")
def softmax(xp: Any, scores: Any, mask: Any) -> Any:
    """α_t = exp(s_t) / Σ_u exp(s_u)"""
    scores = scores * mask + (1.0 - mask) * FAR_BELOW
    exponentials = xp.exp(scores - xp.max(scores, axis=1, keepdims=True))
    return exponentials / xp.sum(exponentials, axis=1, keepdims=True)


@NORMALIZERS.register("sparsemax", "most tokens get exactly nothing")
def sparsemax(xp: Any, scores: Any, mask: Any) -> Any:
    """α = the point of the simplex nearest to s: α_t = max(0, s_t − τ), with τ such that they sum to 1.

    Martins and Astudillo 2016 (arXiv:1602.02068), algorithm 1: of scores in falling order the first k with 1 + k s_(k) >
    Σ_{j≤k} s_(j) are above τ.
    """
    scores = _below_zero(xp, scores, mask)
    falling, ranks = _sorted(xp, scores)
    above = _truth(xp, 1.0 + ranks * falling > xp.cumsum(falling, axis=1))
    tau = (xp.sum(falling * above, axis=1, keepdims=True) - 1.0) / xp.sum(above, axis=1, keepdims=True)
    return xp.maximum(scores - tau, 0.0) * mask


@NORMALIZERS.register("entmax15", "between the two")
def entmax15(xp: Any, scores: Any, mask: Any) -> Any:
    """α_t = max(0, s_t / 2 − τ)², with τ such that they sum to 1: 1.5-entmax, half way from softmax to sparsemax.

    Peters, Niculae and Martins 2019 (arXiv:1905.05702), algorithm 2: with m_k and q_k the mean and the sum of squared
    deviations of the k largest halves, τ_k = m_k − √((1 − q_k) / k) for the largest k whose τ_k is not above the k-th.
    """
    halves = _below_zero(xp, scores * 0.5, mask)
    falling, ranks = _sorted(xp, halves)
    means = xp.cumsum(falling, axis=1) / ranks
    deviations = xp.cumsum(falling * falling, axis=1) - ranks * means * means
    taus = means - xp.sqrt(xp.maximum((1.0 - deviations) / ranks, TINY))
    above = _truth(xp, falling - taus > -1e-9)
    last = above * _truth(xp, ranks > xp.sum(above, axis=1, keepdims=True) - 0.5)
    root = xp.maximum(halves - xp.sum(taus * last, axis=1, keepdims=True), 0.0)
    return root * root * mask


def _below_zero(xp: Any, scores: Any, mask: Any) -> Any:
    """The scores with their largest at 0 and padding, like whatever is as far below, where no weight is."""
    top = xp.max(scores * mask + (1.0 - mask) * FAR_BELOW, axis=1, keepdims=True)
    return xp.maximum((scores - top) * mask + (1.0 - mask) * OUTSIDE, OUTSIDE)


def _sorted(xp: Any, scores: Any) -> tuple[Any, Any]:
    """Scores in falling order, and 1, 2, … beside them."""
    return -xp.sort(-scores, axis=1), xp.cumsum(scores * 0.0 + 1.0, axis=1)


def _truth(xp: Any, condition: Any) -> Any:
    """1.0 where the condition holds, else 0.0."""
    return xp.where(condition, ONE, ZERO)
