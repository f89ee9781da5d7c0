"""The interface of an encoder, for Keras, ONNX and NumPy.

Unlike a mechanism, an encoder is not always a single equation: recurrences use the native operator of each library. The library
is an argument of each method, so this package imports none of them.
"""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from attnclf.registry import Registry

Weights = Mapping[str, NDArray[np.float32]]


class Encoder(Protocol):
    """A frozen dataclass with these methods. x (B, T, E) are the token vectors and h (B, T, `dim`) the states."""

    @property
    def dim(self) -> int:
        """D, the size of a state."""
        ...

    @property
    def final_steps(self) -> tuple[str, ...]:
        """The token ("last" or "first") at which each of the equal parts of the state has read the whole text.

        Empty if no state has read the whole text.
        """
        ...

    def weights(self, inputs: int) -> Mapping[str, tuple[int, ...]]:
        """The shape of each array, keyed by its name, for token vectors of size `inputs`."""
        ...

    def build(self, keras: Any) -> Any:
        """The Keras layer of the encoder."""
        ...

    def call(self, layer: Any, x: Any, mask: Any) -> Any:
        """The states h of the Keras layer. x is zero on padding, where mask (B, T) is false."""
        ...

    def variables(self, layer: Any) -> Mapping[str, Any]:
        """The Keras variables of a built layer, under the names that `emit` and `reference` use."""
        ...

    def emit(self, xp: Any, w: Weights, x: Any, mask: Any) -> Any:
        """The states h in ONNX, from float32 symbols x and mask (B, T, 1). `xp.op` is an opset of spox."""
        ...

    def reference(self, w: Weights, x: NDArray[np.float32], mask: NDArray[np.bool_]) -> NDArray[np.float32]:
        """The states h in plain NumPy. This is slow, and the other two are tested against it."""
        ...


ENCODERS: Registry[Encoder] = Registry("encoder")
