"""What `words.onnx` computes, for many words at once: products of a sparse matrix, of words and their features, with tables.

The graph gathers the vectors of all features before it adds them up; the product adds each where it stands. It takes a third
of the time, but SciPy takes longer to import than a few words take in the graph.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnclf.reading.base import Inputs

Array = NDArray[np.float32]


class SparseWords:
    """The equations of `attnclf.model.composition` in SciPy, with the tables of a model with `ngrams` n-grams."""

    def __init__(self, weights: Mapping[str, Array], ngrams: int) -> None:
        self._vectors, self._weights = weights["embedding.table"], weights["linear.table"][:ngrams]

    def run(self, inputs: Inputs) -> dict[str, Array]:
        """`vectors` (M, E) and `weights` (M, K + 1) of M words, from `features` (R, 8) and `words` (R,)."""
        features, words = inputs["features"], inputs["words"]
        held = _held(features, words, len(self._vectors))
        count = np.diff(held.indptr)[:, None].astype(np.float32)
        return {
            "vectors": (held @ self._vectors) / np.sqrt(np.maximum(count, 1)),
            "weights": _held(features, words, len(self._weights)) @ self._weights,
        }


def _held(features: NDArray[np.int32], words: NDArray[np.int32], below: int) -> Any:
    """Which of the features 1 to `below` − 1 each word holds: (M, below), sparse."""
    from scipy.sparse import csr_array

    real = (features > 0) & (features < below)
    number = np.bincount(words, real.sum(axis=1), int(words[-1]) + 1)
    starts = np.concatenate([[0], np.cumsum(number)]).astype(np.int32)
    indices = features[real]
    return csr_array((np.ones(len(indices), np.float32), indices, starts), shape=(len(number), below))
