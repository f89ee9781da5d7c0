"""From values to logits, each equation written once: the weighted mean, the linear head and the linear model.

    α = attention over the real tokens      c = Σ_t α_t v_t      ℓ = Wᵀc + b + Σ_t λ_t

As in the mechanisms, `xp` is `keras.ops`, NumPy or ONNX. The head is linear and reads c directly, because only then do the
contributions of the tokens sum to the logits without remainder:

    contribution_t = Wᵀ(α_t ⊙ v_t) + ᾱ_t b + λ_t      ℓ = Σ_t contribution_t      (since Σ_t α_t = 1)

α_t is one number per token, or one for each of G equal parts of the values: the heads of multi-head attention, or single
features. ᾱ_t is the mean of these numbers.
"""

from collections.abc import Mapping
from typing import Any

from attnclf.model.mechanisms.base import block

TINY = 1e-12  # avoids a division by zero for a text without any known n-gram


def values(xp: Any, h: Any, local: Any, concatenated: bool) -> Any:
    """The values v (B, T, D′): the states h (B, T, D) if there are no local values; otherwise `local`, or [h; local]."""
    if local is None:
        return h
    return xp.concatenate([h, local], axis=2) if concatenated else local


def expand_groups(xp: Any, alpha: Any, groups: int, size: int) -> Any:
    """Weights alpha (B, T, G) repeated for each of `size` features: (B, T, size), or (B, T, 1) if G is 1."""
    return alpha if groups in (1, size) else xp.matmul(alpha, block(groups, size))


def pool(xp: Any, alpha: Any, values: Any, groups: int, size: int) -> Any:
    """The pooled vector c (B, D′) = Σ_t α_t ⊙ v_t, from alpha (B, T, G) and values (B, T, D′), where D′ is `size`."""
    return xp.sum(expand_groups(xp, alpha, groups, size) * values, axis=1)


def head(xp: Any, w: Mapping[str, Any], x: Any) -> Any:
    """The linear head: logits (B, K) of pooled vectors (B, D′), or votes (B, T, K) of values (B, T, D′)."""
    return xp.matmul(x, w["W"]) + w["b"]


def contributions(xp: Any, w: Mapping[str, Any], alpha: Any, values: Any, groups: int, size: int) -> Any:
    """Each token's share (B, T, K) of Wᵀc + b."""
    if groups == 1:
        return alpha * head(xp, w, values)
    return xp.matmul(expand_groups(xp, alpha, groups, size) * values, w["W"]) + mean(xp, alpha, groups) * w["b"]


def mean(xp: Any, alpha: Any, groups: int) -> Any:
    """ᾱ (B, T, 1), the attention that users see."""
    return alpha if groups == 1 else xp.sum(alpha, axis=2, keepdims=True) / float(groups)


def linear_contributions(xp: Any, labels: int, of_words: Any, of_pairs: Any, word_shares: Any, pair_shares: Any) -> Any:
    """λ (B, T, K): logistic regression on n-grams and pairs of words. Each weight counts at the token that has the feature.

    λ_t = (Σ_{f at t} W_f / n_t + W_{pair at t} / m_t) / √(Σ_t Σ_{f at t} s_f² / n_t + s²_{pair at t} / m_t)

    n_t and m_t are how often the word and the pair occur in the text. Dividing by them counts each word and each pair once,
    however often it occurs.

    A row of the table belongs to one feature. It holds K numbers W_f, the scale s_f times the weights of the regression, and
    then s_f².

    * `of_words`, `of_pairs` (B, T, K + 1): the table's sums for the word and its row for the pair at each position.
    * `word_shares`, `pair_shares` (B, T): 1 / n_t and 1 / m_t; 0 on padding.
    """
    at_token = of_words * xp.expand_dims(word_shares, 2) + of_pairs * xp.expand_dims(pair_shares, 2)
    weights, squares = xp.split(at_token, [labels], axis=2)  # (B, T, K) and (B, T, 1)
    return weights / xp.sqrt(xp.sum(squares, axis=1, keepdims=True) + TINY)
