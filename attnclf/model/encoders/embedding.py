"""No context: a state is a projection of the token's own vector."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attnclf.model.encoders.base import ENCODERS
from attnclf.model.encoders.equation import EquationEncoder


@ENCODERS.register("embedding", "no context: the token vectors, projected")
@dataclass(frozen=True)
class Embedding(EquationEncoder):
    """h_t = W x_t: the states form a bag of words.

    Of the attention mechanisms, only `location` and `gate` notice the order of these states.
    """

    units: int = 128

    @property
    def dim(self) -> int:
        return self.units

    def weights(self, inputs: int) -> Mapping[str, tuple[int, ...]]:
        return {"W": (inputs, self.units)}

    def states(self, xp: Any, w: Mapping[str, Any], x: Any, mask: Any) -> Any:
        return xp.matmul(x, w["W"])
