"""The learning rate: up in a line, down by half a cosine, and once more (SGDR; Loshchilov & Hutter 2017).

At the end of each cycle the weights have come to rest. Where labels are noisy the network starts to learn single rows by heart
in its third or fourth pass, and what a short first cycle ends with is the best there is; elsewhere the second gains more.
The validation rows choose among all epochs, and patience is counted in the last cycle only.
"""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

FIRST = 3  # the first cycle has one in so many of the epochs
FEWEST = 6  # epochs that are shared out; fewer are one cycle


def cycles_of(epochs: int) -> list[int]:
    """The epochs of each cycle."""
    return [epochs // FIRST, epochs - epochs // FIRST] if epochs >= FEWEST else [epochs]


class Cycles(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
    """`steps` of each cycle; in each the rate rises to `peak` for a share `warmup` of its steps, and falls towards
    0. No step has rate 0, or it would be lost."""

    def __init__(self, peak: float, steps: Sequence[int], warmup: float) -> None:
        self.peak, self.steps, self.warmup = peak, steps, warmup

    def __call__(self, step: Any) -> Any:
        """The rate at a step, counted from 0."""
        step = ops.cast(step, "float32")
        rate, start = ops.zeros(()), 0
        for length in self.steps:
            rise = max(1.0, self.warmup * length)
            share = ops.clip((step - start - rise) / max(1.0, length - rise), 0.0, 1.0)
            in_cycle = self.peak * ops.minimum((step - start + 1.0) / rise, 0.5 * (1.0 + ops.cos(np.pi * share)))
            rate, start = ops.where(step >= start, in_cycle, rate), start + length
        return rate

    def get_config(self) -> dict[str, Any]:
        """What `__init__` takes."""
        return {"peak": self.peak, "steps": list(self.steps), "warmup": self.warmup}
