"""Luong's second score: query times matrix times state."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attnclf.model.mechanisms.base import MECHANISMS, Querying, Sizes, Tokens


@MECHANISMS.register("general", "q·W h: a matrix learns what the final states ask for")
@dataclass(frozen=True)
class General(Querying):
    """score(h_t, q) = q · W h_t    (Luong, Pham and Manning 2015, arXiv:1508.04025)

    qW is computed first. That takes one product per text, where W h_t would take one per token.
    """

    normalizer: str = "softmax"

    def weights(self, sizes: Sizes) -> Mapping[str, tuple[int, ...]]:
        return {**super().weights(sizes), "W": (sizes.states, sizes.states)}

    def score(self, xp: Any, w: Mapping[str, Any], tokens: Tokens) -> Any:
        return xp.sum(tokens.h * xp.matmul(self.query(w, tokens), w["W"]), axis=2, keepdims=True)  # (B, T, 1)
