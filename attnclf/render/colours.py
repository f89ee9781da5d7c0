"""The colours of an explanation: the hue and the strength for each number.

Strength is linear in |number| / largest, in five steps. Signed methods have two hues, one for each sign; unsigned methods have
one.
"""

from attnclf.explain.methods import METHODS

STEPS = 5
# From light to full, in steps that look equal, also to the colour-blind. Black text has a contrast of at least 8:1 on each.
SUPPORTS = ("#fde9d7", "#fbd2ae", "#f7bb84", "#f2a356", "#ec8b00")
OPPOSES = ("#e0eeff", "#c1dcff", "#a2cbff", "#82b9ff", "#62a6ff")
ATTENDED = ("#e6f5ea", "#c8ead1", "#a7deb6", "#84d29a", "#5dc57d")
FAINTEST = 0.04  # as a share of the largest; a smaller number gets no colour


def is_signed(method: str) -> bool:
    """Whether a method's numbers have a sign, for or against the target; if not, they only give a strength."""
    return METHODS[method].signed


def step(number: float, full: float) -> int:
    """0 (no colour) to 5 (full), linear in |number| / full."""
    share = abs(number) / full if full > 0 else 0.0
    return 0 if share < FAINTEST else min(STEPS, int(share * STEPS) + 1)


def palette(number: float, method: str) -> tuple[str, ...]:
    """The five colours for a number of this sign, from light to full."""
    return (SUPPORTS if number >= 0 else OPPOSES) if is_signed(method) else ATTENDED
