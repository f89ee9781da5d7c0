"""Gates from a convolution, as in the attention of convolutional networks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attnclf.model.mechanisms.base import MECHANISMS, Mechanism, Sizes, Tokens

WIDTH = 3
AJAR = 1e-6  # added to every gate, because the gates of a text must not all be 0


@MECHANISMS.register("gate", "σ(convolution): a gate per feature (--shared: one for all)")
@dataclass(frozen=True)
class Gate(Mechanism):
    """g_t = σ(U tanh(Σ_j W_j h_{t+j−1} + b) + a) ∈ (0, 1)^D′,  α_t = g_t / Σ_u g_u,   j = 0, 1, 2

    This is the attention of convolutional networks that estimate bone age from X-ray images. A branch of convolutions ends in a
    sigmoid mask, and the mask multiplies the feature maps before they are averaged. The average is divided by the average of
    the mask, so that a small mask does not make the features small. Each feature map has a gate of its own; with `shared`, all
    maps have the same gate.
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
        zero = h[:, :1] * 0.0  # (B, 1, D)
        before, after = xp.concatenate([zero, h[:, :-1]], axis=1), xp.concatenate([h[:, 1:], zero], axis=1)
        windows = xp.matmul(before, w["W"][0]) + xp.matmul(h, w["W"][1]) + xp.matmul(after, w["W"][2])
        scores = xp.matmul(xp.tanh(windows + w["b"]), w["U"]) + w["a"]  # (B, T, D′)
        gates = ((xp.tanh(scores * 0.5) + 1.0) * 0.5 + AJAR) * tokens.mask
        return gates / xp.sum(gates, axis=1, keepdims=True)
