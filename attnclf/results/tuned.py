"""Results of a search for settings: its trials, and whether one of them is better than the default."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from statistics import NormalDist
from typing import Any, Literal

Settings = Mapping[str, str | float]
Outcome = Literal["done", "pruned", "cut", "failed"]
ERRORS = 2.0  # standard errors by which a single trial must be better than the default, on many rows, to be clearly better


@dataclass(frozen=True)
class Trial:
    """One training, with `settings` in place of the default's.

    outcome    pruned: ended early as worse than the median; cut: ended by the deadline or an interruption, and tried again by
               a later call; failed: `message` says why
    curve      the validation log loss after each epoch
    log_loss   of the best epoch, served, on the validation rows; this and the next are None unless it is done
    gain       how much lower that is than the log loss of the default, the mean over rows, and its standard error; None for
               the default itself, and until that is done
    """

    number: int
    settings: Settings
    outcome: Outcome
    seconds: float
    curve: tuple[float, ...] = ()
    log_loss: float | None = None
    accuracy: float | None = None
    macro_f1: float | None = None
    gain: float | None = None
    gain_error: float | None = None
    message: str = ""


@dataclass(frozen=True)
class Tuned:
    """What a search found.

    `trials` are in the order in which they were made. `default` are the settings of the first, as far as they are searched,
    and `searched` the values or ranges in words. All trials were trained on the same `train_rows` rows, and scored on the same
    `valid_rows` other ones, of `valid_groups` accounts, a family of them counted once (0: rows stand for themselves).
    `interrupted` says that it was interrupted, and not ended by its clock.
    """

    trials: tuple[Trial, ...]
    default: Settings
    searched: Mapping[str, str]
    minutes: float
    train_rows: int
    valid_rows: int
    valid_groups: int
    interrupted: bool

    @property
    def done(self) -> list[Trial]:
        """The trials that were trained to their end, the lowest log loss first."""
        return sorted((trial for trial in self.trials if trial.outcome == "done"), key=lambda trial: trial.log_loss or 0.0)

    @property
    def first(self) -> Trial | None:
        """The trial of the default, if it is done."""
        return next((trial for trial in self.done if trial.settings == self.default), None)

    @property
    def others(self) -> int:
        """How many trials the best was chosen from, besides the default."""
        return sum(trial.outcome in ("done", "pruned") and trial.settings != self.default for trial in self.trials)

    @property
    def errors_needed(self) -> float:
        """How many standard errors the best of the others must be better by.

        The best of many looks better than it is. So many that if none were better, one of them would pass as often as a single
        trial of many rows passes ERRORS of them (Bonferroni). Over few rows or accounts the error itself is uncertain, and more
        are needed (Student's t).
        """
        from scipy.special import stdtrit

        return -float(stdtrit(max(1, self.drawn - 1), NormalDist().cdf(-ERRORS) / max(1, self.others)))

    @property
    def drawn(self) -> int:
        """How many accounts standard errors were computed from, or rows where no accounts are known."""
        return self.valid_groups or self.valid_rows

    @property
    def is_better(self) -> bool:
        """Whether the best trial is clearly better than the default."""
        gain, error = (self.done[0].gain, self.done[0].gain_error) if self.done else (None, None)
        return gain is not None and error is not None and gain > self.errors_needed * error

    @property
    def chosen(self) -> Trial | None:
        """The trial whose settings are to be used: the best one if it is clearly better, and otherwise the default."""
        return self.done[0] if self.is_better else self.first

    def counted(self, outcome: Outcome) -> int:
        """How many trials ended like this."""
        return sum(trial.outcome == outcome for trial in self.trials)

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON can hold."""
        chosen = self.chosen
        found = {"chosen": chosen.number if chosen else None, "is_better": self.is_better, "errors_needed": self.errors_needed}
        return {**found, **asdict(self), "trials": [asdict(trial) for trial in [*self.done, *self._others()]]}

    def _others(self) -> list[Trial]:
        return [trial for trial in self.trials if trial.outcome != "done"]
