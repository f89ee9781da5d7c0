"""Alignment: in training, attention is asked to follow what the decision is made of.

Attention alone may weigh tokens that hardly matter: with uniform weights many models are as accurate. So the loss has one more
term, γ KL(q ‖ α), where q says how much each token matters to the decision:

    q_t = ‖c_t − c̄_t‖ / Σ_u ‖c_u − c̄_u‖        c_t (K,): contributions of token t to the logits, c̄_t their mean over labels

The mean is taken off because adding the same number to every logit changes no probability. q is a target: no gradient goes
through it, so tokens do not gain influence for being looked at. Serving is unchanged, and evidence stays exact.
"""

from typing import Any

TINY = 1e-9
SMOOTHING = 0.01  # α is mixed with this much of uniform weights, since sparse weights are 0 where q is not


def importance(xp: Any, contributions: Any, mask: Any, power: float = 1.0) -> Any:
    """q (B, T): each token's share of what the decision is made of; from contributions (B, T, K) and mask (B, T, 1)."""
    centred = contributions - xp.mean(contributions, axis=2, keepdims=True)
    sizes = xp.sqrt(xp.sum(centred * centred, axis=2) + TINY) * mask[:, :, 0]
    if power != 1.0:
        sizes = (sizes / xp.max(sizes, axis=1, keepdims=True)) ** power
    return sizes / xp.sum(sizes, axis=1, keepdims=True)


def divergence(xp: Any, q: Any, alpha: Any, mask: Any) -> Any:
    """KL(q ‖ α) (B,) in nats, from q (B, T), weights α (B, T, 1) and mask (B, T, 1)."""
    uniform = mask / xp.sum(mask, axis=1, keepdims=True)
    smoothed = ((1.0 - SMOOTHING) * alpha + SMOOTHING * uniform)[:, :, 0]
    return xp.sum(q * (xp.log(q + TINY) - xp.log(smoothed + TINY)), axis=1)


def misorder(xp: Any, q: Any, alpha: Any, mask: Any, slack: float = 0.1) -> Any:
    """Σ_ij max(0, q_i − q_j) max(0, slack + log α_j − log α_i)."""
    uniform = mask / xp.sum(mask, axis=1, keepdims=True)
    logs = xp.log((1.0 - SMOOTHING) * alpha + SMOOTHING * uniform + TINY)[:, :, 0]
    ahead = xp.maximum(xp.expand_dims(q, 2) - xp.expand_dims(q, 1), 0.0)  # (B, i, j)
    behind = xp.maximum(slack + xp.expand_dims(logs, 1) - xp.expand_dims(logs, 2), 0.0)
    real = mask * xp.swapaxes(mask, 1, 2)
    return xp.sum(ahead * behind * real, axis=(1, 2)) / xp.sum(ahead * real + TINY, axis=(1, 2))


def ndcg(xp: Any, q: Any, alpha: Any) -> Any:
    """(B,)."""
    ranks = xp.cumsum(xp.ones_like(q), axis=1)
    discount = 1.0 / xp.log(1.0 + ranks)
    order = xp.argsort(-alpha[:, :, 0], axis=1)
    got = xp.sum(xp.take_along_axis(q, order, axis=1) * discount, axis=1)
    best = xp.sum(-xp.sort(-q, axis=1) * discount, axis=1)
    return got / best
