"""One run of a comparison: the rows that all runs share, training, and measuring the model before it is deleted."""

import hashlib
import json
import math
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any

from attnclf.config import AccountsConfig, Config
from attnclf.data import Table
from attnclf.data.repeats import fingerprints_of, rows_met
from attnclf.results import EpochEnded, Event, Job, Note, OnEvent, Run, StepEnded, ignore
from attnclf.scoring.evaluation import evaluate, note_of_met
from attnclf.served.model import ServedModel

if TYPE_CHECKING:
    from attnclf.training import Trained

OF_EVERY_RUN = ("data", "split", "replaced", "model")  # topics of notes that a comparison says once, or that say nothing in it
WHOLE_ACCOUNTS = "rows are classified one by one here, and `encoder=hierarchical` with `group_col` classifies whole accounts"
BETWEEN_FILES = ("shared-accounts", "accounts-not-compared")  # kinds of findings on accounts that matter to rows
SPLIT_SEED = 0  # the same for every run, whatever its own seed
TIMED_TEXTS = 2_000
TABLES = ("embedding.table", "linear.table")  # not counted as parameters: their size is that of the vocabulary

Train = Callable[..., "Trained"]
Clock = Callable[[], float]


@dataclass(frozen=True)
class SplitTables:
    """The three split parts: rows to train on, rows to choose the best epoch, and rows to score runs on.

    `families` has the account of each row to train on, or its family of accounts; it is empty where rows have no account. Of
    the rows to score on, `overlap` have a text of the others.
    """

    train: Table
    valid: Table
    scored: Table
    families: Sequence[str] = ()
    overlap: int = 0

    @classmethod
    def of(cls, table: Table, valid: Table | None, test: Table | None, config: Config, on_event: OnEvent) -> "SplitTables":
        """Splits `table` once for all runs as `train` would, unless there is `valid`, and tells what `train` does.

        Raises DataError for data that cannot be learnt from.
        """
        from attnclf.checking.accounts import account_findings
        from attnclf.checking.tables import Tables
        from attnclf.training.findings import TOLD_LATER, tell_findings
        from attnclf.training.preparation import labels_of, without_labels, without_rare_rows
        from attnclf.training.splitting import parts_of, targets_of

        kept, valid = without_rare_rows(table, valid, config.data.min_rows, on_event)
        test = without_labels(test, set(table.labels) - set(kept.labels), on_event, "score")
        labels, config = labels_of(kept), replace(config, training=replace(config.training, seed=SPLIT_SEED))
        tell_findings(kept, valid, config.text, on_event)
        train_part, valid_part = parts_of(kept, valid, labels, config, on_event)
        if table.groups or config.accounts != AccountsConfig():
            on_event(Note("runs are scored on rows, not on accounts", topic="accounts"))
        for finding in account_findings(Tables(table, valid, test)):
            told = not finding.kind.endswith("-test") and finding.kind not in TOLD_LATER
            if finding.kind.startswith(BETWEEN_FILES) and not told:
                on_event(Note(finding.message, warning=True, topic="accounts"))
        if test:
            targets_of(test, labels)
        train = _select(kept, train_part.rows) if valid is None else kept
        held_out = _select(kept, valid_part.rows) if valid is None else valid
        train, held_out = _rows_alone(train), _rows_alone(held_out)
        if test is None:
            return cls(train, held_out, held_out, train_part.groups)
        met = rows_met(test.texts, fingerprints_of(chain(train.texts, held_out.texts)))
        parts = cls(train, held_out, _rows_alone(test), train_part.groups, met)
        for note in parts.overlap_told:
            on_event(note)
        return parts

    @property
    def sizes(self) -> tuple[int, int, int]:
        """How many rows are trained, validated and scored on."""
        return len(self.train.texts), len(self.valid.texts), len(self.scored.texts)

    @property
    def overlap_told(self) -> list[Note]:
        """What evaluation says of an overlap."""
        return [note_of_met(self.overlap, self.scored)] if self.overlap else []

    @property
    def tested(self) -> bool:
        """Whether runs are scored on other rows than those that the best epoch is chosen on."""
        return self.scored is not self.valid

    def checksum(self) -> str:
        """A hash of all texts and labels in their order, and of the families."""
        rows = [[part.texts, part.labels] for part in (self.train, self.valid, self.scored)]
        content = json.dumps([rows, list(self.families)])
        return hashlib.sha256(content.encode()).hexdigest()


def _rows_alone(table: Table) -> Table:
    """Without accounts, which runs do not classify, and without columns that only findings are made of."""
    return replace(table, groups=[], others={})


def _select(table: Table, rows: Sequence[int]) -> Table:
    return replace(table.rows(rows), source=f"{len(rows)} rows of {table.source}")


def train_and_clear(*arguments: Any, **settings: Any) -> "Trained":
    """Calls `attnclf.training.train`, then makes Keras free everything that it holds of the model."""
    from attnclf.training import train

    try:
        return train(*arguments, **settings)
    finally:
        if "keras" in sys.modules:  # if not, training failed before it started Keras
            import keras

            keras.utils.clear_session()


@dataclass(frozen=True)
class Runner:
    """Makes runs, all on the same `parts` and by `train`.

    Events of training go to `on_event`. After the first run only the notes that are warnings are passed on, and no note is
    passed on twice: `reported` holds those that were.
    """

    parts: SplitTables
    train: Train
    importing: Callable[[], AbstractContextManager[None]]
    clock: Clock
    on_event: OnEvent
    reported: set[Note] = field(default_factory=set)

    def run(self, job: Job, config: Config) -> Run:
        """Trains the job into a temporary directory and measures the model. Raises what `train` raises."""
        listener = _RunListener(self.on_event, self.clock, self.reported, first=not self.reported)
        self.reported.update(self.parts.overlap_told)
        with tempfile.TemporaryDirectory(prefix="attnclf-") as folder:
            model = Path(folder) / "model"
            rows = self.parts.train, self.parts.valid
            importing, families = self.importing(), self.parts.families
            trained = self.train(*rows, config, model, listener, importing=importing, families=families)
            served = ServedModel.load(trained.bundle.path)
            # Of the validation rows training says what it met before.
            scores = evaluate(served, self.parts.scored, listener if self.parts.tested else ignore).report
            measured = trained.bundle.faithfulness
            faithful = {method.method: method.comprehensiveness.mean for method in measured.methods} if measured else {}
            return Run(
                job.attention,
                job.encoder,
                job.seed,
                scores.accuracy,
                scores.macro_f1,
                trained.network_accuracy,
                sum(array.size for name, array in served.weights().items() if name not in TABLES),
                len(listener.epochs),
                mean(listener.epochs),
                self._texts_per_second(served),
                faithful.get("evidence"),
                faithful.get("attention"),
                measured.attention_shares[0] if measured else None,
            )

    def _texts_per_second(self, served: ServedModel) -> float:
        """The faster of two passes, after one more pass to warm up."""
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
    """Listens to the training of one run: measures the seconds of each epoch, and passes on events as `Runner` says."""

    on_event: OnEvent
    clock: Clock
    reported: set[Note]
    first: bool
    began: float = 0.0
    epochs: list[float] = field(default_factory=list)

    def __call__(self, event: Event) -> None:
        if isinstance(event, StepEnded) and event.step == 1:
            self.began = self.clock()
        elif isinstance(event, EpochEnded):
            self.epochs.append(self.clock() - self.began)
        elif isinstance(event, Note):
            alike = event in self.reported or event.topic in OF_EVERY_RUN
            if alike or not (event.warning or (self.first and not event.detail)):
                return
            self.reported.add(event)
        self.on_event(event)
