"""What a word is made of: itself and its character n-grams, so that unseen words, typos and Korean endings mean something.

As in fastText (Bojanowski et al. 2017), with one difference: the n-grams are a vocabulary of what the training texts hold often
enough, not hash buckets, which is smaller, faster and overfits less. Pairs of neighbouring words stand in the same vocabulary.
Each is known by a hash of 64 bits, made for many words at once: strings one by one would take most of the time of a prediction.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from attnclf.config import TextConfig

LONGEST, LONGEST_HANGUL = 5, 3  # characters of an n-gram; of a word with Hangul, whose characters are whole syllables, 3
JAMO = range(3, 7)  # letters of an n-gram below the syllable
WORD_READ = 30  # characters of a word; what follows adds no n-gram
FIRST_ID = 2  # 0 is padding, 1 stands for a word of which nothing is known
PART, WORD, PAIR = 0, 1, 2  # kinds of feature
WORDS_AT_ONCE = 100_000  # whose n-grams are counted together

Hashes = NDArray[np.uint64]
Numbers = NDArray[np.int32]
_BASE, _WHOLE, _BESIDE = (np.uint64(odd) for odd in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xD6E8FEB86659FD93))
BEFORE_TEXT = np.uint64(0)  # the hash of the word before the first


def hashes(words: Sequence[str]) -> tuple[Hashes, Numbers]:
    """The features of each word, as often as they stand in it, and which word each belongs to, in no order.

    They are the word; its n-grams of 1 to 5 characters, `<` and `>` marking its ends; or, when it has Hangul, those of 1 to 3
    syllables and of 3 to 6 of the letters (jamo) that its syllables are made of: there an ending, a contraction or a slip of
    the finger changes part of a syllable.
    """
    codes, lengths = _codes([f"<{word[:WORD_READ]}>" for word in words])
    owners = np.repeat(np.arange(len(words), dtype=np.int32), lengths)
    syllables = _is_syllable(codes)
    hangul = np.zeros(len(words), bool)
    hangul[owners[syllables]] = True
    last = np.cumsum(lengths)
    inner = np.ones(len(codes), bool)  # an end by itself says nothing
    inner[last - 1] = inner[last - lengths] = False
    letters, letter_lengths = _letters(codes, syllables, owners, hangul)
    found = [
        (hashes_of_words(words), np.arange(len(words), dtype=np.int32)),
        (_mixed(codes[inner]), owners[inner]),
        *_slices(codes, lengths, range(2, LONGEST + 1), np.where(hangul, LONGEST_HANGUL, LONGEST)),
        *_slices(letters, letter_lengths, JAMO, np.full(len(words), JAMO[-1])),
    ]
    return np.concatenate([some for some, _ in found]), np.concatenate([of for _, of in found])


def hashes_of_words(words: Sequence[str]) -> Hashes:
    """One of each word, of all its characters."""
    codes, lengths = _codes([f"<{word}>" for word in words])
    if not len(words):
        return np.zeros(0, np.uint64)
    starts = np.cumsum(lengths) - lengths
    places = np.arange(len(codes)) - np.repeat(starts, lengths)
    powers = np.cumprod(np.full(int(lengths.max()), _WHOLE))
    return _mixed(np.add.reduceat((codes + np.uint64(1)) * powers[places], starts) ^ _WHOLE)


def pair_hashes(first: Hashes, second: Hashes) -> Hashes:
    """Of two words that follow each other, from their own; before a text's first word stands BEFORE_TEXT."""
    return _mixed(first * _BESIDE + second)


