"""`--fail-under`: scores below which the command fails."""

import math
from collections.abc import Iterable, Sequence

from attnclf.errors import ScoreTooLow, UsageError
from attnclf.registry import nearest
from attnclf.results import Report


def parse_floors(texts: Sequence[str]) -> list[tuple[str, float]]:
    """`["macro_f1=.8"]` → `[("macro_f1", 0.8)]`. Raises UsageError for an unknown score, or a value that is not a number."""
    floors = []
    for text in texts:
        name, separator, value = text.partition("=")
        if name not in Report.SCORES:
            raise UsageError(f"--fail-under {text}: there is no score '{name}'", hint=nearest(name, Report.SCORES))
        try:
            floors.append((name, _finite(value)))
        except ValueError:
            problem = "is not a number" if separator else "is missing"
            raise UsageError(f"--fail-under {text}: the value {problem}", hint="write it like macro_f1=.8") from None
    return floors


def _finite(value: str) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError
    return number


def check_floors(scores: Report, floors: Iterable[tuple[str, float]]) -> None:
    """Raises ScoreTooLow with the name of every score that misses its floor.

    For log loss, Brier score and calibration error the floor is a ceiling.
    """
    missed = [_missed(name, getattr(scores, name), floor) for name, floor in floors]
    if any(missed):
        raise ScoreTooLow("; ".join(filter(None, missed)), hint="the floors are those of --fail-under")


def _missed(name: str, value: float | None, floor: float) -> str:
    """How the score misses its floor; "" where it does not. What was not measured misses any."""
    if value is None:
        return f"{name} was not measured"
    lower = name in Report.LOWER_IS_BETTER
    return (
        ""
        if (value <= floor if lower else value >= floor)
        else f"{name} is {value:.4f}, {'above' if lower else 'below'} {floor:g}"
    )
