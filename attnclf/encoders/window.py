"""A window: each state sees its token and the nearest neighbours, and nothing further away."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnclf.encoders.base import ENCODERS, Weights


@ENCODERS.register("window")
@dataclass(frozen=True)
class Window:
    """h_t = tanh(b + Σ_j W_j x_{t+j−(w−1)/2}),  j = 0 … w−1: a convolution of odd width w (Collobert et al. 2011).

    Width 1 is a projection of the token alone. Token vectors on padding must be zero.
    """

    units: int = 128
    width: int = 1

    @property
    def dim(self) -> int:
        return self.units

    def build(self, keras: Any) -> Any:
        return keras.layers.Conv1D(self.units, self.width, padding="same", activation="tanh")

    def call(self, layer: Any, x: Any, mask: Any) -> Any:
        return layer(x)

    def variables(self, layer: Any) -> Mapping[str, Any]:
        return {"kernel": layer.kernel, "bias": layer.bias}  # (w, E, U), (U,)

    def emit(self, op: Any, w: Weights, x: Any, lengths: Any) -> Any:
        if self.width == 1:  # a third of the time that a convolution takes
            return op.tanh(op.add(op.matmul(x, op.const(w["kernel"][0])), op.const(w["bias"])))
        kernel = np.ascontiguousarray(w["kernel"].transpose(2, 1, 0))  # (U, E, w)
        side = self.width // 2
        y = op.conv(op.transpose(x, perm=[0, 2, 1]), op.const(kernel), op.const(w["bias"]), pads=[side, side])  # (B, U, T)
        return op.tanh(op.transpose(y, perm=[0, 2, 1]))

    def reference(self, w: Weights, x: NDArray[np.float32], mask: NDArray[np.bool_]) -> NDArray[np.float32]:
        side = self.width // 2
        padded = np.pad(x * mask[..., None], ((0, 0), (side, side), (0, 0)))
        steps = x.shape[1]
        total = sum(padded[:, j : j + steps] @ w["kernel"][j] for j in range(self.width)) + w["bias"]
        return np.asarray(np.tanh(total), np.float32)
