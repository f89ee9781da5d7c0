"""What training did, as the model directory and its model card keep it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Facts:
    """What training did.

    `made` is the time in UTC (ISO 8601). `accuracy` has the validation accuracy of each part by its name. `mixing_weights` are
    those of the network and the linear model. `linear_choice` says in words how the linear model was fitted; it is empty where
    there is none. `refitted` says that it was then fitted to the held-out rows too. `warnings` are those of training.
    `begun` says which weights the network began with; empty where all were random.
    """

    made: str
    rows: int
    seconds: float
    accuracy: Mapping[str, float]
    mixing_weights: tuple[float, float]
    linear_choice: str
    refitted: bool
    epochs: int
    best_epoch: int
    device: str
    warnings: tuple[str, ...]
    begun: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as JSON holds them."""
        return asdict(self)
