"""Pooling without attention: the baselines that attention has to beat."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attnclf.errors import UsageError
from attnclf.model.mechanisms.base import MECHANISMS, Mechanism, Sizes, Tokens
from attnclf.model.normalizers import masked

SHARING = 1e-3  # values less than this below the largest share its weight, so that rounding cannot move all of it


@MECHANISMS.register("none-mean", "no attention: the mean of all tokens")
@dataclass(frozen=True)
class Mean(Mechanism):
    """α_t = 1 / T"""

    can_be_aligned = False

    def uses_states(self, final_steps: tuple[str, ...]) -> bool:
        return False

    def weights(self, sizes: Sizes) -> Mapping[str, tuple[int, ...]]:
        return {}

    def attend(self, xp: Any, w: Mapping[str, Any], tokens: Tokens) -> Any:
        return tokens.mask / xp.sum(tokens.mask, axis=1, keepdims=True)


@MECHANISMS.register("none-max", "no attention: each feature where it is largest")
@dataclass(frozen=True)
class Max(Mechanism):
    """α_td = 1 where v_td = max_u v_ud, for each feature d (Collobert et al. 2011; Kim 2014)

    Values within .001 of the largest share its weight; the closer a value, the larger its share. The reason is that tanh
    saturates, and rounding must not decide which of several equal values is the largest. c_d is at most .001 below the maximum.
    """

    can_be_aligned = False

    def uses_states(self, final_steps: tuple[str, ...]) -> bool:
        return False

    def weights(self, sizes: Sizes) -> Mapping[str, tuple[int, ...]]:
        return {}

    def groups(self, sizes: Sizes) -> int:
        return sizes.values

    def attend(self, xp: Any, w: Mapping[str, Any], tokens: Tokens) -> Any:
        v = masked(tokens.v, tokens.mask)
        nearness = xp.maximum(v - xp.max(v, axis=1, keepdims=True) + SHARING, 0.0)
        return nearness / xp.sum(nearness, axis=1, keepdims=True)


@MECHANISMS.register("none-last", "no attention: the encoder's final states alone")
@dataclass(frozen=True)
class Last(Mechanism):
    """c = [→h_T ; ←h_1]: the state of each direction after it has read the whole text (Sutskever, Vinyals and Le 2014)"""

    uses_query = True
    can_be_aligned = False

    def uses_states(self, final_steps: tuple[str, ...]) -> bool:
        return False

    def check(self, sizes: Sizes) -> None:
        if not sizes.final_steps:
            raise UsageError("none-last pools final states, and this encoder has none", hint="use a recurrent encoder")
        if sizes.pooled != "states":
            raise UsageError(
                f"none-last pools final states, which `values={sizes.pooled}` leaves out",
                hint="leave `values` out, or use `values=states`",
            )

    def weights(self, sizes: Sizes) -> Mapping[str, tuple[int, ...]]:
        return {}

    def groups(self, sizes: Sizes) -> int:
        return len(sizes.final_steps)

    def attend(self, xp: Any, w: Mapping[str, Any], tokens: Tokens) -> Any:
        return tokens.final_steps
