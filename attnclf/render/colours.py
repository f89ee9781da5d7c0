"""The colours of an explanation: which hue a number gets, and how strong.

Linear in |number| / largest, in five steps. Signed methods have two hues, one for each side; unsigned ones have one.
"""

from attnclf.explain import METHODS

STEPS = 5
# Light to full, in equal perceived steps, also to colour-blind eyes. Black text has a contrast of 8:1 or more on all of them.
SUPPORTS = ("#fde9d7", "#fbd2ae", "#f7bb84", "#f2a356", "#ec8b00")
OPPOSES = ("#e0eeff", "#c1dcff", "#a2cbff", "#82b9ff", "#62a6ff")
ATTENDED = ("#e6f5ea", "#c8ead1", "#a7deb6", "#84d29a", "#5dc57d")
FAINTEST = 0.04  # of the strongest; what is below gets no colour


def is_signed(method: str) -> bool:
    """Whether the numbers of a method speak for or against the target; else they only say how much."""
    return METHODS[method].signed


def step(number: float, full: float) -> int:
    """0 (no colour) to 5 (full), linear in |number| / full."""
    share = abs(number) / full if full > 0 else 0.0
    return 0 if share < FAINTEST else min(STEPS, int(share * STEPS) + 1)


def palette(number: float, method: str) -> tuple[str, ...]:
    """The colours for a number of that sign."""
    return (SUPPORTS if number >= 0 else OPPOSES) if is_signed(method) else ATTENDED
