"""Training as TensorBoard shows it: a number for each epoch, in a file of events."""

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from attnclf.cli.output import check_outside_models
from attnclf.errors import DataError, UsageError
from attnclf.extras import extra
from attnclf.results import EpochEnded, Event, Note, OnEvent

MARK = "tfevents"  # in the name of each file that TensorBoard reads
EVENTS = "brain.Event:2"  # the version of such a file
NAME_ANOTHER = "name another folder with `tensorboard`"


def check_folder(folder: Path, resume: bool, model: Path) -> None:
    """Raises UsageError or DataError where curves of the training of `model` cannot go there, before a table is read.

    A folder holds one training. That of an earlier one is only taken to go on with it.
    """
    _library()
    check_outside_models("--tensorboard", folder, model)
    if folder.exists() and not folder.is_dir():
        raise DataError(f"'{folder}' is a file, and curves go to a folder", hint=NAME_ANOTHER)
    if not resume and any(folder.glob(f"*{MARK}*")):
        raise UsageError(f"'{folder}' holds the curves of another training", hint=NAME_ANOTHER)


@contextmanager
def curves_in(folder: Path, on_event: OnEvent) -> Iterator[OnEvent]:
    """A listener that passes events on, and writes a point of each curve for each epoch. Without an epoch no file is left.

    Where nothing more can be written, that is told once: a model is worth more than its curves. Raises DataError where not even
    the file can be begun.
    """
    path = folder / f"events.out.{MARK}.{time.time_ns()}.{socket.gethostname()}.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stream = path.open("xb", buffering=0)
    except OSError as error:
        raise DataError(f"cannot write to '{folder}': {error.strerror}", hint=NAME_ANOTHER) from error
    epochs = 0
    with stream:
        curves = _Curves(stream)

        def listen(event: Event) -> None:
            nonlocal epochs
            on_event(event)
            if isinstance(event, EpochEnded):
                epochs += 1
                try:
                    curves.add(event)
                except OSError as error:
                    on_event(Note(f"no more curves: cannot write to '{folder}': {error.strerror}", warning=True))

        try:
            yield listen
        finally:
            if not epochs:
                path.unlink(missing_ok=True)


class _Curves:
    """Writes the events of TensorBoard to a stream. After an error it writes nothing."""

    def __init__(self, stream: BinaryIO) -> None:
        record_writer, self._event, self._scalar = _library()
        self._records: Any = record_writer(stream)
        self._begun = False

    def add(self, epoch: EpochEnded) -> None:
        numbers = {
            "loss/training": epoch.loss,
            "loss/validation": epoch.scores.log_loss,
            "score/macro_f1": epoch.scores.macro_f1,
            "score/accuracy": epoch.scores.accuracy,
            "learning_rate": epoch.learning_rate,
        }
        now = time.time()
        if not self._begun:
            self._write(self._event(wall_time=now, file_version=EVENTS))
            self._begun = True
        for name, number in numbers.items():
            self._write(self._event(wall_time=now, step=epoch.epoch, summary=self._scalar(name, number)))

    def _write(self, event: Any) -> None:
        if self._records is None:
            return
        try:
            self._records.write(event.SerializeToString())
        except OSError:
            self._records = None
            raise


def _library() -> tuple[Any, Any, Any]:
    """TensorBoard's own writer of records, its events and its scalars; none of it imports TensorFlow. Raises UsageError."""
    with extra("tensorboard", of="`tensorboard`", library="TensorBoard"):
        from tensorboard.compat.proto.event_pb2 import Event as TensorBoardEvent
        from tensorboard.plugins.scalar.summary_v2 import scalar_pb
        from tensorboard.summary.writer.record_writer import RecordWriter
    return RecordWriter, TensorBoardEvent, scalar_pb
