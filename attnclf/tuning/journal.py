"""The trials of a search in Optuna's journal, a file of one line for each thing that happened: what was tried, what came of it,
and what is to be tried next. A search that was cut off goes on from there.

One file may hold several searches. A search is known by its key, a hash of its rows, settings, space and program.
"""

import base64
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from attnclf.bundle.atomic import make_folder
from attnclf.bundle.leftovers import locked, release
from attnclf.comparison.records import begins_like
from attnclf.errors import DataError, UsageError
from attnclf.extras import extra
from attnclf.results import Note, OnEvent, Outcome, Settings, Trial
from attnclf.tuning.space import Space

RANDOM = 5  # trials before Optuna models what it saw; until then it draws at random
FEWEST = 3  # trials that are done before one may be worse than their median
START = b'{"op_code":'  # of a line
ANOTHER = "name another directory with -o"


def check_optuna() -> None:
    """Raises UsageError if Optuna is not installed."""
    with extra("tune", of="tuning", library="Optuna"):
        import optuna  # noqa: F401


class Journal:
    """The trials of one search. `open_journal` makes it."""

    def __init__(self, study: Any, space: Space, seed: int) -> None:
        self._study, self._space, self._seed = study, space, seed

    def ask(self) -> "Asked":
        """The next trial: the default if that is not done yet, then what was cut off before, then what Optuna proposes.

        The sampler gets a seed of its own for each trial, which does not count those that were cut off: a search that was
        interrupted proposes what it would have proposed without that.
        """
        from optuna.samplers import TPESampler

        before = self._study.get_trials(deepcopy=False)
        if not any(trial.state.name == "WAITING" for trial in before) and self.first is None:
            self._study.enqueue_trial(dict(self._space.default))
        ended = sum(trial.state.is_finished() and _outcome_of(trial) != "cut" for trial in before)
        self._study.sampler = TPESampler(seed=(self._seed + ended) % 2**32, n_startup_trials=RANDOM)
        trial = self._study.ask()
        return Asked(self._study, trial, self._space.ask(trial))

    @property
    def default(self) -> Settings:
        """The settings of the default."""
        return self._space.default

    @property
    def trials(self) -> list[Trial]:
        """The trials that have ended, in their order. `gain` is not filled in."""
        return [_trial_of(frozen) for frozen in self._study.get_trials(deepcopy=False) if _is_told(frozen)]

    def losses(self, number: int) -> NDArray[np.float32]:
        """The validation log losses (N,) of the rows, of a trial that is done."""
        (frozen,) = (trial for trial in self._study.get_trials(deepcopy=False) if trial.number + 1 == number)
        return np.frombuffer(base64.b64decode(frozen.user_attrs["losses"]), "<f4")

    @property
    def first(self) -> Trial | None:
        """The trial of the default, if it is done."""
        done = (trial for trial in self.trials if trial.outcome == "done")
        return next((trial for trial in done if trial.settings == self._space.default), None)

    def end_lost(self) -> None:
        """Ends the trials that a killed process left as running, and has them tried again."""
        from optuna.trial import TrialState

        for frozen in self._study.get_trials(deepcopy=False):
            if frozen.state is TrialState.RUNNING:
                self._study.tell(frozen.number, state=TrialState.FAIL)
                if settings := frozen.user_attrs.get("settings"):
                    self._study.enqueue_trial(settings)


class Asked:
    """A trial that is to be made, with its settings."""

    def __init__(self, study: Any, trial: Any, settings: Settings) -> None:
        self._study, self._trial, self.settings = study, trial, settings
        self.number: int = trial.number + 1
        trial.set_user_attr("settings", dict(settings))

    def report(self, epoch: int, log_loss: float) -> bool:
        """Keeps the validation log loss after an epoch. True if the trial is then worse than the median of the others."""
        self._trial.report(log_loss, epoch)
        return bool(self._trial.should_prune())

    def done(self, seconds: float, losses: NDArray[np.float32], accuracy: float, macro_f1: float) -> None:
        """It was trained to its end, with these log losses (N,) of the validation rows."""
        encoded = base64.b64encode(losses.astype("<f4").tobytes()).decode()
        values = {"outcome": "done", "seconds": seconds, "losses": encoded, "accuracy": accuracy, "macro_f1": macro_f1}
        self._end("COMPLETE", values, float(losses.mean(dtype=np.float64)))

    def pruned(self, seconds: float) -> None:
        """It was ended early, as worse than the median."""
        self._end("PRUNED", {"outcome": "pruned", "seconds": seconds})

    def cut(self, seconds: float) -> None:
        """It was ended by the clock or by an interruption. It is the next to be tried."""
        self._end("FAIL", {"seconds": seconds, "outcome": "cut"})
        self._study.enqueue_trial(dict(self.settings))

    def failed(self, seconds: float, message: str) -> None:
        """It ended with an error."""
        self._end("FAIL", {"seconds": seconds, "outcome": "failed", "message": message})

    def repeated(self) -> None:
        """These settings were tried before."""
        self._end("FAIL", {"outcome": "repeated"})

    def _end(self, state: str, attributes: dict[str, Any], value: float | None = None) -> None:
        from optuna.trial import TrialState

        for name, attribute in attributes.items():
            self._trial.set_user_attr(name, attribute)
        self._study.tell(self._trial, value, state=TrialState[state])


