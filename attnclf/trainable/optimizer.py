"""AdamW that updates only the table rows that a batch has read: the cost of a step does not depend on the size of the table.

The table of n-gram vectors has a hundred times as many weights as everything else, and a batch reads a few thousand of its
rows. Updating the averages of every row would take most of the time of a step on a CPU. The method is known as lazy Adam.
"""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from attnclf.trainable import backend


class RowwiseAdamW(keras.optimizers.AdamW):  # type: ignore[misc]
    """AdamW (Loshchilov & Hutter 2019) with lazy updates for the variables whose path contains one of `tables`.

    In these tables, a row without a gradient keeps its values and its averages in that step. Tables have no weight decay.
    """

    def __init__(self, *args: Any, tables: Sequence[str], **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._tables = tables

    def _is_table(self, variable: Any) -> bool:
        return any(name in variable.path for name in self._tables)

    def apply(self, grads: Sequence[Any], trainable_variables: Any = None) -> None:
        super().apply([backend.without_repeats(gradient) for gradient in grads], trainable_variables)

    def _clip_gradients(self, grads: Sequence[Any]) -> list[Any]:
        # Keras' own clipping would turn a list of rows into a dense gradient.
        parts = [backend.rows_of(gradient) for gradient in grads]
        norm = ops.sqrt(ops.sum(ops.stack([ops.sum(ops.square(values)) for _, values in parts])))
        scale = ops.minimum(1.0, self.global_clipnorm / ops.maximum(norm, 1e-12))
        return [backend.with_rows(rows, values * scale, like) for (rows, values), like in zip(parts, grads, strict=True)]

    def _apply_weight_decay(self, variables: Sequence[Any]) -> None:
        """Nothing: `update_step` does it, at a learning rate that is computed once for all variables."""

    def _backend_update_step(self, grads: Sequence[Any], variables: Sequence[Any], learning_rate: Any) -> None:
        step = ops.cast(self.iterations + 1, "float32")
        corrected = learning_rate * ops.sqrt(1 - ops.power(self.beta_2, step)) / (1 - ops.power(self.beta_1, step))
        super()._backend_update_step(grads, variables, (learning_rate, corrected))

    def update_step(self, gradient: Any, variable: Any, rates: tuple[Any, Any]) -> None:
        """Updates a variable. `rates` are the learning rate, and that with Adam's correction of averages that start at 0."""
        learning_rate, corrected = rates
        index = self._get_variable_index(variable)
        averages = self._momentums[index], self._velocities[index]
        rows, g = backend.rows_of(gradient)
        m, v, old = (backend.read_rows(one, rows) for one in (*averages, variable))
        new_m, new_v = m + (g - m) * (1 - self.beta_1), v + (ops.square(g) - v) * (1 - self.beta_2)
        change = new_m * corrected / (ops.sqrt(new_v) + self.epsilon)
        if self._is_table(self._trainable_variables[index]):
            touched = ops.any(ops.not_equal(g, 0), axis=1, keepdims=True)  # except on TensorFlow, g covers the whole table
            new_m, new_v, change = ops.where(touched, new_m, m), ops.where(touched, new_v, v), ops.where(touched, change, 0.0)
        else:
            old = old - old * self.weight_decay * learning_rate
        for target, values in zip((*averages, variable), (new_m, new_v, old - change), strict=True):
            backend.write_rows(target, rows, values)
