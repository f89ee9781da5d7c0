"""What a trained classifier is made of: sizes and parts, enough to build it in Keras, in ONNX or in NumPy."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from attnclf import pooling
from attnclf.config import Level, ModelConfig
from attnclf.encoders import ENCODERS, Encoder
from attnclf.mechanisms import MECHANISMS, Mechanism

A = TypeVar("A")
CHARACTER_WINDOW = 5
WORD_UNITS, CHARACTER_UNITS = 64, 128


@dataclass(frozen=True)
class Architecture:
    """Embedding (V, E) → encoder (D) → attention by the mechanism, over values (D′) → linear head (D′, K).

    `vocabulary` ids have a vector. At word level a token's vector is composed of its features', and beside attention runs a
    linear path over `features` ids, of which those from `ngrams` on are pairs of words; at character level both are 0. `values`
    is a second, local encoder of the same vectors, or None where attention pools the encoder's own states; with `beside` it
    pools both, side by side.
    """

    vocabulary: int
    ngrams: int
    features: int
    labels: int
    embedding: int
    dropout: float
    encoder: Encoder
    mechanism: Mechanism
    values: Encoder | None
    beside: bool

    @classmethod
    def of(cls, config: ModelConfig, level: Level, vocabulary: int, features: int, labels: int) -> "Architecture":
        """The parts that `config` names, for a reader's sizes; UsageError when it names none that exists. Local values are a
        projection of a word, or a window of five characters, since one character says little."""
        encoder = ENCODERS[config.encoder](units=config.units or (CHARACTER_UNITS if level == "char" else WORD_UNITS))
        mechanism = MECHANISMS[config.attention](units=config.attention_units)
        window = CHARACTER_WINDOW if level == "char" else 1
        values = ENCODERS["window"](units=config.values_units, width=window) if config.values != "states" else None
        ngrams = vocabulary if features else 0
        vocabulary = min(vocabulary, config.embedded) if features else vocabulary  # at word level rarer ids have no vector
        return cls(
            vocabulary,
            ngrams,
            features,
            labels,
            config.embedding,
            config.dropout,
            encoder,
            mechanism,
            values,
            config.values == "both",
        )


def part(weights: Mapping[str, A], name: str) -> dict[str, A]:
    """The arrays of one part: `part({"head.W": W, "encoder.…": …}, "head") == {"W": W}`."""
    return {key.removeprefix(f"{name}."): value for key, value in weights.items() if key.startswith(f"{name}.")}


@dataclass(frozen=True)
class Reading:
    """Everything on the way from B texts of T tokens to their logits; what stands on padding means nothing but in `attention`,
    `contributions` and `path`, where it is 0."""

    mask: NDArray[np.bool_]  # (B, T)
    states: NDArray[np.float32]  # h (B, T, D)
    values: NDArray[np.float32]  # v (B, T, D′)
    attention: NDArray[np.float32]  # α (B, T)
    votes: NDArray[np.float32]  # w_k·v_t + b_k (B, T, K)
    path: NDArray[np.float32]  # λ (B, T, K), zero where there is no linear path

    @property
    def contributions(self) -> NDArray[np.float32]:
        """(B, T, K), which sum to the logits."""
        return self.attention[..., None] * self.votes + self.path

    @property
    def logits(self) -> NDArray[np.float32]:
        """(B, K)."""
        return np.asarray(self.contributions.sum(axis=1), np.float32)


def reference(
    architecture: Architecture, weights: Mapping[str, NDArray[np.float32]], inputs: Mapping[str, NDArray[Any]]
) -> Reading:
    """The classifier in NumPy alone: the plain reading, against which Keras and ONNX are tested."""
    xp = NumPy()
    mask = np.arange(inputs["ids"].shape[1])[None, :] < inputs["lengths"][:, None]  # (B, T)
    weight = mask[..., None].astype(np.float32)
    table = weights["embedding.table"]
    if architecture.features:
        features, present = pooling.embedded(xp, inputs["features"], len(table))
        table = pooling.compose(xp, table[features], present, inputs["words"])
    x = table[inputs["ids"]] * weight  # (B, T, E)
    h = architecture.encoder.reference(part(weights, "encoder"), x, mask)
    local = architecture.values.reference(part(weights, "values"), x, mask) if architecture.values else None
    v = pooling.values(xp, h, local, architecture.beside)
    alpha = pooling.attend(xp, architecture.mechanism, part(weights, "attention"), h, weight)
    votes = pooling.head(xp, part(weights, "head"), v)
    path = np.zeros_like(votes)
    if architecture.features:
        ids, pairs, linear_table = inputs["ids"], inputs["pairs"], weights["linear.table"]
        of_words = pooling.word_weights(xp, linear_table, inputs["features"], inputs["words"])[ids]
        path = pooling.linear_path(xp, architecture.labels, of_words, linear_table[pairs], ids, pairs, weight)
    return Reading(mask, h, v, alpha[..., 0], votes, path)


class NumPy:
    """NumPy, with the one function of the equations that it has not."""

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    @staticmethod
    def segment_sum(data: NDArray[Any], segment_ids: NDArray[Any], num_segments: int) -> NDArray[Any]:
        total = np.zeros((num_segments, *data.shape[1:]), data.dtype)
        np.add.at(total, segment_ids, data)
        return total
