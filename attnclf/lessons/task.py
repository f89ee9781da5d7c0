"""How a model of a lesson is trained, and what its training gives. `attnclf.lessons.networks.learning` does it."""

import math
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Task:
    """A loss of Keras, by its name or itself, and how long and in which steps it is made small with Adam."""

    loss: Any
    epochs: int
    batch: int = 128
    rate: float = 1e-3
    halving: float = math.inf  # epochs after which the rate is halved, again and again
    at_once: int = 8  # steps that the back end does in one go: small models take longest to start; large ones, to be compiled
    goal: float = math.inf  # training ends when what is measured after an epoch reaches it


@dataclass
class Learned:
    """After each epoch the mean loss, and what was measured if anything was; how long it all took."""

    losses: list[float] = field(default_factory=list)
    measured: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def passed(self, level: float) -> int | None:
        """The first epoch, from 1, after which more than `level` was measured; None if there is none."""
        return next((epoch for epoch, value in enumerate(self.measured, 1) if value > level), None)
