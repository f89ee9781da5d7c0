"""Counts what a model could not read, over all the texts of one call, so that the call warns of it once."""

from collections.abc import Sequence
from dataclasses import dataclass

from attnclf.reading.windows import ReadingLimits
from attnclf.served.prediction import reading_warnings


@dataclass
class Unread:
    """`limits` is how much the model reads of a text."""

    limits: ReadingLimits
    unknown: int = 0
    truncated: int = 0

    def add(self, texts: Sequence[str], known: Sequence[float], truncated: Sequence[bool]) -> None:
        """Counts more texts: the share of each that is `known`, and whether it is too long."""
        self.unknown += sum(share == 0 for share in known)
        self.truncated += sum(truncated)

    @property
    def messages(self) -> list[str]:
        """What to warn of."""
        return [note.message for note in reading_warnings(self.unknown, self.truncated, self.limits)]
