"""A bidirectional LSTM: one reads left to right, one right to left, and a state is both side by side."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnclf.encoders.base import ENCODERS, Weights

DIRECTIONS = ("forward", "backward")


@ENCODERS.register("bilstm")
@dataclass(frozen=True)
class BiLSTM:
    """h_t = [→h_t ; ←h_t], each an LSTM (Hochreiter and Schmidhuber 1997; Graves and Schmidhuber 2005 for both ways):

    i, f, o = σ(W x_t + U h_{t−1} + b)      g = tanh(W x_t + U h_{t−1} + b)
    c_t = f ⊙ c_{t−1} + i ⊙ g               h_t = o ⊙ tanh(c_t)

    Kernels keep Keras' gate order i, f, g, o; ONNX wants i, o, f, g.
    """

    units: int = 128

    @property
    def dim(self) -> int:
        return 2 * self.units

    def build(self, keras: Any) -> Any:
        # Default arguments only: with any other, Keras leaves cuDNN aside on a GPU.
        return keras.layers.Bidirectional(keras.layers.LSTM(self.units, return_sequences=True), name="encoder")

    def call(self, layer: Any, x: Any, mask: Any) -> Any:
        return layer(x, mask=mask)

    def variables(self, layer: Any) -> Mapping[str, Any]:
        cells = {direction: getattr(layer, f"{direction}_layer").cell for direction in DIRECTIONS}
        names = {"kernel": "kernel", "recurrent": "recurrent_kernel", "bias": "bias"}  # (E, 4U), (U, 4U), (4U,)
        return {f"{way}.{name}": getattr(cell, theirs) for way, cell in cells.items() for name, theirs in names.items()}

    def emit(self, op: Any, w: Weights, x: Any, lengths: Any) -> Any:
        def both(name: str) -> NDArray[np.float32]:
            return np.stack([_onnx_gates(w[f"{direction}.{name}"]) for direction in DIRECTIONS])

        bias = both("bias")  # (2, 4U); ONNX adds a second, recurrent bias, which Keras does not have
        y, _, _ = op.lstm(
            op.transpose(x, perm=[1, 0, 2]),  # (T, B, E)
            op.const(both("kernel")),  # (2, 4U, E)
            op.const(both("recurrent")),  # (2, 4U, U)
            op.const(np.concatenate([bias, np.zeros_like(bias)], axis=1)),
            lengths,
            direction="bidirectional",
            hidden_size=self.units,
        )  # (T, 2, B, U)
        return op.reshape(op.transpose(y, perm=[2, 0, 1, 3]), op.const(np.array([0, 0, self.dim])))  # (B, T, 2U)

    def reference(self, w: Weights, x: NDArray[np.float32], mask: NDArray[np.bool_]) -> NDArray[np.float32]:
        forward = _scan(w, "forward", x, mask)
        backward = _scan(w, "backward", x[:, ::-1], mask[:, ::-1])[:, ::-1]
        return np.concatenate([forward, backward], axis=-1)


def _onnx_gates(kernel: NDArray[np.float32]) -> NDArray[np.float32]:
    """(…, 4U) in gate order i, f, g, o → (4U, …) in i, o, f, g."""
    i, f, g, o = np.split(kernel, 4, axis=-1)
    return np.ascontiguousarray(np.concatenate([i, o, f, g], axis=-1).T)


def _scan(
    w: Mapping[str, NDArray[np.float32]], direction: str, x: NDArray[np.float32], mask: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """States (B, T, U) of one direction; a padded step keeps the state it found, so padding changes nothing."""
    kernel, recurrent, bias = (w[f"{direction}.{name}"] for name in ("kernel", "recurrent", "bias"))
    h = c = np.zeros((len(x), len(recurrent)), np.float32)
    states = []
    for x_t, real in zip(x.swapaxes(0, 1), mask.T[..., None], strict=True):
        i, f, g, o = np.split(x_t @ kernel + h @ recurrent + bias, 4, axis=-1)
        c_next = _sigmoid(f) * c + _sigmoid(i) * np.tanh(g)
        h_next = _sigmoid(o) * np.tanh(c_next)
        h, c = np.where(real, h_next, h), np.where(real, c_next, c)
        states.append(h)
    return np.stack(states, axis=1)


def _sigmoid(x: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * x)), np.float32)
