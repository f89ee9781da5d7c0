"""Simple attention: one vector and one bias score each state."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attnclf.model.mechanisms.base import MECHANISMS, Scoring, Sizes, Tokens


@MECHANISMS.register("simple", "tanh(w·h + b): one vector, the layer most people meet first")
@dataclass(frozen=True)
class Simple(Scoring):
    """score(h_t) = tanh(w · h_t + b)

    Raffel and Ellis 2015 (arXiv:1512.08756), feed-forward attention. The tanh before the exponential keeps scores between −1
    and 1, so no token gets more than e² = 7.4 times the weight of another. That is useful at the start of training, when the
    scores are noise. It is too weak to pick out one token among hundreds, because that token gets at most 7.4 times the weight
    of each other token.
    """

    normalizer: str = "softmax"

    def weights(self, sizes: Sizes) -> Mapping[str, tuple[int, ...]]:
        return {"w": (sizes.states, 1), "b": (1,)}

    def score(self, xp: Any, w: Mapping[str, Any], tokens: Tokens) -> Any:
        return xp.tanh(xp.matmul(tokens.h, w["w"]) + w["b"])  # (B, T, 1)
