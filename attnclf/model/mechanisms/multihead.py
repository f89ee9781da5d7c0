"""Multi-head attention: several queries, each with its own keys and its own part of the values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attnclf.errors import UsageError
from attnclf.model.mechanisms.base import MECHANISMS, Scoring, Sizes, Tokens, block


@MECHANISMS.register("multihead", "qkv several times side by side (--heads)")
@dataclass(frozen=True)
class MultiHead(Scoring):
    """score_i(h_t) = q_i · (h_t K_i) / √a,   pooled: [Σ_t α_1t v_t V_1 ; … ; Σ_t α_nt v_t V_n]

    Vaswani et al. 2017 (arXiv:1706.03762), with one learned query per head. K_i are columns of K, and a = A / n. The
    classification head is linear, so a token's evidence is the exact sum of its evidence through all n attention heads. The
    attention shown to users is the mean over the heads.
    """

    units: int = 64
    heads: int = 4
    normalizer: str = "softmax"

    def check(self, sizes: Sizes) -> None:
        if self.units % self.heads or sizes.values < self.heads:
            raise UsageError(
                f"{self.heads} heads do not share {self.units} attention units and {sizes.values} values",
                hint="`heads` must divide the attention units",
            )

    def weights(self, sizes: Sizes) -> Mapping[str, tuple[int, ...]]:
        return {"q": (1, self.units), "K": (sizes.states, self.units), "V": (sizes.values, self.pooled(sizes))}

    def groups(self, sizes: Sizes) -> int:
        return self.heads

    def pooled(self, sizes: Sizes) -> int:
        return sizes.values // self.heads * self.heads

    def score(self, xp: Any, w: Mapping[str, Any], tokens: Tokens) -> Any:
        products = xp.matmul(tokens.h, w["K"]) * w["q"]  # (B, T, A)
        a = self.units // self.heads
        return xp.matmul(products, block(self.heads, self.units).T) / float(a) ** 0.5  # (B, T, n)

    def values(self, xp: Any, w: Mapping[str, Any], v: Any) -> Any:
        return xp.matmul(v, w["V"])
