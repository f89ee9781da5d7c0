"""A word is composed of its n-grams: equations in `xp` for its vector and for its weights in the linear model."""

from typing import Any

from attnclf.model.normalizers import ONE, ZERO


def embedded(xp: Any, features: Any, vectors: int) -> tuple[Any, Any]:
    """The features that have a vector, and a float32 mask of them.

    Only ids below `vectors` have a vector. In the first array every other id becomes 0; the mask is 1 for an id other than 0.
    """
    features = xp.where(features < vectors, features, 0)
    return features, xp.where(features > 0, ONE, ZERO)


def compose(xp: Any, vectors: Any, present: Any, words: Any) -> Any:
    """Word vectors (R, E): the sum of a word's feature vectors, divided by the square root of how many there are.

    The division keeps the vectors of long words from being larger than those of short words.

    * `vectors` (R, F, E): the feature vectors, in rows.
    * `present` (R, F): 1 for a feature and 0 for padding, whose vector must be zero.
    * `words` (R,): the word that each row belongs to. There are never more words than rows.
    """
    count = by_word(xp, xp.sum(present, axis=1, keepdims=True), words)  # (R, 1)
    return by_word(xp, xp.sum(vectors, axis=1), words) / xp.sqrt(xp.maximum(count, 1.0))


def word_weights(xp: Any, table: Any, features: Any, words: Any) -> Any:
    """What the linear model has for each word (R, K + 1): the sum of the rows of `table` (F, K + 1) of the word's features."""
    return by_word(xp, xp.sum(xp.take(table, features, axis=0), axis=1), words)


def by_word(xp: Any, rows: Any, words: Any) -> Any:
    """Sums (R, N) of the rows (R, N) that belong to the same word. Rows beyond the number of words are zero."""
    return xp.segment_sum(rows, words, xp.shape(words)[0])
