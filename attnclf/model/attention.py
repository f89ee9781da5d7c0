"""From token vectors to what is pooled and by which weights: encode, attend; in one go, or sentence by sentence.

In one go: h = encoder(x), α = mechanism(h).

Sentence by sentence (hierarchical attention; Yang et al. 2016): each sentence is encoded by itself and attended to, which makes
a vector of it; these are encoded and attended to in their turn. A token's weight is what it gets in its sentence times what its
sentence gets in the text:

    h_s = encoder(x_s)     α_s = mechanism(h_s)     y_s = Σ_t α_st h_st     β = mechanism′(encoder′(y))     weight = β_s α_st

Yang et al. pool the states of the upper encoder, in which no word has an exact share. Here the upper level gives weights only
and the tokens' own values are pooled, so that evidence is exact for words, and for sentences as their sums.

EquationEncoder in `xp` for Keras, NumPy and ONNX; how each library runs a part, and where it keeps its weights, it says itself.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from attnclf.model import pooling
from attnclf.model.architecture import Architecture
from attnclf.model.composition import ONE, ZERO
from attnclf.model.mechanisms import Mechanism, Tokens


class Parts(Protocol):
    """The parts of a classifier in one library."""

    def encode(self, part: str, x: Any, mask: Any) -> Any:
        """States (B, T, D) in float32 by the encoder `part`, of x (B, T, E) and mask (B, T, 1)."""
        ...

    def attend(self, part: str, mechanism: Mechanism, tokens: Tokens) -> Any:
        """Weights (B, T, G) by the mechanism whose arrays are those of `part`."""
        ...

    def project(self, part: str, mechanism: Mechanism, v: Any) -> Any:
        """What the mechanism pools, of values v (B, T, D′)."""
        ...


def attend(
    xp: Any, architecture: Architecture, parts: Parts, x: Any, mask: Any, inputs: Mapping[str, Any]
) -> tuple[Any, Any, Any]:
    """States h (B, T, D), weights α (B, T, G) and the values they pool (B, T, D″), of token vectors x (B, T, E), which are zero
    on padding, and mask (B, T, 1)."""
    local = parts.encode("values", x, mask) if architecture.values else None
    if architecture.input_attention:  # n α_t x_t, so that vectors are as long as before in the mean
        weights = parts.attend("input_attention", architecture.input_attention, Tokens(x, x, mask))
        x = x * (weights * xp.sum(mask, axis=1, keepdims=True))
    if architecture.upper:
        h, alpha = _by_sentence(xp, architecture, parts, x, mask, inputs)
        v = pooling.values(xp, h, local, architecture.concatenated)
    else:
        h = parts.encode("encoder", x, mask)
        v = pooling.values(xp, h, local, architecture.concatenated)
        alpha = parts.attend(
            "attention",
            architecture.mechanism,
            _tokens(xp, architecture.mechanism, architecture.encoder.final_steps, h, v, mask),
        )
    return h, alpha, parts.project("attention", architecture.mechanism, v)


def _by_sentence(
    xp: Any, architecture: Architecture, parts: Parts, x: Any, mask: Any, inputs: Mapping[str, Any]
) -> tuple[Any, Any]:
    """Of B texts with N sentences in all, of up to W tokens: what says where tokens stand is told in `attnclf.reading.sentences`."""
    assert architecture.upper is not None
    grid, sentences = inputs["grid"], inputs["sentences"]  # (N, W), (B, S)
    real = xp.expand_dims(xp.where(grid > 0, ONE, ZERO), 2)  # (N, W, 1)
    there = xp.max(real, axis=1, keepdims=True)  # (N, 1, 1): 0 for rows that hold no sentence
    inside = xp.concatenate([xp.maximum(real[:, :1], 1.0 - there), real[:, 1:]], axis=1)  # no row without a token
    x = xp.take(xp.reshape(x, (-1, x.shape[-1])), xp.where(grid > 0, grid - 1, 0), axis=0) * real
    h = parts.encode("encoder", x, inside)
    alpha = parts.attend(
        "attention", architecture.mechanism, _tokens(xp, architecture.mechanism, architecture.encoder.final_steps, h, h, inside)
    )  # (N, W, 1)
    among = xp.expand_dims(xp.where(sentences > 0, ONE, ZERO), 2)  # (B, S, 1)
    y = xp.take(xp.sum(alpha * h, axis=1), xp.where(sentences > 0, sentences - 1, 0), axis=0) * among  # (B, S, D)
    states = parts.encode("sentences", y, among)
    beta = parts.attend(
        "sentence_attention",
        architecture.mechanism,
        _tokens(xp, architecture.mechanism, architecture.upper.final_steps, states, states, among),
    )
    of_sentence = xp.expand_dims(xp.take(xp.reshape(beta, (-1, 1)), inputs["sentence_positions"], axis=0), 2)  # (N, 1, 1)

    def of_tokens(values: Any, size: int) -> Any:
        return xp.take(xp.reshape(values, (-1, size)), inputs["token_positions"], axis=0) * mask

    return of_tokens(h, architecture.encoder.dim), of_tokens(alpha * of_sentence, 1)


def _tokens(xp: Any, mechanism: Mechanism, final_steps: tuple[str, ...], h: Any, v: Any, mask: Any) -> Tokens:
    """What a mechanism sees, with the final states where it asks for them."""
    if not (mechanism.uses_query and final_steps):
        return Tokens(h, v, mask)
    last = xp.concatenate([mask[:, :-1] * (1.0 - mask[:, 1:]), mask[:, -1:]], axis=1)
    first = xp.concatenate([mask[:, :1], mask[:, 1:] * 0.0], axis=1)
    where = xp.concatenate([{"last": last, "first": first}[end] for end in final_steps], axis=2)  # (B, T, n)
    query = xp.sum(pooling.expand_groups(xp, where, len(final_steps), h.shape[-1]) * h, axis=1, keepdims=True)
    return Tokens(h, v, mask, where, query)
