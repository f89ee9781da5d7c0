"""Alignment: in training, attention is asked to follow what the decision is made of.

By itself attention may weigh tokens that hardly matter: many models are as accurate with uniform weights (Jain & Wallace 2019).
So the loss has one more term:

    L = cross-entropy + γ · mean over texts of  a KL(q ‖ α)

q_t      how much token t matters: the size ‖c_t − c̄_t‖ of its contributions c_t (K,) to the logits, as a share of the text's.
         c̄_t, their mean over labels, is taken off because a number added to all logits changes no probability.
a        1 if attention ranks the tokens of the text worse than q does, else 0: where it already points at what matters,
         nothing is asked of it, and the network keeps the freedom to weigh as it needs. Ranks are compared by the normalised
         discounted cumulative gain of α's order with gains q (Järvelin & Kekäläinen 2002).

q and a are targets: no gradient goes through them, so a token does not gain influence by being looked at. Nothing changes when
the model is served, and evidence stays exact.
"""

from typing import Any

TINY = 1e-9
WHOLE = 0.25  # part of q that is made of the whole decision
FAINT = 0.01  # of the whole decision: what the network adds beside less than this is noise
SMOOTHING = 0.01  # α is mixed with this much of uniform weights, since sparse weights are 0 where q is not
ENOUGH = 0.98  # of the highest possible gain: a text with more is left alone


def importance(xp: Any, network: Any, linear: Any, mask: Any) -> Any:
    """q (B, T), from the contributions (B, T, K) of the network and of the linear model, and mask (B, T, 1).

    Three quarters of q come from the network's own contributions, one quarter from those of the whole decision. The whole
    decision alone would tie attention to the words of the linear model, and the network needs attention for what that does not
    say. Where the network adds next to nothing, q is that of the whole decision.
    """
    whole = sizes(xp, network + linear, mask)
    own = sizes(xp, network, mask) + FAINT * whole
    return (1.0 - WHOLE) * _shares(xp, own) + WHOLE * _shares(xp, whole)


def _shares(xp: Any, numbers: Any) -> Any:
    return numbers / xp.sum(numbers, axis=1, keepdims=True)


def sizes(xp: Any, contributions: Any, mask: Any) -> Any:
    """‖c_t − c̄_t‖ (B, T) of contributions (B, T, K), 0 on padding."""
    centred = contributions - xp.mean(contributions, axis=2, keepdims=True)
    return xp.sqrt(xp.sum(centred * centred, axis=2) + TINY * TINY) * mask[:, :, 0]


def divergence(xp: Any, q: Any, alpha: Any, mask: Any) -> Any:
    """KL(q ‖ α) (B,) in nats, from q and weights α (B, T) and mask (B, T, 1)."""
    mask = mask[:, :, 0]
    alpha = (1.0 - SMOOTHING) * alpha + SMOOTHING * mask / xp.sum(mask, axis=1, keepdims=True)
    return xp.sum(q * (xp.log(q + TINY) - xp.log(alpha + TINY)), axis=1)


def gain(xp: Any, q: Any, alpha: Any) -> Any:
    """Normalised discounted cumulative gain (B,) of the order of weights α (B, T), where a token's gain is its q (B, T).

    1 if α ranks the tokens as q does. Each rank r counts 1 / log(1 + r), so the first ranks count most.
    """
    discounts = 1.0 / xp.log(1.0 + xp.cumsum(xp.ones_like(q), axis=1))
    by_alpha = xp.take_along_axis(q, xp.argsort(-alpha, axis=1), axis=1)
    return xp.sum(by_alpha * discounts, axis=1) / xp.sum(-xp.sort(-q, axis=1) * discounts, axis=1)
