"""The linear path: logistic regression that splits over tokens, and how loud it is."""

import numpy as np
import pytest

from attnclf.config import TextConfig
from attnclf.linear.model import (
    REGULARISATION,
    SCALES,
    USUAL_LOUDNESS,
    Scale,
    _climb,
    _contrast,
    _counts,
    _Judge,
    fit_again,
    fit_linear,
    fit_loudness,
)
from attnclf.model import composition, pooling
from attnclf.model.reference import NumPy
from attnclf.reading.readers import build_reader
from attnclf.results import softmax
from attnclf.scoring.metrics import log_loss

TEXTS = ["good day", "bad night", "good sun today", "bad rain", "so good", "so bad"] * 4
TARGETS = np.array([1, 0, 1, 0, 1, 0] * 4, np.int32)


def path_logits(reader, path, texts):
    batch = reader.batch(reader.ids(texts)[0])
    mask = (np.arange(batch["ids"].shape[1]) < batch["lengths"][:, None]).astype(np.float32)[..., None]
    of_words = composition.word_weights(NumPy(), path.table, batch["features"], batch["words"])[batch["ids"]]
    labels, of_pairs = path.table.shape[1] - 1, path.table[batch["pairs"]]
    return pooling.linear_path(NumPy(), labels, of_words, of_pairs, batch["ids"], batch["pairs"], mask).sum(axis=1) + path.bias


@pytest.mark.parametrize("labels", [2, 3])
def test_the_path_gives_what_the_regression_says(labels: int) -> None:
    """Token by token in the model's equation, all at once in the regression: the same logits."""
    reader = build_reader(TEXTS, TextConfig(level="word", min_count=1))
    ids, _ = reader.ids(TEXTS)
    targets = TARGETS if labels == 2 else np.arange(len(TEXTS), dtype=np.int32) % 3
    path = fit_linear(reader, (ids, targets), (ids, targets), labels)
    assert path.table.shape == (reader.features, labels + 1)
    assert not path.table[0].any()
    assert np.abs(path.logits).max() > 0.5
    assert np.allclose(path_logits(reader, path, TEXTS), path.logits, atol=1e-5)


def test_a_text_holds_the_features_of_its_distinct_words_and_pairs() -> None:
    reader = build_reader(TEXTS, TextConfig(level="word", min_count=1))
    ids, _ = reader.ids(["good good day", "good day"])
    counts = _counts(reader, ids)
    explicit = (counts.left @ counts.right).toarray()
    batch = reader.batch(ids)
    for row, text in enumerate(explicit):
        words, pairs = np.unique(batch["ids"][row, : len(ids[row])]), np.unique(batch["pairs"][row, : len(ids[row])])
        features = batch["features"][np.isin(batch["words"], words)]
        expected = np.bincount(features[features > 0], minlength=reader.features)
        expected[pairs[pairs > 0]] += 1
        assert np.array_equal(text, expected)


@pytest.mark.parametrize("labels", [2, 3])
def test_contrast_is_how_differently_often_labels_hold_a_feature(labels: int) -> None:
    reader = build_reader(TEXTS, TextConfig(level="word", min_count=1))
    counts = _counts(reader, reader.ids(TEXTS)[0])
    targets = TARGETS if labels == 2 else np.arange(len(TEXTS), dtype=np.int32) % 3
    explicit = (counts.left @ counts.right).toarray()
    expected = np.zeros(reader.features)
    for label in range(labels):
        mine, others = explicit[targets == label], explicit[targets != label]
        a = 2 * len(mine) / len(TEXTS)
        ratio = (mine.sum(axis=0) + a) / a * (2 - a) / (others.sum(axis=0) + 2 - a)
        expected += np.log(ratio) ** 2 / labels
    found = _contrast(counts, targets, labels)
    assert np.allclose(found, np.sqrt(expected), atol=1e-6)
    if labels == 2:  # "so" stands in good and in bad texts alike
        good, so = (reader.made_of(reader.ids([word])[0][0])["features"].ravel() for word in ("good", "so"))
        assert found[so].min() < 0.1 and found[good].max() > 1


@pytest.mark.parametrize("shares", [(9, 1), (1, 1, 1), (1,) * 20])
def test_what_stands_with_labels_in_proportion_has_no_contrast(shares: tuple[int, ...]) -> None:
    targets = np.repeat(np.arange(len(shares), dtype=np.int32), [20 * share for share in shares])
    texts = [f"common{' rare' if i % 20 == 0 else ''} label{target}" for i, target in enumerate(targets)]
    reader = build_reader(texts, TextConfig(level="word", min_count=1))
    contrast = _contrast(_counts(reader, reader.ids(texts)[0]), targets, len(shares))

    def of(word: str) -> float:
        features = reader.made_of(reader.ids([word])[0][0])["features"].ravel()
        return float(contrast[features[reader.whole()[features]]].max())

    assert of("common") == pytest.approx(0, abs=1e-6)
    assert of("rare") == pytest.approx(0, abs=1e-6)
    assert of("label0") > 0.5
    assert contrast[0] == pytest.approx(0, abs=1e-6)  # in no text


def test_it_learns_from_ngrams_and_says_nothing_of_the_unknown() -> None:
    reader = build_reader(TEXTS, TextConfig(level="word", min_count=1))
    ids, _ = reader.ids(TEXTS)
    path = fit_linear(reader, (ids, TARGETS), (ids, TARGETS), 2)
    assert path_logits(reader, path, ["goood", "baaad"]).argmax(axis=1).tolist() == [1, 0]
    assert np.allclose(path_logits(reader, path, ["龘"]), path.bias, atol=0.5)


