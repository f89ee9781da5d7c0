"""Location-based attention: only the query decides which positions matter, not the tokens at these positions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attnclf.model.mechanisms.base import MECHANISMS, Querying, Sizes, Tokens


@MECHANISMS.register("location", "(W q)_t: a score per position (--max-length), not per word")
@dataclass(frozen=True)
class Location(Querying):
    """score(t, q) = (W q)_t    (Luong, Pham and Manning 2015, arXiv:1508.04025)

    W has a row for each of `Sizes.positions` positions, the length at which texts are cut (`--max-length`, 512 tokens by
    default). If the encoder has no final states, q is learned, so each position has the same score in all texts.
    """

    normalizer: str = "softmax"

    def uses_states(self, final_steps: tuple[str, ...]) -> bool:
        return bool(final_steps)

    def weights(self, sizes: Sizes) -> Mapping[str, tuple[int, ...]]:
        return {**super().weights(sizes), "W": (sizes.states, sizes.positions)}

    def score(self, xp: Any, w: Mapping[str, Any], tokens: Tokens) -> Any:
        positions = w["W"].shape[1]
        scores = xp.matmul(self.query(w, tokens), w["W"])  # (B, 1, L) or (1, L)
        steps = xp.arange(xp.shape(tokens.h)[1])
        steps = xp.where(steps < positions, steps, positions - 1)  # later steps are always padding
        at_steps = xp.take(scores, steps, axis=-1)  # (B, 1, T) or (1, T)
        return xp.swapaxes(at_steps + tokens.h[:, :1, :1] * 0.0, 1, 2)  # (B, T, 1)
