"""The distinct words of texts: their ids, given in the order of first appearance, and their features."""

from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from itertools import chain, count, islice

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from attnclf.ragged import Ragged, ranges, with_room
from attnclf.reading.batching import read_in_parts
from attnclf.reading.ngrams import Features, hashes_of_words
from attnclf.reading.tokens import UNKNOWN_ID, Encoded, encode, normalised, plain_places, plain_words, tokens_read

LOOKED_UP_AT_ONCE = 1_000  # words: the arrays of their n-grams then stay in the cache
ROW = 8  # feature ids per row; a word takes as many rows as it needs, so that short words carry little padding


class Lexicon:
    """Gives each distinct word an id, in the order of first appearance."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer, self._longest = tokenizer, tokens_read(tokenizer)
        self._start(0)

    def _start(self, first: int) -> None:
        self._first, self._ids = first, defaultdict[str, int](count(first).__next__)  # by the words as they are written

    def words_from(self, first: int) -> list[str]:
        """The normalised words from this id on. A word written in two ways has two ids, so it is listed twice."""
        new = list(islice(reversed(self._ids), self._first + len(self._ids) - first))
        return normalised(new[::-1])

    def forget_spellings(self) -> None:
        """Frees the words: one that is met again gets a new id."""
        self._start(self._first + len(self._ids))

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        """Word ids and spans of each text."""
        ids, truncated, others = self._read(texts)
        return [
            Encoded(one, cut, others[row].locate if row in others else partial(plain_places, text, self._longest))
            for row, (text, one, cut) in enumerate(zip(texts, ids, truncated, strict=True))
        ]

    def ids(self, texts: Sequence[str]) -> tuple[Ragged, list[bool]]:
        """The ids of `encode`, and which texts were truncated."""
        return read_in_parts(texts, lambda some: self._read(some)[:2])

    def _read(self, texts: Sequence[str]) -> tuple[Ragged, list[bool], dict[int, Encoded]]:
        """Ids, which texts are truncated, and by row the texts whose words only `tokenizers` finds."""
        words, longest = list(map(plain_words, texts)), self._longest
        rows = [row for row, of_text in enumerate(words) if of_text is None]
        others = dict(zip(rows, encode(self._tokenizer, [texts[row] for row in rows]), strict=True))
        for row, encoded in others.items():
            words[row] = [texts[row][start:end] for start, end in encoded.spans]
        found = [of_text or [""] for of_text in words]  # an empty text is one token
        truncated = [len(of_text) > longest for of_text in found]
        if any(truncated):
            found = [of_text[:longest] for of_text in found]
        for row, encoded in others.items():
            truncated[row] = encoded.truncated
        ids = np.fromiter(map(self._ids.__getitem__, chain.from_iterable(found)), np.int32)
        return Ragged(ids, list(map(len, found))), truncated, others


class FeatureRows:
    """The features of words in rows of eight, looked up by word id.

    `word_hashes` are the hashes of the whole words; `known` is True for words with a feature in the vocabulary. Both may be
    longer than there are words.
    """

    def __init__(self, features: Features) -> None:
        self._features = features
        self._words = self._filled = 0  # how many words and rows there are; the arrays have room for more
        self._rows = np.zeros((0, ROW), np.int32)  # the rows of all words, one after the other
        self._starts, self._sizes = np.zeros(0, np.int32), np.zeros(0, np.int8)  # of each word: its first row, and how many
        self.word_hashes = np.zeros(0, np.uint64)
        self.known = np.zeros(0, bool)

    def __len__(self) -> int:
        return self._words

    @property
    def numbers(self) -> int:
        """How many feature ids the rows of all words hold, padding included."""
        return self._filled * ROW

    def add(self, words: Sequence[str]) -> None:
        """Looks up the features of more words, which get the next ids."""
        for start in range(0, len(words), LOOKED_UP_AT_ONCE):
            self._add(words[start : start + LOOKED_UP_AT_ONCE])

    def _add(self, words: Sequence[str]) -> None:
        ids, counts = self._features.of_words(words)
        sizes = -(-counts // ROW)
        starts = self._filled + np.cumsum(sizes) - sizes
        before, after = self._words, self._words + len(words)
        self._rows = with_room(self._rows, self._filled, self._filled + int(sizes.sum()))
        self._rows.ravel()[ranges(starts * ROW, counts)] = ids
        for name, values in (
            ("_starts", starts),
            ("_sizes", sizes),
            ("word_hashes", hashes_of_words(words)),
            ("known", self._rows[starts, 0] != UNKNOWN_ID),
        ):
            array = with_room(getattr(self, name), before, after)
            array[before:after] = values
            setattr(self, name, array)
        self._words, self._filled = after, self._filled + int(sizes.sum())

    def of(self, words: NDArray[np.integer]) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
        """The rows of these words, concatenated, and how many rows each word has."""
        sizes = self._sizes[words].astype(np.intp)
        return self._rows[ranges(self._starts[words], sizes)], sizes
