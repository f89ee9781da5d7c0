"""What a comparison of attention mechanisms and encoders comes to: its runs, and the table that they make."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from statistics import mean, stdev
from typing import Any


@dataclass(frozen=True)
class Job:
    """One training of the grid."""

    attention: str
    encoder: str
    seed: int

    def __str__(self) -> str:
        return f"{self.attention} + {self.encoder}, seed {self.seed}"


@dataclass(frozen=True)
class Run(Job):
    """A job done. `network_accuracy` is that of the network without the linear model, on the validation rows. `parameters` are
    those of the network but for its table of vectors; an epoch's seconds go from the end of its first step, which may compile,
    to the end of its validation; texts a second are of words met before; comprehensiveness is None where it was not
    measured."""

    accuracy: float
    macro_f1: float
    network_accuracy: float
    parameters: int
    epochs: int
    seconds_per_epoch: float
    texts_per_second: float
    evidence_comprehensiveness: float | None
    attention_comprehensiveness: float | None


FIGURES = [name for name in Run.__dataclass_fields__ if name not in Job.__dataclass_fields__]


@dataclass(frozen=True)
class Failure(Job):
    """A job that ended with an error; another call tries it again."""

    message: str


@dataclass(frozen=True)
class Skipped:
    """A combination that cannot be built, and why."""

    attention: str
    encoder: str
    reason: str


@dataclass(frozen=True)
class Spread:
    """The mean over seeds and the sample standard deviation; None where there is too little for it."""

    mean: float | None
    deviation: float | None


@dataclass(frozen=True)
class Row:
    """One combination: each figure of its runs, over the `seeds` that succeeded."""

    attention: str
    encoder: str
    seeds: int
    figures: Mapping[str, Spread]


@dataclass(frozen=True)
class Comparison:
    """What the `planned` runs came to; an interrupt leaves fewer. All were trained on `train_rows` rows and scored on
    `scored_rows` others, those named `scored_on`: validation or test."""

    runs: tuple[Run, ...]
    failures: tuple[Failure, ...]
    skipped: tuple[Skipped, ...]
    planned: int
    train_rows: int
    scored_rows: int
    scored_on: str

    @property
    def interrupted(self) -> bool:
        return len(self.runs) + len(self.failures) < self.planned

    @property
    def rows(self) -> list[Row]:
        """The most accurate combination first; of equals the one with the higher macro F1."""
        runs: dict[tuple[str, str], list[Run]] = {}
        for run in self.runs:
            runs.setdefault((run.attention, run.encoder), []).append(run)
        rows = [Row(*names, len(some), {name: _spread(some, name) for name in FIGURES}) for names, some in runs.items()]
        return sorted(rows, key=lambda row: [row.figures[name].mean for name in ("accuracy", "macro_f1")], reverse=True)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as JSON holds them."""
        return {"rows": [asdict(row) for row in self.rows], **asdict(self), "interrupted": self.interrupted}


def _spread(runs: list[Run], name: str) -> Spread:
    values = [value for run in runs if (value := getattr(run, name)) is not None]
    return Spread(mean(values) if values else None, stdev(values) if len(values) > 1 else None)
