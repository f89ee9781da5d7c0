"""Additive attention: a one-hidden-layer network scores each state."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attnclf.mechanisms.base import MECHANISMS


@MECHANISMS.register("additive")
@dataclass(frozen=True)
class Additive:
    """score(h_t) = v · tanh(W h_t + b)

    Bahdanau, Cho and Bengio 2015 (arXiv:1409.0473), without a query; Yang et al. 2016 (hierarchical attention
    networks) for pooling a text into one vector.
    """

    units: int = 64

    def weights(self, dim: int) -> Mapping[str, tuple[int, ...]]:
        return {"W": (dim, self.units), "b": (self.units,), "v": (self.units, 1)}

    def score(self, xp: Any, w: Mapping[str, Any], h: Any) -> Any:
        return xp.matmul(xp.tanh(xp.matmul(h, w["W"]) + w["b"]), w["v"])  # (B, T, 1)
