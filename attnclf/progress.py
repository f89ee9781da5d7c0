"""Training as a person follows it: a live line on a terminal, one plain line an epoch elsewhere."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

from attnclf.render import terminal
from attnclf.results import EpochEnded, Event, Note, StepEnded


class TrainingProgress:
    """An event listener, and a context in which the live line is shown."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress(
            TextColumn("epoch {task.fields[epoch]}/{task.fields[epochs]}"),
            BarColumn(bar_width=24),
            TextColumn("step {task.fields[step]}/{task.fields[steps]}  loss {task.fields[loss]:.3f}"),
            TextColumn("{task.fields[best]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task(
            "", total=None, visible=False, epoch=0, epochs=0, step=0, steps=0, loss=0.0, best=""
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._progress.stop()

    def __call__(self, event: Event) -> None:
        """Shows one event."""
        if isinstance(event, Note):
            self._console.print(terminal.note(event), soft_wrap=True)
        elif isinstance(event, StepEnded):
            self._progress.update(
                self._task,
                visible=True,
                total=event.epochs * event.steps,
                completed=(event.epoch - 1) * event.steps + event.step,
                epoch=event.epoch,
                epochs=event.epochs,
                step=event.step,
                steps=event.steps,
                loss=event.loss,
            )
            if event.step == event.steps and event.epoch == event.epochs:
                self._progress.update(self._task, visible=False)
        else:
            self._show_epoch(event)

    def _show_epoch(self, event: EpochEnded) -> None:
        if event.best:
            self._progress.update(self._task, best=f"validation F1 {event.scores.macro_f1:.4f}")
        scores = f"log loss {event.scores.log_loss:.4f}, macro F1 {event.scores.macro_f1:.4f}"
        line = f"epoch {event.epoch}/{event.epochs}  loss {event.loss:.4f}  validation {scores}"
        self._console.print(Text(line + ("  kept" if event.best else "")))
