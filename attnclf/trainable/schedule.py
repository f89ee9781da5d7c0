"""The learning rate: a linear rise and a half-cosine fall, in two cycles (SGDR; Loshchilov & Hutter 2017).

At the end of each cycle the weights have settled. With noisy labels, the network starts to memorise single rows in its third or
fourth epoch, so the end of a short first cycle is the best point. With other data the second cycle gains more. The validation
rows choose among all epochs, and patience only counts in the last cycle.
"""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from attnclf.config import TrainingConfig
from attnclf.trainable.cycles import cycles_of


def schedule_of(config: TrainingConfig, steps: int) -> "Cycles":
    """The learning rate of a training with epochs of `steps` steps."""
    return Cycles(config.learning_rate, [epochs * steps for epochs in cycles_of(config.epochs)], config.warmup)


class Cycles(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
    """The learning rate over cycles of the given numbers of `steps`.

    In each cycle the rate rises to `peak` during the first `warmup` share of the steps and then falls towards 0. It is never
    exactly 0, because such a step would be wasted.
    """

    def __init__(self, peak: float, steps: Sequence[int], warmup: float) -> None:
        self.peak, self.steps, self.warmup = peak, steps, warmup

    def __call__(self, step: Any) -> Any:
        """The rate at `step`, which starts at 0."""
        step = ops.cast(step, "float32")
        rate, start = ops.zeros(()), 0
        for length in self.steps:
            rise = max(1.0, self.warmup * length)
            share = ops.clip((step - start - rise) / max(1.0, length - rise), 0.0, 1.0)
            in_cycle = self.peak * ops.minimum((step - start + 1.0) / rise, 0.5 * (1.0 + ops.cos(np.pi * share)))
            rate, start = ops.where(step >= start, in_cycle, rate), start + length
        return rate

    def get_config(self) -> dict[str, Any]:
        """The arguments of `__init__`."""
        return {"peak": self.peak, "steps": list(self.steps), "warmup": self.warmup}
