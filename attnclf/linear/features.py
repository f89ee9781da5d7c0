"""The features of the linear model: which texts hold which n-grams and word pairs, and how much each feature counts.

Before the regression weighs a feature, it is scaled by powers of two numbers, its idf and its log-count ratio.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from attnclf.linear.regression import Product
from attnclf.ragged import Ragged
from attnclf.reading.base import Ids
from attnclf.reading.readers import WordReader

RATIO_FLOOR = 0.1  # added to every log-count ratio, so that no feature is lost
ROWS_AT_ONCE = 1_000  # whose n-grams are counted together
TEXTS_AT_ONCE, WORDS_AT_ONCE = 50_000, 100_000  # looked up together


class Scale(NamedTuple):
    """How much a feature counts: the powers of its idf and of its log-count ratio, and a factor for words and word pairs."""

    idf: float
    log_count_ratio: float
    words: float

    def __str__(self) -> str:
        return f"idf^{self.idf:g}, log-count ratio^{self.log_count_ratio:g}, words and word pairs × {self.words:g}"


@dataclass(frozen=True)
class FeatureStatistics:
    """What the scales of R features are made of: idf (R,), log-count ratio (R,), and which are words or word pairs (R,)."""

    idf: NDArray[np.float64]
    log_count_ratio: NDArray[np.float64]
    whole: NDArray[np.bool_]

    @classmethod
    def of(cls, counts: Product, targets: NDArray[np.int32], labels: int, whole: NDArray[np.bool_]) -> "FeatureStatistics":
        return cls(idf_of(counts), log_count_ratios(counts, targets, labels), whole)

    def scaled(self, scale: Scale) -> NDArray[np.float32]:
        """How much each feature counts (R,); 0 for a feature that no text holds."""
        words = np.where(self.whole, scale.words, 1.0)
        scales = self.idf**scale.idf * (self.log_count_ratio + RATIO_FLOOR) ** scale.log_count_ratio * words
        return np.where(self.idf > 0, scales, 0.0).astype(np.float32)


def count_features(reader: WordReader, texts: Sequence[Ids]) -> Product:
    """How many of its distinct words and word pairs hold each feature, for each text (N, R).

    The product of two sparse matrices: which units a text holds (N, M), and which features a unit has (M, R). The units are
    the words and the word pairs of these texts.
    """
    from scipy.sparse import csr_array

    units, words = _units_of(reader, Ragged.of(texts)), reader.words()
    held = np.zeros(words + reader.features, bool)
    held[units.flat] = True
    numbers = np.cumsum(held, dtype=np.int32) - 1  # of the units that are held
    np.take(numbers, units.flat, out=units.flat)
    features = _features_of(reader, np.flatnonzero(held))
    ones = np.ones(max(len(units.flat), len(features.flat)), np.float32)  # of both matrices: they hold no other number
    # SciPy turns all indices into the widest type of any.
    left, right = ((ones[: len(rows.flat)], rows.flat, rows.starts.astype(np.int32)) for rows in (units, features))
    return Product(csr_array(left, shape=(len(units), len(features))), csr_array(right, shape=(len(features), reader.features)))


def _units_of(reader: WordReader, texts: Ragged) -> Ragged:
    """The distinct words of each text and, after the numbers of all words, its distinct word pairs."""
    parts = []
    for start in range(0, len(texts), TEXTS_AT_ONCE):
        some = texts[start : start + TEXTS_AT_ONCE]
        (text, word), (paired, pair) = reader.distinct(some)
        owners, units = np.concatenate([text, paired]), np.concatenate([word, reader.words() + pair])
        order = np.argsort(owners, kind="stable")
        parts.append(Ragged(units[order].astype(np.int32), np.bincount(owners, minlength=len(some))))
    return Ragged.joined(parts)


def _features_of(reader: WordReader, units: NDArray[np.intp]) -> Ragged:
    """The features of these units, which are numbered in rising order as `_units_of` does: a pair is a feature by itself."""
    words = reader.words()
    parts, pairs = [], units[units >= words] - words
    for start in range(0, len(units) - len(pairs), WORDS_AT_ONCE):
        some = units[start : min(start + WORDS_AT_ONCE, len(units) - len(pairs))]
        found = reader.word_features(some)
        real = found["features"] > 0
        lengths = np.bincount(found["words"], real.sum(axis=1), len(some)).astype(np.intp)
        parts.append(Ragged(found["features"][real], lengths))
    return Ragged.joined([*parts, Ragged(pairs.astype(np.int32), np.ones(len(pairs), np.intp))])


def normalised(counts: Product, scales: NDArray[np.float32]) -> Product:
    """Counts times scales, each row divided by √(Σ count · scale²): a norm that is itself a sum over tokens."""
    norm = np.sqrt(counts @ scales**2)
    return counts.scaled(1 / np.maximum(norm, 1e-6), scales)


def idf_of(counts: Product) -> NDArray[np.float64]:
    """ln((1 + n) / (1 + df)) + 1, as in scikit-learn; 0 for padding and for features that no text holds."""
    rows, features = counts.shape
    frequency = np.zeros(features, np.int64)
    for start in range(0, rows, ROWS_AT_ONCE):
        held = counts.left[start : start + ROWS_AT_ONCE] @ counts.right
        frequency += np.bincount(held.indices, minlength=features)
    return np.where(frequency > 0, np.log((1 + rows) / (1 + frequency)) + 1, 0.0)


def log_count_ratios(counts: Product, targets: NDArray[np.int32], labels: int) -> NDArray[np.float64]:
    """How unevenly each feature is spread over the labels (R,): the root mean square over labels k of

        ln( (n_k + a) / a · b / (n − n_k + b) )        a = 2 N_k / N,  b = 2 − a

    n counts the feature, n_k those in texts of label k, and N_k of the N texts have label k. It is 0 for a feature that stands
    with each label in proportion.

    This is the log-count ratio of NB-SVM (Wang and Manning 2012) without its sign, which the regression finds by itself.
    """
    from scipy.sparse import csr_array

    texts = np.bincount(targets, minlength=labels)
    of_label = csr_array((np.ones(len(targets)), (targets, np.arange(len(targets)))), shape=(labels, len(targets)))
    by_label = (of_label @ counts.left @ counts.right).tocsr()  # (K, R)
    total = np.asarray(by_label.sum(axis=0)).ravel()
    squares = np.zeros(len(total))
    for label in np.flatnonzero(texts):
        held, a = by_label[[label]].toarray().ravel(), 2 * texts[label] / len(targets)
        b = 2 - a
        squares += np.log((held + a) / a * b / (total - held + b)) ** 2
    return np.asarray(np.sqrt(squares / labels))
