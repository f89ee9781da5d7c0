"""Bahdanau's attention: additive, with a query."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attnclf.model.mechanisms.base import MECHANISMS, Querying, Sizes, Tokens, refuse_without_query


@MECHANISMS.register("bahdanau", "v·tanh(W₁h + W₂q): additive, q is the final states")
@dataclass(frozen=True)
class Bahdanau(Querying):
    """score(h_t, q) = v · tanh(W₁ h_t + W₂ q),  q = [→h_T ; ←h_1]

    Bahdanau, Cho and Bengio 2015 (arXiv:1409.0473). In the paper q is the state of a decoder. A classifier has no decoder, so q
    is the final states of the encoder.
    """

    units: int = 64
    normalizer: str = "softmax"

    def check(self, sizes: Sizes) -> None:
        refuse_without_query("bahdanau", sizes)

    def weights(self, sizes: Sizes) -> Mapping[str, tuple[int, ...]]:
        return {"W1": (sizes.states, self.units), "W2": (sizes.states, self.units), "v": (self.units, 1)}

    def score(self, xp: Any, w: Mapping[str, Any], tokens: Tokens) -> Any:
        query = xp.matmul(self.query(w, tokens), w["W2"])  # (B, 1, A)
        return xp.matmul(xp.tanh(xp.matmul(tokens.h, w["W1"]) + query), w["v"])  # (B, T, 1)
