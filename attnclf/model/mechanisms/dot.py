"""Dot products of a query with each state, as they are and scaled."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attnclf.model.mechanisms.base import MECHANISMS, Querying, Tokens


@MECHANISMS.register("dot", "q·h: nothing to learn, the final states ask")
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

    The sum of d products grows with √d when these are independent; divided by it, softmax does not start out saturated.
    """

    def score(self, xp: Any, w: Mapping[str, Any], tokens: Tokens) -> Any:
        return super().score(xp, w, tokens) / float(tokens.h.shape[-1]) ** 0.5
