"""Results of a comparison of attention mechanisms and encoders: its runs, and the rows of its table."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from statistics import mean, stdev
from typing import Any


@dataclass(frozen=True)
class Job:
    """One training run of the grid, before it is done."""

    attention: str
    encoder: str
    seed: int

    def __str__(self) -> str:
        return f"{self.attention} + {self.encoder}, seed {self.seed}"


@dataclass(frozen=True)
class Run(Job):
    """A finished job and its figures.

    network_accuracy    of the network without the linear model, on the validation rows
    parameters          of the network, without the embedding table
    seconds_per_epoch   from the end of an epoch's first step, which may compile, to the end of its validation
    texts_per_second    of the served model on texts whose words it has met before
    *_comprehensiveness mean over texts; None if it was not measured
    attention_share     attention's comprehensiveness as a share of that of |evidence|, which has no sign either
    """

    accuracy: float
    macro_f1: float
    network_accuracy: float
    parameters: int
    epochs: int
    seconds_per_epoch: float
    texts_per_second: float
    evidence_comprehensiveness: float | None
    attention_comprehensiveness: float | None
    attention_share: float | None = None


FIGURES = [name for name in Run.__dataclass_fields__ if name not in Job.__dataclass_fields__]


@dataclass(frozen=True)
class Failure(Job):
    """A job that ended with an error: its message, its hint and its exit code. The next call tries it again."""

    message: str
    hint: str = ""
    exit_code: int = 1


@dataclass(frozen=True)
class Skipped:
    """A combination that cannot be built, and why."""

    attention: str
    encoder: str
    reason: str


@dataclass(frozen=True)
class Spread:
    """The mean over seeds, None without a value, and the sample standard deviation, None with fewer than two values."""

    mean: float | None
    deviation: float | None


@dataclass(frozen=True)
class Row:
    """One combination: the mean and deviation of each figure over the `seeds` runs that succeeded."""

    attention: str
    encoder: str
    seeds: int
    figures: Mapping[str, Spread]


@dataclass(frozen=True)
class Comparison:
    """The results of `planned` runs; an interrupted comparison has fewer.

    All runs were trained on the same `train_rows` rows, validated on `valid_rows`, and scored on `scored_rows`. `scored_on`
    says which these are: "validation" or "test". Of the test rows, `overlap` have a text that was trained or validated on.
    """

    runs: tuple[Run, ...]
    failures: tuple[Failure, ...]
    skipped: tuple[Skipped, ...]
    planned: int
    train_rows: int
    scored_rows: int
    scored_on: str
    valid_rows: int
    overlap: int = 0

    @property
    def interrupted(self) -> bool:
        return len(self.runs) + len(self.failures) < self.planned

    @property
    def failed(self) -> dict[tuple[str, str], Failure]:
        """The combinations that no run is done of, because they failed: the last failure of each."""
        done = {(run.attention, run.encoder) for run in self.runs}
        failures = {(failure.attention, failure.encoder): failure for failure in self.failures}
        return {names: failure for names, failure in failures.items() if names not in done}

    @property
    def rows(self) -> list[Row]:
        """One row for each combination, the most accurate first. Macro F1 decides between equals."""
        runs: dict[tuple[str, str], list[Run]] = {}
        for run in self.runs:
            runs.setdefault((run.attention, run.encoder), []).append(run)
        rows = [Row(*names, len(group), {name: _spread(group, name) for name in FIGURES}) for names, group in runs.items()]
        return sorted(rows, key=lambda row: [row.figures[name].mean for name in ("accuracy", "macro_f1")], reverse=True)

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON can hold."""
        return {"rows": [asdict(row) for row in self.rows], **asdict(self), "interrupted": self.interrupted}


def _spread(runs: list[Run], name: str) -> Spread:
    values = [value for run in runs if (value := getattr(run, name)) is not None]
    return Spread(mean(values) if values else None, stdev(values) if len(values) > 1 else None)
