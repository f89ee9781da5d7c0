"""From encoder states to a decision: attention, the weighted mean, and the linear head, each equation written once.

    α = softmax(score(h)) over the real tokens      c = Σ_t α_t v_t      ℓ_k = w_k · c + b_k

Like the mechanisms, these functions are read by `keras.ops`, NumPy and ONNX through `xp`. The head stays linear and nothing
stands between c and the head, because only then do the votes of the tokens, weighted by attention, sum to the logits:

    vote_tk = w_k · v_t + b_k      ℓ_k = Σ_t α_t vote_tk      (since Σ_t α_t = 1)
"""

from collections.abc import Mapping
from typing import Any

from attnclf.mechanisms import Mechanism

FAR_BELOW = -1e9  # a score no real token has; exp of it is 0 in float32


def masked_softmax(xp: Any, scores: Any, mask: Any) -> Any:
    """Weights that sum to 1 over the real tokens and are exactly 0 on padding.

    scores (B, T, 1) in float32; mask (B, T, 1) in float32, 1 for a token and 0 for padding, at least one token a row.
    """
    scores = scores * mask + (1.0 - mask) * FAR_BELOW
    exponentials = xp.exp(scores - xp.max(scores, axis=1, keepdims=True)) * mask
    return exponentials / xp.sum(exponentials, axis=1, keepdims=True)  # (B, T, 1)


def attend(xp: Any, mechanism: Mechanism, w: Mapping[str, Any], h: Any, mask: Any) -> Any:
    """Attention weights α (B, T, 1) of the states h (B, T, D)."""
    return masked_softmax(xp, mechanism.score(xp, w, h), mask)


def pool(xp: Any, alpha: Any, values: Any) -> Any:
    """The pooled vector c (B, D) = Σ_t α_t v_t, of alpha (B, T, 1) and values (B, T, D)."""
    return xp.sum(alpha * values, axis=1)


def head(xp: Any, w: Mapping[str, Any], x: Any) -> Any:
    """The linear head: logits (B, K) of pooled vectors (B, D), or votes (B, T, K) of values (B, T, D)."""
    return xp.matmul(x, w["W"]) + w["b"]
