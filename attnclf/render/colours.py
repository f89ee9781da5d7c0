"""The colours of an explanation: a hue for each side, in five steps.

The step is linear in |number| / largest. What is for neither side, or for a method without signs, has a hue of its own.
"""

STEPS = 5
# From light to full, in steps that look equal, also to the colour-blind. Black text has a contrast of at least 8:1 on each.
SUPPORTS = ("#fde9d7", "#fbd2ae", "#f7bb84", "#f2a356", "#ec8b00")
OPPOSES = ("#e0eeff", "#c1dcff", "#a2cbff", "#82b9ff", "#62a6ff")
ATTENDED = ("#e6f5ea", "#c8ead1", "#a7deb6", "#84d29a", "#5dc57d")
FAINTEST = 0.04  # as a share of the largest; a smaller number gets no colour


def step(number: float, full: float) -> int:
    """0 (no colour) to 5 (full), linear in |number| / full."""
    share = abs(number) / full if full > 0 else 0.0
    return 0 if share < FAINTEST else min(STEPS, int(share * STEPS) + 1)


def palette(side: int) -> tuple[str, ...]:
    """The five colours for a side (1, −1, or 0 for neither), from light to full."""
    return {1: SUPPORTS, -1: OPPOSES, 0: ATTENDED}[side]
