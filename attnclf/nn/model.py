"""The classifier as a Keras model: embedding → encoder → attention over values → linear head, beside a linear path.

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
from attnclf.nn import backend
from attnclf.text import PADDING_ID


class Embedding(keras.layers.Layer):  # type: ignore[misc]
    """A table of vectors, read row by row: Keras' own layer would copy all of it at every step."""

    def __init__(self, rows: int, dim: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        start = keras.initializers.RandomUniform(-0.05, 0.05)
        self.table = self.add_weight(shape=(rows, dim), initializer=start, name="table")

    def call(self, ids: Any) -> Any:
        return ops.cast(backend.read_rows(self.table, ids), self.compute_dtype)


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


class LinearPath(keras.layers.Layer):  # type: ignore[misc]
    """Holds the linear path's weights, which are fitted by themselves after training and never by gradients."""

    def __init__(self, rows: int, labels: int, **kwargs: Any) -> None:
        super().__init__(dtype="float32", trainable=False, **kwargs)
        self.labels = labels
        self.table = self.add_weight(shape=(rows, labels + 1), name="table", initializer="zeros", trainable=False)

    def call(self, inputs: Mapping[str, Any], mask: Any) -> Any:
        ids, pairs = inputs["ids"], inputs["pairs"]
        of_words = ops.take(pooling.word_weights(ops, self.table, inputs["features"], inputs["words"]), ids, axis=0)
        return pooling.linear_path(ops, self.labels, of_words, ops.take(self.table, pairs, axis=0), ids, pairs, mask)


class AttentionClassifier(keras.Model):  # type: ignore[misc]
    """Inputs as a `Reader` batches them, `ids` (B, T) and `lengths` (B,) among them → logits (B, K) in float32.

    Masking rule: positions at or beyond a row's length are padding; every row has at least one token. While training the
    linear path is left out: the network learns as if it were alone.
    """

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.architecture = architecture
        self.embedding = Embedding(architecture.vocabulary, architecture.embedding, name="embedding")
        self.dropout_tokens = keras.layers.Dropout(architecture.dropout)
        self.encoder = architecture.encoder.build(keras)
        self.values = architecture.values.build(keras) if architecture.values else None
        self.attention = Attention(architecture.mechanism, name="attention")
        self.dropout_context = keras.layers.Dropout(architecture.dropout)
        self.head = Head(architecture.labels, name="head")
        self.linear = LinearPath(architecture.features, architecture.labels, name="linear") if architecture.features else None

    def call(self, inputs: Mapping[str, Any], training: bool = False) -> Any:
        alpha, values, mask = self.attend(inputs, training=training)
        context = pooling.pool(ops, alpha, ops.cast(values, "float32"))
        logits = self.head(self.dropout_context(context, training=training))
        if self.linear is None or training:
            return logits
        return logits + ops.sum(self.linear(inputs, mask), axis=1)

    def attend(self, inputs: Mapping[str, Any], training: bool = False) -> tuple[Any, Any, Any]:
        """Attention α (B, T, 1), the values it pools (B, T, D′), and the mask (B, T, 1)."""
        return self.attend_to(self.embed(inputs), inputs["lengths"], training=training)

    def attend_to(self, x: Any, lengths: Any, training: bool = False) -> tuple[Any, Any, Any]:
        """The same of token vectors (B, T, E)."""
        steps = ops.arange(ops.shape(x)[1])
        mask = ops.expand_dims(steps, 0) < ops.expand_dims(lengths, 1)  # (B, T)
        weight = ops.expand_dims(ops.cast(mask, "float32"), 2)
        x = self.dropout_tokens(x, training=training)
        x = x * ops.cast(weight, x.dtype)  # (B, T, E)
        h = self.architecture.encoder.call(self.encoder, x, mask)  # (B, T, D)
        local = self.architecture.values.call(self.values, x, mask) if self.architecture.values else None
        v = pooling.values(ops, h, local, self.architecture.beside)
        return self.attention(ops.cast(h, "float32"), weight), v, weight

    def embed(self, inputs: Mapping[str, Any]) -> Any:
        """Token vectors (B, T, E)."""
        if not self.architecture.features:
            return self.embedding(inputs["ids"])
        features, present = pooling.embedded(ops, inputs["features"], self.architecture.vocabulary)
        vectors = self.embedding(features)  # (R, 8, E)
        present = ops.cast(present, vectors.dtype)
        words = pooling.compose(ops, vectors * ops.expand_dims(present, 2), present, inputs["words"])
        return ops.take(words, inputs["ids"], axis=0)

    def explain(self, inputs: Mapping[str, Any]) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
        """Logits (B, K), attention (B, T) and contributions (B, T, K), as the served model gives them."""
        alpha, values, mask = self.attend(inputs)
        contributions = alpha * self.head(ops.cast(values, "float32"))
        if self.linear is not None:
            contributions = contributions + self.linear(inputs, mask)
        logits, attention, contributions = (
            ops.convert_to_numpy(output) for output in (self(inputs), ops.squeeze(alpha, 2), contributions)
        )
        return logits, attention, contributions

    def contrast(self, x: Any, lengths: Any, weights: Any) -> Any:
        """Σ_k weights_k ℓ_k (B,) of token vectors (B, T, E), by attention alone: the linear path does not read them."""
        alpha, values, _ = self.attend_to(x, lengths)
        logits = self.head(pooling.pool(ops, alpha, ops.cast(values, "float32")))
        return ops.matmul(logits, weights)

    def in_float32(self, inputs: Mapping[str, Any]) -> "AttentionClassifier":
        """A copy that computes in float32 throughout, as the served model does; `inputs` are any, to build it."""
        policy = keras.mixed_precision.global_policy()
        keras.mixed_precision.set_global_policy("float32")
        try:
            copy = AttentionClassifier(self.architecture)
            copy(inputs)
            copy.assign_arrays(self.arrays())
        finally:
            keras.mixed_precision.set_global_policy(policy)
        return copy

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """Every weight under the name that the ONNX graph, the NumPy reference and safetensors know it by.

        Padding's vector, which is never used here, is zero there, so that they need not mask it.
        """
        arrays = {name: np.array(ops.convert_to_numpy(v), np.float32) for name, v in self._variables().items()}
        arrays["embedding.table"][PADDING_ID] = 0
        return arrays

    def assign_arrays(self, arrays: Mapping[str, NDArray[np.float32]]) -> None:
        """Takes over weights by the names that `arrays` gives them; the others stay as they are."""
        variables = self._variables()
        for name, array in arrays.items():
            variables[name].assign(array)

    def _variables(self) -> dict[str, Any]:
        parts: dict[str, Mapping[str, Any]] = {
            "embedding": {"table": self.embedding.table},
            "encoder": self.architecture.encoder.variables(self.encoder),
            "values": self.architecture.values.variables(self.values) if self.architecture.values else {},
            "attention": self.attention.arrays,
            "head": self.head.arrays,
            "linear": {"table": self.linear.table} if self.linear is not None else {},
        }
        return {f"{part}.{name}": variable for part, variables in parts.items() for name, variable in variables.items()}
