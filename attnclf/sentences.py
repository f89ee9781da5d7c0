"""Texts in sentences, or accounts in posts, for encoders that read these one by one.

A reader that wraps another. Where a token is the last of its sentence, its id carries a mark; what the wrapped reader gets is
without it. A batch says beside all else which token stands where in which sentence.
"""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from attnclf.config import Sentences
from attnclf.reading import Ids, Inputs, Reader
from attnclf.text import Encoded

# What a sentence ends with, up to where the next one starts; a line does so for the posts of an account.
BOUNDARIES = {
    "marks": re.compile(r"[.!?…]+[\"'”’)\]]*\s+|[。！？]+[\"'”’」』）]*\s*|\s*\n\s*"),
    "lines": re.compile(r"\s*\n\s*"),
}
LONGEST = {
    "word": 64,
    "char": 256,
}  # tokens of one sentence; what is longer is cut in pieces, or one would widen the grid for all
LAST = np.int32(1 << 30)  # the mark
MULTIPLE = 4  # where lengths are rounded up, so is the number of sentences, to a multiple of this


def sentence_ends(text: str, kind: Sentences) -> list[int]:
    """Where each sentence of the text ends, in code points, with the space behind it; the last ends with the text."""
    ends = [match.end() for match in BOUNDARIES[kind].finditer(text)]
    return ends if ends and ends[-1] == len(text) else [*ends, len(text)]


class SentenceReader:
    """See `attnclf.reader.Reader`; `inside` is the reader of tokens."""

    def __init__(self, inside: Reader, kind: Sentences, level: str) -> None:
        self.inside, self._kind, self._longest = inside, kind, LONGEST[level]
        self.vocabulary, self.features, self.batch_tokens = inside.vocabulary, inside.features, inside.batch_tokens

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        encoded = self.inside.encode(texts)
        return [self._marked(text, one) for text, one in zip(texts, encoded, strict=True)]

    def _marked(self, text: str, encoded: Encoded) -> Encoded:
        starts = np.array([start for start, _ in encoded.spans])
        numbers = np.searchsorted(sentence_ends(text, self._kind), starts, side="right")
        first = np.searchsorted(numbers, numbers)  # the first token of each one's sentence
        pieces = (np.arange(len(numbers)) - first) // self._longest
        last = np.append((np.diff(numbers) != 0) | (np.diff(pieces) != 0), True)
        return Encoded(np.where(last, encoded.ids | LAST, encoded.ids), encoded.spans, encoded.end, encoded.truncated)

    def ids(self, texts: Sequence[str]) -> tuple[list[Ids], list[bool]]:
        encoded = self.encode(texts)
        return [one.ids for one in encoded], [one.truncated for one in encoded]

    def numbers(self, ids: Sequence[Ids]) -> list[Ids]:
        return [row & ~LAST for row in ids]

    def is_known(self, ids: Ids) -> NDArray[np.bool_]:
        return self.inside.is_known(ids & ~LAST)

    def batch(self, ids: Sequence[Ids], multiple: int = 1) -> Inputs:
        return self.inside.batch(self.numbers(ids), multiple) | _grid(ids, multiple)

    def places(self, ids: Sequence[Ids], multiple: int = 1) -> Inputs:
        return self.inside.places(self.numbers(ids), multiple) | _grid(ids, multiple)

    def words(self) -> int:
        return self.inside.words()

    def made_of(self, words: NDArray[np.integer]) -> Inputs:
        return self.inside.made_of(words)

    def forget(self) -> None:
        self.inside.forget()

    def files(self) -> dict[str, bytes]:
        return self.inside.files()


def _grid(ids: Sequence[Ids], multiple: int) -> Inputs:
    """`grid` (B, S, W): which of the B T tokens of a batch stands there, counted from 1, and 0 where none does; `cells` (B, T):
    in which of the B S W places each token stands."""
    lengths = np.array([len(row) for row in ids])
    texts = np.repeat(np.arange(len(ids)), lengths)
    steps = np.arange(len(texts)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    last = np.concatenate([row & LAST != 0 for row in ids])
    passed = np.cumsum(last) - last  # sentences that ended before, in all texts
    sentences = passed - passed[np.cumsum(lengths) - lengths][texts]
    inside = np.arange(len(texts)) - np.searchsorted(passed, passed)
    many, width = int(sentences.max()) + 1, int(inside.max()) + 1
    if multiple > 1:
        many, width = -(-many // MULTIPLE) * MULTIPLE, -(-width // multiple) * multiple
    padded = -(-int(lengths.max()) // multiple) * multiple
    grid = np.zeros((len(ids), many, width), np.int32)
    grid[texts, sentences, inside] = texts * padded + steps + 1
    cells = np.zeros((len(ids), padded), np.int32)
    cells[texts, steps] = (texts * many + sentences) * width + inside
    return {"grid": grid, "cells": cells}
