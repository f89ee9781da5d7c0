"""Counts what a model could not read, over all the texts of one call, so that the call warns of it once."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from attnclf.reading.windows import ReadingLimits
from attnclf.served.prediction import reading_warnings


@dataclass
class Unread:
    """`limits` is how much the model reads of a text."""

    limits: ReadingLimits
    unknown: int = 0
    left_out: Counter[int] = field(default_factory=Counter)

    def add(self, texts: Sequence[str], known: Sequence[float], left_out: Sequence[int]) -> None:
        """Counts more texts: the share of each that is `known`, and what was left out of it."""
        self.unknown += sum(share == 0 for share in known)
        self.left_out.update(left_out)

    @property
    def messages(self) -> list[str]:
        """What to warn of."""
        return [note.message for note in reading_warnings(self.unknown, self.left_out, self.limits)]
