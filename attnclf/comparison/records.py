"""What a comparison is made of, as frozen dataclasses of plain values, and the file that keeps finished runs."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from attnclf.errors import DataError


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
    """A job done. `network_accuracy` is that of the network without the linear path, on the validation rows. `parameters` are
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


@dataclass(frozen=True)
class Kept:
    """Finished runs in a file, a line each, by a key that says what the run was of."""

    path: Path

    def read(self) -> tuple[dict[str, Run], list[int]]:
        """The runs that succeeded, by key, and the numbers of lines that cannot be read, as after a power cut. Makes the file
        where there is none; DataError when it cannot be written, which is better known before training than after it."""
        runs, damaged = {}, []
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a+b") as stream:
                stream.seek(0)
                lines = stream.read().splitlines()
        except OSError as error:
            raise DataError(f"cannot write {self.path}: {error.strerror}", hint="name another directory with -o") from error
        for number, line in enumerate(lines, 1):
            try:
                values = json.loads(line)
                key = values.pop("key")
                if "message" not in values:
                    runs[key] = Run(**values)
            except (ValueError, KeyError, TypeError, AttributeError):
                damaged.append(number)
        return runs, damaged

    def add(self, key: str, result: Run | Failure) -> None:
        """Appends a line that stays there, whatever comes after. Raises DataError."""
        line = json.dumps({"key": key, **asdict(result)}, ensure_ascii=False).encode() + b"\n"
        try:
            with self.path.open("a+b") as stream:
                if stream.tell():
                    stream.seek(-1, os.SEEK_END)
                    line = line if stream.read(1) == b"\n" else b"\n" + line  # ends what was cut short
                stream.write(line)
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise DataError(f"cannot write {self.path}: {error.strerror}", hint="is the disk full?") from error
