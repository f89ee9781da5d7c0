"""What a lesson teaches: scores beside known ones, known answers that held or did not, curves, and attention to look at."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import mean, stdev
from typing import Any

Value = int | float | str | None


@dataclass(frozen=True)
class Scored:
    """One row of a lesson's table: a model and what was measured of it.

    A share or a loss is a float, a count is an int. What is None or left out was not measured of this model.
    """

    model: str
    scores: Mapping[str, Value]  # by the heading of a column
    known: str = ""  # what was published of such a model, or what can be computed by hand


@dataclass(frozen=True)
class KnownAnswer:
    """What theory or a paper says must come out, and what came out."""

    claim: str
    measured: str
    held: bool
    source: str = ""

    @classmethod
    def more(cls, claim: str, one: float, other: float, source: str = "") -> "KnownAnswer":
        """The claim that `one` is more than `other`."""
        return cls(claim, f"{one:.3f} beside {other:.3f}", one > other, source)

    @classmethod
    def gain(cls, claim: str, ones: Sequence[float], others: Sequence[float], source: str = "") -> "KnownAnswer":
        """The claim that the mean of several runs rises, from `others` to `ones`, by more than two standard errors."""
        gains = [one - other for one, other in zip(ones, others, strict=True)]
        error, better = stdev(gains) / len(gains) ** 0.5, sum(gain > 0 for gain in gains)
        means = f"{mean(ones):.3f} beside {mean(others):.3f}"
        measured = f"{means}, a gain of {mean(gains):.3f} ± {error:.3f}, in {better} of {len(gains)} runs"
        return cls(f"{claim}, by more than twice the gain's standard error", measured, mean(gains) > 2 * error, source)

    @classmethod
    def at_least(cls, claim: str, value: float, floor: float, source: str = "") -> "KnownAnswer":
        """The claim that `value` is `floor` or more."""
        return cls(claim, f"{value:.3f}", value >= floor, source)


@dataclass(frozen=True)
class HeatMap:
    """Attention as a matrix: a row for each step that asks, a column for each place that may be looked at."""

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    weights: tuple[tuple[float, ...], ...]  # one tuple for each row; the weights of a row sum to 1
    caption: str = ""

    @classmethod
    def of(cls, title: str, rows: Sequence[str], columns: Sequence[str], weights: Any, caption: str = "") -> "HeatMap":
        """From an array of weights (rows, columns)."""
        return cls(title, tuple(rows), tuple(columns), tuple(tuple(float(w) for w in row) for row in weights), caption)


@dataclass(frozen=True)
class Picture:
    """A picture, and where it is looked at: a square grid of weights laid over it for each step, such as a word."""

    title: str
    palette: Mapping[str, str]  # "#rrggbb" by the letter of a colour; the ground is the dot
    pixels: tuple[str, ...]  # rows of letters; as many as letters in a row, an even number
    names: tuple[str, ...]  # of the steps
    weights: tuple[tuple[float, ...], ...]  # for each step the places of the grid, row by row; they sum to 1
    caption: str = ""

    @classmethod
    def of(
        cls,
        title: str,
        palette: Mapping[str, str],
        pixels: Sequence[str],
        names: Sequence[str],
        weights: Any,
        caption: str = "",
    ) -> "Picture":
        """From an array of weights (steps, places)."""
        kept = tuple(tuple(round(float(w), 6) for w in row) for row in weights)
        return cls(title, dict(palette), tuple(pixels), tuple(names), kept, caption)

    @property
    def grid(self) -> int:
        """How many places a row of the grid has."""
        return math.isqrt(len(self.weights[0]))


@dataclass(frozen=True)
class Curve:
    """A named line of points (x, y)."""

    name: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Curves:
    """Curves in one picture, whose axes are named `across` and `up`. `top` is the end of the upward axis, 0 for the highest."""

    title: str
    across: str
    up: str
    lines: tuple[Curve, ...]
    top: float = 1.0


@dataclass(frozen=True)
class Taught:
    """What a lesson found."""

    table: tuple[Scored, ...]
    answers: tuple[KnownAnswer, ...]
    examples: tuple[HeatMap, ...] = ()
    curves: tuple[Curves, ...] = ()
    pictures: tuple[Picture, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)  # what headings of the table mean that do not say so themselves
    weights: bytes = field(default=b"", repr=False, compare=False)  # a file that other trainings can begin with


@dataclass(frozen=True)
class LessonResult:
    """What a lesson found, and how it was run."""

    lesson: str
    meaning: str
    settings: Mapping[str, Value]
    quick: bool
    seconds: float
    taught: Taught

    @property
    def held(self) -> bool:
        """Whether all known answers came out."""
        return all(answer.held for answer in self.taught.answers)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, without the weights."""
        own = {name: value for name, value in asdict(self).items() if name != "taught"}
        return own | {"held": self.held} | {name: value for name, value in asdict(self.taught).items() if name != "weights"}

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> "LessonResult":
        """What `to_dict` made of one."""
        taught = Taught(
            tuple(Scored(**row) for row in found["table"]),
            tuple(KnownAnswer(**answer) for answer in found["answers"]),
            tuple(HeatMap.of(**example) for example in found["examples"]),
            tuple(Curves(**{**one, "lines": tuple(_curve(**line) for line in one["lines"])}) for one in found["curves"]),
            tuple(Picture.of(**one) for one in found.get("pictures", ())),
            found.get("columns", {}),
        )
        own = {name: found[name] for name in ("lesson", "meaning", "settings", "quick", "seconds")}
        return cls(**own, taught=taught)


def _curve(name: str, points: Sequence[Sequence[float]]) -> Curve:
    return Curve(name, tuple((x, y) for x, y in points))
