"""The classifier as a Keras model: embedding → encoder → attention over values → linear head.

Only `keras.ops` is named, so TensorFlow, JAX and PyTorch run it alike. The equations after the encoder are those of
`attnclf.pooling`; this file only gives them trainable weights and a mask.
"""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from attnclf import pooling
from attnclf.architecture import Architecture


class Attention(keras.layers.Layer):  # type: ignore[misc]
    """Hosts any mechanism: owns the weights it asks for. Scores and softmax stay in float32 under mixed precision."""

    def __init__(self, mechanism: Any, **kwargs: Any) -> None:
        super().__init__(dtype="float32", **kwargs)
        self.mechanism = mechanism
        self.supports_masking = True  # the mask comes as an argument; Keras' own, attached to h, is not used

    def build(self, states_shape: tuple[int | None, ...]) -> None:
        self.arrays = {
            name: self.add_weight(shape=shape, name=name, initializer="zeros" if len(shape) == 1 else "glorot_uniform")
            for name, shape in self.mechanism.weights(states_shape[-1]).items()
        }

    def call(self, h: Any, mask: Any) -> Any:
        """h (B, T, D), mask (B, T, 1) float32 → α (B, T, 1)."""
        return pooling.attend(ops, self.mechanism, self.arrays, h, mask)


class Head(keras.layers.Layer):  # type: ignore[misc]
    """Linear head in float32: logits of a pooled vector, or votes of values."""

    def __init__(self, labels: int, **kwargs: Any) -> None:
        super().__init__(dtype="float32", **kwargs)
        self.labels = labels
        self.supports_masking = True

    def build(self, shape: tuple[int | None, ...]) -> None:
        self.arrays = {
            "W": self.add_weight(shape=(shape[-1], self.labels), name="W", initializer="glorot_uniform"),
            "b": self.add_weight(shape=(self.labels,), name="b", initializer="zeros"),
        }

    def call(self, x: Any) -> Any:
        return pooling.head(ops, self.arrays, x)


class AttentionClassifier(keras.Model):  # type: ignore[misc]
    """Inputs `{"ids": (B, T) int32, "lengths": (B,) int32}` padded on the right → logits (B, K) in float32.

    Masking rule: positions at or beyond a row's length are padding; every row has at least one token.
    """

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.architecture = architecture
        self.embedding = keras.layers.Embedding(architecture.vocabulary, architecture.embedding, name="embedding")
        self.dropout_tokens = keras.layers.Dropout(architecture.dropout)
        self.encoder = architecture.encoder.build(keras)
        self.values = architecture.values.build(keras) if architecture.values else None
        self.attention = Attention(architecture.mechanism, name="attention")
        self.dropout_context = keras.layers.Dropout(architecture.dropout)
        self.head = Head(architecture.labels, name="head")

    def call(self, inputs: Mapping[str, Any], training: bool = False) -> Any:
        alpha, values = self.attend(inputs, training=training)
        context = pooling.pool(ops, alpha, ops.cast(values, "float32"))
        return self.head(self.dropout_context(context, training=training))

    def attend(self, inputs: Mapping[str, Any], training: bool = False) -> tuple[Any, Any]:
        """Attention α (B, T, 1) and the values it pools (B, T, D′)."""
        ids, lengths = inputs["ids"], inputs["lengths"]
        mask = ops.expand_dims(ops.arange(ops.shape(ids)[1]), 0) < ops.expand_dims(lengths, 1)  # (B, T)
        weight = ops.expand_dims(ops.cast(mask, "float32"), 2)
        x = self.dropout_tokens(self.embedding(ids), training=training)  # (B, T, E)
        x = x * ops.cast(weight, x.dtype)
        h = self.architecture.encoder.call(self.encoder, x, mask)  # (B, T, D)
        v = self.architecture.values.call(self.values, x, mask) if self.architecture.values else h
        return self.attention(ops.cast(h, "float32"), weight), v

    def explain(self, inputs: Mapping[str, Any]) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
        """Logits (B, K), attention (B, T) and votes (B, T, K), as the served model gives them."""
        alpha, values = self.attend(inputs)
        values = ops.cast(values, "float32")
        outputs = self.head(pooling.pool(ops, alpha, values)), ops.squeeze(alpha, 2), self.head(values)
        logits, attention, votes = (ops.convert_to_numpy(output) for output in outputs)
        return logits, attention, votes

    def in_float32(self) -> "AttentionClassifier":
        """A copy that computes in float32 throughout, as the served model does."""
        policy = keras.mixed_precision.global_policy()
        keras.mixed_precision.set_global_policy("float32")
        try:
            copy = AttentionClassifier(self.architecture)
            copy({"ids": np.ones((1, 1), np.int32), "lengths": np.ones(1, np.int32)})
            copy.assign_arrays(self.arrays())
        finally:
            keras.mixed_precision.set_global_policy(policy)
        return copy

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """Every weight under the name that the ONNX graph, the NumPy reference and safetensors know it by."""
        return {name: np.array(ops.convert_to_numpy(v), np.float32) for name, v in self._variables().items()}

    def assign_arrays(self, arrays: Mapping[str, NDArray[np.float32]]) -> None:
        """Takes over the weights that `arrays` gave, of this model or one of the same architecture."""
        for name, variable in self._variables().items():
            variable.assign(arrays[name])

    def _variables(self) -> dict[str, Any]:
        parts: dict[str, Mapping[str, Any]] = {
            "embedding": {"table": self.embedding.embeddings},
            "encoder": self.architecture.encoder.variables(self.encoder),
            "values": self.architecture.values.variables(self.values) if self.architecture.values else {},
            "attention": self.attention.arrays,
            "head": self.head.arrays,
        }
        return {f"{part}.{name}": variable for part, variables in parts.items() for name, variable in variables.items()}
