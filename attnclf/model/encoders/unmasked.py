"""Recurrences in Keras that never see a mask.

A mask rules out fused kernels on some back ends, and costs time on the others. None is needed: padding stands behind a text, so
a cell that reads from the left meets it last, and what it makes of it is never read. For the cell that reads from the right,
each text is reversed within its own length, and its states are reversed back. The states of tokens are those with a mask.
"""

from functools import partial
from typing import Any


def unmasked(keras: Any, cell: str, units: int, layers: int, directions: int) -> Any:
    """A Keras layer: states (B, T, directions · units) from x (B, T, E) and the mask `real` (B, T).

    `cell` names a recurrent layer of Keras. `recurrences` holds one for each direction of each layer. The states on padding
    mean nothing.
    """
    # Only default arguments: with any others, Keras does not use cuDNN on a GPU.
    make = partial(getattr(keras.layers, cell), units, return_sequences=True)

    class Unmasked(keras.layers.Layer):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.recurrences = [[make() for _ in range(directions)] for _ in range(layers)]

        def build(self, shape: tuple[Any, ...]) -> None:
            for index, recurrences in enumerate(self.recurrences):
                for recurrence in recurrences:
                    recurrence.build((None, None, directions * units if index else shape[-1]))

        def call(self, x: Any, real: Any) -> Any:
            order = from_the_end(keras.ops, real)
            for forward, *backward in self.recurrences:
                states = [forward(x)]
                states += [reordered(keras.ops, cell(reordered(keras.ops, x, order)), order) for cell in backward]
                x = keras.ops.concatenate(states, axis=2)
            return x

    return Unmasked()


def from_the_end(ops: Any, mask: Any) -> Any:
    """The order (B, T) in which texts are read from their ends: at each step, the token's place in the batch, row after row.

    Padding, where mask (B, T) is false, stays behind the text. The order is its own inverse.
    """
    rows, steps = ops.arange(ops.shape(mask)[0]), ops.arange(ops.shape(mask)[1])
    lengths = ops.sum(ops.cast(mask, "int32"), axis=1, keepdims=True)  # (B, 1)
    within = ops.where(steps < lengths, lengths - 1 - steps, steps)
    return within + ops.expand_dims(rows * ops.shape(mask)[1], 1)


def reordered(ops: Any, x: Any, order: Any) -> Any:
    """x (B, T, E) in an order (B, T) of its tokens."""
    return ops.take(ops.reshape(x, (-1, x.shape[-1])), order, axis=0)
