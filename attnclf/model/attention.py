"""From token vectors to attention weights and the values they pool: the whole text at once, or sentence by sentence.

The whole text at once: h = encoder(x), α = mechanism(h).

Sentence by sentence (hierarchical attention; Yang et al. 2016): each sentence is encoded on its own, and attention turns it
into one vector. The sentence vectors are then encoded and attended to in the same way. A token's weight is its weight within
the sentence times the weight of the sentence within the text:

    h_s = encoder(x_s)     α_s = mechanism(h_s)     y_s = Σ_t α_st h_st     β = mechanism′(encoder′(y))     weight = β_s α_st

Yang et al. pool the states of the upper encoder, and a word has no exact share in those. Here the upper level only gives
weights, and the values of the tokens themselves are pooled. The evidence of each word is therefore exact, and the evidence of
a sentence is the sum over its words.

The equations take their functions from `xp`: Keras, NumPy or ONNX. Each library implements `Parts`, which decides how a part
runs and where its weights are kept.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from attnclf.model import pooling
from attnclf.model.architecture import Architecture
from attnclf.model.mechanisms import Mechanism, Tokens
from attnclf.model.normalizers import ONE, ZERO


class Parts(Protocol):
    """The parts of a classifier in one library."""

    def encode(self, part: str, x: Any, mask: Any) -> Any:
        """States (B, T, D) in float32, computed by the encoder `part` from x (B, T, E) and mask (B, T, 1)."""
        ...

    def attend(self, part: str, mechanism: Mechanism, tokens: Tokens) -> Any:
        """Weights (B, T, G), computed by the mechanism with the arrays of `part`."""
        ...

    def project(self, part: str, mechanism: Mechanism, v: Any) -> Any:
        """The values (B, T, D″) that the mechanism pools, computed from the values v (B, T, D′)."""
        ...


def attend(
    xp: Any, architecture: Architecture, parts: Parts, x: Any, mask: Any, inputs: Mapping[str, Any]
) -> tuple[Any, Any, Any]:
    """States h (B, T, D), weights α (B, T, G), and the values (B, T, D″) that the weights pool.

    Computed from token vectors x (B, T, E), which must be zero on padding, and mask (B, T, 1). Of `inputs`, only the arrays of
    `attnclf.reading.sentences` are read, and only if the text is read sentence by sentence.
    """
    local = parts.encode("values", x, mask) if architecture.values else None
    if architecture.input_attention:  # n α_t x_t: the factor n keeps the mean scale of the vectors
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
    """States h (B, T, D) and weights (B, T, 1) of B texts that hold N sentences of up to W tokens.

    `attnclf.reading.sentences` defines the index arrays `grid`, `token_positions`, `sentences` and `sentence_positions`.
    """
    assert architecture.upper is not None
    grid, sentences = inputs["grid"], inputs["sentences"]  # (N, W), (B, S)
    token_mask = xp.expand_dims(xp.where(grid > 0, ONE, ZERO), 2)  # (N, W, 1)
    has_sentence = xp.max(token_mask, axis=1, keepdims=True)  # (N, 1, 1): 0 for rows without a sentence
    # Every row needs at least one token, so the first token of a row without a sentence counts as real.
    filled_mask = xp.concatenate([xp.maximum(token_mask[:, :1], 1.0 - has_sentence), token_mask[:, 1:]], axis=1)
    x = xp.take(xp.reshape(x, (-1, x.shape[-1])), xp.where(grid > 0, grid - 1, 0), axis=0) * token_mask
    h = parts.encode("encoder", x, filled_mask)
    alpha = parts.attend(
        "attention",
        architecture.mechanism,
        _tokens(xp, architecture.mechanism, architecture.encoder.final_steps, h, h, filled_mask),
    )  # (N, W, 1)
    sentence_mask = xp.expand_dims(xp.where(sentences > 0, ONE, ZERO), 2)  # (B, S, 1)
    sentence_rows = xp.where(sentences > 0, sentences - 1, 0)
    y = xp.take(xp.sum(alpha * h, axis=1), sentence_rows, axis=0) * sentence_mask  # (B, S, D)
    upper_h = parts.encode("sentences", y, sentence_mask)
    beta = parts.attend(
        "sentence_attention",
        architecture.mechanism,
        _tokens(xp, architecture.mechanism, architecture.upper.final_steps, upper_h, upper_h, sentence_mask),
    )
    sentence_weights = xp.take(xp.reshape(beta, (-1, 1)), inputs["sentence_positions"], axis=0)  # (N, 1)
    sentence_weights = xp.expand_dims(sentence_weights, 2)  # (N, 1, 1)

    def at_tokens(grid_values: Any, size: int) -> Any:
        """Moves (N, W, size) to (B, T, size)."""
        return xp.take(xp.reshape(grid_values, (-1, size)), inputs["token_positions"], axis=0) * mask

    return at_tokens(h, architecture.encoder.dim), at_tokens(alpha * sentence_weights, 1)


def _tokens(xp: Any, mechanism: Mechanism, final_steps: tuple[str, ...], h: Any, v: Any, mask: Any) -> Tokens:
    """The input of a mechanism, with the final states if the mechanism uses them and the encoder has them."""
    if not (mechanism.uses_query and final_steps):
        return Tokens(h, v, mask)
    last = xp.concatenate([mask[:, :-1] * (1.0 - mask[:, 1:]), mask[:, -1:]], axis=1)
    first = xp.concatenate([mask[:, :1], mask[:, 1:] * 0.0], axis=1)
    is_final = xp.concatenate([{"last": last, "first": first}[step] for step in final_steps], axis=2)  # (B, T, n)
    query = xp.sum(pooling.expand_groups(xp, is_final, len(final_steps), h.shape[-1]) * h, axis=1, keepdims=True)
    return Tokens(h, v, mask, is_final, query)
