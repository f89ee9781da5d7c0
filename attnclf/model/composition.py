"""What a word is made of, as equations in `xp`: its vector, and its weights in the linear model, from its n-grams."""

from typing import Any

import numpy as np

ONE, ZERO = np.float32(1), np.float32(0)


def embedded(xp: Any, features: Any, vectors: int) -> tuple[Any, Any]:
    """The features that have one of `vectors` vectors, 0 for the others, and which these are: 1 or 0, float32."""
    features = xp.where(features < vectors, features, 0)
    return features, xp.where(features > 0, ONE, ZERO)


def compose(xp: Any, vectors: Any, present: Any, words: Any) -> Any:
    """Word vectors (R, E): the sum of a word's feature vectors over the root of their number, so that long words are no louder
    than short ones. `vectors` (R, F, E) stand in rows; `words` (R,) says which word a row belongs to, and there are never more
    words than rows. `present` (R, F) is 1 for a feature and 0 for padding, whose vector must be zero."""
    count = by_word(xp, xp.sum(present, axis=1, keepdims=True), words)  # (R, 1)
    return by_word(xp, xp.sum(vectors, axis=1), words) / xp.sqrt(xp.maximum(count, 1.0))


def word_weights(xp: Any, table: Any, features: Any, words: Any) -> Any:
    """What the linear model reads of each word (R, K + 1): the sum of its features' rows of `table` (F, K + 1)."""
    return by_word(xp, xp.sum(xp.take(table, features, axis=0), axis=1), words)


def by_word(xp: Any, rows: Any, words: Any) -> Any:
    """Rows (R, N) summed by the word they belong to (R, N); what is beyond the number of words is zero."""
    return xp.segment_sum(rows, words, xp.shape(words)[0])
