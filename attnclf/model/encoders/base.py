"""What an encoder is: like a mechanism, one idea read three ways, but recurrences use each library's native operator.

The library is an argument of each method, so that this floor imports none of them.
"""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from attnclf.registry import Registry

Weights = Mapping[str, NDArray[np.float32]]


class Encoder(Protocol):
    """A frozen dataclass with these methods. x (B, T, E) are token vectors, the states h are (B, T, `dim`)."""

    @property
    def dim(self) -> int:
        """Size of a state."""
        ...

    @property
    def final_steps(self) -> tuple[str, ...]:
        """Where each of the equal parts of the state has read the whole text: "last", "first"; empty where no state has."""
        ...

    def weights(self, inputs: int) -> Mapping[str, tuple[int, ...]]:
        """Name and shape of each array, for token vectors of size `inputs`."""
        ...

    def build(self, keras: Any) -> Any:
        """Its Keras layer, or a list of these."""
        ...

    def call(self, layer: Any, x: Any, mask: Any) -> Any:
        """The layer's states h; x is zero on padding, where mask (B, T) is false."""
        ...

    def variables(self, layer: Any) -> Mapping[str, Any]:
        """The Keras variables of a built layer, under the names by which `emit` and `reference` know their values."""
        ...

    def emit(self, xp: Any, w: Weights, x: Any, mask: Any) -> Any:
        """The same in ONNX: of symbols x and mask (B, T, 1), float32, by `xp`, whose `op` is an opset of spox."""
        ...

    def reference(self, w: Weights, x: NDArray[np.float32], mask: NDArray[np.bool_]) -> NDArray[np.float32]:
        """The same in plain NumPy: slow, and what the other two are tested against."""
        ...


ENCODERS: Registry[Encoder] = Registry("encoder")
