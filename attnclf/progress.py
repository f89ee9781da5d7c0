"""Training as a person follows it: one line for each decision, and a live line for what takes a while.

Off a terminal there is no live line, and each epoch gets a line of its own. Used by the command line and by `attnclf.train`.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.control import Control
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.segment import ControlType
from rich.status import Status
from rich.text import Text

from attnclf.errors import AttnclfError
from attnclf.render import terminal
from attnclf.results import EpochEnded, Event, Note, StageStarted, StepEnded

QUIET, NORMAL, VERBOSE = 0, 1, 2


class TrainingProgress:
    """An event listener, and a context in which the live line is shown.

    QUIET shows nothing, NORMAL what everyone wants to know, VERBOSE also details and a line for every epoch. `spell` puts the
    messages of the library, which name settings as Python does, into the caller's words.
    """

    def __init__(self, console: Console, verbosity: int = NORMAL, spell: Callable[[str], str] = str) -> None:
        self._console, self._verbosity, self._spell = console, verbosity, spell
        self._live = console.is_interactive and console.file.isatty() and verbosity > QUIET
        self._stage: Status | None = None
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
            disable=not self._live,
        )
        self._task = self._progress.add_task("", total=None, epoch=0, epochs=0, step=0, steps=0, loss=0.0, best="")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.pause()

    def pause(self) -> None:
        """Takes the live line away; the next event brings it back."""
        if not self._live:
            return
        self._progress.stop()
        if self._stage:
            self._stage.stop()
            self._stage = None

    def __call__(self, event: Event) -> None:
        """Shows one event."""
        if self._verbosity == QUIET:
            return
        if isinstance(event, Note):
            if not event.detail or self._verbosity >= VERBOSE:
                note = replace(event, message=self._spell(event.message))
                self._console.print(terminal.note(note), soft_wrap=True)
        elif isinstance(event, StageStarted):
            self._show_stage(event)
        elif isinstance(event, StepEnded):
            self._show_step(event)
        else:
            self._show_epoch(event)

    @contextmanager
    def importing(self) -> Iterator[None]:
        """A context for the start of Keras' back end, whose chatter would break a line that moves."""
        self.pause()
        if self._live:
            self._console.print(Text("starting Keras …", style="dim"), end="\r")
        try:
            with without_chatter():
                yield
        finally:
            if self._live:
                self._console.control(Control((ControlType.ERASE_IN_LINE, 2)))

    def _show_stage(self, event: StageStarted) -> None:
        self.pause()
        if self._live:
            self._stage = self._console.status(event.name)
            self._stage.start()
        elif self._verbosity >= VERBOSE:
            self._console.print(Text(f"{event.name} …", style="dim"))

    def _show_step(self, event: StepEnded) -> None:
        if not self._live:
            return
        if self._stage:
            self.pause()
        self._progress.update(
            self._task,
            total=event.epochs * event.steps,
            completed=(event.epoch - 1) * event.steps + event.step,
            epoch=event.epoch,
            epochs=event.epochs,
            step=event.step,
            steps=event.steps,
            loss=event.loss,
        )
        self._progress.start()

    def _show_epoch(self, event: EpochEnded) -> None:
        if event.best:
            self._progress.update(self._task, best=f"validation F1 {event.scores.macro_f1:.3f}")
        if self._live and self._verbosity < VERBOSE:
            return
        scores = f"log loss {event.scores.log_loss:.4f}, macro F1 {event.scores.macro_f1:.3f}"
        line = f"epoch {event.epoch}/{event.epochs}  loss {event.loss:.4f}  validation {scores}"
        self._console.print(Text(line + ("  kept" if event.best else "")))


@contextmanager
def without_chatter() -> Iterator[None]:
    """Keeps what C++ writes at the start of Keras' back end off both streams. It is shown when the start fails."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with tempfile.TemporaryFile() as chatter:
        with suppress(AttributeError, OSError, ValueError):  # no stream, or one that is closed
            sys.stdout.flush()
        saved = {number: os.dup(number) for number in (1, 2) if _is_open(number)}
        for number in saved:
            os.dup2(chatter.fileno(), number)
        try:
            yield
        except AttnclfError:
            raise  # says itself what is wrong
        except Exception:
            chatter.seek(0)
            if 2 in saved:
                os.write(saved[2], chatter.read())
            raise
        finally:
            for number, copy in saved.items():
                os.dup2(copy, number)
                os.close(copy)


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True
