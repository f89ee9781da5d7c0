"""Convolutions: a state sees its token and the nearest neighbours, but nothing further away."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnclf.model.encoders.base import ENCODERS, Weights

Array = NDArray[np.float32]
WIDTHS = (3, 4, 5)


@ENCODERS.register("window", "a convolution of odd width; of width 1 the token alone")
@dataclass(frozen=True)
class Window:
    """h_t = tanh(b + Σ_j W_j x_{t+j−(w−1)/2}),  j = 0 … w−1: a convolution of odd width w (Collobert et al. 2011).

    Width 1 is a projection of the token alone. Token vectors on padding must be zero.
    """

    units: int = 128
    width: int = 1
    final_steps: tuple[str, ...] = ()

    @property
    def dim(self) -> int:
        return self.units

    def weights(self, inputs: int) -> Mapping[str, tuple[int, ...]]:
        return {"kernel": (self.width, inputs, self.units), "bias": (self.units,)}

    def build(self, keras: Any) -> Any:
        return keras.layers.Conv1D(self.units, self.width, padding="same", activation="tanh")

    def call(self, layer: Any, x: Any, mask: Any) -> Any:
        return layer(x)

    def variables(self, layer: Any) -> Mapping[str, Any]:
        return {"kernel": layer.kernel, "bias": layer.bias}

    def emit(self, xp: Any, w: Weights, x: Any, mask: Any) -> Any:
        if self.width == 1:  # takes a third of the time of a convolution
            return xp.tanh(xp.matmul(x, w["kernel"][0]) + w["bias"])
        return xp.tanh(_onnx_convolution(xp, x, w["kernel"], w["bias"]))

    def reference(self, w: Weights, x: Array, mask: NDArray[np.bool_]) -> Array:
        return np.tanh(_numpy_convolution(x * mask[..., None], w["kernel"], w["bias"]))


@ENCODERS.register("cnn", "convolutions of widths 3, 4 and 5 side by side")
@dataclass(frozen=True)
class CNN:
    """h_t = [h³_t ; h⁴_t ; h⁵_t],  h^w_t = max(0, b + Σ_j W^w_j x_{t+j−⌊(w−1)/2⌋})

    Kim 2014 (arXiv:1408.5882), with `units` feature maps per width. The paper pools the maximum over time
    (`--attention none-max`).
    """

    units: int = 64
    final_steps: tuple[str, ...] = ()

    @property
    def dim(self) -> int:
        return len(WIDTHS) * self.units

    def weights(self, inputs: int) -> Mapping[str, tuple[int, ...]]:
        kernels = {f"kernel{width}": (width, inputs, self.units) for width in WIDTHS}
        return kernels | {f"bias{width}": (self.units,) for width in WIDTHS}

    def build(self, keras: Any) -> Any:
        maps = [keras.layers.Conv1D(self.units, width, padding="same", activation="relu") for width in WIDTHS]
        return [*maps, keras.layers.Concatenate(axis=2)]

    def call(self, layer: Any, x: Any, mask: Any) -> Any:
        *maps, concatenate = layer
        return concatenate([convolution(x) for convolution in maps])

    def variables(self, layer: Any) -> Mapping[str, Any]:
        kernels = {f"kernel{width}": convolution.kernel for width, convolution in zip(WIDTHS, layer, strict=False)}
        return kernels | {f"bias{width}": convolution.bias for width, convolution in zip(WIDTHS, layer, strict=False)}

    def emit(self, xp: Any, w: Weights, x: Any, mask: Any) -> Any:
        maps = [_onnx_convolution(xp, x, w[f"kernel{width}"], w[f"bias{width}"]) for width in WIDTHS]
        return xp.maximum(xp.concatenate(maps, axis=2), 0.0)

    def reference(self, w: Weights, x: Array, mask: NDArray[np.bool_]) -> Array:
        x = x * mask[..., None]
        maps = [_numpy_convolution(x, w[f"kernel{width}"], w[f"bias{width}"]) for width in WIDTHS]
        return np.maximum(np.concatenate(maps, axis=2), 0)


def _onnx_convolution(xp: Any, x: Any, kernel: Array, bias: Array) -> Any:
    """ONNX's convolution of a symbol (B, T, E) with a kernel (w, E, U): a symbol (B, T, U)."""
    op, (before, after) = xp.op, _sides(len(kernel))
    onnx_kernel = np.ascontiguousarray(kernel.transpose(2, 1, 0))  # (U, E, w)
    y = op.conv(op.transpose(x.var, perm=[0, 2, 1]), op.const(onnx_kernel), op.const(bias), pads=[before, after])  # (B, U, T)
    return type(x)(op.transpose(y, perm=[0, 2, 1]))


def _numpy_convolution(x: Array, kernel: Array, bias: Array) -> Array:
    """The same convolution in NumPy, as a sum over the w positions of the kernel."""
    steps = x.shape[1]
    padded = np.pad(x, ((0, 0), _sides(len(kernel)), (0, 0)))
    return np.asarray(sum(padded[:, j : j + steps] @ tap for j, tap in enumerate(kernel)) + bias, np.float32)


def _sides(width: int) -> tuple[int, int]:
    """How many tokens before and after its own a state sees; also the padding on each side."""
    return (width - 1) // 2, width // 2
