"""A training that takes no time: its model is as good as its settings, and a clock says how long it took."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from attnclf.config import Config
from attnclf.data import Columns, Table
from attnclf.results import EpochEnded, EpochScores, Note, StepEnded

POSTS = Table([f"좋아요 {i} DM me" for i in range(60)], ["fake", "real", "shop"] * 20, [], "posts.csv", Columns(("text",)))
EPOCHS = 9  # so that the first cycle has three
WITHOUT_OPTUNA = "needs Optuna: `make test-tune` runs it"


def loss_of(config: Config) -> float:
    """A log loss that only the dropout decides: the less, the better."""
    return round(0.3 + config.model.dropout, 6)


@dataclass
class FakeTrain:
    """Stands where `train` does. `errors` are raised in the training of that number; `at` is the step after which.

    Each epoch takes `seconds` of `clock`, and the start of Keras `starting`.
    """

    loss: Callable[[Config], float] = loss_of
    errors: dict[int, BaseException] = field(default_factory=dict)
    seconds: float = 10.0
    starting: float = 0.0
    now: float = 0.0
    calls: list[tuple[Table, Table, Config]] = field(default_factory=list)
    epochs: list[int] = field(default_factory=list)
    families: list[list[str]] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def start(self, config: Config) -> None:
        """Stands where the start of Keras does, which takes time once."""
        self.now += self.starting
        self.starting = 0.0

    def __call__(self, table, valid, config, target: Path, on_event, importing, checkpoints, families) -> Any:
        self.calls.append((table, valid, config))
        self.families.append(list(families))
        self.epochs.append(0)
        on_event(Note("cpu", topic="device"))
        on_event(Note(f"{len(table.texts)} rows", topic="data"))
        on_event(Note("memory is short", warning=True))
        loss = self.loss(config)
        for epoch in range(1, EPOCHS + 1):
            self.now += self.seconds
            on_event(StepEnded(epoch, EPOCHS, 1, 1, 0.5))
            if epoch == 2 and (error := self.errors.get(len(self.calls))):
                raise error
            self.epochs[-1] = epoch
            on_event(EpochEnded(epoch, EPOCHS, 0.5, EpochScores(loss, 0.8, 0.8), self.now, True, 0.001))
        target.mkdir()
        (target / "loss").write_text(str(loss), encoding="utf-8")
        return SimpleNamespace(bundle=SimpleNamespace(path=target))


class FakeModel:
    """Stands where ServedModel does: every row has the log loss of the settings, a little more or less."""

    @staticmethod
    def load(path: Path) -> Any:
        loss = float((path / "loss").read_text(encoding="utf-8"))

        def logits(texts):
            rows = loss + np.random.default_rng(len(texts)).normal(0, 0.01, len(texts))
            right = np.exp(-rows)
            others = (1 - right) / 2
            labels = [POSTS.labels[POSTS.texts.index(text)] for text in texts]
            at = [["fake", "real", "shop"].index(label) for label in labels]
            found = np.repeat(others[:, None], 3, axis=1)
            found[np.arange(len(texts)), at] = right
            return np.log(found), [], []

        return SimpleNamespace(logits=logits)
