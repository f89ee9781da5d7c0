"""A search as a person follows it: a bar over its minutes, a line for each trial that has ended."""

import time
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn
from rich.text import Text

from attnclf.cli import screen
from attnclf.cli.bars import LiveBar
from attnclf.render.tuning import changed
from attnclf.results import EpochEnded, Event, Note, Settings, StepEnded, Trial
from attnclf.tuning.search import TrialEnded, TrialStarted

ENDED = {"pruned": "pruned after", "cut": "cut off after", "failed": "failed after"}


class TuningProgress(LiveBar):
    """An event listener, and a context in which a bar over the `minutes` of all trials is shown on a terminal.

    `told` are the notes that were shown.
    """

    def __init__(self, console: Console, minutes: float) -> None:
        super().__init__(
            console,
            TextColumn("trial {task.fields[number]}  epoch {task.fields[epoch]}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[minutes]}  {task.fields[best]}"),
        )
        self._minutes = minutes
        self.told: set[Note] = set()
        self._default: Settings = {}
        self._least = float("inf")
        self._before, self._began = 0.0, time.monotonic()
        self._task: TaskID | None = None

    def __call__(self, event: Event | TrialStarted | TrialEnded) -> None:
        """Shows one event."""
        if isinstance(event, Note):
            self.told.add(event)
            screen.show_note(event, self._console)
        elif isinstance(event, TrialStarted):
            self._default = event.default
            self._before, self._began = event.seconds, time.monotonic()
            self._update(number=event.number, epoch="–")
        elif isinstance(event, StepEnded):
            self._update(epoch=f"{event.epoch}/{event.epochs}")
        elif isinstance(event, EpochEnded):
            self._least = min(self._least, event.scores.log_loss)
            self._update(best=f"least log loss {self._least:.4f}")
        elif isinstance(event, TrialEnded):
            self._console.print(Text(self._line(event.trial)), soft_wrap=True)

    def _update(self, **fields: Any) -> None:
        seconds = self._before + time.monotonic() - self._began
        fields |= {"minutes": f"{seconds / 60:.1f} of {self._minutes:g} minutes"}
        if self._task is None:
            start = {"number": "–", "epoch": "–", "best": "", **fields}
            self._task = self._progress.add_task("", total=60 * self._minutes, completed=int(seconds), **start)
        else:
            self._progress.update(self._task, completed=seconds, **fields)

    def _line(self, trial: Trial) -> str:
        if trial.outcome == "done":
            result = f"log loss {trial.log_loss:.4f}, accuracy {trial.accuracy:.4f}"
        else:
            result = f"{ENDED[trial.outcome]} epoch {len(trial.curve)}"
        return f"trial {trial.number}  {result}  {trial.seconds:.0f} s  {changed(trial.settings, self._default)}"
