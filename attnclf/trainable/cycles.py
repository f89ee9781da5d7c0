"""How many cycles of the learning rate the epochs are divided into. Importing this imports no Keras."""

FIRST = 3  # the first cycle has 1 / FIRST of the epochs
FEWEST = 6  # fewer epochs than this form a single cycle


def cycles_of(epochs: int) -> list[int]:
    """The number of epochs in each cycle."""
    return [epochs // FIRST, epochs - epochs // FIRST] if epochs >= FEWEST else [epochs]
