"""The features of the linear model: which texts hold which n-grams and word pairs, and how much each feature counts.

Before the regression weighs a feature, it is scaled by powers of two numbers, its idf and its log-count ratio.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from attnclf.linear.regression import Product
from attnclf.reading.base import Ids
from attnclf.reading.readers import WordReader

RATIO_FLOOR = 0.1  # added to every log-count ratio, so that no feature is lost
ROWS_AT_ONCE = 1_000  # whose n-grams are counted together


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
    the words met so far and, as word pairs, the features themselves.
    """
    from scipy.sparse import csr_array

    (text, word), (paired, pair) = reader.distinct(texts)
    words, many = reader.words(), reader.words() + reader.features
    word_features = reader.word_features(used := np.unique(word))
    features = word_features["features"]
    real = features > 0
    owners = np.broadcast_to(used[word_features["words"]][:, None], features.shape)[real]
    left = np.concatenate([text, paired]), np.concatenate([word, words + pair])
    right = np.concatenate([owners, words + np.unique(pair)]), np.concatenate([features[real], np.unique(pair)])
    return Product(
        csr_array((np.ones(len(left[0]), np.float32), left), shape=(len(texts), many)),
        csr_array((np.ones(len(right[0]), np.float32), right), shape=(many, reader.features)),
    )


def normalised(counts: Product, scales: NDArray[np.float32]) -> Product:
    """Counts times scales, each row divided by √(Σ count · scale²): a norm that is itself a sum over tokens."""
    norm = np.sqrt(counts @ scales**2)
    return counts.scaled(1 / np.maximum(norm, 1e-6), scales)


def idf_of(counts: Product) -> NDArray[np.float64]:
    """ln((1 + n) / (1 + df)) + 1, as in scikit-learn; 0 for padding and for features that no text holds."""
    rows, features = counts.left.shape[0], counts.right.shape[1]
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
