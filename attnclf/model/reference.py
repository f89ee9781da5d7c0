"""The classifier in plain NumPy: Keras and ONNX are tested against it, and diagnostics read its intermediate arrays."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnclf.model import composition, pooling
from attnclf.model.architecture import Architecture, part
from attnclf.model.attention import attend
from attnclf.model.mechanisms import Mechanism, Tokens
from attnclf.reading.windows import positions_in, spread

Array = NDArray[np.float32]


@dataclass(frozen=True)
class ForwardPass:
    """The intermediate arrays on the way from B texts of T tokens, of which the network reads W, to their logits.

    On padding, `pooled` and `linear` are 0; the other arrays mean nothing there.
    """

    mask: NDArray[np.bool_]  # (B, W)
    states: Array  # h (B, W, D)
    values: Array  # v (B, W, D′)
    alpha: Array  # ᾱ (B, W)
    votes: Array  # w_k·v_t + b_k (B, W, K)
    pooled: Array  # each token's share of Wᵀc + b (B, W, K)
    linear: Array  # λ (B, T, K), zero if there is no linear model
    positions: list[NDArray[np.int32]]  # of the tokens that the network reads, for each text

    @property
    def attention(self) -> Array:
        """ᾱ (B, T), 0 at tokens that the network does not read."""
        return spread(self.alpha, self.positions, self.linear.shape[1])

    @property
    def contributions(self) -> Array:
        """Contributions of the tokens (B, T, K), whose sum over the tokens gives the logits."""
        return np.asarray(spread(self.pooled, self.positions, self.linear.shape[1]) + self.linear, np.float32)

    @property
    def logits(self) -> Array:
        """Logits (B, K)."""
        return np.asarray(self.contributions.sum(axis=1), np.float32)


def reference(architecture: Architecture, weights: Mapping[str, Array], inputs: Mapping[str, NDArray[Any]]) -> ForwardPass:
    """The forward pass of one batch of inputs, as a `Reader` gives them."""
    xp = NumPy()
    mask = np.arange(inputs["ids"].shape[1])[None, :] < inputs["lengths"][:, None]  # (B, T)
    weight = mask[..., None].astype(np.float32)
    table = weights["embedding.table"]
    if architecture.features:
        features, present = composition.embedded(xp, inputs["features"], len(table))
        table = composition.compose(xp, table[features], present, inputs["words"])
    x = table[inputs["ids"]] * weight  # (B, T, E)
    h, alpha, v = attend(xp, architecture, _Parts(architecture, weights), x, weight, inputs)
    head = part(weights, "head")
    votes = pooling.head(xp, head, v)
    pooled = pooling.contributions(xp, head, alpha, v, architecture.groups, architecture.pooled)
    steps = int(inputs["text_lengths"].max())
    linear = np.zeros((len(x), steps, architecture.labels), np.float32)
    if architecture.features:
        linear = linear_contributions(weights["linear.table"], inputs)[:, :steps]
    alpha = pooling.mean(xp, alpha, architecture.groups)[..., 0]
    return ForwardPass(mask, h, v, alpha, votes, pooled, linear, positions_in(inputs))


def linear_contributions(table: Array, inputs: Mapping[str, NDArray[Any]]) -> Array:
    """λ (B, T, K), what the linear model with this table (R, K + 1) adds to the logits at each token; 0 on padding."""
    xp = NumPy()
    of_words = composition.word_weights(xp, table, inputs["features"], inputs["words"])[inputs["linear_ids"]]
    shares = inputs["word_shares"], inputs["pair_shares"]
    found = pooling.linear_contributions(xp, table.shape[1] - 1, of_words, table[inputs["pairs"]], *shares)
    return np.asarray(found, np.float32)


@dataclass(frozen=True)
class _Parts:
    """Implements `attnclf.model.attention.Parts` in NumPy."""

    architecture: Architecture
    arrays: Mapping[str, Array]

    def encode(self, name: str, x: Array, mask: Array) -> Array:
        return self.architecture.encoders[name].reference(part(self.arrays, name), x, mask[..., 0] > 0)

    def attend(self, name: str, mechanism: Mechanism, tokens: Tokens) -> Array:
        return np.asarray(mechanism.attend(NumPy(), part(self.arrays, name), tokens), np.float32)

    def project(self, name: str, mechanism: Mechanism, v: Array) -> Array:
        return np.asarray(mechanism.values(NumPy(), part(self.arrays, name), v), np.float32)


class NumPy:
    """NumPy, plus `segment_sum`: the one function of the equations that NumPy lacks."""

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    @staticmethod
    def segment_sum(data: NDArray[Any], segment_ids: NDArray[Any], num_segments: int) -> NDArray[Any]:
        total = np.zeros((num_segments, *data.shape[1:]), data.dtype)
        np.add.at(total, segment_ids, data)
        return total
