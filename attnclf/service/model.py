"""The model that is served, and the one that takes its place: whole, or not at all.

A directory is looked at once a second: names, sizes and times of its files, which costs microseconds. Where they changed, the
new model is loaded and tried beside the old one, which goes on answering. A model that cannot be used is told of, and the old
one stays. A batch is answered by one model from beginning to end.
"""

import ctypes
import gc
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from attnclf.errors import AttnclfError
from attnclf.served.model import ServedModel

LOOKING = 1.0  # seconds between two looks
AGAIN = 30.0  # seconds after which a model that could not be used is tried again, although its files look the same

Tell = Callable[..., None]
"""Tells of an event by its name, with facts."""


@dataclass(frozen=True)
class Loaded:
    """A model that answers, and since when."""

    served: ServedModel
    since: str

    @classmethod
    def of(cls, path: Path) -> "Loaded":
        """The model at `path`. Raises ModelError."""
        return cls(ServedModel.load(path), _now())

    @property
    def checksum(self) -> str:
        """What tells this model from others."""
        return self.served.bundle.checksum


@dataclass(frozen=True)
class Rejected:
    """A model that did not take the place of the one before, and why."""

    message: str
    at: str


class Models:
    """The model at `path`, whichever it is now. `tell` is told when another takes its place, or cannot."""

    def __init__(self, path: Path, tell: Tell = lambda *_, **__: None, clock: Callable[[], float] = time.monotonic) -> None:
        """Loads the first model. Raises ModelError where there is none."""
        self.path, self._tell, self._clock = path, tell, clock
        self._seen = _state(path)
        self._tried = clock()
        self.current = Loaded.of(path)
        self.rejected: Rejected | None = None
        self.taken_over = 0
        self._end = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def name(self) -> str:
        """The name under which programs ask for the model: that of its path, also where that is a link to another."""
        return self.path.absolute().name

    def watch(self) -> None:
        """Looks for a new model from now on, in a thread."""
        self._thread = threading.Thread(target=self._watch, name="watch", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Looks no more."""
        self._end.set()
        if self._thread:
            self._thread.join()

    def look(self) -> bool:
        """Takes another model over if there is one. Returns whether one was taken over."""
        state = _state(self.path)
        again = self.rejected is not None and self._clock() - self._tried > AGAIN
        if state == self._seen and not again:
            return False
        self._seen, self._tried = state, self._clock()
        try:
            found = Loaded.of(self.path)
        except AttnclfError as error:
            self._reject(error.message)
            return False
        except Exception as error:  # a service outlives whatever is put in the place of its model
            self._reject(f"{type(error).__name__}: {error}")
            return False
        rejected, self.rejected = self.rejected, None
        if found.checksum == self.current.checksum:
            if rejected:
                self._tell("model whole again", model=found.checksum)
            return False
        before, self.current = self.current.checksum, found
        self.taken_over += 1
        self._tell("model taken over", before=before, model=found.checksum)
        _let_go()
        return True

    def _reject(self, message: str) -> None:
        known = self.rejected is not None and self.rejected.message == message
        self.rejected = Rejected(message, _now())
        if not known:
            self._tell("model rejected", warning=True, error=message, model=self.current.checksum)

    def _watch(self) -> None:
        while not self._end.wait(LOOKING):
            self.look()


def _state(path: Path) -> tuple[Any, ...]:
    """What changes when a directory gets other files; () where there is none."""
    try:
        files = [(entry.name, entry.stat()) for entry in path.iterdir()]
        return path.stat().st_ino, *sorted((name, s.st_ino, s.st_size, s.st_mtime_ns) for name, s in files)
    except OSError:
        return ()


def _let_go() -> None:
    """Gives back the memory of a model that is no longer needed: without this a service grows with each model."""
    gc.collect()  # a model and its session hold each other, and would stay until much else is made
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):  # glibc keeps what is freed
        trim(0)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
