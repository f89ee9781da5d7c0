"""Which tokens of a long text the network reads: its start and its end, or one of the two.

A recurrence takes a step for each token and forgets on the way, so the network reads a bounded number of tokens. The linear
model, which only adds up, reads all of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnclf.config import Config, TextConfig
from attnclf.ragged import Ragged, ranges
from attnclf.reading.tokens import Encoded
from attnclf.results import LeftOut, counted

LINEAR_SPEED = 8  # tokens that the linear model reads while the network reads one, roughly
# The share of a window that is the start of a text. The rest is its end.
AT_START = {"both": 0.5, "start": 1.0, "end": 0.0}


@dataclass(frozen=True)
class Window:
    """The network reads `start` tokens from the start of a text that is longer than the window, and `end` from its end."""

    start: int
    end: int

    @classmethod
    def of(cls, config: TextConfig) -> "Window":
        """The window that the configuration asks for: the start of a text where nothing reads more of it."""
        if config.longest <= config.max_length:
            return cls(config.longest, 0)
        start = round(config.max_length * AT_START[config.long_texts])
        return cls(start, config.max_length - start)

    @property
    def size(self) -> int:
        """The most tokens of a text that the network reads."""
        return self.start + self.end

    def positions(self, length: int) -> NDArray[np.int32]:
        """The positions (W,), rising, of the tokens that the network reads in a text of so many tokens."""
        return self.positions_of(np.array([length])).flat

    def positions_of(self, lengths: NDArray[np.integer]) -> Ragged:
        """The positions (W,), rising, of the tokens that the network reads, in texts of so many tokens each."""
        read = np.minimum(lengths, self.size)
        positions = ranges(np.zeros(len(read), np.intp), read)
        skipped = np.repeat(lengths - read, read)
        return Ragged(np.where(positions < self.start, positions, positions + skipped).astype(np.int32), read)

    def cut(self, ids: Ragged) -> Ragged:
        """The ids (W,) of the tokens that the network reads, of the ids (T,) of each text."""
        lengths = ids.lengths
        if lengths.max(initial=0) <= self.size:
            return ids
        positions = self.positions_of(lengths)
        return positions.like(ids.flat[np.repeat(ids.starts[:-1], positions.lengths) + positions.flat])

    def gap(self, length: int) -> tuple[int, int]:
        """The positions [start, end) of the tokens that the network does not read, in a text of so many."""
        return (self.start, length - self.end) if length > self.size else (length, length)

    def costs(self, lengths: NDArray[np.intp]) -> NDArray[np.intp]:
        """What it costs to read texts of these lengths, in tokens of the network; the linear model reads the others faster."""
        return np.asarray(np.minimum(lengths, self.size) + np.maximum(lengths - self.size, 0) // LINEAR_SPEED, np.intp)

    def told_of(self, encoded: Sequence[Encoded]) -> list[Encoded]:
        """The texts, of which those that are longer than the window count as truncated."""
        return [replace(one, truncated=True) if len(one.ids) > self.size else one for one in encoded]

    def cuts(self, ids: Ragged, cut: Sequence[bool]) -> list[bool]:
        """Which texts are longer than the window, or were `cut` before."""
        longer: list[bool] = (ids.lengths > self.size).tolist()
        return [already or long for already, long in zip(cut, longer, strict=True)]

    def in_words(self) -> str:
        """Which tokens these are, such as "the first 256 and the last 256"."""
        sides = (("first", self.start), ("last", self.end))
        return " and ".join(f"the {side} {number:,}" for side, number in sides if number)


@dataclass(frozen=True)
class ReadingLimits:
    """How much of a text a model reads: the network what is in its `window`, and the linear model up to `longest` tokens.

    `linear` is false for a model without a linear model.
    """

    window: Window
    longest: int
    linear: bool

    @classmethod
    def of(cls, config: Config) -> "ReadingLimits":
        """The limits of a model with this configuration."""
        return cls(Window.of(config.text), config.text.longest, config.model.linear and config.text.level == "word")

    @property
    def gap_is_read(self) -> bool:
        """Whether the linear model reads tokens that the network does not read."""
        return self.linear and self.longest > self.window.size

    def left_out(self, tokens: Sequence[int] | NDArray[np.integer], longer: Sequence[bool]) -> list[LeftOut]:
        """What is left out of texts of so many `tokens`, as far as these were read, of which some are `longer` than the window.

        The gap is what the window leaves out, and the tail all that comes after `longest` tokens.
        """
        if not any(longer):  # as nearly always
            return [LeftOut.NOTHING] * len(longer)
        reach = self.longest if self.longest > self.window.size else np.inf
        return [
            LeftOut.NOTHING if not long else LeftOut.GAP_AND_TAIL if number >= reach else LeftOut.GAP
            for number, long in zip(tokens, longer, strict=True)
        ]

    def of_longest(self, texts: int) -> str:
        """What to say where so many texts go on after `longest` tokens."""
        longer = counted(texts, "text is", "texts are")
        after = f"{longer} longer than {self.longest:,} tokens: what comes after token {self.longest:,} is not read at all"
        rest = "" if self.gap_is_read else ", and the rest is not read"
        return f"{after}; of those before, the network reads {self.window.in_words()}{rest}"

    def of_longer(self, texts: int) -> str:
        """What to say where so many texts are longer than the window."""
        longer = counted(texts, "text is", "texts are")
        return f"{longer} longer than the {self.window.size:,} tokens the network reads: {self.in_words()}"

    def in_words(self) -> str:
        """What is read of a text that is longer than the window, as the end of a sentence on the network."""
        if self.gap_is_read:
            return f"it reads {self.window.in_words()}, and the linear model up to {self.longest:,}"
        return f"it reads {self.window.in_words()}, and the rest is not read"


def positions_in(inputs: Mapping[str, NDArray[Any]]) -> list[NDArray[np.int32]]:
    """The positions of the tokens that the network reads in each text of a batch, from the inputs of the model."""
    return [row[:length] for row, length in zip(inputs["positions"], inputs["lengths"], strict=True)]


def spread(values: NDArray[Any], positions: Sequence[NDArray[np.integer]], steps: int) -> NDArray[Any]:
    """Numbers (B, W, …) of tokens that the network reads, at the `positions` of these in their texts: (B, steps, …).

    They are 0 at all other positions. What stands behind the last position of a text is padding.
    """
    found = np.zeros((len(values), steps, *values.shape[2:]), values.dtype)
    for row, places in enumerate(positions):
        found[row, places] = values[row, : len(places)]
    return found
