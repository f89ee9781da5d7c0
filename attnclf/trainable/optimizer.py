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

    def build(self, variables: Sequence[Any]) -> None:
        self.exclude_from_weight_decay(var_list=[v for v in variables if self._is_table(v)])
        super().build(variables)

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

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        index = self._get_variable_index(variable)
        if not self._is_table(self._trainable_variables[index]):
            super().update_step(gradient, variable, learning_rate)
            return
        rows, g = backend.rows_of(gradient)
        touched = ops.any(ops.not_equal(g, 0), axis=1, keepdims=True)  # except on TensorFlow, g covers the whole table
        step = ops.cast(self.iterations + 1, "float32")
        rate = learning_rate * ops.sqrt(1 - ops.power(self.beta_2, step)) / (1 - ops.power(self.beta_1, step))
        averages = self._momentums[index], self._velocities[index]
        m, v = (backend.read_rows(average, rows) for average in averages)
        new_m = ops.where(touched, m + (g - m) * (1 - self.beta_1), m)
        new_v = ops.where(touched, v + (ops.square(g) - v) * (1 - self.beta_2), v)
        change = ops.where(touched, new_m * rate / (ops.sqrt(new_v) + self.epsilon), 0.0)
        for target, values in zip(
            (*averages, variable), (new_m, new_v, backend.read_rows(variable, rows) - change), strict=True
        ):
            backend.write_rows(target, rows, values)
