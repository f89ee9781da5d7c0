"""A transformer: in each layer, every token looks at every other."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from attnclf.errors import UsageError
from attnclf.model.encoders.base import ENCODERS
from attnclf.model.encoders.equation import EquationEncoder
from attnclf.model.normalizers import FAR_BELOW

EPSILON = 1e-5
LONGEST_WAVE = 10_000.0  # upper limit on the wavelengths of the positions, in units of 2π tokens


@ENCODERS.register("transformer", "every token looks at every other (--heads, --layers)")
@dataclass(frozen=True)
class Transformer(EquationEncoder):
    """z⁰_t = W x_t + p_t,   a = z + MultiHead(LN(z)),   z′ = a + W₂ max(0, W₁ LN(a) + b₁) + b₂,   h = LN(z) of the last layer

    MultiHead(y) = [A_1 y V_1 ; … ; A_n y V_n] O,   A_i = softmax(y Q_i (y K_i)ᵀ / √(D/n)) over the real tokens

    Vaswani et al. 2017 (arXiv:1706.03762), with sinusoidal positions p and residual connections. Layer normalisation comes
    before each part instead of after it, which trains without a long warm-up (Xiong et al. 2020, arXiv:2002.04745). D is twice
    `units`, so that a state is as large as that of a BiLSTM.
    """

    units: int = 64
    layers: int = 1
    heads: int = 4

    def __post_init__(self) -> None:
        if self.dim % self.heads:
            raise UsageError(f"{self.heads} heads do not share a state of {self.dim}", hint="`heads` must divide twice `units`")

    @property
    def dim(self) -> int:
        return 2 * self.units

    def weights(self, inputs: int) -> Mapping[str, tuple[int, ...]]:
        d = self.dim
        shapes: dict[str, tuple[int, ...]] = {"W": (inputs, d)}
        for layer in range(self.layers):
            shapes |= {f"{layer}.{name}": (d, d) for name in ("Q", "K", "V", "O")}
            shapes |= {f"{layer}.W1": (d, 2 * d), f"{layer}.b1": (2 * d,), f"{layer}.W2": (2 * d, d), f"{layer}.b2": (d,)}
            shapes |= {f"{layer}.{name}": (d,) for name in ("gain1", "shift1", "gain2", "shift2")}
        return shapes | {"gain": (d,), "shift": (d,)}

    def states(self, xp: Any, w: Mapping[str, Any], x: Any, mask: Any) -> Any:
        return self.states_and_weights(xp, w, x, mask)[0]

    def states_and_weights(self, xp: Any, w: Mapping[str, Any], x: Any, mask: Any) -> tuple[Any, list[list[Any]]]:
        """States h (B, T, D), and for each layer the weights (B, T, T) of each head: row t is how token t looks at all."""
        looked = []
        z = xp.matmul(x, w["W"]) + positions(xp, mask, self.dim)
        for layer in range(self.layers):
            arrays = {name.removeprefix(f"{layer}."): array for name, array in w.items() if name.startswith(f"{layer}.")}
            seen, weights = self._self_attention(xp, arrays, _layer_norm(xp, z, arrays["gain1"], arrays["shift1"]), mask)
            z = z + seen
            looked.append(weights)
            inner = xp.matmul(_layer_norm(xp, z, arrays["gain2"], arrays["shift2"]), arrays["W1"]) + arrays["b1"]
            z = z + xp.matmul(xp.maximum(inner, 0.0), arrays["W2"]) + arrays["b2"]
        return _layer_norm(xp, z, w["gain"], w["shift"]), looked

    def _self_attention(self, xp: Any, w: Mapping[str, Any], y: Any, mask: Any) -> tuple[Any, list[Any]]:
        size = self.dim // self.heads
        queries, keys, values = (xp.matmul(y, w[name]) for name in ("Q", "K", "V"))  # (B, T, D)
        padding_scores = (1.0 - xp.swapaxes(mask, 1, 2)) * FAR_BELOW  # (B, 1, T)
        heads, looked = [], []
        for start in range(0, self.dim, size):
            q, k, v = (a[:, :, start : start + size] for a in (queries, keys, values))
            scores = xp.matmul(q, xp.swapaxes(k, 1, 2)) / float(size) ** 0.5 + padding_scores  # (B, T, T)
            exponentials = xp.exp(scores - xp.max(scores, axis=2, keepdims=True))
            looked.append(exponentials / xp.sum(exponentials, axis=2, keepdims=True))
            heads.append(xp.matmul(looked[-1], v))
        return xp.matmul(xp.concatenate(heads, axis=2), w["O"]), looked


def positions(xp: Any, mask: Any, size: int) -> Any:
    """p_t (B, T, D) = [sin(t f_1), …, sin(t f_{D/2}) ; cos(t f_1), …],  f_i = 10,000^{−2(i−1)/D}, where t starts at 0."""
    frequencies = LONGEST_WAVE ** (-np.arange(0, size, 2, dtype=np.float32) / size)
    angles = (xp.cumsum(mask, axis=1) - 1.0) * frequencies[None, None].astype(np.float32)  # (B, T, D / 2)
    return xp.concatenate([xp.sin(angles), xp.cos(angles)], axis=2)


def _layer_norm(xp: Any, z: Any, gain: Any, shift: Any) -> Any:
    """Layer normalisation (Ba, Kiros and Hinton 2016). `gain` is stored as its difference from 1, so that it starts at zero."""
    size = float(gain.shape[0])
    centred = z - xp.sum(z, axis=2, keepdims=True) / size
    variance = xp.sum(centred * centred, axis=2, keepdims=True) / size
    return centred / xp.sqrt(variance + EPSILON) * (gain + 1.0) + shift
