"""Luong's third score: query and state are concatenated and multiplied by one matrix."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attnclf.model.mechanisms.base import MECHANISMS, Querying, Sizes, Tokens, refuse_without_query


@MECHANISMS.register("concat", "v·tanh(W [q ; h]): Luong's, the same function as bahdanau")
@dataclass(frozen=True)
class Concat(Querying):
    """score(h_t, q) = v · tanh(W [q ; h_t])

    Luong, Pham and Manning 2015 (arXiv:1508.04025). With W = [W₂ W₁] this is Bahdanau's score. Only the start of training
    differs, because the initial W is drawn for a matrix with more rows. The product with q is computed once per text, not once
    per token.
    """

    units: int = 64
    normalizer: str = "softmax"

    def check(self, sizes: Sizes) -> None:
        refuse_without_query("concat", sizes)

    def weights(self, sizes: Sizes) -> Mapping[str, tuple[int, ...]]:
        return {"W": (2 * sizes.states, self.units), "v": (self.units, 1)}

    def score(self, xp: Any, w: Mapping[str, Any], tokens: Tokens) -> Any:
        size = w["W"].shape[0] // 2
        query = xp.matmul(self.query(w, tokens), w["W"][:size])  # (B, 1, A)
        return xp.matmul(xp.tanh(xp.matmul(tokens.h, w["W"][size:]) + query), w["v"])  # (B, T, 1)
