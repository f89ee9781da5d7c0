"""Which settings a search varies, and how far: those that docs/measurements.md leaves open, for one table or another.

* `size`: medium and small differ by no more than noise. Large ones took four times as long and did not pay.
* `encoder`: their cost was measured, not their accuracy on a table of yours.
* `attention`: the differences are about the size of noise. Those left out were behind on the sets of docs/attention.md, or
  are nearly the same function as one that is in, or cannot be aligned with the decision, which would cost explanations.
* `learning_rate`, `dropout`: never varied.
* `level`: where some scripts leave spaces between words, and some do not. Elsewhere one level has nothing for it.

What is not here was measured and is settled, such as the number of epochs, or changes what explanations mean (`values`,
`align`), or what is learned (`class_weight`). What the user has chosen is not varied.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from attnclf.config import SIZES, Config
from attnclf.errors import UsageError
from attnclf.model.architecture import Architecture
from attnclf.reading.levels import choose_level, unspaced_share
from attnclf.results import Settings

MIXED = (0.05, 0.95)  # shares of the letters without spaces between words: within, both levels make sense


@dataclass(frozen=True)
class Choice:
    """One of several names."""

    name: str
    values: tuple[str, ...]

    def ask(self, trial: Any) -> str:
        """What Optuna proposes for this trial."""
        return str(trial.suggest_categorical(self.name, self.values))

    def __str__(self) -> str:
        return ", ".join(self.values)


@dataclass(frozen=True)
class Range:
    """A number between `low` and `high`: in steps, or, with a step of 0, evenly on a logarithmic scale, to two digits."""

    name: str
    low: float
    high: float
    step: float = 0.0

    def ask(self, trial: Any) -> float:
        """What Optuna proposes for this trial, rounded."""
        if self.step:
            return round(float(trial.suggest_float(self.name, self.low, self.high, step=self.step)), 6)
        return float(f"{trial.suggest_float(self.name, self.low, self.high, log=True):.2g}")

    def __str__(self) -> str:
        return f"{self.low:g} to {self.high:g}"


Part = Choice | Range
PARTS: tuple[Part, ...] = (
    Choice("size", ("medium", "small")),
    Choice("encoder", ("bilstm", "bigru", "cnn", "window")),
    Choice("attention", ("additive", "sparsemax", "per_dimension")),
    Range("learning_rate", 5e-4, 8e-3),
    Range("dropout", 0.2, 0.7, 0.05),
)
LEVELS = Choice("level", ("word", "char"))


@dataclass(frozen=True)
class Space:
    """What is varied, and the settings of the default."""

    parts: tuple[Part, ...]
    default: Settings

    def ask(self, trial: Any) -> Settings:
        """The settings that Optuna proposes for this trial."""
        return {part.name: part.ask(trial) for part in self.parts}


def space_of(config: Config, given: Collection[str], texts: Sequence[str]) -> Space:
    """What can be varied for these training texts. `given` are the names of settings that the user has chosen.

    Values that make no sense with the other settings are left out. Raises UsageError if nothing is left.
    """
    both = config.text.level == "auto" and MIXED[0] <= unspaced_share(texts) <= MIXED[1]
    level = choose_level(texts)[0] if config.text.level == "auto" else config.text.level
    config = replace(config, text=replace(config.text, level=level))
    settings = {name: value for section in config.to_dict().values() for name, value in section.items()}
    kept = {*given, *(["size"] if SIZES["large"].keys() & set(given) else [])}  # which would change a number that was given
    parts = [part for part in PARTS if part.name not in kept and _includes(part, settings[part.name])]
    parts = [_possible(part, config) if isinstance(part, Choice) else part for part in parts] + ([LEVELS] if both else [])
    parts = [part for part in parts if isinstance(part, Range) or len(part.values) > 1]
    if not parts:
        names = ", ".join(f"`{part.name}`" for part in PARTS)
        raise UsageError("nothing is left to search: every setting was given", hint=f"leave out some of {names}")
    return Space(tuple(parts), {part.name: settings[part.name] for part in parts})


def _includes(part: Part, value: Any) -> bool:
    return value in part.values if isinstance(part, Choice) else part.low <= value <= part.high


def _possible(part: Choice, config: Config) -> Choice:
    """The choice without the values with which no model can be built."""
    return replace(part, values=tuple(value for value in part.values if _is_possible(config.override_flat({part.name: value}))))


def _is_possible(config: Config) -> bool:
    try:
        Architecture.of(config.model, config.text.level, 2, 2, 2)
    except UsageError:
        return False
    return True
