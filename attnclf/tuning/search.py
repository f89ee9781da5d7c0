"""The search: trial after trial within so many minutes, and what came of it.

It reads the validation rows over and over, which is why it takes no test file: a file that settings are chosen by is no test
any more. Trials are trained on the split that `train` makes, so that the network of the chosen settings is the one that was
scored.
"""

import hashlib
import math
import time
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from attnclf.comparison.identity import program_checksum, run_key
from attnclf.comparison.measuring import Clock, Train, train_and_clear
from attnclf.config import Config
from attnclf.data import Table
from attnclf.errors import AttnclfError, UsageError
from attnclf.results import Event, Note, Settings, Trial, Tuned, counted, ignore
from attnclf.scoring.paired import paired_gain
from attnclf.tuning.journal import Asked, Journal, check_optuna, open_journal
from attnclf.tuning.rows import Rows
from attnclf.tuning.space import Space, space_of
from attnclf.tuning.trials import Pruned, Start, TimeIsUp, TrialRunner, config_of_trials, start_keras

LEAST = 0.1  # minutes
MOST_REPEATS = 20  # proposals in a row that were tried before, after which nothing new is expected


@dataclass(frozen=True)
class TrialStarted:
    """Trial `number` begins, when `seconds` of the time of all trials are over. `default` are the settings of the default."""

    number: int
    settings: Settings
    default: Settings
    seconds: float


@dataclass(frozen=True)
class TrialEnded:
    """A trial is over."""

    trial: Trial


OnTuning = Callable[[Event | TrialStarted | TrialEnded], None]


def tune(
    table: Table,
    valid: Table | None,
    config: Config,
    given: Collection[str],
    minutes: float,
    file: Path,
    on_event: OnTuning,
    importing: Callable[[], AbstractContextManager[None]] = nullcontext,
    train: Train = train_and_clear,
    start: Start = start_keras,
    clock: Clock = time.monotonic,
) -> Tuned:
    """Searches settings for `table` in `minutes`, which count over all calls with the same `file`, rows and settings.

    The first trial has the settings of `config`, and always ends. Those named in `given` are not varied. A keyboard interrupt
    ends the search early and returns what was found.

    Raises UsageError without Optuna, for less than LEAST minutes and if nothing is left to vary, DataError for data that
    cannot be learnt from and a `file` that cannot be used, and what training raises if the default cannot be trained.
    """
    check_optuna()
    check_minutes(minutes)
    rows = Rows.of(table, valid, config, ignore)
    config = config_of_trials(config)
    space = space_of(config, given, rows.train.texts)
    on_event(Note("; ".join(f"`{part.name}`: {part}" for part in space.parts), topic="searched"))
    runner = TrialRunner(rows, train, start, importing, clock, on_event)
    with open_journal(file, _key(config, rows, space), space, config.training.seed, on_event) as journal:
        if before := journal.trials:
            on_event(Note(f"{_in_words(before)} minutes in all: already in {file}"))
        try:
            _search(journal, runner, config, minutes, on_event)
        except KeyboardInterrupt:
            return _tuned(journal, rows, space, minutes, interrupted=True)
        return _tuned(journal, rows, space, minutes, interrupted=False)


def _in_words(trials: list[Trial]) -> str:
    """`1 trial, and 1 that was cut off, of 1.2`: how many there are, and the minutes of all."""
    cut, spent = sum(trial.outcome == "cut" for trial in trials), sum(trial.seconds for trial in trials) / 60
    those = f", and {counted(cut, 'that was', 'that were')} cut off," if cut else ""
    return f"{counted(len(trials) - cut, 'trial', 'trials')}{those} of {spent:.1f}"


def check_minutes(minutes: float) -> None:
    """Raises UsageError for what is no time to search for."""
    if not (math.isfinite(minutes) and minutes >= LEAST):
        raise UsageError(f"`minutes` is {minutes:g}", hint=f"give a number of at least {LEAST:g}")


def _key(config: Config, rows: Rows, space: Space) -> str:
    content = f"{run_key(config, rows.checksum(), program_checksum())} {space}"
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def _search(journal: Journal, runner: TrialRunner, config: Config, minutes: float, on_event: OnTuning) -> None:
    repeats = 0
    while repeats < MOST_REPEATS:
        trials = journal.trials
        spent, is_first = sum(trial.seconds for trial in trials), journal.first is None
        left = 60 * minutes - spent
        if not is_first and (why := _why_to_end(trials, left)):
            on_event(Note(f"{why}; no other begins"))
            return
        runner.begin(config)  # before there is a trial, so that an interruption leaves none
        asked = journal.ask()
        if any(trial.settings == asked.settings for trial in trials if trial.outcome in ("done", "pruned")):
            asked.repeated()
            repeats += 1
            continue
        repeats = 0
        on_event(TrialStarted(asked.number, asked.settings, journal.default, spent))
        _make(asked, runner, config, None if is_first else runner.clock() + left, on_event, must_end=is_first)
        on_event(TrialEnded(next(trial for trial in journal.trials if trial.number == asked.number)))
    on_event(Note(f"the last {MOST_REPEATS} proposals were tried before; no other trial begins"))


def _why_to_end(trials: list[Trial], left: float) -> str:
    """Why a trial would not fit into the seconds that are left, "" if it would."""
    if left <= 0:
        return "the minutes are over"
    usual = median(trial.seconds for trial in trials if trial.outcome == "done")
    if left >= usual:
        return ""
    return f"{left / 60:.1f} minutes are left, and a trial usually takes {usual / 60:.1f}"


def _make(
    asked: Asked, runner: TrialRunner, config: Config, deadline: float | None, on_event: OnTuning, must_end: bool
) -> None:
    """Makes the trial, and keeps what came of it. An error ends the trial alone, unless it `must_end` well."""
    began = runner.clock()
    try:
        scored = runner.run(config.override_flat(asked.settings), asked.report, deadline)
    except Pruned:
        asked.pruned(runner.clock() - began)
    except (TimeIsUp, KeyboardInterrupt) as ended:
        asked.cut(runner.clock() - began)
        if isinstance(ended, KeyboardInterrupt):
            raise
    except AttnclfError as error:
        asked.failed(runner.clock() - began, error.message)
        if must_end:
            raise
        on_event(Note(f"trial {asked.number} failed: {error.message}", warning=True))
    else:
        asked.done(runner.clock() - began, scored.losses, scored.accuracy, scored.macro_f1)


def _tuned(journal: Journal, rows: Rows, space: Space, minutes: float, interrupted: bool) -> Tuned:
    """The trials, each compared with the default row by row."""
    trials, first = journal.trials, journal.first
    if first is not None:
        before = journal.losses(first.number)
        trials = [_compared(trial, journal, before, rows) if trial.number != first.number else trial for trial in trials]
    searched = {part.name: str(part) for part in space.parts}
    counts = len(rows.train.texts), len(rows.valid.texts), len(set(rows.groups))
    return Tuned(tuple(trials), space.default, searched, minutes, *counts, interrupted)


def _compared(trial: Trial, journal: Journal, before: NDArray[np.float32], rows: Rows) -> Trial:
    if trial.outcome != "done":
        return trial
    gain, error = paired_gain(before, journal.losses(trial.number), rows.groups)
    return replace(trial, gain=gain, gain_error=error)
