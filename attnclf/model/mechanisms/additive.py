"""Additive attention: a one-hidden-layer network scores each state."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attnclf.model.mechanisms.base import MECHANISMS, Scoring, Sizes, Tokens


@MECHANISMS.register("additive", "v·tanh(W h + b): a small network scores each token")
@dataclass(frozen=True)
class Additive(Scoring):
    """score(h_t) = v · tanh(W h_t + b)

    Bahdanau, Cho and Bengio 2015 (arXiv:1409.0473), without a query. Yang et al. 2016 (hierarchical attention networks) use
    it to pool a text into one vector.
    """

    units: int = 64
    normalizer: str = "softmax"

    def weights(self, sizes: Sizes) -> Mapping[str, tuple[int, ...]]:
        return {"W": (sizes.states, self.units), "b": (self.units,), "v": (self.units, 1)}

    def score(self, xp: Any, w: Mapping[str, Any], tokens: Tokens) -> Any:
        return xp.matmul(xp.tanh(xp.matmul(tokens.h, w["W"]) + w["b"]), w["v"])  # (B, T, 1)
