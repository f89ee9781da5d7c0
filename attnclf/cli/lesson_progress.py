"""A lesson as a person follows it: a bar for the model that is trained, and a line for each that is done."""

from contextlib import AbstractContextManager
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from attnclf.cli import screen
from attnclf.cli.bars import LiveBar
from attnclf.progress import TrainingProgress
from attnclf.results import Event, Note, StageStarted, StepEnded


class LessonProgress(LiveBar):
    """An event listener, and a context in which the bar is shown. With `verbose` each epoch has a line, too."""

    def __init__(self, console: Console, verbose: bool = False) -> None:
        super().__init__(
            console,
            TextColumn("{task.description}"),
            TextColumn("epoch {task.fields[epoch]}"),
            BarColumn(bar_width=24),
            TextColumn("loss {task.fields[loss]:.3f}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
        )
        self._verbose = verbose
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        return self  # the bar begins with the first model

    def importing(self) -> AbstractContextManager[None]:
        """A context for the start of Keras' back end, which says that it starts."""
        return TrainingProgress(self._console).importing()

    def __call__(self, event: Event) -> None:
        """Shows one event."""
        if isinstance(event, StageStarted):
            self._end_task()
            self._task = self._progress.add_task(event.name, total=None, epoch="–", loss=0.0)
            self._progress.start()
        elif isinstance(event, StepEnded) and self._task is not None:
            done, total = (event.epoch - 1) * event.steps + event.step, event.epochs * event.steps
            epoch = f"{event.epoch}/{event.epochs}"
            self._progress.update(self._task, total=total, completed=done, epoch=epoch, loss=event.loss)
        elif isinstance(event, Note) and (self._verbose or not event.detail):
            screen.show_note(event, self._console)

    def _end_task(self) -> None:
        if self._task is not None:
            self._progress.remove_task(self._task)
