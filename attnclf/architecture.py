"""What a trained classifier is made of: sizes and parts, enough to build it in Keras, in ONNX or in NumPy."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from attnclf import pooling
from attnclf.config import ModelConfig
from attnclf.encoders import ENCODERS, Encoder
from attnclf.mechanisms import MECHANISMS, Mechanism

A = TypeVar("A")


@dataclass(frozen=True)
class Architecture:
    """Embedding (V, E) → encoder (D) → mechanism → linear head (D, K)."""

    vocabulary: int
    labels: int
    embedding: int
    dropout: float
    encoder: Encoder
    mechanism: Mechanism

    @classmethod
    def of(cls, config: ModelConfig, vocabulary: int, labels: int) -> "Architecture":
        """The parts that `config` names; UsageError when it names none that exists."""
        encoder = ENCODERS[config.encoder](units=config.units)
        mechanism = MECHANISMS[config.attention](units=config.attention_units)
        return cls(vocabulary, labels, config.embedding, config.dropout, encoder, mechanism)


def part(weights: Mapping[str, A], name: str) -> dict[str, A]:
    """The arrays of one part: `part({"head.W": W, "encoder.…": …}, "head") == {"W": W}`."""
    return {key.removeprefix(f"{name}."): value for key, value in weights.items() if key.startswith(f"{name}.")}


def reference(
    architecture: Architecture,
    weights: Mapping[str, NDArray[np.float32]],
    ids: NDArray[np.int32],
    lengths: NDArray[np.int32],
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Logits (B, K), attention (B, T) and votes (B, T, K) in NumPy alone: the plain reading, against which Keras and ONNX
    are tested."""
    mask = np.arange(ids.shape[1])[None, :] < lengths[:, None]  # (B, T)
    h = architecture.encoder.reference(part(weights, "encoder"), weights["embedding.table"][ids], mask)
    weight = mask[..., None].astype(np.float32)
    alpha = pooling.attend(np, architecture.mechanism, part(weights, "attention"), h, weight)
    head = part(weights, "head")
    return pooling.head(np, head, pooling.pool(np, alpha, h)), alpha[..., 0], pooling.head(np, head, h)
