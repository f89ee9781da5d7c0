"""No encoder at all: a state is the token's own vector, and attention knows nothing of the context."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attnclf.model.encoders.base import ENCODERS
from attnclf.model.encoders.equation import EquationEncoder


@ENCODERS.register("embedding", "no context: the token vectors, projected")
@dataclass(frozen=True)
class Embedding(EquationEncoder):
    """h_t = W x_t: a bag of words under attention, in which order counts for nothing (but for `location`)."""

    units: int = 128

    @property
    def dim(self) -> int:
        return self.units

    def weights(self, inputs: int) -> Mapping[str, tuple[int, ...]]:
        return {"W": (inputs, self.units)}

    def states(self, xp: Any, w: Mapping[str, Any], x: Any, mask: Any) -> Any:
        return xp.matmul(x, w["W"])