def test_the_scale_is_the_one_with_the_least_loss_on_the_validation_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = build_reader(TEXTS, TextConfig(level="word", min_count=1))
    ids, _ = reader.ids(TEXTS)
    train, valid = (ids[:12], TARGETS[:12]), (ids[12:], TARGETS[12:])
    monkeypatch.setattr("attnclf.linear.model.REGULARISATION", (1.0,) * len(REGULARISATION))

    def loss(*scales: Scale) -> float:
        monkeypatch.setattr("attnclf.linear.model.SCALES", scales)
        return log_loss(valid[1], softmax(fit_linear(reader, train, valid, 2).logits))

    losses = [loss(scale) for scale in SCALES]
    assert loss(*SCALES) == min(losses) < max(losses)


def test_parts_of_the_training_rows_judge_beside_the_validation_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = build_reader(TEXTS, TextConfig(level="word", min_count=1))
    ids, _ = reader.ids(TEXTS)
    train, valid = (ids[:12], TARGETS[:12]), (ids[12:], TARGETS[12:])
    judge = _Judge.loss

    def loss(self: _Judge, scale: Scale, c: float) -> float:
        judge(self, scale, c)
        by_validation = len(self.truth) == 12
        return {SCALES[0]: 1.0, SCALES[1]: 2.0}.get(scale, 9.0) if by_validation else float(scale != SCALES[1])

    monkeypatch.setattr(_Judge, "loss", loss)
    assert fit_linear(reader, train, valid, 2).choice.startswith(str(SCALES[0]))
    halves = [(np.arange(6), np.arange(6, 12)), (np.arange(6, 12), np.arange(6))]
    assert fit_linear(reader, train, valid, 2, halves).choice.startswith(str(SCALES[1]))


def test_the_parts_are_fitted_without_the_rows_that_judge_them(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["even day", "odd day"] * 6 + ["even blur", "odd sign"] * 6
    reader = build_reader(texts, TextConfig(level="word", min_count=1))
    (ids, _), targets = reader.ids(texts), np.arange(24, dtype=np.int32) % 2
    judges: list[_Judge] = []

    def kept(self: _Judge, scale: Scale, c: float) -> float:
        judges.append(self)
        return 0.0

    monkeypatch.setattr(_Judge, "loss", kept)
    early, late = np.arange(12), np.arange(12, 24)
    fit_linear(reader, (ids, targets), (ids[:2], targets[:2]), 2, [(early, late)])
    (_, judge) = dict.fromkeys(judges)
    counts = _counts(reader, ids)
    for found, rows in ((judge.counts, early), (judge.held_out, late)):
        assert np.array_equal((found.left @ found.right).toarray(), (counts.left[rows] @ counts.right).toarray())
    assert np.array_equal(judge.targets, targets[early])
    assert np.array_equal(judge.truth, targets[late])
    blur = reader.made_of(reader.ids(["blur"])[0][0])["features"].ravel()
    scales = judge._features.scaled(Scale(1, 1, 4))
    assert not scales[blur].any()  # which no text it is fitted to holds
    assert (scales > 0).sum() == (counts.rows(early) @ np.eye(reader.features)).any(axis=0).sum()


@pytest.mark.parametrize(
    ("losses", "best"), [([9, 8, 5, 6, 7, 9, 9], 10), ([3, 4, 5, 6, 7, 8, 9], 1), ([9, 8, 7, 6, 5, 4, 3], 1000)]
)
def test_the_climb_finds_the_bottom_on_either_side(losses: list[int], best: float) -> None:
    table = dict(zip(REGULARISATION, losses, strict=True))
    assert _climb(table.__getitem__, table[REGULARISATION[2]]) == best


def test_loudness_trusts_what_is_right_and_calibrates() -> None:
    rng = np.random.default_rng(0)
    targets = rng.integers(0, 2, 500).astype(np.int32)
    signal = np.stack([-targets, targets], axis=1) + rng.normal(0, 1, (500, 2))
    noise = rng.normal(0, 3, (500, 2))
    a, b = fit_loudness(signal, noise, targets)
    assert a > 10 * b
    loud = 50 * signal
    a, b = fit_loudness(loud, noise, targets)
    assert log_loss(targets, softmax(a * loud + b * noise)) < log_loss(targets, softmax(loud))


def test_few_rows_make_no_one_certain() -> None:
    """Four rows which the path gets right: without a prior it would be as loud as the search goes."""
    targets = np.array([0, 1, 0, 1], np.int32)
    path = np.stack([1 - targets, targets], axis=1) * 2.0
    a, b = fit_loudness(np.zeros((4, 2)), path, targets)
    assert a == pytest.approx(USUAL_LOUDNESS[0], rel=1e-3)  # of which the rows say nothing
    assert USUAL_LOUDNESS[1] < b < 5
    _, surer = fit_loudness(np.zeros((400, 2)), np.tile(path, (100, 1)), np.tile(targets, 100))
    assert surer > 2 * b


def test_fitted_again_it_has_the_same_settings_and_other_weights() -> None:
    reader = build_reader(TEXTS, TextConfig(level="word", min_count=1))
    ids, _ = reader.ids(TEXTS)
    path = fit_linear(reader, (ids[:12], TARGETS[:12]), (ids[12:], TARGETS[12:]), 2)
    again = fit_again(path, reader, (ids, TARGETS), ids[12:])
    assert (again.c, again.choice) == (path.c, path.choice)
    assert np.array_equal(again.table[:, -1], path.table[:, -1])
    assert np.abs(again.logits).mean() > np.abs(path.logits).mean()  # more rows of the same: surer
