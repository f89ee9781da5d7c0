"""Many new words are computed by products of matrices, a few by the graph: with the same result."""

from pathlib import Path

import numpy as np
import pytest

from attnclf.served import vectors
from attnclf.served.model import ServedModel
from attnclf.served.words import SparseWords

TEXTS = [f"get {i} followers 좋아요{i} naïve" for i in range(300)] + ["", "zzz", "get get"]


def test_the_product_is_what_the_graph_computes(served_words: ServedModel) -> None:
    reader, session = served_words.reader, served_words.session
    ids, _ = reader.ids(TEXTS)
    inputs = reader.word_features(np.unique(ids.flat))
    assert session._vectors is not None
    by_graph = session._vectors._by_graph(inputs)
    words = SparseWords(served_words.weights(), served_words.architecture.ngrams).run(inputs)
    for name, found in words.items():
        assert found.dtype == np.float32
        assert np.abs(by_graph[name][: len(found)] - found).max() < 1e-5
        assert np.abs(found).max() > 0.01


def test_many_new_words_are_not_computed_by_the_graph(word_bundle_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    by_graph = ServedModel.load(word_bundle_path)
    monkeypatch.setattr(vectors, "MANY", 10**9)
    expected = by_graph.logits(TEXTS)[0]
    monkeypatch.setattr(vectors, "MANY", 100)
    by_product = ServedModel.load(word_bundle_path)
    monkeypatch.setattr(vectors.WordVectors, "_by_graph", None)
    assert np.abs(by_product.logits(TEXTS)[0] - expected).max() < 1e-5
