"""A weight for each feature of each token, or one weight per token that all features share."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attnclf.model.mechanisms.base import MECHANISMS, Scoring, Sizes, Tokens


@MECHANISMS.register("per_dimension", "a weight for each feature of a token (--shared: their mean)")
@dataclass(frozen=True)
class PerDimension(Scoring):
    """score(h_t) = W₂ tanh(W₁ h_t + b) ∈ R^D′, normalised over t separately for each feature

    Shen et al. 2018 (DiSAN, arXiv:1709.04696): multi-dimensional attention. `shared` is the "single attention vector" switch of
    attention-LSTM tutorials: the weights are averaged over the features, and the mean pools every feature.
    """

    units: int = 64
    shared: bool = False
    normalizer: str = "softmax"

    def weights(self, sizes: Sizes) -> Mapping[str, tuple[int, ...]]:
        return {"W1": (sizes.states, self.units), "b": (self.units,), "W2": (self.units, sizes.values)}

    def groups(self, sizes: Sizes) -> int:
        return 1 if self.shared else sizes.values

    def score(self, xp: Any, w: Mapping[str, Any], tokens: Tokens) -> Any:
        return xp.matmul(xp.tanh(xp.matmul(tokens.h, w["W1"]) + w["b"]), w["W2"])  # (B, T, D′)

    def attend(self, xp: Any, w: Mapping[str, Any], tokens: Tokens) -> Any:
        alpha = super().attend(xp, w, tokens)
        return xp.sum(alpha, axis=2, keepdims=True) / float(w["W2"].shape[1]) if self.shared else alpha
