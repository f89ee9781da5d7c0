"""Encoders without a recurrence: one equation in `xp`, shared by Keras, NumPy and ONNX, like the equation of a mechanism."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnclf.model.encoders.base import Weights


class EquationEncoder:
    """Base class of encoders that only define `dim`, `weights` and `states`."""

    final_steps: tuple[str, ...] = ()

    def weights(self, inputs: int) -> Mapping[str, tuple[int, ...]]:
        """The shape of each array, keyed by its name, for token vectors of size `inputs`."""
        raise NotImplementedError

    def states(self, xp: Any, w: Mapping[str, Any], x: Any, mask: Any) -> Any:
        """States h (B, T, D) from x (B, T, E), which is zero on padding, and mask (B, T, 1) in float32."""
        raise NotImplementedError

    def build(self, keras: Any) -> Any:
        encoder = self

        class Layer(keras.layers.Layer):  # type: ignore[misc]
            """Holds the weights. Stays in float32 under mixed precision, because bfloat16 cannot count to 300."""

            def __init__(self) -> None:
                super().__init__(dtype="float32")

            def build(self, shape: tuple[Any, ...]) -> None:
                def add(name: str, array_shape: tuple[int, ...]) -> Any:
                    initializer = "zeros" if len(array_shape) == 1 else "glorot_uniform"
                    keras_name = name.replace(".", "_")  # PyTorch allows no dots in names
                    return self.add_weight(shape=array_shape, name=keras_name, initializer=initializer)

                self.arrays = {name: add(name, array_shape) for name, array_shape in encoder.weights(shape[-1]).items()}

            def call(self, x: Any, real: Any) -> Any:
                weight = keras.ops.cast(keras.ops.expand_dims(real, 2), x.dtype)
                return encoder.states(keras.ops, self.arrays, x, weight)

        return Layer()

    def call(self, layer: Any, x: Any, mask: Any) -> Any:
        return layer(x, mask)

    def variables(self, layer: Any) -> Mapping[str, Any]:
        return dict(layer.arrays)

    def emit(self, xp: Any, w: Weights, x: Any, mask: Any) -> Any:
        return self.states(xp, w, x, mask)

    def reference(self, w: Weights, x: NDArray[np.float32], mask: NDArray[np.bool_]) -> NDArray[np.float32]:
        weight = mask[..., None].astype(np.float32)
        return np.asarray(self.states(np, w, x * weight, weight), np.float32)
