"""What a word is made of: itself and its character n-grams, so that unseen words, typos and Korean endings mean something.

As in fastText (Bojanowski et al. 2017), with one difference: the n-grams are a vocabulary of what the training texts hold often
enough, not hash buckets, which is smaller, faster and overfits less. Pairs of neighbouring words stand in the same vocabulary.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

from attnclf.config import TextConfig

LONGEST = 5  # characters of an n-gram; of Hangul, whose characters are whole syllables, 3
LONGEST_HANGUL = 3
JAMO = range(3, 7)  # letters of an n-gram below the syllable
NO_FINAL = "_"  # in place of the last letter of an open syllable, so that every syllable is three letters
WORD_READ = 30  # characters of a word; what follows adds no n-gram
FIRST_ID = 2  # 0 is padding, 1 stands for a word of which nothing is known


def ngrams(word: str) -> list[str]:
    """The features of a word, each once: `=word`, and its n-grams of 1 to 5 characters with `<` and `>` at its ends.

    A word with Hangul has those of 1 to 3 syllables, and of 3 to 6 of the letters (jamo) that its syllables are made of: there
    an ending, a contraction or a slip of the finger changes part of a syllable.

    >>> ngrams("hi")
    ['=hi', 'h', 'i', '<h', 'hi', 'i>', '<hi', 'hi>', '<hi>']
    """
    read = word[:WORD_READ]
    hangul = any("가" <= character <= "힣" for character in read)
    parts = _slices(f"<{read}>", range(2, (LONGEST_HANGUL if hangul else LONGEST) + 1))
    jamo = _slices(f"<{''.join(map(_letters, read))}>", JAMO) if hangul else []
    return list(dict.fromkeys([f"={word}", *read, *parts, *jamo]))


def _slices(text: str, sizes: range) -> list[str]:
    return [text[i : i + n] for n in sizes for i in range(len(text) - n + 1)]


def _letters(syllable: str) -> str:
    """The jamo of a Hangul syllable, always three; any other character as it is."""
    letters = unicodedata.normalize("NFD", syllable) if "가" <= syllable <= "힣" else syllable
    return letters + NO_FINAL if len(letters) == 2 else letters


def pair(first: str, second: str) -> str:
    """The feature of two words that follow each other; a text begins with an empty word."""
    return f"{first} {second}"


class Features:
    """The vocabulary: the i-th name has the id i + 2. N-grams come first, by falling count, then pairs of words."""

    def __init__(self, names: Sequence[str]) -> None:
        self._ids = {name: number for number, name in enumerate(names, FIRST_ID)}

    @classmethod
    def build(cls, texts: Iterable[Sequence[str]], config: TextConfig) -> "Features":
        """From texts as lists of words: what occurs in at least `config.min_count` places."""
        words: Counter[str] = Counter()
        pairs: Counter[str] = Counter()
        for text in texts:
            words.update(text)
            pairs.update(map(pair, ["", *text], text))
        counts: Counter[str] = Counter()
        for word, count in words.items():
            for ngram in ngrams(word):
                counts[ngram] += count
        limit = config.max_features
        return cls([*_frequent(counts, config.min_count, limit), *_frequent(pairs, config.min_count, limit // 2)])

    @property
    def names(self) -> list[str]:
        """What the vocabulary holds, in the order of ids."""
        return list(self._ids)

    def __len__(self) -> int:
        return len(self._ids) + FIRST_ID

    @property
    def ngrams(self) -> int:
        """How many ids, from 0, are not pairs of words."""
        return FIRST_ID + sum(" " not in name for name in self._ids)

    def of_word(self, word: str) -> list[int]:
        """Ids of what is known of the word; [1] when nothing is."""
        return [self._ids[name] for name in ngrams(word) if name in self._ids] or [1]

    def of_pair(self, first: str, second: str) -> int:
        """Id of the pair, or 0."""
        return self._ids.get(pair(first, second), 0)


def _frequent(counts: Counter[str], least: int, limit: int) -> list[str]:
    return sorted((name for name, n in counts.items() if n >= least), key=lambda name: (-counts[name], name))[:limit]
