"""One trial: training on the rows of the search, watched epoch by epoch, and what the model says of each validation row."""

import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from attnclf.checkpoint import Checkpoints, TrainingState
from attnclf.comparison.measuring import Clock, Train
from attnclf.config import AccountsConfig, Config
from attnclf.installation.back_ends import check_back_end
from attnclf.linear.model import LinearModel
from attnclf.processes import Place
from attnclf.results import EpochEnded, Event, Note, OnEvent, StepEnded, softmax
from attnclf.scoring.metrics import macro_f1
from attnclf.scoring.paired import losses_of
from attnclf.served.model import ServedModel
from attnclf.trainable.cycles import cycles_of
from attnclf.tuning.rows import Rows

TOLD_BEFORE = ("data", "split", "replaced", "model", "level")  # topics that are said of the whole table before the first trial

Start = Callable[[Config], None]
"""Starts Keras' back end for trainings with these settings."""

Report = Callable[[int, float], bool]
"""Takes an epoch and its validation log loss; true if the trial is worse than others were at this epoch."""


class Pruned(Exception):
    """Ends a training that is worse than others were at the same epoch."""


class TimeIsUp(Exception):
    """Ends a training at the deadline."""


@dataclass(frozen=True)
class Scored:
    """The log losses (N,) of the validation rows, and the scores of all."""

    losses: NDArray[np.float32]
    accuracy: float
    macro_f1: float


def config_of_trials(config: Config) -> Config:
    """The settings that all trials have: those of `config`, without what is done after training."""
    data = replace(config.data, group_col="", min_rows=1)
    training = replace(config.training, baseline=False, faithfulness=0)
    return replace(config, data=data, training=training, accounts=AccountsConfig())


def start_keras(config: Config) -> None:
    """Starts Keras' back end as training does. Raises InstallationError and DeviceError."""
    from attnclf.training.machine import start_backend

    check_back_end()
    start_backend(config.training, Place())


@dataclass(frozen=True)
class TrialRunner:
    """Makes trials on the same `rows` by `train`. Events of training go to `on_event`, but no note twice, and only warnings.

    The linear model depends on the rows and the level alone, so it is fitted once; `linear` keeps it by level.
    """

    rows: Rows
    train: Train
    start: Start
    importing: Callable[[], AbstractContextManager[None]]
    clock: Clock
    on_event: OnEvent
    told: set[Note] = field(default_factory=set)
    linear: dict[str, LinearModel] = field(default_factory=dict)

    def begin(self, config: Config) -> None:
        """Starts Keras' back end, which takes from seconds to a minute the first time, and is no trial's own time."""
        with self.importing():
            self.start(config)

    def run(self, config: Config, report: Report, deadline: float | None) -> Scored:
        """Trains into a temporary directory and scores the model. `deadline` is a time of `clock`; None if there is none.

        Raises Pruned and TimeIsUp from within training, and what `train` raises.
        """
        checkpoints, level = Checkpoints(), config.text.level
        checkpoints.state = TrainingState(linear=self.linear.get(level))
        listener = _Listener(self, report, deadline)
        with tempfile.TemporaryDirectory(prefix="attnclf-") as folder:
            target, importing = Path(folder) / "model", self.importing()
            rows = self.rows.train, self.rows.valid
            state = {"checkpoints": checkpoints, "families": self.rows.families}
            try:
                trained = self.train(*rows, config, target, listener, importing=importing, **state)
            finally:
                if checkpoints.state.linear is not None:
                    self.linear[level] = checkpoints.state.linear
            logits, _, _ = ServedModel.load(trained.bundle.path).logits(self.rows.valid.texts)
        probabilities, targets = softmax(logits), self.rows.targets
        right = probabilities.argmax(axis=1) == targets
        return Scored(losses_of(targets, probabilities), float(right.mean()), macro_f1(targets, probabilities))


@dataclass(frozen=True)
class _Listener:
    """Listens to the training of one trial, and ends it from within.

    A trial is compared with others from the end of its first cycle of the learning rate on. Before, no weights have settled.
    """

    runner: TrialRunner
    report: Report
    deadline: float | None

    def __call__(self, event: Event) -> None:
        if isinstance(event, Note):
            is_news = event.topic == "device" or (event.warning and event.topic not in TOLD_BEFORE)
            if event in self.runner.told or not is_news:
                return
            self.runner.told.add(event)
        self.runner.on_event(event)
        if isinstance(event, EpochEnded):
            is_worse = self.report(event.epoch, event.scores.log_loss)
            if is_worse and cycles_of(event.epochs)[0] <= event.epoch < event.epochs:
                raise Pruned
        elif isinstance(event, StepEnded) and self.deadline is not None and self.runner.clock() >= self.deadline:
            raise TimeIsUp
