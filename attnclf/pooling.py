"""From features to a decision, each equation written once: words, attention, the weighted mean, the heads.

    α = softmax(score(h)) over the real tokens      c = Σ_t α_t v_t      ℓ = Wᵀc + b + Σ_t λ_t

Like the mechanisms, these functions are read by `keras.ops`, NumPy and ONNX through `xp`. The head stays linear and nothing
stands between c and the head, because only then do the tokens' contributions sum to the logits without remainder:

    contribution_t = α_t (Wᵀv_t + b) + λ_t      ℓ = Σ_t contribution_t      (since Σ_t α_t = 1)
"""

from collections.abc import Mapping
from typing import Any

from attnclf.mechanisms import Mechanism

FAR_BELOW = -1e9  # a score no real token has; beside any that has, its exp is exactly 0 in float32
TINY = 1e-12  # keeps a text without one known n-gram from dividing by zero


def compose(xp: Any, vectors: Any, present: Any) -> Any:
    """Word vectors (U, E): the sum of a word's feature vectors (U, F, E) over the root of their number, so that long words are
    no louder than short ones. present (U, F, 1) is 1 for a feature and 0 for padding, whose vector must be zero."""
    count = xp.sum(present, axis=1)  # (U, 1)
    return xp.sum(vectors, axis=1) / xp.sqrt(xp.maximum(count, 1.0))


def masked_softmax(xp: Any, scores: Any, mask: Any) -> Any:
    """Weights that sum to 1 over the real tokens and are exactly 0 on padding.

    scores (B, T, 1) in float32; mask (B, T, 1) in float32, 1 for a token and 0 for padding, at least one token a row.
    """
    scores = scores * mask + (1.0 - mask) * FAR_BELOW
    exponentials = xp.exp(scores - xp.max(scores, axis=1, keepdims=True))
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


def linear_path(xp: Any, w: Mapping[str, Any], inputs: Mapping[str, Any], mask: Any) -> Any:
    """λ (B, T, K): logistic regression on TF-IDF n-grams and word pairs, each weight counted at the token that holds it.

    λ_t = Σ_{f at t} W_f / √(Σ_t Σ_{f at t} idf_f²)

    W (R, K) holds idf times the regression's weight, `squares` (R, 1) idf²; row 0 is zero in both, so padding adds nothing.
    """
    at_token = {
        name: xp.take(xp.sum(xp.take(w[name], inputs["features"], axis=0), axis=1), inputs["ids"], axis=0)
        + xp.take(w[name], inputs["pairs"], axis=0)
        for name in ("W", "squares")
    }  # (B, T, K) and (B, T, 1)
    norm = xp.sqrt(xp.sum(at_token["squares"] * mask, axis=1, keepdims=True) + TINY)  # (B, 1, 1)
    return at_token["W"] * mask / norm
