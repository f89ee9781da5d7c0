"""Queries, keys and values: one projection of a token is compared with the query, another is pooled."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attnclf.model.mechanisms.base import MECHANISMS, Scoring, Sizes, Tokens


@MECHANISMS.register("qkv", "q·K h / √d over V v: keys, values, and one learned query")
@dataclass(frozen=True)
class QueryKeyValue(Scoring):
    """score(h_t) = q · (h_t K) / √A,   pooled: v_t V

    Vaswani et al. 2017 (arXiv:1706.03762), with one learned query, because a classifier asks every text the same question. V is
    linear, so the pooled vector is still a sum over tokens.
    """

    units: int = 64
    normalizer: str = "softmax"

    def weights(self, sizes: Sizes) -> Mapping[str, tuple[int, ...]]:
        return {"q": (self.units, 1), "K": (sizes.states, self.units), "V": (sizes.values, sizes.values)}

    def score(self, xp: Any, w: Mapping[str, Any], tokens: Tokens) -> Any:
        return xp.matmul(xp.matmul(tokens.h, w["K"]), w["q"]) / float(self.units) ** 0.5  # (B, T, 1)

    def values(self, xp: Any, w: Mapping[str, Any], v: Any) -> Any:
        return xp.matmul(v, w["V"])
