"""Dot products of a query with each state, plain and scaled."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attnclf.model.mechanisms.base import MECHANISMS, Querying, Tokens


@MECHANISMS.register("dot", "q·h: the query q is the encoder's final states")
@dataclass(frozen=True)
class Dot(Querying):
    """score(h_t, q) = q · h_t    (Luong, Pham and Manning 2015, arXiv:1508.04025)"""

    normalizer: str = "softmax"

    def score(self, xp: Any, w: Mapping[str, Any], tokens: Tokens) -> Any:
        return xp.sum(tokens.h * self.query(w, tokens), axis=2, keepdims=True)  # (B, T, 1)


@MECHANISMS.register("scaled_dot", "q·h / √d: the same with gentler scores")
@dataclass(frozen=True)
class ScaledDot(Dot):
    """score(h_t, q) = q · h_t / √d    (Vaswani et al. 2017, arXiv:1706.03762)

    A sum of d independent products grows with √d. Dividing by √d keeps softmax from being saturated at the start.
    """

    def score(self, xp: Any, w: Mapping[str, Any], tokens: Tokens) -> Any:
        return super().score(xp, w, tokens) / float(tokens.h.shape[-1]) ** 0.5
