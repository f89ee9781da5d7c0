"""The classifier as a Keras model: embedding → encoder → attention over values → linear head, plus a linear model.

All operations come from `keras.ops`, so the model runs on TensorFlow, JAX and PyTorch. The equations after the encoder are
those of `attnclf.model.pooling`. This file only gives them trainable weights and a mask.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from attnclf.model import composition, pooling
from attnclf.model.architecture import Architecture
from attnclf.model.attention import attend
from attnclf.model.mechanisms import Mechanism, Sizes, Tokens
from attnclf.reading.tokens import PADDING_ID
from attnclf.reading.windows import positions_in, spread
from attnclf.trainable import backend, group
from attnclf.trainable.alignment import Alignment
from attnclf.trainable.sampling import sampler_of


class Embedding(keras.layers.Layer):  # type: ignore[misc]
    """A table of vectors, read row by row. Keras' own layer would copy the whole table at every step."""

    def __init__(self, rows: int, dim: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        start = keras.initializers.RandomUniform(-0.05, 0.05)
        self.table = self.add_weight(shape=(rows, dim), initializer=start, name="table")

    def call(self, ids: Any) -> Any:
        return ops.cast(backend.read_rows(self.table, ids), self.compute_dtype)


class Attention(keras.layers.Layer):  # type: ignore[misc]
    """Owns the trainable weights of a mechanism. Scores and weights stay in float32 under mixed precision."""

    def __init__(self, mechanism: Mechanism, sizes: Sizes, **kwargs: Any) -> None:
        super().__init__(dtype="float32", **kwargs)
        self.supports_masking = True  # the mask is passed with the tokens; Keras' own mask, attached to h, is not used
        self.arrays = {
            name: self.add_weight(shape=shape, name=name, initializer="zeros" if len(shape) == 1 else "glorot_uniform")
            for name, shape in mechanism.weights(sizes).items()
        }
        self.built = True

    def call(self, x: Any, equation: Callable[[Mapping[str, Any]], Any]) -> Any:
        """The value of `equation` for the weights of this layer.

        The equation must run inside the layer's own call: elsewhere Keras would give the weights in the dtype of the model.
        """
        return equation(self.arrays)


class Head(keras.layers.Layer):  # type: ignore[misc]
    """The linear head in float32: logits of pooled vectors, or another `equation` of its weights."""

    def __init__(self, labels: int, **kwargs: Any) -> None:
        super().__init__(dtype="float32", **kwargs)
        self.labels = labels
        self.supports_masking = True

    def build(self, shape: tuple[int | None, ...]) -> None:
        self.arrays = {
            "W": self.add_weight(shape=(shape[-1], self.labels), name="W", initializer="glorot_uniform"),
            "b": self.add_weight(shape=(self.labels,), name="b", initializer="zeros"),
        }

    def call(self, x: Any, equation: Callable[..., Any] = pooling.head) -> Any:
        return equation(ops, self.arrays, x)


class LinearModel(keras.layers.Layer):  # type: ignore[misc]
    """The linear model's table (R, K + 1). It is fitted by itself (`attnclf.linear.model`), never by gradients."""

    def __init__(self, rows: int, labels: int, **kwargs: Any) -> None:
        super().__init__(dtype="float32", trainable=False, **kwargs)
        self.table = self.add_weight(shape=(rows, labels + 1), name="table", initializer="zeros", trainable=False)
        self.labels, self.built = labels, True

    def call(self, inputs: Mapping[str, Any]) -> Any:
        words = composition.word_weights(ops, self.table, inputs["features"], inputs["words"])
        rows = ops.take(words, inputs["linear_ids"], axis=0), ops.take(self.table, inputs["pairs"], axis=0)
        return pooling.linear_contributions(ops, self.labels, *rows, inputs["word_shares"], inputs["pair_shares"])


class AttentionClassifier(keras.Model):  # type: ignore[misc]
    """Maps the inputs of a `Reader`, which include `ids` (B, T) and `lengths` (B,), to logits (B, K) in float32.

    Masking rule: positions at or beyond the length of a row are padding, and every row has at least one token. In training, and
    where a batch has only what the network reads, the linear model is left out, so the network learns as if it were alone. Its
    table is zero until it is assigned. Batches of training may also have `linear` (B, W, K), the contributions of the linear
    model to the tokens that the network reads, for the alignment of attention.
    """

    def __init__(self, architecture: Architecture, align: float = 0.0) -> None:
        super().__init__()
        self.architecture = architecture
        self.embedding = Embedding(architecture.vocabulary, architecture.embedding, name="embedding")
        self.dropout_tokens = keras.layers.Dropout(architecture.dropout)
        self.encoders = {name: encoder.build(keras) for name, encoder in architecture.encoders.items()}
        self.attentions = {
            name: Attention(mechanism, sizes, name=name) for name, (mechanism, sizes) in architecture.mechanisms.items()
        }
        self.dropout_context = keras.layers.Dropout(architecture.dropout)
        self.head = Head(architecture.labels, name="head")
        self.linear = LinearModel(architecture.features, architecture.labels, name="linear") if architecture.features else None
        self.sampler = sampler_of(architecture.mechanism)
        self.alignment = Alignment(align) if align and architecture.mechanism.can_be_aligned else None

    def call(self, inputs: Mapping[str, Any], training: bool = False) -> Any:
        alpha, values, mask = self.attend(inputs, training=training)
        if training and self.alignment is not None:
            self.alignment.compare(self.shown(alpha), self.contributions(alpha, values), inputs.get("linear"), mask)
        logits = self.head(self.dropout_context(self.pool(alpha, values), training=training))
        if self.linear is None or training or "linear_ids" not in inputs:
            return logits if training else group.replicated(logits)
        return logits + ops.sum(self.linear(inputs), axis=1)

    def pool(self, alpha: Any, values: Any) -> Any:
        """The pooled vector c (B, D″)."""
        return pooling.pool(ops, alpha, values, self.architecture.groups, self.architecture.pooled)

    def shown(self, alpha: Any) -> Any:
        """The attention that users see (B, T, 1): the mean of α (B, T, G)."""
        return pooling.mean(ops, alpha, self.architecture.groups)

    def contributions(self, alpha: Any, values: Any) -> Any:
        """What each token adds to the logits of the network (B, T, K)."""
        groups, size = self.architecture.groups, self.architecture.pooled
        return self.head(values, equation=lambda xp, w, v: pooling.contributions(xp, w, alpha, v, groups, size))

    def attend(self, inputs: Mapping[str, Any], training: bool = False) -> tuple[Any, Any, Any]:
        """Attention α (B, T, G), the values (B, T, D″) that it pools, and the mask (B, T, 1)."""
        return self.attend_to(self.embed(inputs), inputs, training=training)

    def attend_to(self, x: Any, inputs: Mapping[str, Any], training: bool = False) -> tuple[Any, Any, Any]:
        """Like `attend`, from token vectors x (B, T, E).

        Of `inputs` only `lengths` is read, and the arrays of `attnclf.reading.sentences` if the text is read by sentence.
        """
        steps = ops.arange(ops.shape(x)[1])
        mask = ops.expand_dims(steps, 0) < ops.expand_dims(inputs["lengths"], 1)  # (B, T)
        weight = ops.expand_dims(ops.cast(mask, "float32"), 2)
        x = self.dropout_tokens(x, training=training)
        x = x * ops.cast(weight, x.dtype)  # (B, T, E)
        _, alpha, values = attend(ops, self.architecture, _Parts(self, training), ops.cast(x, "float32"), weight, inputs)
        return alpha, values, weight

    def embed(self, inputs: Mapping[str, Any]) -> Any:
        """Token vectors (B, T, E)."""
        if not self.architecture.features:
            return self.embedding(inputs["ids"])
        features, present = composition.embedded(ops, group.replicated(inputs["features"]), self.architecture.vocabulary)
        vectors = self.embedding(features)  # (R, 8, E)
        present = ops.cast(present, vectors.dtype)
        words = composition.compose(ops, vectors * ops.expand_dims(present, 2), present, group.replicated(inputs["words"]))
        return ops.take(words, inputs["ids"], axis=0)

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """The cross-entropy, plus the losses of the sampler and of the alignment if there are any."""
        loss = super().compute_loss(x, y, y_pred, sample_weight, training)
        if self.sampler and training:
            loss = loss + self.sampler.loss(y, y_pred, 1.0 if sample_weight is None else sample_weight)
        if self.alignment is not None and training:
            loss = loss + self.alignment.loss(1.0 if sample_weight is None else sample_weight)
        return loss

    def explain(self, inputs: Mapping[str, Any]) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
        """Logits (B, K), attention (B, T) and contributions (B, T, K): the same outputs as those of the served model."""
        alpha, values, _ = self.attend(inputs)
        of_network = ops.squeeze(self.shown(alpha), 2), self.contributions(alpha, values)
        steps = int(inputs["text_lengths"].max())
        attention, contributions = (spread(ops.convert_to_numpy(one), positions_in(inputs), steps) for one in of_network)
        if self.linear is not None:
            contributions = contributions + ops.convert_to_numpy(self.linear(inputs))[:, :steps]
        return ops.convert_to_numpy(self(inputs)), attention, contributions

    def margin(self, x: Any, inputs: Mapping[str, Any], weights: Any) -> Any:
        """The margin Σ_k weights_k ℓ_k (B,) for token vectors x (B, T, E), without the linear model: it does not read x."""
        alpha, values, _ = self.attend_to(x, inputs)
        return ops.matmul(self.head(self.pool(alpha, values)), weights)

    def in_float32(self, inputs: Mapping[str, Any]) -> "AttentionClassifier":
        """A copy that computes entirely in float32, like the served model. Any `inputs` will do: they only build the copy."""
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
        """Every weight array, under the name that the ONNX graph, the NumPy reference and safetensors use.

        The vector of padding is set to zero, so those need not mask it. This model never uses it.
        """
        arrays = {name: np.array(ops.convert_to_numpy(v), np.float32) for name, v in self._variables().items()}
        arrays["embedding.table"][PADDING_ID] = 0
        return arrays

    def assign_arrays(self, arrays: Mapping[str, NDArray[np.float32]]) -> None:
        """Assigns weights by the names that `arrays()` uses. Weights that are not named stay as they are."""
        variables = self._variables()
        for name, array in arrays.items():
            variables[name].assign(array)

    def _variables(self) -> dict[str, Any]:
        encoders = self.architecture.encoders
        parts: dict[str, Mapping[str, Any]] = {
            "embedding": {"table": self.embedding.table},
            **{name: encoders[name].variables(layer) for name, layer in self.encoders.items()},
            **{name: layer.arrays for name, layer in self.attentions.items()},
            "head": self.head.arrays,
            "linear": {"table": self.linear.table} if self.linear is not None else {},
        }
        return {f"{part}.{name}": variable for part, variables in parts.items() for name, variable in variables.items()}


@dataclass(frozen=True)
class _Parts:
    """Implements `attnclf.model.attention.Parts` in Keras."""

    model: AttentionClassifier
    training: bool

    def encode(self, part: str, x: Any, mask: Any) -> Any:
        encoder, layer = self.model.architecture.encoders[part], self.model.encoders[part]
        return ops.cast(encoder.call(layer, x, ops.squeeze(mask > 0, 2)), "float32")

    def attend(self, part: str, mechanism: Mechanism, tokens: Tokens) -> Any:
        sampler = self.model.sampler if self.training and part == "attention" else None
        tokens = replace(tokens, h=ops.cast(tokens.h, "float32"), v=ops.cast(tokens.v, "float32"))

        def equation(arrays: Mapping[str, Any]) -> Any:
            return sampler.draw(mechanism, arrays, tokens) if sampler else mechanism.attend(ops, arrays, tokens)

        return self.model.attentions[part](tokens.h, equation=equation)

    def project(self, part: str, mechanism: Mechanism, v: Any) -> Any:
        return self.model.attentions[part](v, equation=lambda arrays: mechanism.values(ops, arrays, v))
