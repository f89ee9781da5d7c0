"""The words that made the linear model disagree with a label."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from attnclf.checking.crossed import Crossed, FoldModel
from attnclf.data import Table
from attnclf.reading.readers import WordReader
from attnclf.reading.tokens import Encoded
from attnclf.results import WordWeight

MOST = 3  # words of a text
ROWS_AT_ONCE = 1_000


def words_against(
    table: Table,
    reader: WordReader,
    crossed: Crossed,
    targets: NDArray[np.int32],
    rows: Sequence[int],
    suggested: Sequence[int],
) -> Iterator[tuple[WordWeight, ...]]:
    """For each of `rows`, the words that speak most for the `suggested` label against its own, by the models that judged it.

    A word's weight is its share of the log-odds of the two labels: that of its n-grams and of the pairs with the words before
    it. The weights of all words and the bias sum to the log-odds.
    """
    for start in range(0, len(rows), ROWS_AT_ONCE):
        some = rows[start : start + ROWS_AT_ONCE]
        encoded = reader.encode([table.texts[row] for row in some])
        for row, label, text in zip(some, suggested[start : start + ROWS_AT_ONCE], encoded, strict=True):
            each = [weights_of(reader, model, text, label, int(targets[row])) for model in crossed.judges(row)]
            names = [table.texts[row][a:b] for a, b in text.spans]
            yield _largest(names, np.mean(each, axis=0))


def _largest(names: Sequence[str], weights: NDArray[np.float64]) -> tuple[WordWeight, ...]:
    order = np.argsort(-weights, kind="stable")[:MOST]
    return tuple(WordWeight(names[i], float(weights[i])) for i in order if weights[i] > 0)


def weights_of(reader: WordReader, model: FoldModel, text: Encoded, label: int, given: int) -> NDArray[np.float64]:
    """The weight of each token (T,); a word that stands twice has its weight at its first place, as has a pair."""
    pairs = reader.token_inputs([text.ids])["pairs"][0]
    words, first = np.unique(text.ids, return_index=True)
    known, at = np.unique(pairs, return_index=True)
    known, at = known[known > 0], at[known > 0]
    features = reader.word_features(words)
    rows, owners = features["features"], features["words"]  # (R, 8), padded with 0; (R,)

    def margins(ids: NDArray[np.integer]) -> NDArray[np.float64]:
        weights = model.weights[ids]
        return np.where(ids > 0, weights[..., label] - weights[..., given], 0.0)

    def squares(ids: NDArray[np.integer]) -> float:
        return float(np.square(np.where(ids > 0, model.scales[ids], 0.0)).sum())

    weights = np.zeros(len(text.ids))
    weights[first] += np.bincount(owners, margins(rows).sum(axis=1), len(words))
    weights[at] += margins(known)
    return np.asarray(weights / max(np.sqrt(squares(rows) + squares(known)), 1e-6))
