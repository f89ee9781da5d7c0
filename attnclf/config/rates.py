"""Settings that give labels a rate, written `fake=.02`."""

import math
from collections.abc import Iterable

from attnclf.errors import UsageError


def label_rates(setting: str, texts: Iterable[str]) -> dict[str, float]:
    """`["fake=.02"]` → `{"fake": 0.02}`. Raises UsageError for what is no label with a number, or is named twice."""
    rates: dict[str, float] = {}
    for text in texts:
        label, _, value = text.rpartition("=")
        try:
            rate = float(value)
        except ValueError:
            rate = math.nan
        if not label or math.isnan(rate):
            raise UsageError(f"{setting} {text}: a label and a number are needed", hint=f"write it like {setting} fake=.02")
        if label in rates:
            raise UsageError(f"{setting} names '{label}' twice", hint="leave one of them out")
        rates[label] = rate
    return rates
