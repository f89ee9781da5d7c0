"""One run of a comparison: the rows that all runs share, the training, and what is measured of the model before it goes."""

import hashlib
import json
import logging
import math
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any

from attnclf.config import Config
from attnclf.data import Table
from attnclf.data.split import split
from attnclf.results import EpochEnded, Event, Job, Note, OnEvent, Run, StepEnded
from attnclf.scoring.evaluation import evaluate
from attnclf.served.model import ServedModel

if TYPE_CHECKING:
    from attnclf.training import Trained

SPLIT_SEED = 0  # whatever the seed of a run
TIMED_TEXTS = 2_000
TABLES = ("embedding.table", "linear.table")  # no parameters of the network: they are as large as the vocabulary

Train = Callable[..., "Trained"]
Clock = Callable[[], float]


@dataclass(frozen=True)
class SplitTables:
    """The rows to train on, those that choose the best epoch, and those that runs are scored on."""

    train: Table
    valid: Table
    scored: Table

    @classmethod
    def of(cls, table: Table, valid: Table | None, test: Table | None, config: Config, on_event: OnEvent) -> "SplitTables":
        """One split for every run, unless `valid` stands by itself. DataError for data that cannot be learnt from."""
        from attnclf.training.preparation import labels_of, targets_of

        labels = labels_of(table)
        if valid is None:
            sides = split(targets_of(table, labels), table.groups, config.data.valid_share, SPLIT_SEED)
            table, valid = (_select(table, side.tolist()) for side in sides)
            labels_of(table)  # of a label with two rows one is left, which `train` refuses
            on_event(Note(f"{len(table.texts)} rows to train on, {len(valid.texts)} held out to validate on, in every run"))
        for held_out in (valid, test or valid):
            targets_of(held_out, labels)
        return cls(*(replace(part, groups=[]) for part in (table, valid, test or valid)))  # rows, not accounts

    def checksum(self) -> str:
        """Of every text and label, each in its place."""
        content = json.dumps([[part.texts, part.labels] for part in (self.train, self.valid, self.scored)])
        return hashlib.sha256(content.encode()).hexdigest()


def _select(table: Table, rows: Sequence[int]) -> Table:
    texts, labels = ([values[row] for row in rows] for values in (table.texts, table.labels))
    return Table(texts, labels, [], f"{len(rows)} rows of {table.source}", table.columns)


def train_and_clear(*arguments: Any, **settings: Any) -> "Trained":
    """`attnclf.training.train`, after which Keras holds nothing of the model."""
    from attnclf.training import train

    log = logging.getLogger("tensorflow")
    level = log.level
    log.setLevel(logging.ERROR)  # it would warn that a model is compiled anew for each run, which is meant
    try:
        return train(*arguments, **settings)
    finally:
        log.setLevel(level)
        if "keras" in sys.modules:  # else it failed before Keras started
            import keras

            keras.utils.clear_session()


@dataclass(frozen=True)
class Runner:
    """Where runs are made: all on the same `parts`, by `train`. What training says goes to `on_event`, but after the first run
    only warnings, and none twice."""

    parts: SplitTables
    train: Train
    importing: Callable[[], AbstractContextManager[None]]
    clock: Clock
    on_event: OnEvent
    told: set[Note] = field(default_factory=set)

    def run(self, job: Job, config: Config) -> Run:
        """Trains the job into a directory that is gone afterwards. Raises what `train` raises."""
        hear = _RunListener(self.on_event, self.clock, self.told, first=not self.told)
        with tempfile.TemporaryDirectory(prefix="attnclf-") as folder:
            model = Path(folder) / "model"
            trained = self.train(self.parts.train, self.parts.valid, config, model, hear, importing=self.importing())
            served = ServedModel.load(trained.bundle.path)
            scores = evaluate(served, self.parts.scored).report
            measured = trained.bundle.faithfulness
            faithful = {one.method: one.comprehensiveness.mean for one in measured.methods} if measured else {}
            return Run(
                job.attention,
                job.encoder,
                job.seed,
                scores.accuracy,
                scores.macro_f1,
                trained.network_accuracy,
                sum(array.size for name, array in served.weights().items() if name not in TABLES),
                len(hear.epochs),
                mean(hear.epochs),
                self._texts_per_second(served),
                faithful.get("evidence"),
                faithful.get("attention"),
            )

    def _texts_per_second(self, served: ServedModel) -> float:
        """The better of two, after one more to warm up."""
        texts = self.parts.scored.texts
        texts = texts[:: math.ceil(len(texts) / TIMED_TEXTS)]
        seconds = []
        for _ in range(3):
            started = self.clock()
            served.logits(texts)
            seconds.append(self.clock() - started)
        return len(texts) / min(seconds[1:])


@dataclass
class _RunListener:
    """Hears the training of one run: measures its epochs, and passes on what matters."""

    on_event: OnEvent
    clock: Clock
    told: set[Note]
    first: bool
    began: float = 0.0
    epochs: list[float] = field(default_factory=list)

    def __call__(self, event: Event) -> None:
        if isinstance(event, StepEnded) and event.step == 1:
            self.began = self.clock()
        elif isinstance(event, EpochEnded):
            self.epochs.append(self.clock() - self.began)
        elif isinstance(event, Note):
            if event in self.told or not (self.first or event.warning):
                return
            self.told.add(event)
        self.on_event(event)
