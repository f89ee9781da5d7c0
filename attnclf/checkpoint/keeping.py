"""The checkpoint of one training: what it goes on from, what it keeps, and what is said of that."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from attnclf.bundle.manifest import DAMAGE
from attnclf.checkpoint.identity import Identity, Machine, changed_machine
from attnclf.checkpoint.states import Arrays, TrainingState
from attnclf.checkpoint.store import ANEW, MANIFEST, Store
from attnclf.errors import AttnclfError, DataError, ModelError, UsageError
from attnclf.results import Note, OnEvent, ignore

SAME = f"give the same data and settings as before, or {ANEW}"
OF_CHECKPOINTS = "checkpoint"  # the topic of notes that say nothing of the model


@dataclass(frozen=True)
class _Before:
    """Whose checkpoint there was, what it was computed on, and when it was kept."""

    identity: Identity
    machine: Mapping[str, Any]
    vocabulary: str
    saved: str


class Checkpoints:
    """Keeps `state` on the disk beside `target`, as training changes it. With `resume` it begins as it was kept there.

    Without a target nothing is written. Keeping fails in no other way than with a warning, once: training goes on.
    """

    def __init__(self, target: Path | None = None, *, resume: bool = False) -> None:
        self.state = TrainingState()
        self.started = time.monotonic()  # when training began, had it not been interrupted
        self.on = target is not None
        self.kept_anything = False  # whether this training itself has
        self.kept = ""  # what this training, or the one that it goes on with, has kept, in words
        self._resume = resume
        self._store = Store(target) if target else None
        self._tell: OnEvent = ignore
        self._problem = ""
        self._ended = False
        self._before: _Before | None = None
        self._values: dict[str, Any] = {}
        self._parts: dict[str, Arrays] = {}

    def open(self, on_event: OnEvent) -> None:
        """Reads what is there, if training is to go on with it, and says what will become of it.

        Raises ModelError for a damaged checkpoint, and UsageError for one that another training is writing.
        """
        self._tell = on_event
        if self._store is None:
            return
        place, free = self._store.path, self._store.lock()
        if self._resume and not free:
            what = f"another training is running, and keeps its checkpoint in {place}"
            raise UsageError(what, hint="wait until it has ended, or name another place with `model`")
        if not free:
            self._say(f"another training is running, and keeps its checkpoint in {place}; this one keeps none", warning=True)
            self._store = None
        elif not self._store.exists:
            if self._resume:
                self._say("there is nothing to go on from; training starts from the beginning", topic="resume")
        elif self._resume:
            self._read(self._store)
        else:
            what = f"{place} holds a checkpoint of an earlier training ({self._summary(self._store)})"
            what += "; it is replaced when this training keeps its first"
            self._say(f"{what}. `resume=True` would go on with it", topic="replaced")

    def begin(self, identity: Identity) -> None:
        """Says which training this is.

        Raises UsageError where the training to go on with has other settings, and DataError where only its rows are others.
        """
        self._values["identity"], self._parts = identity.values(), identity.parts()
        if self._before is None:
            return
        before = self._before.identity
        settings, rows = identity.changes(before)
        if settings or rows:
            raise (UsageError if settings else DataError)(self._refusal([*settings, *rows]), hint=SAME)
        for what in identity.changed_settings(before)[1]:
            self._say(f"{what}; what was trained does not depend on it", topic="resume")
        if (before.rows == identity.rows).all():
            self._parts = before.parts()  # which are on the disk
        minutes = self.state.seconds / 60
        what = f"goes on after {self.state.in_words()}, kept on {self._before.saved}, {minutes:.1f} minutes after the start"
        self._say(what, topic="resume")

    def compute_on(self, machine: Machine, vocabulary: str) -> None:
        """Says what computes, and which vocabulary texts are read with. Raises UsageError where that is another than in the
        training to go on with."""
        self._values |= {"machine": machine.to_dict(), "vocabulary": vocabulary}
        if self._before is None or self._ended:
            return
        changes = changed_machine(self._before.machine, machine.to_dict())
        if not changes and self._before.vocabulary != vocabulary:  # ids would mean other words
            changes = ["texts are read with another vocabulary"]
        if changes:
            raise UsageError(self._refusal(changes), hint=f"train on the machine and with the versions of before, or {ANEW}")

    @property
    def has_best(self) -> bool:
        """Whether an epoch has ended, so that there are best weights."""
        return self.state.network is not None and self.state.network.best_epoch > 0

    def end(self) -> str:
        """Takes the best epoch so far for the last, and says so. What is on the disk stays as it is."""
        network = self.state.network
        assert network is not None
        self.state, self._ended = self.state.ended(), True
        return f"interrupted after {network.in_words()}: epoch {network.best_epoch}, the best so far, becomes the model"

    def keep(self, **changes: Any) -> None:
        """Changes fields of `state`, and writes it. What cannot be written is said once, and training goes on."""
        state = replace(self.state, seconds=time.monotonic() - self.started, **changes)
        self.state = state.light()
        if self._store is None or self._ended:
            return
        try:
            self._store.write(self._values | {"state": state.values()}, self._parts | state.parts())
        except (DataError, OSError, MemoryError) as error:
            problem = error.message if isinstance(error, AttnclfError) else str(error) or "memory ran out"
            if not self._problem:
                self._say(f"no checkpoint could be kept: {problem}; training goes on", warning=True)
            self._problem = problem
        else:
            self.kept, self._problem, self.kept_anything = self.state.in_words(), "", True

    def finish(self) -> None:
        """Removes the checkpoint: the model is there."""
        if self._store is None:
            return
        try:
            self._store.remove()
        except OSError as error:
            self._say(f"the checkpoint in {self._store.path} could not be removed: {error.strerror}", warning=True)

    def close(self) -> None:
        """Lets others write there."""
        if self._store is not None:
            self._store.unlock()

    def way_on(self) -> str:
        """How to go on after an interruption, in words."""
        if self.kept:
            return f"the same again with `resume=True` goes on after {self.kept}"
        if self._store is not None and self._store.exists:
            return "it had kept nothing yet; the checkpoint of an earlier training is as it was"
        why = f" ({self._problem})" if self._problem else ""
        return f"there is nothing to go on from: it had kept nothing yet{why}"

    def _read(self, store: Store) -> None:
        values, parts = store.read()
        try:
            self.state = TrainingState.of(values["state"], parts)
            identity, machine = Identity.read(values["identity"], parts), dict(values["machine"])
            self._before = _Before(identity, machine, str(values["vocabulary"]), _local(store.manifest()["saved"]))
        except DAMAGE as error:
            raise ModelError(f"{store.path / MANIFEST} is damaged: it lacks what attnclf writes", hint=ANEW) from error
        self.started -= self.state.seconds
        self.kept = self.state.in_words()

    def _summary(self, store: Store) -> str:
        try:
            return f"kept on {_local(store.manifest()['saved'])}"
        except (ModelError, *DAMAGE):
            return "unreadable"

    def _refusal(self, changes: list[str]) -> str:
        place = self._store.path if self._store else ""
        return f"{place} is of another training: {'; '.join(changes)}"

    def _say(self, what: str, *, warning: bool = False, topic: str = OF_CHECKPOINTS) -> None:
        self._tell(Note(what, warning=warning, topic=topic))


def _local(saved: str) -> str:
    return f"{datetime.fromisoformat(saved).astimezone():%Y-%m-%d at %H:%M}"
