"""The features of the linear model: counts, log-count ratios."""

import numpy as np
import pytest

from attnclf.config import TextConfig
from attnclf.linear.features import count_features, log_count_ratios
from attnclf.reading.readers import build_reader

TEXTS = ["good day", "bad night", "good sun today", "bad rain", "so good", "so bad"] * 4
TARGETS = np.array([1, 0, 1, 0, 1, 0] * 4, np.int32)


def test_a_text_holds_the_features_of_its_distinct_words_and_pairs() -> None:
    reader = build_reader(TEXTS, TextConfig(level="word", min_count=1))
    ids, _ = reader.ids(["good good day", "good day"])
    counts = count_features(reader, ids)
    explicit = (counts.left @ counts.right).toarray()
    batch = reader.batch(ids)
    for row, text in enumerate(explicit):
        words, pairs = np.unique(batch["ids"][row, : len(ids[row])]), np.unique(batch["pairs"][row, : len(ids[row])])
        features = batch["features"][np.isin(batch["words"], words)]
        expected = np.bincount(features[features > 0], minlength=reader.features)
        expected[pairs[pairs > 0]] += 1
        assert np.array_equal(text, expected)


@pytest.mark.parametrize("labels", [2, 3])
def test_the_log_count_ratio_is_how_differently_often_labels_hold_a_feature(labels: int) -> None:
    reader = build_reader(TEXTS, TextConfig(level="word", min_count=1))
    counts = count_features(reader, reader.ids(TEXTS)[0])
    targets = TARGETS if labels == 2 else np.arange(len(TEXTS), dtype=np.int32) % 3
    explicit = (counts.left @ counts.right).toarray()
    expected = np.zeros(reader.features)
    for label in range(labels):
        mine, others = explicit[targets == label], explicit[targets != label]
        a = 2 * len(mine) / len(TEXTS)
        ratio = (mine.sum(axis=0) + a) / a * (2 - a) / (others.sum(axis=0) + 2 - a)
        expected += np.log(ratio) ** 2 / labels
    found = log_count_ratios(counts, targets, labels)
    assert np.allclose(found, np.sqrt(expected), atol=1e-6)
    if labels == 2:  # "so" stands in good and in bad texts alike
        good, so = (reader.word_features(reader.ids([word])[0][0])["features"].ravel() for word in ("good", "so"))
        assert found[so].min() < 0.1 and found[good].max() > 1


@pytest.mark.parametrize("shares", [(9, 1), (1, 1, 1), (1,) * 20])
def test_what_stands_with_labels_in_proportion_has_a_ratio_of_zero(shares: tuple[int, ...]) -> None:
    targets = np.repeat(np.arange(len(shares), dtype=np.int32), [20 * share for share in shares])
    texts = [f"common{' rare' if i % 20 == 0 else ''} label{target}" for i, target in enumerate(targets)]
    reader = build_reader(texts, TextConfig(level="word", min_count=1))
    ratios = log_count_ratios(count_features(reader, reader.ids(texts)[0]), targets, len(shares))

    def of(word: str) -> float:
        features = reader.word_features(reader.ids([word])[0][0])["features"].ravel()
        return float(ratios[features[reader.whole()[features]]].max())

    assert of("common") == pytest.approx(0, abs=1e-6)
    assert of("rare") == pytest.approx(0, abs=1e-6)
    assert of("label0") > 0.5
    assert ratios[0] == pytest.approx(0, abs=1e-6)  # in no text
