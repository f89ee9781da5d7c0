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

    def build(self, keras: Any) -> Any:
        """Its Keras layer."""
        ...

    def call(self, layer: Any, x: Any, mask: Any) -> Any:
        """The layer's states h; x is zero on padding, where mask (B, T) is false."""
        ...

    def variables(self, layer: Any) -> Mapping[str, Any]:
        """The Keras variables of a built layer, under the names by which `emit` and `reference` know their values."""
        ...

    def emit(self, op: Any, w: Weights, x: Any, lengths: Any) -> Any:
        """The same in ONNX operators: `op` an opset of spox, lengths (B,) int32."""
        ...

    def reference(self, w: Weights, x: NDArray[np.float32], mask: NDArray[np.bool_]) -> NDArray[np.float32]:
        """The same in plain NumPy, one step after the other: slow, and what the other two are tested against."""
        ...


ENCODERS: Registry[Encoder] = Registry("encoder")
