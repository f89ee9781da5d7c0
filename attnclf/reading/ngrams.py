"""The features of a word: the word itself and its character n-grams.

Through its n-grams an unseen word, a typo or a Korean ending still means something.

This follows fastText (Bojanowski et al. 2017) with one difference. The n-grams are not hash buckets but a vocabulary of those
that are frequent enough in the training texts, which is smaller, faster and overfits less. The same vocabulary holds pairs of
neighbouring words.

A feature is identified by a hash of 64 bits. Hashes are computed for many words at once, because handling strings one by one
would take most of the time of a prediction.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from attnclf.config import TextConfig
from attnclf.ragged import Ragged
from attnclf.reading.counting import Counts, Hashes, begins_run

# Characters of the longest n-gram. A word with Hangul has shorter ones, because its characters are whole syllables.
LONGEST, LONGEST_HANGUL = 5, 3
JAMO = range(3, 7)  # lengths of n-grams of Hangul letters (jamo)
FIRST_ID = 2  # 0 is padding, 1 is a word without a known feature
NGRAM, WORD, PAIR = 0, 1, 2  # kinds of feature: an n-gram, a whole word, a pair of words
WORDS_AT_ONCE = 100_000  # words whose n-grams are counted together

Numbers = NDArray[np.int32]
_NGRAM_FACTOR, _WORD_FACTOR, _PAIR_FACTOR = (
    np.uint64(odd) for odd in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xD6E8FEB86659FD93)
)
BEFORE_TEXT = np.uint64(0)  # the hash used for the word before a text's first word


def hashes(words: Sequence[str], longest: int) -> tuple[Hashes, Numbers]:
    """The hashes of all features of all words, in no order, and the index of the word that each belongs to.

    A feature appears as often as the word holds it. The features of a word are, with `<` and `>` marking its ends,

    - the word itself;
    - of its first `longest` characters, the n-grams of 1 to 5 characters;
    - or, in a word with Hangul, its n-grams of 1 to 3 syllables, and those of 3 to 6 of the letters (jamo) that make up the
      syllables: in Hangul an ending, a contraction or a typo changes part of a syllable.
    """
    codes, lengths = _codes([f"<{word[:longest]}>" for word in words])
    owners = np.repeat(np.arange(len(words), dtype=np.int32), lengths)
    syllables = _is_syllable(codes)
    hangul = np.zeros(len(words), bool)
    hangul[owners[syllables]] = True
    last = np.cumsum(lengths)
    inner = np.ones(len(codes), bool)  # the mark of an end says nothing by itself
    inner[last - 1] = inner[last - lengths] = False
    letters, letter_lengths = _letters(codes, syllables, owners, hangul)
    found = [
        (hashes_of_words(words), np.arange(len(words), dtype=np.int32)),
        (_mixed(codes[inner]), owners[inner]),
        *_slices(codes, lengths, range(2, LONGEST + 1), np.where(hangul, LONGEST_HANGUL, LONGEST)),
        *_slices(letters, letter_lengths, JAMO, np.full(len(words), JAMO[-1])),
    ]
    return np.concatenate([part for part, _ in found]), np.concatenate([owner for _, owner in found])


def hashes_of_words(words: Sequence[str]) -> Hashes:
    """The hash of each whole word, made from all its characters."""
    codes, lengths = _codes([f"<{word}>" for word in words])
    if not len(words):
        return np.zeros(0, np.uint64)
    starts = np.cumsum(lengths) - lengths
    positions = np.arange(len(codes)) - np.repeat(starts, lengths)
    powers = np.cumprod(np.full(int(lengths.max()), _WORD_FACTOR))
    return _mixed(np.add.reduceat((codes + np.uint64(1)) * powers[positions], starts) ^ _WORD_FACTOR)


def pair_hashes(first: Hashes, second: Hashes) -> Hashes:
    """The hashes of pairs of neighbouring words, from the words' hashes. BEFORE_TEXT comes before a text's first word."""
    return _mixed(first * _PAIR_FACTOR + second)


class Features:
    """The vocabulary of features: `hashes[i]` has the id i + 2, and `kinds[i]` (uint8) is its kind: NGRAM, WORD or PAIR.

    Words and their n-grams come first, by falling count, then pairs of words. `config` says how much of a word is read.
    """

    def __init__(self, hashes: Hashes, kinds: NDArray[np.uint8], config: TextConfig) -> None:
        self.hashes, self.kinds, self._config = hashes, kinds, config
        # A hash table with open addressing. A hash takes the slot that its first bits name, or the next one that is free.
        order = np.argsort(hashes)
        bits = (len(hashes) * 3 // 2).bit_length() or 1
        self._shift = np.uint64(64 - bits)
        firsts, ranks = (hashes[order] >> self._shift).astype(np.intp), np.arange(len(hashes))
        slots = np.maximum.accumulate(firsts - ranks) + ranks
        self._table = np.zeros(max(2**bits, int(slots.max(initial=0)) + 1) + 1, np.uint64)  # the last slot stays free
        self._ids = np.zeros(len(self._table), np.int32)
        self._table[slots], self._ids[slots] = hashes[order], order + FIRST_ID

    @classmethod
    def build(cls, texts: Ragged, words: Sequence[str], config: TextConfig) -> "Features":
        """The features that occur at least `config.min_count` times in `texts`, which hold the ids of `words`.

        Of n-grams and words at most `config.max_features` are kept, of pairs half as many.
        """
        ngram_counts, word_hashes = _count_words(texts, words, config.longest_word), hashes_of_words(words)
        pair_counts = Counts()
        for start in range(0, len(texts), WORDS_AT_ONCE):
            pair_counts.add(pairs_of(texts[start : start + WORDS_AT_ONCE], word_hashes))
        limit = config.max_features
        ngrams = ngram_counts.frequent(config.min_count, limit)
        pairs = pair_counts.frequent(config.min_count, limit // 2)
        kinds = np.concatenate([np.where(np.isin(ngrams, word_hashes), WORD, NGRAM), np.full(len(pairs), PAIR)])
        return cls(np.concatenate([ngrams, pairs]), kinds.astype(np.uint8), config)

    def __len__(self) -> int:
        return len(self.hashes) + FIRST_ID

    @property
    def repeats(self) -> bool:
        """Whether a hash has two ids. Equal hashes stand side by side in the table."""
        return bool(np.any((self._table[1:] == self._table[:-1]) & (self._table[1:] != 0)))

    def longest_search(self) -> int:
        """The most slots that the search for any hash passes."""
        return int(np.diff(np.flatnonzero(self._table == 0), prepend=-1).max())

    @property
    def ngrams(self) -> int:
        """How many ids are not pairs of words; these ids come first, from 0."""
        return FIRST_ID + int(np.count_nonzero(self.kinds != PAIR))

    def ids(self, hashes: Hashes) -> Numbers:
        """The id of each hash; 0 for a hash that is not in the vocabulary."""
        slots = (hashes >> self._shift).astype(np.intp)
        stored = self._table.take(slots)  # `take` with some indices is faster than brackets
        pending = _goes_on(stored, hashes)
        later, sought = slots.take(pending), hashes.take(pending)
        while len(pending):
            later += 1
            there = self._table.take(later)
            slots[pending], stored[pending] = later, there
            on = _goes_on(there, sought)
            pending, later, sought = pending.take(on), later.take(on), sought.take(on)
        return np.where(stored == hashes, self._ids.take(slots), 0)

    def of_words(self, words: Sequence[str]) -> tuple[Numbers, NDArray[np.intp]]:
        """The ids of the known features of each word, concatenated, and how many each word has.

        An id appears once per word, the commonest first. A word keeps at most `most_ngrams` ids, its commonest; a word without
        a known feature has the id 1 alone.
        """
        feature_hashes, owners = hashes(words, self._config.longest_word)
        ids = self.ids(feature_hashes)
        known = np.flatnonzero(ids)
        keys = owners[known].astype(np.int64) << 32 | ids[known]
        unknown = np.flatnonzero(np.bincount(keys >> 32, minlength=len(words)) == 0)
        keys = distinct(np.concatenate([keys, unknown << 32 | 1]))
        counts = np.bincount(keys >> 32, minlength=len(words))
        if counts.max(initial=0) > (most := self._config.most_ngrams):
            keys = keys[np.arange(len(keys)) - np.repeat(np.cumsum(counts) - counts, counts) < most]
            counts = np.minimum(counts, most)
        return keys.astype(np.int32), counts  # the lower half of each key is the feature id


def _goes_on(stored: Hashes, sought: Hashes) -> NDArray[np.intp]:
    """Where the search goes on: a smaller hash has the slot."""
    return np.flatnonzero((stored < sought) & (stored != 0))


def pairs_of(texts: Ragged, word_hashes: Hashes) -> Hashes:
    """The pair hashes of texts, one after the other: each word with the word before it. `word_hashes` are by word id."""
    second = word_hashes[texts.flat]
    first = np.empty(len(second), np.uint64)
    first[1:] = second[:-1]
    first[texts.starts[:-1]] = BEFORE_TEXT
    return pair_hashes(first, second)


def distinct(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """The distinct keys in rising order: `numpy.unique`, but ten times as fast on millions of keys.

    A stable sort takes a third of the time where the keys come in rising runs, as those of texts and words do.
    """
    keys = np.sort(keys, kind="stable")
    return np.asarray(keys[begins_run(keys)])


def _count_words(texts: Ragged, words: Sequence[str], longest: int) -> Counts:
    counts = Counts()
    occurrences = np.bincount(texts.flat, minlength=len(words))
    for start in range(0, len(words), WORDS_AT_ONCE):
        feature_hashes, owners = hashes(words[start : start + WORDS_AT_ONCE], longest)
        counts.add(feature_hashes, occurrences[start:][owners])
    return counts


def _codes(words: Sequence[str]) -> tuple[Hashes, NDArray[np.intp]]:
    """The code points of all words, concatenated, and how many each word has."""
    text = "".join(words).encode("utf-32-le", "surrogatepass")
    return np.frombuffer(text, np.uint32).astype(np.uint64), np.fromiter(map(len, words), np.intp, len(words))


def _is_syllable(codes: Hashes) -> NDArray[np.bool_]:
    return (codes >= ord("가")) & (codes <= ord("힣"))


def _letters(
    codes: Hashes, syllables: NDArray[np.bool_], owners: Numbers, hangul: NDArray[np.bool_]
) -> tuple[Hashes, NDArray[np.intp]]:
    """The letters of the words with Hangul, concatenated, and how many letters each word has; 0 for words without Hangul.

    A syllable has three letters. The third is U+11A7, which is no letter, where the syllable has no final consonant. Any other
    character counts as one letter.
    """
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
    """The hash of every slice of a word, and the index of its word, for slices with a length in `sizes`.

    No slice is longer than the entry of `longest` for its word.
    """
    owners = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
    left = np.repeat(np.cumsum(lengths), lengths) - np.arange(len(codes))  # codes from here to the word's end
    most = np.minimum(left, longest[owners])
    rolling, found = codes, []
    for size in range(2, sizes[-1] + 1):
        rolling = rolling[: max(0, len(codes) - size + 1)] * _NGRAM_FACTOR + codes[size - 1 :]
        if size in sizes:
            fits = most[: len(rolling)] >= size
            found.append((_mixed(rolling[fits]), owners[: len(rolling)][fits]))
    return found


def _mixed(x: Hashes) -> Hashes:
    """Mixes bits: every bit of the result depends on every bit of `x` (the finaliser of SplitMix64, Steele et al. 2014)."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(x ^ (x >> np.uint64(31)))
