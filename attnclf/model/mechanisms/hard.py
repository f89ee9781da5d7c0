"""Hard attention: a single token gets all the weight."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attnclf.errors import UsageError
from attnclf.model.mechanisms.additive import Additive
from attnclf.model.mechanisms.base import MECHANISMS, Sizes, Tokens
from attnclf.model.normalizers import ONE, ZERO, masked

EQUAL = 1e-4  # scores this close to the highest may differ by rounding alone; the first of them wins


@MECHANISMS.register("hard", "one token: drawn in training (--sampling), the best after it")
@dataclass(frozen=True)
class Hard(Additive):
    """α_t = 1 for the token with the highest score v · tanh(W h_t + b), and 0 for all others

    Xu et al. 2015 (arXiv:1502.03044). In training, one token is drawn from softmax(score). The scores learn by REINFORCE with a
    moving baseline (Williams 1992), half of the texts being read with softmax(score) itself, as in the paper, or through a
    straight-through Gumbel softmax (Jang et al. 2017, arXiv:1611.01144); see `attnclf.trainable.sampling`. One token decides
    the label of a text and explains it.
    """

    can_be_aligned = False  # one token gets all the weight
    sampling: str = "reinforce"

    def check(self, sizes: Sizes) -> None:
        if self.normalizer != "softmax":
            raise UsageError(
                f"hard attention is drawn from a softmax, not from {self.normalizer}", hint="leave `normalizer` out"
            )

    def attend(self, xp: Any, w: Mapping[str, Any], tokens: Tokens) -> Any:
        return best(xp, self.score(xp, w, tokens), tokens.mask)


def best(xp: Any, scores: Any, mask: Any) -> Any:
    """1 for the first token of each row whose score is within 1e-4 of the highest, else 0."""
    scores = masked(scores, mask)
    near = xp.where(scores - xp.max(scores, axis=1, keepdims=True) > -EQUAL, ONE, ZERO)
    return xp.where(xp.cumsum(near, axis=1) < 1.5, near, ZERO)
