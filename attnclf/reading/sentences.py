"""Texts split into sentences, or accounts into posts, for encoders that read them one by one.

`SentenceReader` wraps another reader. It marks the id of the last token of each sentence, and removes the marks from the ids
that it passes to the wrapped reader. Its batches also say where in which sentence each token is.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from attnclf.config import Sentences
from attnclf.ragged import Ragged
from attnclf.reading.base import Ids, Inputs, Reader
from attnclf.reading.batching import read_in_parts
from attnclf.reading.tokens import Encoded

# The end of a sentence, up to the start of the next one. The posts of an account end with their lines.
BOUNDARIES = {
    "marks": re.compile(r"(?<![.!?…])[.!?…]++[\"'”’)\]]*+\s++|[。！？]++[\"'”’」』）]*+\s*+|\n\s*+"),
    "lines": re.compile(r"\n\s*+"),
}
# The most tokens of a sentence. A longer one is cut into pieces, because it would widen the grid for all sentences.
LONGEST = {"word": 64, "char": 256}
LAST = np.int32(1 << 30)  # the mark on the id of a sentence's last token
# Where lengths are rounded up, so are the numbers of sentences: of a text to a multiple of 4, of a batch to a multiple of 32.
MULTIPLE, ROWS = 4, 32


def sentence_ends(text: str, kind: Sentences) -> list[int]:
    """The end of each sentence in code points, including the whitespace after it; the last is the end of the text."""
    ends = [match.end() for match in BOUNDARIES[kind].finditer(text)]
    return ends if ends and ends[-1] == len(text) else [*ends, len(text)]


class SentenceReader:
    """A reader (see `attnclf.reading.base.Reader`) that wraps `inside`, the reader of the tokens."""

    def __init__(self, inside: Reader, kind: Sentences, level: str) -> None:
        self.inside, self._kind, self._longest = inside, kind, LONGEST[level]
        self.vocabulary, self.features, self.batch_tokens = inside.vocabulary, inside.features, inside.batch_tokens
        self.window = inside.window

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        encoded = self.inside.encode(texts)
        return [self._marked(text, tokens) for text, tokens in zip(texts, encoded, strict=True)]

    def _marked(self, text: str, encoded: Encoded) -> Encoded:
        """The tokens with the mark LAST on the ids that end a sentence, or a piece of a long one."""
        places = encoded.places
        starts = np.array([start for start, _ in places[0]])
        sentences = np.searchsorted(sentence_ends(text, self._kind), starts, side="right")
        first = np.searchsorted(sentences, sentences)  # for each token, the first token of its sentence
        pieces = (np.arange(len(sentences)) - first) // self._longest
        last = np.append((np.diff(sentences) != 0) | (np.diff(pieces) != 0), True)
        return replace(encoded, ids=np.where(last, encoded.ids | LAST, encoded.ids), locate=lambda: places)

    def ids(self, texts: Sequence[str]) -> tuple[Ragged, list[bool]]:
        return read_in_parts(texts, self._ids)

    def _ids(self, texts: Sequence[str]) -> tuple[Ragged, list[bool]]:
        encoded = self.encode(texts)
        return Ragged.of([e.ids for e in encoded]), [e.truncated for e in encoded]

    def token_ids(self, ids: Sequence[Ids]) -> Ragged:
        marked = Ragged.of(ids)
        return marked.like(marked.flat & ~LAST)

    def is_known(self, ids: Ids) -> NDArray[np.bool_]:
        return self.inside.is_known(ids & ~LAST)

    def is_familiar(self, ids: Ids) -> NDArray[np.bool_]:
        return self.inside.is_familiar(ids & ~LAST)

    def in_window(self, ids: Sequence[Ids]) -> Ragged:
        """The ids in the window. Of a longer text the last on each side ends a sentence."""
        texts = Ragged.of(ids)
        seen, long = self.window.cut(texts), texts.lengths > self.window.size
        if long.any():  # then these are copies
            if self.window.start:
                seen.flat[seen.starts[:-1][long] + self.window.start - 1] |= LAST
            seen.flat[seen.starts[1:][long] - 1] |= LAST
        return seen

    def batch(self, ids: Sequence[Ids], multiple: int = 1) -> Inputs:
        return self.inside.batch(self.token_ids(ids), multiple) | _grid(self.in_window(ids), multiple)

    def token_inputs(self, ids: Sequence[Ids], multiple: int = 1) -> Inputs:
        return self.inside.token_inputs(self.token_ids(ids), multiple) | _grid(self.in_window(ids), multiple)

    def network_batch(self, ids: Sequence[Ids], multiple: int = 1) -> Inputs:
        seen = self.in_window(ids)
        return self.inside.network_batch(self.token_ids(seen), multiple) | _grid(seen, multiple)

    def words(self) -> int:
        return self.inside.words()

    def word_features(self, words: NDArray[np.integer]) -> Inputs:
        return self.inside.word_features(words)

    def forget_spellings(self) -> None:
        self.inside.forget_spellings()

    def forget(self) -> None:
        self.inside.forget()

    def files(self) -> dict[str, bytes]:
        return self.inside.files()


def _grid(ids: Ragged, multiple: int) -> Inputs:
    """The arrays that say where the tokens and sentences of B texts are. Only the N sentences that exist take room.

    - `grid` (N, W): the tokens of each sentence, as indices into the B · T tokens, counted from 1; 0 for padding
    - `token_positions` (B, T): the position of each token among the N · W of the grid
    - `sentences` (B, S): the sentences of each text in order, as indices into the N sentences, counted from 1; 0 for padding
    - `sentence_positions` (N,): the position of each sentence among the B · S of `sentences`
    """
    lengths, texts = ids.lengths, ids.owners.astype(np.intp)
    steps = np.arange(len(texts)) - np.repeat(ids.starts[:-1], lengths)
    last = ids.flat & LAST != 0
    sentence_of = np.cumsum(last) - last  # the sentence of each token, and the token's position in it
    position_of = np.arange(len(texts)) - np.searchsorted(sentence_of, sentence_of)
    text_of = texts[last]  # the text of each sentence, and the sentence's rank in it
    rank_of = np.arange(len(text_of)) - np.searchsorted(text_of, text_of)
    total, width, most = len(text_of), int(position_of.max()) + 1, int(rank_of.max()) + 1  # N, W, S
    if multiple > 1:
        total, width, most = -(-total // ROWS) * ROWS, -(-width // multiple) * multiple, -(-most // MULTIPLE) * MULTIPLE
    padded = -(-int(lengths.max()) // multiple) * multiple
    grid, sentence_positions = np.zeros((total, width), np.int32), np.zeros(total, np.int32)
    token_positions, sentences = np.zeros((len(ids), padded), np.int32), np.zeros((len(ids), most), np.int32)
    grid[sentence_of, position_of] = texts * padded + steps + 1
    token_positions[texts, steps] = sentence_of * width + position_of
    sentences[text_of, rank_of] = np.arange(len(text_of)) + 1
    sentence_positions[: len(text_of)] = text_of * most + rank_of
    return {"grid": grid, "token_positions": token_positions, "sentences": sentences, "sentence_positions": sentence_positions}
