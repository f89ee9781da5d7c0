"""Texts in sentences, or accounts in posts, for encoders that read these one by one.

A reader that wraps another. Where a token is the last of its sentence, its id carries a mark; what the wrapped reader gets is
without it. A batch says beside all else which token stands where in which sentence.
"""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from attnclf.config import Sentences
from attnclf.reading.base import Ids, Inputs, Reader
from attnclf.reading.tokens import Encoded

# What a sentence ends with, up to where the next one starts; a line does so for the posts of an account.
BOUNDARIES = {
    "marks": re.compile(r"(?<![.!?…])[.!?…]++[\"'”’)\]]*+\s++|[。！？]++[\"'”’」』）]*+\s*+|\n\s*+"),
    "lines": re.compile(r"\n\s*+"),
}
LONGEST = {
    "word": 64,
    "char": 256,
}  # tokens of one sentence; what is longer is cut in pieces, or one would widen the grid for all
LAST = np.int32(1 << 30)  # the mark
MULTIPLE, ROWS = 4, 32  # where lengths are rounded up, so are sentences to a multiple of these: of a text, and of a batch


def sentence_ends(text: str, kind: Sentences) -> list[int]:
    """Where each sentence of the text ends, in code points, with the space behind it; the last ends with the text."""
    ends = [match.end() for match in BOUNDARIES[kind].finditer(text)]
    return ends if ends and ends[-1] == len(text) else [*ends, len(text)]


class SentenceReader:
    """See `attnclf.reading.readers.Reader`; `inside` is the reader of tokens."""

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

    def token_ids(self, ids: Sequence[Ids]) -> list[Ids]:
        return [row & ~LAST for row in ids]

    def is_known(self, ids: Ids) -> NDArray[np.bool_]:
        return self.inside.is_known(ids & ~LAST)

    def batch(self, ids: Sequence[Ids], multiple: int = 1) -> Inputs:
        return self.inside.batch(self.token_ids(ids), multiple) | _grid(ids, multiple)

    def token_inputs(self, ids: Sequence[Ids], multiple: int = 1) -> Inputs:
        return self.inside.token_inputs(self.token_ids(ids), multiple) | _grid(ids, multiple)

    def words(self) -> int:
        return self.inside.words()

    def word_features(self, words: NDArray[np.integer]) -> Inputs:
        return self.inside.word_features(words)

    def forget(self) -> None:
        self.inside.forget()

    def files(self) -> dict[str, bytes]:
        return self.inside.files()


def _grid(ids: Sequence[Ids], multiple: int) -> Inputs:
    """Where the tokens of a batch stand, only sentences that there are taking room. `grid` (N, W): which of the B T tokens
    stands in which of the N sentences, counted from 1, and 0 where none does; `token_positions` (B, T): in which of the N W places each
    token stands; `sentences` (B, S): which of the N sentences follow each other in a text, counted from 1; `sentence_positions` (N,): at
    which of the B S places each of them stands."""
    lengths = np.array([len(row) for row in ids])
    texts = np.repeat(np.arange(len(ids)), lengths)
    steps = np.arange(len(texts)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    last = np.concatenate([row & LAST != 0 for row in ids])
    own = np.cumsum(last) - last  # each token's sentence
    inside = np.arange(len(texts)) - np.searchsorted(own, own)
    text_of = texts[last]  # each sentence's text
    turn_of = np.arange(len(text_of)) - np.searchsorted(text_of, text_of)
    many, width, most = len(text_of), int(inside.max()) + 1, int(turn_of.max()) + 1
    if multiple > 1:
        many, width, most = -(-many // ROWS) * ROWS, -(-width // multiple) * multiple, -(-most // MULTIPLE) * MULTIPLE
    padded = -(-int(lengths.max()) // multiple) * multiple
    grid, sentence_positions = np.zeros((many, width), np.int32), np.zeros(many, np.int32)
    token_positions, sentences = np.zeros((len(ids), padded), np.int32), np.zeros((len(ids), most), np.int32)
    grid[own, inside] = texts * padded + steps + 1
    token_positions[texts, steps] = own * width + inside
    sentences[text_of, turn_of] = np.arange(len(text_of)) + 1
    sentence_positions[: len(text_of)] = text_of * most + turn_of
    return {"grid": grid, "token_positions": token_positions, "sentences": sentences, "sentence_positions": sentence_positions}
