"""A Transformer that writes: the encoder of the classifier, and a decoder that looks at what it read and at what it wrote."""

from typing import Any

import keras
from keras import layers, ops

from attnclf.model.encoders.transformer import Transformer, positions

HEADS = 4
STDDEV = 0.02  # of learned positions at the start, as in Dosovitskiy et al. 2021 (arXiv:2010.11929)


def embedded(ids: Any, symbols: int, size: int) -> Any:
    """Vectors (B, T, D) of ids (B, T), as large as the marks of their positions."""
    return layers.Embedding(symbols, size, embeddings_initializer=keras.initializers.RandomNormal(stddev=1.0))(ids)


def encoded(x: Any, depth: int) -> Any:
    """States h (B, T, D) of vectors x (B, T, D) by the equation of `--encoder transformer`, which adds the positions."""
    encoder = Transformer(units=x.shape[-1] // 2, layers=depth, heads=HEADS).build(keras)
    return encoder(x, ops.ones_like(x[:, :, 0]))


def decoded(y: Any, h: Any, depth: int) -> tuple[Any, Any]:
    """States z (B, S, D) of a decoder that wrote y (B, S, D) and read h (B, T, D), and where it looked in h, α (B, S, T).

        z⁰ = y + p,   a = z + MultiHead(LN(z), LN(z)),   b = a + MultiHead(LN(a), h),   z′ = b + W₂ max(0, W₁ LN(b))

    The first MultiHead is masked: step i sees the steps up to i. In the second one the query is the decoder's, and keys and
    values are the encoder's. α is the mean over the heads of the last layer. Vaswani et al. 2017 (arXiv:1706.03762), normalised
    before each part instead of after it (Xiong et al. 2020, arXiv:2002.04745), as in the encoder.
    """
    size = y.shape[-1]
    z = y + ops.convert_to_tensor(positions(ops, ops.ones_like(y[:, :, :1]), size))
    weights = None
    for _ in range(depth):
        own = layers.LayerNormalization()(z)
        z = z + layers.MultiHeadAttention(HEADS, size // HEADS)(own, own, use_causal_mask=True)
        across = layers.MultiHeadAttention(HEADS, size // HEADS)
        seen, weights = across(layers.LayerNormalization()(z), h, return_attention_scores=True)  # (B, heads, S, T)
        z = z + seen
        inner = layers.Dense(2 * size, activation="relu")(layers.LayerNormalization()(z))
        z = z + layers.Dense(size)(inner)
    return layers.LayerNormalization()(z), ops.mean(weights, axis=1)


class Begun(keras.layers.Layer):  # type: ignore[misc]
    """Vectors x (B, T, D) with a learned `[class]` token before them and a learned mark of its place on each: (B, 1 + T, D).

    Token and mark of place 0 are one vector, since only their sum is ever seen.
    """

    def build(self, shape: tuple[int | None, ...]) -> None:
        steps, size = shape[1:]
        assert steps is not None
        self.marks = self.add_weight(shape=(1 + steps, size), initializer=keras.initializers.RandomNormal(stddev=STDDEV))

    def call(self, x: Any) -> Any:
        return ops.pad(x, ((0, 0), (1, 0), (0, 0))) + self.marks
