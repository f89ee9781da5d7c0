"""What an attention mechanism is: the weights it owns and the score it gives each token.

`xp` is whichever library reads the equation: `keras.ops` while training, `numpy` as the reference, `attnclf.runtime.graph`'s
namespace while the ONNX graph is written. All three know `matmul`, `tanh`, `exp`, `sum`, `max`, `squeeze` and operators.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from attnclf.registry import Registry


class Mechanism(Protocol):
    """A frozen dataclass with these two methods; a new one is a file of its own and no other edit."""

    def weights(self, dim: int) -> Mapping[str, tuple[int, ...]]:
        """Name and shape of each trainable array, for encoder states of size `dim`."""
        ...

    def score(self, xp: Any, w: Mapping[str, Any], h: Any) -> Any:
        """How much each state matters, before normalising: h (B, T, D) → scores (B, T, 1)."""
        ...


MECHANISMS: Registry[Mechanism] = Registry("attention mechanism")
