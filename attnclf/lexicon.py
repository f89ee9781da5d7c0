"""The distinct words that texts hold, numbered as they are met, and what each is made of."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from attnclf.ngrams import WORDS_AT_ONCE, Features, whole_hashes
from attnclf.text import UNKNOWN_ID, Encoded, encode, normalised

MOST_NGRAMS = 128  # features of one word; the longest words lose their rarest
ROW = 8  # features that stand together; a word takes as many rows as it needs, so that short words carry little padding


class Lexicon:
    """The distinct words of texts, numbered as they are met."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}  # as written in a text → number
        self.words: list[str] = []  # normalised

    def encode(self, tokenizer: Tokenizer, texts: Sequence[str]) -> list[Encoded]:
        """Texts as numbers of words."""
        return encode(tokenizer, texts, lambda _, text, spans: self._all(text, spans))

    def _all(self, text: str, spans: Sequence[tuple[int, int]]) -> list[int]:
        numbers, words = self._numbers, self.words
        found = []
        for a, b in spans:
            number = numbers.get(written := text[a:b])
            if number is None:
                number = numbers[written] = len(words)
                words.append(normalised(written))
            found.append(number)
        return found


class FeatureRows:
    """The features of words, known by number, in rows of eight.

    `wholes` (N,) are the words' own hashes; `known` (N,) says of which training saw anything.
    """

    def __init__(self, features: Features) -> None:
        self._features = features
        self._rows = np.zeros((0, ROW), np.int32)  # of every word, one after the other
        self._sizes = self._starts = np.zeros(0, np.intp)  # how many of them each word has, and where they start
        self.wholes = np.zeros(0, np.uint64)
        self.known = np.zeros(0, bool)

    def __len__(self) -> int:
        return len(self._sizes)

    def add(self, words: Sequence[str]) -> None:
        """Looks up more words and gives them the next numbers."""
        for start in range(0, len(words), WORDS_AT_ONCE):
            self._add(words[start : start + WORDS_AT_ONCE])

    def _add(self, words: Sequence[str]) -> None:
        ids, owners = self._features.of_words(words)
        counts = np.bincount(owners, minlength=len(words))
        places = np.arange(len(ids)) - np.repeat(np.cumsum(counts) - counts, counts)
        counts = np.minimum(counts, MOST_NGRAMS)
        kept = places < MOST_NGRAMS
        ids, places = ids[kept], places[kept]
        sizes = np.asarray(-(-counts // ROW), np.intp)
        starts = np.cumsum(sizes) - sizes
        rows = np.zeros((int(sizes.sum()), ROW), np.int32)
        rows[np.repeat(starts, counts) + places // ROW, places % ROW] = ids
        self._starts = np.concatenate([self._starts, len(self._rows) + starts])
        self._rows = np.concatenate([self._rows, rows])
        self._sizes = np.concatenate([self._sizes, sizes])
        self.wholes = np.concatenate([self.wholes, whole_hashes(words)])
        self.known = np.concatenate([self.known, rows[starts, 0] != UNKNOWN_ID])

    def of(self, words: NDArray[np.integer]) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
        """The rows of these words, one after the other, and how many each has."""
        sizes = self._sizes[words]
        before = np.cumsum(sizes) - sizes
        return self._rows[np.arange(sizes.sum()) + np.repeat(self._starts[words] - before, sizes)], sizes
