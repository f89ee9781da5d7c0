"""Posts as numbers: their words, as the classifier finds them, and the n-grams of which the classifier composes a word."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attnclf.config import TextConfig
from attnclf.lessons.characters import Ids
from attnclf.reading.lexicon import FeatureRows, Lexicon
from attnclf.reading.ngrams import Features
from attnclf.reading.tokens import build_tokenizer

TEXT = TextConfig(level="word")


@dataclass(frozen=True)
class Posts:
    """Posts to learn from and posts to measure on, as ids (N, T) of `words`, filled up with 0, which is no word.

    The ids 1 to `known` are words that stand at least twice in the posts to learn from, the commonest first. `features` are
    the n-grams and words of these posts; `rows` (R, 8) hold those of each word, and `owners` (R,) the word of each row.
    """

    train: Ids
    test: Ids
    words: list[str]
    known: int
    features: Features
    rows: Ids
    owners: Ids

    @classmethod
    def of(cls, train: Sequence[str], test: Sequence[str], length: int) -> "Posts":
        """Reads the first `length` words of each post."""
        lexicon = Lexicon(build_tokenizer([], TEXT))
        learned, _ = lexicon.ids(train)
        of_learned = lexicon.words_from(0)
        measured, _ = lexicon.ids(test)
        spelled = lexicon.words_from(0)  # a word written in two ways is listed twice
        counts = Counter(spelled[i] for i in learned.flat)
        frequent = [word for word, count in counts.most_common() if count >= TEXT.min_count]
        words = list(dict.fromkeys(["", *frequent, *spelled]))
        numbers = {word: number for number, word in enumerate(words)}
        number = np.array([numbers[word] for word in spelled], np.int32)
        ids = np.zeros((len(learned) + len(measured), length), np.int32)
        for row, text in zip(ids, (*learned, *measured), strict=True):
            row[: len(text)] = number[text[:length]]
        features = Features.build(learned, of_learned, TEXT)
        looked_up = FeatureRows(features)
        looked_up.add(words)
        rows, sizes = looked_up.of(np.arange(len(words)))
        owners = np.repeat(np.arange(len(words), dtype=np.int32), sizes)
        return cls(ids[: len(learned)], ids[len(learned) :], words, len(frequent), features, rows, owners)