class Features:
    """The vocabulary: the i-th of `hashes` has the id i + 2, `kinds` (uint8) says what it is. Words and their parts come first,
    by falling count, then pairs of words."""

    def __init__(self, hashes: Hashes, kinds: NDArray[np.uint8]) -> None:
        self.hashes, self.kinds = hashes, kinds
        # A table with open addressing, filled at once: hashes are spread evenly, so that the first bits of one say nearly where
        # among the sorted ones it stands, and it takes that place or, if others have it, the next that is free.
        order = np.argsort(hashes)
        bits = (len(hashes) * 3 // 2).bit_length() or 1
        self._shift = np.uint64(64 - bits)
        at = np.arange(len(hashes))
        places = np.maximum.accumulate((hashes[order] >> self._shift).astype(np.intp) - at) + at
        self._table = np.zeros(max(2**bits, int(places.max(initial=0)) + 1) + 1, np.uint64)  # the last place stays free
        self._ids = np.zeros(len(self._table), np.int32)
        self._table[places], self._ids[places] = hashes[order], order + FIRST_ID

    @classmethod
    def build(cls, texts: Sequence[Numbers], words: Sequence[str], config: TextConfig) -> "Features":
        """From texts as numbers of `words`: what occurs in at least `config.min_count` places."""
        parts, word_hashes = _count_words(texts, words), hashes_of_words(words)
        pairs = Counts()
        for start in range(0, len(texts), WORDS_AT_ONCE):
            pairs.add(np.concatenate([pairs_of(word_hashes[text]) for text in texts[start : start + WORDS_AT_ONCE]]))
        limit = config.max_features
        ngrams, beside = parts.frequent(config.min_count, limit), pairs.frequent(config.min_count, limit // 2)
        kinds = np.concatenate([np.where(np.isin(ngrams, word_hashes), WORD, PART), np.full(len(beside), PAIR)])
        return cls(np.concatenate([ngrams, beside]), kinds.astype(np.uint8))

    def __len__(self) -> int:
        return len(self.hashes) + FIRST_ID

    @property
    def ngrams(self) -> int:
        """How many ids, from 0, are not pairs of words."""
        return FIRST_ID + int(np.count_nonzero(self.kinds != PAIR))

    def ids(self, hashes: Hashes) -> Numbers:
        """The id of each, 0 for what is not in the vocabulary."""
        places = (hashes >> self._shift).astype(np.intp)
        there = self._table[places]
        found = np.where(there == hashes, self._ids[places], 0)
        further = np.flatnonzero((there != 0) & (there < hashes))  # where smaller ones have its place
        while len(further):
            places[further] += 1
            there = self._table[places[further]]
            hit = there == hashes[further]
            found[further[hit]] = self._ids[places[further[hit]]]
            further = further[(there != 0) & (there < hashes[further])]
        return found

    def of_words(self, words: Sequence[str], most: int) -> tuple[Numbers, NDArray[np.intp]]:
        """Ids of what is known of each word, word by word: each once, the commonest first, and of the longest words only the
        `most` common; [1] when nothing is known. And how many each word has."""
        feature_hashes, owners = hashes(words)
        ids = self.ids(feature_hashes)
        known = np.flatnonzero(ids)
        keys = owners[known].astype(np.int64) << 32 | ids[known]
        strange = np.flatnonzero(np.bincount(keys >> 32, minlength=len(words)) == 0)
        keys = distinct(np.concatenate([keys, strange << 32 | 1]))
        counts = np.bincount(keys >> 32, minlength=len(words))
        if counts.max(initial=0) > most:
            keys = keys[np.arange(len(keys)) - np.repeat(np.cumsum(counts) - counts, counts) < most]
            counts = np.minimum(counts, most)
        return keys.astype(np.int32), counts  # the lower half of each


class Counts:
    """How often each hash was met, added up piece by piece."""

    def __init__(self) -> None:
        self._hashes, self._counts = np.zeros(0, np.uint64), np.zeros(0, np.int64)

    def add(self, hashes: Hashes, weights: NDArray[np.int64] | None = None) -> None:
        """`weights` says how often each counts, 1 when not given."""
        weights = np.ones(len(hashes), np.int64) if weights is None else weights
        met, places = np.unique(np.concatenate([self._hashes, hashes]), return_inverse=True)
        self._counts = np.bincount(places, np.concatenate([self._counts, weights]), len(met)).astype(np.int64)
        self._hashes = met

    def frequent(self, least: int, limit: int) -> Hashes:
        """Those met at least so often, by falling count."""
        enough = self._counts >= least
        order = np.argsort(-self._counts[enough], kind="stable")[:limit]
        return self._hashes[enough][order]


def pairs_of(word_hashes: Hashes) -> Hashes:
    """The pairs in a text, from the hashes of its words: each word with the one before."""
    return pair_hashes(np.concatenate([[BEFORE_TEXT], word_hashes[:-1]]), word_hashes)


def distinct(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Each once, in rising order: `numpy.unique`, ten times as fast on millions."""
    keys = np.sort(keys)
    return np.asarray(keys[np.concatenate([[True], keys[1:] != keys[:-1]])[: len(keys)]])


def _count_words(texts: Sequence[Numbers], words: Sequence[str]) -> Counts:
    counts = Counts()
    occurrences = np.bincount(np.concatenate([np.zeros(0, np.int32), *texts]), minlength=len(words))
    for start in range(0, len(words), WORDS_AT_ONCE):
        some, owners = hashes(words[start : start + WORDS_AT_ONCE])
        counts.add(some, occurrences[start:][owners])
    return counts


def _codes(words: Sequence[str]) -> tuple[Hashes, NDArray[np.intp]]:
    """Code points of all words, one after the other, and how many each has."""
    text = "".join(words).encode("utf-32-le", "surrogatepass")
    return np.frombuffer(text, np.uint32).astype(np.uint64), np.fromiter(map(len, words), np.intp, len(words))


def _is_syllable(codes: Hashes) -> NDArray[np.bool_]:
    return (codes >= ord("가")) & (codes <= ord("힣"))


def _letters(
    codes: Hashes, syllables: NDArray[np.bool_], owners: Numbers, hangul: NDArray[np.bool_]
) -> tuple[Hashes, NDArray[np.intp]]:
    """The words with Hangul in letters, three a syllable (an open one ends in a letter that stands for none), and how many each
    has; the others have none."""
    kept = hangul[owners]
    codes, syllables, owners = codes[kept], syllables[kept], owners[kept]
    sizes = np.where(syllables, 3, 1)
    letters = np.repeat(codes, sizes)
    first = (np.cumsum(sizes) - sizes)[syllables]
    index = codes[syllables] - np.uint64(ord("가"))  # Unicode orders syllables by first, middle and last letter
    letters[first] = np.uint64(0x1100) + index // np.uint64(588)
    letters[first + 1] = np.uint64(0x1161) + index % np.uint64(588) // np.uint64(28)
    letters[first + 2] = np.uint64(0x11A7) + index % np.uint64(28)
    return letters, np.bincount(owners, sizes, len(hangul)).astype(np.intp)


def _slices(codes: Hashes, lengths: NDArray[np.intp], sizes: range, longest: NDArray[np.int_]) -> list[tuple[Hashes, Numbers]]:
    """Hashes of every slice of `sizes` codes within a word, up to its `longest`, and the word it is from."""
    owners = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
    left = np.repeat(np.cumsum(lengths), lengths) - np.arange(len(codes))  # codes from here to the word's end
    most = np.minimum(left, longest[owners])
    rolling, found = codes, []
    for size in range(2, sizes[-1] + 1):
        rolling = rolling[: max(0, len(codes) - size + 1)] * _BASE + codes[size - 1 :]
        if size in sizes:
            fits = most[: len(rolling)] >= size
            found.append((_mixed(rolling[fits]), owners[: len(rolling)][fits]))
    return found


def _mixed(x: Hashes) -> Hashes:
    """Every bit of the result hangs on every bit of `x` (the finaliser of SplitMix64, Steele et al. 2014)."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(x ^ (x >> np.uint64(31)))
