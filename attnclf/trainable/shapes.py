"""On JAX every new shape of a batch compiles the step again, which takes seconds: few shapes, at the price of some padding."""

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from attnclf.reading.base import Inputs

LADDER = 8  # lengths are padded to a multiple of this
FINENESS = 4  # on JAX lengths from 2ⁿ to 2ⁿ⁺¹ are padded to one of so many
FEWEST_ROWS = 256  # of features, on JAX: padded to 2ⁿ or 1.5 · 2ⁿ of these
LAST_WORD = "words"  # an input whose padding names the last row of features, see `attnclf.reading.readers`


def multiple_for(longest: int) -> int:
    """What the lengths of a batch are padded to a multiple of, if its longest text has `longest` tokens."""
    if keras.backend.backend() != "jax":
        return LADDER
    return max(LADDER, 1 << max(0, (longest - 1).bit_length() - FINENESS.bit_length()))


def with_few_shapes(inputs: Inputs) -> Inputs:
    """The inputs with as many rows of features as other batches have."""
    if keras.backend.backend() != "jax" or "features" not in inputs:
        return inputs
    wanted = FEWEST_ROWS
    while wanted < len(inputs["features"]):
        wanted = wanted * 3 // 2 if wanted & (wanted - 1) == 0 else wanted * 4 // 3
    return inputs | {name: padded(name, inputs[name], wanted) for name in ("features", "words")}


def padded(name: str, array: NDArray[Any], rows: int) -> NDArray[Any]:
    """The input of this name with `rows` rows, of which those that are added mean nothing."""
    if rows == len(array):
        return array
    value = rows - 1 if name == LAST_WORD else 0
    return np.pad(array, [(0, rows - len(array))] + [(0, 0)] * (array.ndim - 1), constant_values=value)
