"""Counts what a model could not read, over all the texts of one call, so that the call warns of it once."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from attnclf.reading.windows import ReadingLimits
from attnclf.results import LeftOut, Note, Prediction, counted


@dataclass
class Unread:
    """How many texts there were, how many of them hold nothing that the model knows, and what was left out of how many."""

    texts: int = 0
    unknown: int = 0
    left_out: Counter[LeftOut] = field(default_factory=Counter)

    def add(self, known: Sequence[float], left_out: Sequence[LeftOut]) -> None:
        """Counts more texts: the share of each that is `known`, and what was left out of it."""
        self.texts += len(known)
        self.unknown += sum(share == 0 for share in known)
        self.left_out.update(left_out)

    def count(self, predictions: Iterable[Prediction]) -> None:
        """Counts the texts of these."""
        found = list(predictions)
        self.add([one.known for one in found], [one.left_out for one in found])

    def update(self, other: "Unread") -> None:
        """Counts the texts that `other` has counted."""
        self.texts += other.texts
        self.unknown += other.unknown
        self.left_out.update(other.left_out)

    def notes(self, limits: ReadingLimits) -> list[Note]:
        """What to say of texts that the model could not read, or not all of it. `limits` is how much it reads of a text.

        That the network does not read all is no warning where the linear model reads what the network does not.
        """
        notes = []
        if self.unknown:
            holding = counted(self.unknown, "text holds", "texts hold")
            notes.append(Note(f"{holding} nothing the model knows (empty, or all unknown tokens)", warning=True))
        if longer := self.left_out[LeftOut.GAP]:
            notes.append(Note(limits.of_longer(longer), warning=not limits.gap_is_read))
        if longest := self.left_out[LeftOut.GAP_AND_TAIL]:
            notes.append(Note(limits.of_longest(longest), warning=True))
        return notes