@contextmanager
def open_journal(file: Path, key: str, space: Space, seed: int, on_event: OnEvent) -> Iterator[Journal]:
    """The search `key` of this file, which is made if it is not there.

    Raises DataError for a file that cannot be written or is damaged, and UsageError while another process writes there.
    """
    import optuna
    from optuna.pruners import MedianPruner
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    lock = _opened(file)
    try:
        cut = _cut_short(file)
        try:
            storage = JournalStorage(JournalFileBackend(str(file)))
            if cut:  # it was read without that
                os.truncate(file, file.stat().st_size - cut)
                on_event(Note(f"the last line of {file} was cut short and is removed", warning=True))
            others = [name for name in optuna.get_all_study_names(storage) if name != key]
            pruner = MedianPruner(n_startup_trials=FEWEST)
            study = optuna.create_study(storage=storage, study_name=key, load_if_exists=True, pruner=pruner)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DataError(f"{file} is damaged, or not a journal of Optuna: {error}", hint=ANOTHER) from error
        except OSError as error:
            raise DataError(f"cannot write {file}: {error.strerror}", hint=ANOTHER) from error
        if others:
            what = f"{file} also holds trials with other rows, other settings or another version of attnclf"
            on_event(Note(f"{what}; they are left alone and not used"))
        journal = Journal(study, space, seed)
        journal.end_lost()
        yield journal
    finally:
        release(lock)


def _opened(file: Path) -> int:
    """The lock of the file, which is made if it is not there."""
    try:
        make_folder(file.parent)
        with file.open("ab"):
            pass
    except OSError as error:
        raise DataError(f"cannot write {file}: {error.strerror}", hint=ANOTHER) from error
    try:
        lock = locked(file)
    except OSError:  # not every file system can lock
        lock = -1
    if lock is None:
        raise UsageError(
            f"another process is tuning, and keeps its trials in {file}", hint=f"wait until it has ended, or {ANOTHER}"
        )
    return lock


def _cut_short(file: Path) -> int:
    """How many bytes a last line has that was cut short, by a power cut for instance.

    Raises DataError if the file is no journal, or has a damaged line: of the last one Optuna would say so after writing more.
    """
    *lines, last = file.read_bytes().split(b"\n")
    damaged = [number for number, line in enumerate(lines, 1) if not _is_entry(line)]
    if len(damaged) == len(lines) and (lines or (last and not begins_like(last, START))):
        raise DataError(f"{file} holds no trials, but something else", hint=f"{ANOTHER}; nothing there was touched")
    if damaged:
        raise DataError(f"{file} is damaged in line {damaged[0]:,}", hint=f"{ANOTHER}; nothing there was touched")
    return len(last)


def _is_entry(line: bytes) -> bool:
    """Whether this is a line of a journal of Optuna."""
    try:
        entry = json.loads(line)
    except ValueError:
        return False
    return isinstance(entry, dict) and "op_code" in entry


def _is_told(frozen: Any) -> bool:
    """Whether Optuna's record is of a trial that was made and has ended."""
    return frozen.state.is_finished() and "settings" in frozen.user_attrs and _outcome_of(frozen) != "repeated"


def _outcome_of(frozen: Any) -> str:
    return str(frozen.user_attrs.get("outcome", "cut"))  # a killed process has left none


def _trial_of(frozen: Any) -> Trial:
    kept, curve = frozen.user_attrs, tuple(frozen.intermediate_values[step] for step in sorted(frozen.intermediate_values))
    outcome = cast(Outcome, _outcome_of(frozen))
    trial = Trial(
        frozen.number + 1, kept["settings"], outcome, kept.get("seconds", 0.0), curve, message=kept.get("message", "")
    )
    if outcome != "done":
        return trial
    return replace(trial, log_loss=frozen.value, accuracy=kept["accuracy"], macro_f1=kept["macro_f1"])
