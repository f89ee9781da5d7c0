"""Gates from a convolution, as attention in convolutional networks has them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attnclf.model.mechanisms.base import MECHANISMS, Mechanism, Sizes, Tokens

WIDTH = 3
AJAR = 1e-6  # no gate is closed entirely, or all of them might be


@MECHANISMS.register("gate", "σ(convolution): a gate a feature map (--shared: one for all)")
@dataclass(frozen=True)
class Gate(Mechanism):
    """g_t = σ(U tanh(Σ_j W_j h_{t+j−1} + b) + a) ∈ (0, 1)^D′,  α_t = g_t / Σ_u g_u,   j = 0, 1, 2

    Attention of convolutional networks, as used for bone age from X-ray images: a branch of convolutions ends in a sigmoid
    mask, which multiplies the feature maps before they are averaged, and the average is divided by the mask's own, so that a
    small mask does not make small features. One gate a feature map, or with `shared` one for all of them.
    """

    units: int = 64
    shared: bool = False

    def weights(self, sizes: Sizes) -> Mapping[str, tuple[int, ...]]:
        maps = self.groups(sizes)
        return {"W": (WIDTH, sizes.states, self.units), "b": (self.units,), "U": (self.units, maps), "a": (maps,)}

    def groups(self, sizes: Sizes) -> int:
        return 1 if self.shared else sizes.values

    def attend(self, xp: Any, w: Mapping[str, Any], tokens: Tokens) -> Any:
        h = tokens.h * tokens.mask
        none = h[:, :1] * 0.0
        before, after = xp.concatenate([none, h[:, :-1]], axis=1), xp.concatenate([h[:, 1:], none], axis=1)
        windows = xp.matmul(before, w["W"][0]) + xp.matmul(h, w["W"][1]) + xp.matmul(after, w["W"][2])
        openings = xp.matmul(xp.tanh(windows + w["b"]), w["U"]) + w["a"]  # (B, T, D′)
        gates = ((xp.tanh(openings * 0.5) + 1.0) * 0.5 + AJAR) * tokens.mask
        return gates / xp.sum(gates, axis=1, keepdims=True)
