"""The mechanisms of the classifier as Keras layers that anything may ask: a decoder at each step, or nobody."""

from typing import Any

import keras
from keras import ops

from attnclf.model import pooling
from attnclf.model.mechanisms import Mechanism, Sizes, Tokens
from attnclf.trainable.model import Attention

Shape = tuple[int | None, ...]


class Weigh(keras.layers.Layer):  # type: ignore[misc]
    """The weights α (B, T, G) that a mechanism gives to the T steps of a sequence, whose number must be known.

    * `keys` (B, T, D) are what is compared with the query. The equations call them states.
    * `values` (B, T, D′) are what will be weighted. Only their size counts here; None for the keys themselves.
    * `query` (B, D) is what asks, such as the state of a decoder; None where the mechanism asks by itself.
    """

    def __init__(self, mechanism: Mechanism, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.mechanism = mechanism

    def build(self, keys_shape: Shape, values_shape: Shape | None = None, query_shape: Shape | None = None) -> None:
        steps, size = keys_shape[1:]
        values = (values_shape or keys_shape)[-1]
        assert steps is not None
        assert size is not None
        assert values is not None
        self.sizes = Sizes(size, values, final_steps=("decoder",) if query_shape else (), positions=steps)
        self.mechanism.check(self.sizes)
        self.arrays_of = Attention(self.mechanism, self.sizes, name="weights")

    def call(self, keys: Any, values: Any = None, query: Any = None) -> Any:
        asked = None if query is None else ops.expand_dims(query, 1)  # (B, 1, D)
        tokens = Tokens(keys, keys if values is None else values, mask=ops.ones_like(keys[:, :, :1]), query=asked)
        return self.arrays_of(keys, equation=lambda arrays: self.mechanism.attend(ops, arrays, tokens))


class Attend(Weigh):
    """The same weights, and what they pool: the context c (B, D′) = Σ_t α_t v_t, then α (B, T, G)."""

    def call(self, keys: Any, values: Any = None, query: Any = None) -> Any:
        alpha = super().call(keys, values, query)
        values = keys if values is None else values
        return pooling.pool(ops, alpha, values, self.mechanism.groups(self.sizes), self.sizes.values), alpha


def look_back(look: Attend, h: Any, q: Any) -> tuple[Any, Any]:
    """Contexts c (B, S, D) and weights α (B, S, T) of a decoder whose states q (B, S, D) each ask at the states h (B, T, D).

    All steps ask at once, each as a text of its own: small models spend their time on starting operations.
    """
    (steps, size), length = q.shape[1:], h.shape[1]
    repeated = ops.reshape(ops.repeat(ops.expand_dims(h, 1), steps, axis=1), (-1, length, size))  # (B · S, T, D)
    c, alpha = look(repeated, query=ops.reshape(q, (-1, size)))
    return ops.reshape(c, (-1, steps, size)), ops.reshape(alpha, (-1, steps, length))
