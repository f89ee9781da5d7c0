"""Recurrent encoders: a cell reads the tokens one after the other.

In bidirectional encoders a second cell reads from the end of the text. A state is then the states of both cells, concatenated.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from attnclf.model.encoders.base import ENCODERS, Weights
from attnclf.model.encoders.unmasked import unmasked

Array = NDArray[np.float32]
# Our name of each array of a cell: Keras' name of it.
ARRAYS = {"kernel": "kernel", "recurrent": "recurrent_kernel", "bias": "bias"}


class Recurrent:
    """Base class: `units` per direction, and `layers` layers, each of which reads the states of the layer below."""

    units: int
    layers: int
    cell: ClassVar[str]  # the name of the Keras layer
    gates: ClassVar[int]
    directions: ClassVar[tuple[str, ...]] = ("forward", "backward")

    @property
    def dim(self) -> int:
        return len(self.directions) * self.units

    @property
    def final_steps(self) -> tuple[str, ...]:
        return ("last", "first")[: len(self.directions)]

    def weights(self, inputs: int) -> Mapping[str, tuple[int, ...]]:
        shapes: dict[str, tuple[int, ...]] = {}
        for index in range(self.layers):
            for name, shape in self._shapes(self.dim if index else inputs).items():
                shapes |= {f"{_prefix(index)}{direction}.{name}": shape for direction in self.directions}
        return shapes

    def _shapes(self, inputs: int) -> Mapping[str, tuple[int, ...]]:
        wide = self.gates * self.units
        return {"kernel": (inputs, wide), "recurrent": (self.units, wide), "bias": (wide,)}

    def build(self, keras: Any) -> Any:
        return unmasked(keras, self.cell, self.units, self.layers, len(self.directions))

    def call(self, layer: Any, x: Any, mask: Any) -> Any:
        return layer(x, mask)

    def variables(self, layer: Any) -> Mapping[str, Any]:
        variables: dict[str, Any] = {}
        for index, recurrences in enumerate(layer.recurrences):
            for direction, recurrence in zip(self.directions, recurrences, strict=True):
                prefix = f"{_prefix(index)}{direction}"
                variables |= {f"{prefix}.{name}": getattr(recurrence.cell, keras_name) for name, keras_name in ARRAYS.items()}
        return variables

    def emit(self, xp: Any, w: Weights, x: Any, mask: Any) -> Any:
        lengths = xp.op.cast(xp.op.reduce_sum(mask.var, xp.op.const(np.array([1, 2])), keepdims=0), to=np.int32)  # (B,)
        direction = "bidirectional" if len(self.directions) == 2 else "forward"
        for index in range(self.layers):
            kernels, recurrents, biases = (
                np.stack([w[f"{_prefix(index)}{direction}.{name}"] for direction in self.directions]) for name in ARRAYS
            )
            y = self._operator(xp.op, xp.transpose(x, (1, 0, 2)).var, kernels, recurrents, biases, lengths, direction)
            states = xp.op.transpose(y, perm=[2, 0, 1, 3])  # (T, directions, B, U) → (B, T, directions, U)
            x = type(x)(xp.op.reshape(states, xp.op.const(np.array([0, 0, self.dim]))))
        return x

    def _operator(self, op: Any, x: Any, kernels: Array, recurrents: Array, biases: Array, lengths: Any, way: str) -> Any:
        """ONNX's recurrent operator: x (T, B, E) → (T, directions, B, U). `way` is the operator's `direction` attribute."""
        raise NotImplementedError

    def reference(self, w: Weights, x: Array, mask: NDArray[np.bool_]) -> Array:
        for index in range(self.layers):
            arrays = [[w[f"{_prefix(index)}{direction}.{name}"] for name in ARRAYS] for direction in self.directions]
            states = [_scan(self._step, arrays[0], x, mask)]
            if len(arrays) == 2:
                states.append(_scan(self._step, arrays[1], x[:, ::-1], mask[:, ::-1])[:, ::-1])
            x = np.concatenate(states, axis=-1)
        return x

    def _step(self, x: Array, state: Array, kernel: Array, recurrent: Array, bias: Array) -> Array:
        """The next state. Its first U numbers are h. `state` has size 0 before the first token."""
        raise NotImplementedError


class LongShortTermMemory(Recurrent):
    """An LSTM (Hochreiter and Schmidhuber 1997) with a forget gate f (Gers, Schmidhuber and Cummins 2000).

    i, f, o = σ(W x_t + U h_{t−1} + b)      g = tanh(W x_t + U h_{t−1} + b)
    c_t = f ⊙ c_{t−1} + i ⊙ g               h_t = o ⊙ tanh(c_t)

    Kernels keep Keras' gate order i, f, g, o. ONNX expects i, o, f, g.
    """

    cell, gates = "LSTM", 4

    def _operator(self, op: Any, x: Any, kernels: Array, recurrents: Array, biases: Array, lengths: Any, way: str) -> Any:
        kernel, recurrent, bias = (_reordered(array, (0, 3, 1, 2)) for array in (kernels, recurrents, biases))
        both = np.concatenate([bias, np.zeros_like(bias)], axis=1)  # ONNX adds a second, recurrent bias; Keras has none
        y, _, _ = op.lstm(
            x, op.const(kernel), op.const(recurrent), op.const(both), lengths, direction=way, hidden_size=self.units
        )
        return y

    def _step(self, x: Array, state: Array, kernel: Array, recurrent: Array, bias: Array) -> Array:
        h, c = np.split(state, 2, axis=-1) if state.shape[-1] else (np.zeros((len(x), self.units), np.float32),) * 2
        i, f, g, o = np.split(x @ kernel + h @ recurrent + bias, 4, axis=-1)
        c = _sigmoid(f) * c + _sigmoid(i) * np.tanh(g)
        return np.concatenate([_sigmoid(o) * np.tanh(c), c], axis=-1)


@ENCODERS.register("bilstm", "two LSTMs, one reading from each end")
@dataclass(frozen=True)
class BiLSTM(LongShortTermMemory):
    """h_t = [→h_t ; ←h_t]: two LSTMs (Graves and Schmidhuber 2005)."""

    units: int = 128
    layers: int = 1


@ENCODERS.register("lstm", "one LSTM, from left to right")
@dataclass(frozen=True)
class LSTM(LongShortTermMemory):
    """h_t = →h_t, which has read the text up to its token and nothing after it."""

    units: int = 128
    layers: int = 1
    directions = ("forward",)


@ENCODERS.register("bigru", "two GRUs, one reading from each end")
@dataclass(frozen=True)
class BiGRU(Recurrent):
    """h_t = [→h_t ; ←h_t], each a gated recurrent unit (Cho et al. 2014, arXiv:1406.1078):

    z, r = σ(W x_t + b + U h_{t−1} + a)     g = tanh(W x_t + b + r ⊙ (U h_{t−1} + a))     h_t = z ⊙ h_{t−1} + (1 − z) ⊙ g

    The reset gate is applied after the recurrent product, as in cuDNN. Keras and ONNX both have the gates in the order z, r, g.
    """

    units: int = 128
    layers: int = 1
    cell, gates = "GRU", 3

    def _shapes(self, inputs: int) -> Mapping[str, tuple[int, ...]]:
        return {**super()._shapes(inputs), "bias": (2, 3 * self.units)}  # b and a

    def _operator(self, op: Any, x: Any, kernels: Array, recurrents: Array, biases: Array, lengths: Any, way: str) -> Any:
        kernel, recurrent = (_reordered(array, (0, 1, 2)) for array in (kernels, recurrents))
        both = biases.reshape(len(biases), -1)
        consts = (op.const(np.ascontiguousarray(array)) for array in (kernel, recurrent, both))
        y, _ = op.gru(x, *consts, lengths, direction=way, hidden_size=self.units, linear_before_reset=1)
        return y

    def _step(self, x: Array, state: Array, kernel: Array, recurrent: Array, bias: Array) -> Array:
        h = state if state.shape[-1] else np.zeros((len(x), self.units), np.float32)
        (xz, xr, xg), (hz, hr, hg) = (np.split(a, 3, axis=-1) for a in (x @ kernel + bias[0], h @ recurrent + bias[1]))
        z = _sigmoid(xz + hz)
        return np.asarray(z * h + (1 - z) * np.tanh(xg + _sigmoid(xr + hr) * hg), np.float32)


def _prefix(index: int) -> str:
    """The start of the array names of a layer: empty for the lowest layer."""
    return f"{index}." if index else ""


def _reordered(kernels: Array, order: tuple[int, ...]) -> Array:
    """(directions, …, n U) with n gates → (directions, n U, …) with the gates in another order."""
    gates = np.split(kernels, len(order), axis=-1)
    moved = np.concatenate([gates[gate] for gate in order], axis=-1)
    return np.ascontiguousarray(np.swapaxes(moved, 1, 2) if moved.ndim == 3 else moved)


def _scan(step: Callable[..., Array], arrays: list[Array], x: Array, mask: NDArray[np.bool_]) -> Array:
    """States (B, T, U) of one direction. A step on padding keeps the state before it, so padding changes nothing."""
    units = len(arrays[1])
    state = np.zeros((len(x), 0), np.float32)
    states = []
    for x_t, real in zip(x.swapaxes(0, 1), mask.T[..., None], strict=True):
        after = step(x_t, state, *arrays)
        state = np.where(real, after, state if state.shape[-1] else np.zeros_like(after))
        states.append(state[:, :units])
    return np.stack(states, axis=1)


def _sigmoid(x: Array) -> Array:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * x)), np.float32)
