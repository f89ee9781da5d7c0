"""The distinct words that texts hold, numbered as they are met, and what each is made of."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from attnclf.reading.ngrams import WORDS_AT_ONCE, Features, hashes_of_words
from attnclf.reading.tokens import UNKNOWN_ID, Encoded, encode, normalised, plain_words, tokens_read

MOST_NGRAMS = 128  # features of one word; the longest words lose their rarest
ROW = 8  # features that stand together; a word takes as many rows as it needs, so that short words carry little padding


class Lexicon:
    """The distinct words of texts, numbered as they are met."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._numbers = _Numbers()

    @property
    def words(self) -> list[str]:
        """Normalised; as often as they are written in different ways."""
        return self._numbers.words

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        """Texts as numbers of words."""
        numbers = self._numbers
        return encode(self._tokenizer, texts, lambda _, text, spans: [numbers[text[a:b]] for a, b in spans])

    def ids(self, texts: Sequence[str]) -> tuple[list[NDArray[np.int32]], list[bool]]:
        """The ids of `encode` without spans, and which texts were truncated: most texts are taken apart sooner so."""
        found = [plain_words(text) for text in texts]
        others = iter(self.encode([text for text, words in zip(texts, found, strict=True) if words is None]))
        longest, number = tokens_read(self._tokenizer), self._numbers.__getitem__
        ids, truncated = [], []
        for words in found:
            if words is None:
                encoded = next(others)
                ids.append(encoded.ids)
                truncated.append(encoded.truncated)
            else:
                ids.append(np.array(list(map(number, words[:longest] or [""])), np.int32))
                truncated.append(len(words) > longest)
        return ids, truncated


class _Numbers(dict[str, int]):
    """Numbers of words as they are written; a new one gets the next."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def __missing__(self, written: str) -> int:
        number = self[written] = len(self.words)
        self.words.append(normalised(written))
        return number


class FeatureRows:
    """The features of words, known by number, in rows of eight.

    `word_hashes` (N,) are the words' own hashes; `known` (N,) says of which training saw anything.
    """

    def __init__(self, features: Features) -> None:
        self._features = features
        self._rows = np.zeros((0, ROW), np.int32)  # of every word, one after the other
        self._sizes = self._starts = np.zeros(0, np.intp)  # how many of them each word has, and where they start
        self.word_hashes = np.zeros(0, np.uint64)
        self.known = np.zeros(0, bool)

    def __len__(self) -> int:
        return len(self._sizes)

    def add(self, words: Sequence[str]) -> None:
        """Looks up more words and gives them the next numbers."""
        for start in range(0, len(words), WORDS_AT_ONCE):
            self._add(words[start : start + WORDS_AT_ONCE])

    def _add(self, words: Sequence[str]) -> None:
        ids, counts = self._features.of_words(words, MOST_NGRAMS)
        sizes = -(-counts // ROW)
        starts = np.cumsum(sizes) - sizes
        rows = np.zeros((int(sizes.sum()), ROW), np.int32)
        rows.ravel()[np.arange(len(ids)) + np.repeat(starts * ROW - (np.cumsum(counts) - counts), counts)] = ids
        self._starts = np.concatenate([self._starts, len(self._rows) + starts])
        self._rows = np.concatenate([self._rows, rows])
        self._sizes = np.concatenate([self._sizes, sizes])
        self.word_hashes = np.concatenate([self.word_hashes, hashes_of_words(words)])
        self.known = np.concatenate([self.known, rows[starts, 0] != UNKNOWN_ID])

    def of(self, words: NDArray[np.integer]) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
        """The rows of these words, one after the other, and how many each has."""
        sizes = self._sizes[words]
        before = np.cumsum(sizes) - sizes
        return self._rows[np.arange(sizes.sum()) + np.repeat(self._starts[words] - before, sizes)], sizes
