"""A comparison as a person follows it: a bar over all runs, a line for each that has ended."""

from typing import Any

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

from attnclf.cli import screen
from attnclf.cli.bars import LiveBar
from attnclf.comparison import RunEnded, RunStarted
from attnclf.results import Event, Note, Run, StepEnded, share


class ComparisonProgress(LiveBar):
    """An event listener, and a context in which a bar over all runs is shown on a terminal; a line a run that ended stays."""

    def __init__(self, console: Console) -> None:
        super().__init__(
            console,
            TextColumn("run {task.fields[number]}/{task.total:.0f}  {task.description}"),
            TextColumn("epoch {task.fields[epoch]}"),
            BarColumn(bar_width=24),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            speed_estimate_period=3600,  # seconds: runs are unlike each other
        )
        self._task: TaskID | None = None
        self._done = 0

    def __call__(self, event: Event | RunStarted | RunEnded) -> None:
        """Shows one event."""
        if isinstance(event, Note):
            screen.show_note(event, self._console)
        elif isinstance(event, RunStarted):
            self._start(event)
        elif isinstance(event, StepEnded) and self._task is not None:
            passed = (event.epoch - 1 + event.step / event.steps) / event.epochs
            self._progress.update(self._task, completed=self._done + passed, epoch=f"{event.epoch}/{event.epochs}")
        elif isinstance(event, RunEnded) and isinstance(event.result, Run):
            accuracy, macro_f1 = (share(score, event.rows) for score in (event.result.accuracy, event.result.macro_f1))
            scores = f"accuracy {accuracy}, macro F1 {macro_f1}"
            self._console.print(Text(f"run {event.number}/{event.planned}  {event.result}  {scores}"))

    def _start(self, event: RunStarted) -> None:
        self._done = event.number - 1
        now: dict[str, Any] = {"description": str(event.job), "completed": self._done, "number": event.number, "epoch": "–"}
        if self._task is None:
            self._task = self._progress.add_task(total=event.planned, **now)
        else:
            self._progress.update(self._task, **now)
