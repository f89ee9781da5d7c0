"""From scores to weights: three functions whose results sum to 1 over the tokens of a text and are exactly 0 on padding.

Each takes scores (B, T, G) in float32 and normalises each of the G columns on its own. The mask (B, T, 1) is 1 for a token and
0 for padding; every row has at least one token. As in every equation, `xp` is `keras.ops`, NumPy or ONNX.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from attnclf.registry import Registry

Normalizer = Callable[[Any, Any, Any], Any]

FAR_BELOW = -1e9  # score of padding: no real token scores so low, and next to any real score its exp is exactly 0 in float32
# Score that gets no weight if the largest score is 0: sparsemax gives 0 below −1, and so does 1.5-entmax to halved scores.
OUTSIDE = -2.0
ONE, ZERO = np.float32(1), np.float32(0)
TINY = 1e-12  # lower bound under a square root, because its slope at 0 is infinite

NORMALIZERS: Registry[Any] = Registry("normalizer")


@NORMALIZERS.register("softmax", "every token gets something")
def softmax(xp: Any, scores: Any, mask: Any) -> Any:
    """α_t = exp(s_t) / Σ_u exp(s_u)"""
    scores = masked(scores, mask)
    exponentials = xp.exp(scores - xp.max(scores, axis=1, keepdims=True))
    return exponentials / xp.sum(exponentials, axis=1, keepdims=True)


@NORMALIZERS.register("sparsemax", "most tokens get exactly nothing")
def sparsemax(xp: Any, scores: Any, mask: Any) -> Any:
    """α = the point of the simplex nearest to s: α_t = max(0, s_t − τ), with τ chosen so that the weights sum to 1.

    Martins and Astudillo 2016 (arXiv:1602.02068), algorithm 1: with the scores in descending order, the first k are above τ,
    those for which 1 + k s_(k) > Σ_{j≤k} s_(j).
    """
    scores = _shift_to_zero(xp, scores, mask)
    descending, ranks = _sorted(xp, scores)
    above = _as_float(xp, 1.0 + ranks * descending > xp.cumsum(descending, axis=1))
    tau = (xp.sum(descending * above, axis=1, keepdims=True) - 1.0) / xp.sum(above, axis=1, keepdims=True)
    return xp.maximum(scores - tau, 0.0) * mask


@NORMALIZERS.register("entmax15", "between the two")
def entmax15(xp: Any, scores: Any, mask: Any) -> Any:
    """α_t = max(0, s_t / 2 − τ)², with τ chosen so that the weights sum to 1: 1.5-entmax, half way from softmax to sparsemax.

    Peters, Niculae and Martins 2019 (arXiv:1905.05702), algorithm 2. m_k and q_k are the mean and the sum of squared deviations
    of the k largest halved scores, and τ_k = m_k − √((1 − q_k) / k). τ is τ_k for the largest k whose τ_k is not above the k-th
    halved score.
    """
    halves = _shift_to_zero(xp, scores * 0.5, mask)
    descending, ranks = _sorted(xp, halves)
    means = xp.cumsum(descending, axis=1) / ranks
    deviations = xp.cumsum(descending * descending, axis=1) - ranks * means * means
    taus = means - xp.sqrt(xp.maximum((1.0 - deviations) / ranks, TINY))
    above = _as_float(xp, descending - taus > -1e-9)
    last = above * _as_float(xp, ranks > xp.sum(above, axis=1, keepdims=True) - 0.5)
    root = xp.maximum(halves - xp.sum(taus * last, axis=1, keepdims=True), 0.0)
    return root * root * mask


def masked(scores: Any, mask: Any) -> Any:
    """The scores, of which those of padding are far below all others."""
    return scores * mask + (1.0 - mask) * FAR_BELOW


def _shift_to_zero(xp: Any, scores: Any, mask: Any) -> Any:
    """The scores, shifted so that the largest is 0. Padding becomes OUTSIDE, and so do all scores below it."""
    top = xp.max(masked(scores, mask), axis=1, keepdims=True)
    return xp.maximum((scores - top) * mask + (1.0 - mask) * OUTSIDE, OUTSIDE)


def _sorted(xp: Any, scores: Any) -> tuple[Any, Any]:
    """The scores in descending order along the tokens, and their ranks 1, 2, …"""
    return -xp.sort(-scores, axis=1), xp.cumsum(scores * 0.0 + 1.0, axis=1)


def _as_float(xp: Any, condition: Any) -> Any:
    """1.0 where the condition holds, else 0.0."""
    return xp.where(condition, ONE, ZERO)
