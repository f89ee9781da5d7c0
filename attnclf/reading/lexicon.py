"""The distinct words of texts: their ids, given in the order of first appearance, and their features."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from attnclf.reading.ngrams import WORDS_AT_ONCE, Features, hashes_of_words
from attnclf.reading.tokens import UNKNOWN_ID, Encoded, encode, normalised, plain_words, tokens_read

MOST_NGRAMS = 128  # limit on the features of one word; the longest words lose their rarest
ROW = 8  # feature ids per row; a word takes as many rows as it needs, so that short words carry little padding


class Lexicon:
    """Gives each distinct word an id, in the order of first appearance."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._word_ids = _WordIds()

    @property
    def words(self) -> list[str]:
        """The normalised words by id. A word written in two ways has two ids, so it is listed twice."""
        return self._word_ids.words

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        """Word ids and spans of each text."""
        word_ids = self._word_ids
        return encode(self._tokenizer, texts, lambda _, text, spans: [word_ids[text[a:b]] for a, b in spans])

    def ids(self, texts: Sequence[str]) -> tuple[list[NDArray[np.int32]], list[bool]]:
        """The ids of `encode` without spans, and which texts were truncated. This is faster for most texts."""
        found = [plain_words(text) for text in texts]
        others = iter(self.encode([text for text, words in zip(texts, found, strict=True) if words is None]))
        longest, id_of = tokens_read(self._tokenizer), self._word_ids.__getitem__
        ids, truncated = [], []
        for words in found:
            if words is None:
                encoded = next(others)
                ids.append(encoded.ids)
                truncated.append(encoded.truncated)
            else:
                ids.append(np.array(list(map(id_of, words[:longest] or [""])), np.int32))
                truncated.append(len(words) > longest)
        return ids, truncated


class _WordIds(dict[str, int]):
    """Maps each word, as it is written, to its id; a new word gets the next id."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def __missing__(self, written: str) -> int:
        word_id = self[written] = len(self.words)
        self.words.append(normalised(written))
        return word_id


class FeatureRows:
    """The features of words in rows of eight, looked up by word id.

    `word_hashes` (N,) are the hashes of the whole words; `known` (N,) is True for words with a feature in the vocabulary.
    """

    def __init__(self, features: Features) -> None:
        self._features = features
        self._rows = np.zeros((0, ROW), np.int32)  # the rows of all words, concatenated
        self._sizes = self._starts = np.zeros(0, np.intp)  # how many rows each word has, and which is its first
        self.word_hashes = np.zeros(0, np.uint64)
        self.known = np.zeros(0, bool)

    def __len__(self) -> int:
        return len(self._sizes)

    def add(self, words: Sequence[str]) -> None:
        """Looks up the features of more words, which get the next ids."""
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
        """The rows of these words, concatenated, and how many rows each word has."""
        sizes = self._sizes[words]
        starts = np.cumsum(sizes) - sizes
        return self._rows[np.arange(sizes.sum()) + np.repeat(self._starts[words] - starts, sizes)], sizes
