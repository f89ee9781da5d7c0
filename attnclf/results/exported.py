"""What quantising a model changes: its size, its speed and its answers, measured on labelled texts."""

from dataclasses import asdict, dataclass
from typing import Any

LEAST_GAP = 1e-7


@dataclass(frozen=True)
class Measure:
    """Graphs of so many `bytes`, which answer `texts_per_second` on one core, with this accuracy and log loss (nats)."""

    bytes: int
    texts_per_second: float
    accuracy: float
    log_loss: float


@dataclass(frozen=True)
class Quantisation:
    """The graphs in float32 and in int8, on the same `rows` of `source`.

    `changed` is the share of rows whose label is another one, and `largest_gap` the largest difference, in int8, between a
    logit and the sum of its contributions, of the first `summed` rows.
    """

    source: str
    rows: int
    before: Measure
    after: Measure
    changed: float
    largest_gap: float
    summed: int

    @property
    def accuracy_lost(self) -> float:
        """How much lower the accuracy is; negative where it is higher."""
        return self.before.accuracy - self.after.accuracy

    @property
    def gap(self) -> str:
        """The largest gap in words; what is below the precision of float32 is no gap."""
        return f"{max(self.largest_gap, LEAST_GAP):.0e}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)
