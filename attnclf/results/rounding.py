"""How numbers are written: with the decimals that they deserve, and with the right noun."""

import math
import re
from collections.abc import Container, Iterable, Sequence

from attnclf.results.measured import Interval
from attnclf.results.scores import LabelScore, Report

CALIBRATION_ROWS = 100
NEAR_ONE, NEAREST = 1e-2, 1e-6  # of 1 − p: with less, p has more decimals; with less still, it is written as a difference


def decimals(rows: int) -> int:
    """Of a share of so many rows, such as accuracy: the last one is of the size of its standard error, or a little finer."""
    return 2 if rows < 100 else 3 if rows < 10_000 else 4


def share(value: float, rows: int) -> str:
    """A share of `rows` rows with the decimals that they can tell: `0.93` of 50, `0.931` of 500."""
    return f"{value:.{decimals(rows)}f}"


def label_shares(score: LabelScore, rows: int, met: Container[str]) -> list[str]:
    """Precision, recall and F1 of a label, out of `rows` rows; "–" where it is not among the labels `met`."""
    return [share(value, rows) if score.label in met else "–" for value in (score.precision, score.recall, score.f1)]


def loss(value: float | None, rows: int) -> str:
    """A loss over `rows` rows: with the decimals of a share, or two digits where those would show too little of it.

    "–" where there is none.
    """
    if value is None:
        return "–"
    small = 0 < value < 10.0 ** (1 - decimals(rows))
    return f"{value:.2g}" if small else share(value, rows)


def score(report: Report, name: str) -> str:
    """A score with the decimals that its rows can tell; calibration of fewer than CALIBRATION_ROWS would be noise."""
    if name == "calibration_error" and report.rows < CALIBRATION_ROWS:
        return f"– (below {CALIBRATION_ROWS} rows)"
    value = getattr(report, name)
    return loss(value, report.rows) if name in Report.LOWER_IS_BETTER else share(value, report.rows)


def with_interval(value: Interval | None, rows: int) -> str:
    """`0.93 (0.85–0.97)`, with the decimals that so many rows can tell; `0.93 (–)` without an interval, "–" without both."""
    if value is None:
        return "–"
    mean, low, high = share(value.mean, rows), value.low, value.high
    if low is None or high is None or low == high:  # older models keep intervals without width
        return f"{mean} (–)"
    return f"{mean} ({share(low, rows)}–{share(high, rows)})"


def probability_at(log_odds: float) -> str:
    """The probability at these log-odds, in nats, with two digits of 1 − p: `0.731`, `0.99988`, `1 − 1.7e-10`."""
    odds = math.exp(-abs(log_odds))
    rest = (odds if log_odds > 0 else 1) / (1 + odds)  # 1 − p, exact where p would round to 1
    if rest >= NEAR_ONE:
        return f"{1 - rest if log_odds > 0 else odds / (1 + odds):.3g}"
    return f"1 − {rest:.2g}" if rest < NEAREST else f"{1 - rest:.{1 - math.floor(math.log10(rest))}f}"


def in_ascii(figures: str) -> str:
    """Numbers as written above, in ASCII: `0.93 (0.85 to 0.97)`, `0.93 (-)`, `1 - 1.7e-10`."""
    return re.sub(r"(?<=\d)–", " to ", figures).translate({ord("–"): "-", ord("−"): "-"})


def listed(words: Iterable[str]) -> str:
    """`a, b and c`; "" without any."""
    *first, last = [*words] or [""]
    return f"{', '.join(first)} and {last}" if first else last


def some_of(words: Sequence[str], most: int, others: str = "more") -> str:
    """`a, b, c and 3 more`; all words where there are no more than `most`."""
    left = len(words) - most
    return ", ".join(words[:most]) + (f" and {left:,} {others}" if left > 0 else "")


def counted(count: int, one: str, many: str) -> str:
    """`1 text is` or `1,200 texts are`."""
    return f"{count:,} {one if count == 1 else many}"
