"""Encoders without a recurrence: an equation in `xp`, which Keras, NumPy and ONNX read alike, as they read a mechanism's."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnclf.model.encoders.base import Weights


class EquationEncoder:
    """Base of encoders that give `weights` and `states`, and nothing more."""

    final_steps: tuple[str, ...] = ()

    def weights(self, inputs: int) -> Mapping[str, tuple[int, ...]]:
        """Name and shape of each array, for token vectors of size `inputs`."""
        raise NotImplementedError

    def states(self, xp: Any, w: Mapping[str, Any], x: Any, mask: Any) -> Any:
        """h (B, T, D) of x (B, T, E), which is zero on padding, and mask (B, T, 1) float32."""
        raise NotImplementedError

    def build(self, keras: Any) -> Any:
        encoder = self

        class Layer(keras.layers.Layer):  # type: ignore[misc]
            """Holds the weights. In float32 under mixed precision, where bfloat16 cannot count to 300."""

            def __init__(self) -> None:
                super().__init__(dtype="float32")

            def build(self, shape: tuple[Any, ...]) -> None:
                def made(name: str, form: tuple[int, ...]) -> Any:
                    start = "zeros" if len(form) == 1 else "glorot_uniform"
                    return self.add_weight(shape=form, name=name.replace(".", "_"), initializer=start)  # PyTorch takes no dots

                self.arrays = {name: made(name, form) for name, form in encoder.weights(shape[-1]).items()}

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
