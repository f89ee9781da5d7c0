"""From features to a decision, each equation written once: words, attention, the weighted mean, the heads.

    α = softmax(score(h)) over the real tokens      c = Σ_t α_t v_t      ℓ = Wᵀc + b + Σ_t λ_t

Like the mechanisms, these functions are read by `keras.ops`, NumPy and ONNX through `xp`. The head stays linear and nothing
stands between c and the head, because only then do the tokens' contributions sum to the logits without remainder:

    contribution_t = α_t (Wᵀv_t + b) + λ_t      ℓ = Σ_t contribution_t      (since Σ_t α_t = 1)
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from attnclf.mechanisms import Mechanism

FAR_BELOW = -1e9  # a score no real token has; beside any that has, its exp is exactly 0 in float32
ONE, ZERO = np.float32(1), np.float32(0)
TINY = 1e-12  # keeps a text without one known n-gram from dividing by zero


def embedded(xp: Any, features: Any, vectors: int) -> tuple[Any, Any]:
    """The features that have one of `vectors` vectors, 0 for the others, and which these are: 1 or 0, float32."""
    features = xp.where(features < vectors, features, 0)
    return features, xp.where(features > 0, ONE, ZERO)


def compose(xp: Any, vectors: Any, present: Any, words: Any) -> Any:
    """Word vectors (R, E): the sum of a word's feature vectors over the root of their number, so that long words are no louder
    than short ones. `vectors` (R, F, E) stand in rows; `words` (R,) says which word a row belongs to, and there are never more
    words than rows. `present` (R, F) is 1 for a feature and 0 for padding, whose vector must be zero."""
    count = by_word(xp, xp.sum(present, axis=1, keepdims=True), words)  # (R, 1)
    return by_word(xp, xp.sum(vectors, axis=1), words) / xp.sqrt(xp.maximum(count, 1.0))


def by_word(xp: Any, rows: Any, words: Any) -> Any:
    """Rows (R, N) summed by the word they belong to (R, N); what is beyond the number of words is zero."""
    return xp.segment_sum(rows, words, xp.shape(words)[0])


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


def values(xp: Any, h: Any, local: Any, beside: bool) -> Any:
    """What is pooled, v (B, T, D′): the states h (B, T, D), or the local values, where there are any, or [h; local]."""
    if local is None:
        return h
    return xp.concatenate([h, local], axis=2) if beside else local


def pool(xp: Any, alpha: Any, values: Any) -> Any:
    """The pooled vector c (B, D) = Σ_t α_t v_t, of alpha (B, T, 1) and values (B, T, D)."""
    return xp.sum(alpha * values, axis=1)


def head(xp: Any, w: Mapping[str, Any], x: Any) -> Any:
    """The linear head: logits (B, K) of pooled vectors (B, D), or votes (B, T, K) of values (B, T, D)."""
    return xp.matmul(x, w["W"]) + w["b"]


def word_weights(xp: Any, table: Any, features: Any, words: Any) -> Any:
    """What the linear path reads of each word (R, K + 1): the sum of its features' rows of `table` (F, K + 1)."""
    return by_word(xp, xp.sum(xp.take(table, features, axis=0), axis=1), words)


def linear_path(xp: Any, labels: int, of_words: Any, of_pairs: Any, ids: Any, pairs: Any, mask: Any) -> Any:
    """λ (B, T, K): logistic regression on n-grams and pairs of words, each weight counted at the token that holds it.

    λ_t = (Σ_{f at t} W_f / n_t + W_{pair at t} / m_t) / √(Σ_t Σ_{f at t} s_f² / n_t + s²_{pair at t} / m_t)

    n_t and m_t are how often the word and the pair stand in the text, so that each is counted once however often it is said.
    A row of the table holds, for one feature, K times its scale s times the regression's weight, which is W_f, and s_f². Row 0
    is zero, so padding adds nothing. `of_words` and `of_pairs` (B, T, K + 1) are what the table has for the word and the pair
    at each place, of which `ids` and `pairs` (B, T) are the numbers; mask (B, T, 1).
    """
    n, m = (occurrences(xp, numbers, mask) for numbers in (ids, pairs))  # (B, T, 1)
    at_token = (of_words / n + of_pairs / m) * mask
    weights, squares = xp.split(at_token, [labels], axis=2)  # (B, T, K) and (B, T, 1)
    return weights / xp.sqrt(xp.sum(squares, axis=1, keepdims=True) + TINY)


def occurrences(xp: Any, numbers: Any, mask: Any) -> Any:
    """How often the number at each place stands in its row (B, T, 1), from numbers (B, T) and mask (B, T, 1); at least 1."""
    same = xp.equal(xp.expand_dims(numbers, 2), xp.expand_dims(numbers, 1))  # (B, T, T)
    return xp.maximum(xp.sum(xp.where(same, xp.swapaxes(mask, 1, 2), ZERO), axis=2, keepdims=True), 1.0)
