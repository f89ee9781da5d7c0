"""`--fail-under`: scores below which the command fails."""

import math
from collections.abc import Iterable, Sequence

from attnclf.errors import ScoreTooLow, UsageError
from attnclf.registry import nearest
from attnclf.results import Report

ACCOUNTS = "accounts."  # begins the name of a score of accounts
NAMES = (*Report.SCORES, f"{ACCOUNTS}accuracy", f"{ACCOUNTS}macro_f1")


def parse_floors(texts: Sequence[str]) -> list[tuple[str, float]]:
    """`["macro_f1=.8"]` → `[("macro_f1", 0.8)]`. Raises UsageError for an unknown score, or a value that is not a number."""
    floors = []
    for text in texts:
        name, separator, value = text.partition("=")
        if name not in NAMES:
            raise UsageError(f"--fail-under {text}: there is no score '{name}'", hint=nearest(name, NAMES))
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


def check_floors(scores: Report, floors: Iterable[tuple[str, float]], accounts: Report | None = None) -> None:
    """Raises ScoreTooLow with the name of every score that misses its floor.

    `scores` are those of rows, and `accounts` those of accounts where there are some: the same where rows are accounts.
    For log loss, Brier score and calibration error the floor is a ceiling.
    """
    missed = [_missed(name, scores, floor, accounts) for name, floor in floors]
    if any(missed):
        raise ScoreTooLow("; ".join(filter(None, missed)), hint="the floors are those of --fail-under")


def _missed(name: str, of_rows: Report, floor: float, accounts: Report | None) -> str:
    """How the score misses its floor; "" where it does not. What was not measured misses any."""
    score = name.removeprefix(ACCOUNTS)
    report = accounts if score != name else of_rows
    value: float | None = getattr(report, score) if report else None
    if value is None:
        return f"{name} was not measured"
    lower = score in Report.LOWER_IS_BETTER
    apart = accounts is not of_rows  # else the model reads accounts whole, and rows are accounts
    whose = " of posts" if accounts and apart and score == name else ""
    kept = value <= floor if lower else value >= floor
    return "" if kept else f"{name}{whose} is {value:.4f}, {'above' if lower else 'below'} {floor:g}"
