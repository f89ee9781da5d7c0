"""The linear model: logistic regression that splits over tokens."""

from threading import get_ident

import numpy as np
import pytest

from attnclf.config import TextConfig
from attnclf.linear.features import Scale, count_features
from attnclf.linear.model import REGULARISATION, SCALES, HeldOutLoss, _best_c, affordable, fit_linear_model, refit
from attnclf.model.reference import linear_contributions
from attnclf.ragged import Ragged
from attnclf.reading.readers import build_reader
from attnclf.results import softmax
from attnclf.scoring.metrics import log_loss

TEXTS = ["good day", "bad night", "good sun today", "bad rain", "so good", "so bad"] * 4
TARGETS = np.array([1, 0, 1, 0, 1, 0] * 4, np.int32)


def logits_by_token(reader, model, texts):
    batch = reader.batch(reader.ids(texts)[0])
    return linear_contributions(model.table, batch).sum(axis=1) + model.bias


@pytest.mark.parametrize("labels", [2, 3])
@pytest.mark.parametrize("max_length", [512, 2])
def test_the_linear_model_gives_what_the_regression_says(labels: int, max_length: int) -> None:
    """Token by token in the model's equation, all at once in the regression: the same logits, whatever the network reads."""
    reader = build_reader(TEXTS, TextConfig(level="word", min_count=1, max_length=max_length))
    ids, _ = reader.ids(TEXTS)
    targets = TARGETS if labels == 2 else np.arange(len(TEXTS), dtype=np.int32) % 3
    model = fit_linear_model(reader, (ids, targets), (ids, targets), labels)
    assert model.table.shape == (reader.features, labels + 1)
    assert not model.table[0].any()
    assert np.abs(model.logits).max() > 0.5
    assert np.allclose(logits_by_token(reader, model, TEXTS), model.logits, atol=1e-5)


def test_it_learns_from_ngrams_and_says_nothing_of_the_unknown() -> None:
    reader = build_reader(TEXTS, TextConfig(level="word", min_count=1))
    ids, _ = reader.ids(TEXTS)
    model = fit_linear_model(reader, (ids, TARGETS), (ids, TARGETS), 2)
    assert logits_by_token(reader, model, ["goood", "baaad"]).argmax(axis=1).tolist() == [1, 0]
    assert np.allclose(logits_by_token(reader, model, ["龘"]), model.bias, atol=0.5)


def test_the_scale_is_the_one_with_the_least_loss_on_the_validation_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = build_reader(TEXTS, TextConfig(level="word", min_count=1))
    ids, _ = reader.ids(TEXTS)
    train, valid = (ids[:12], TARGETS[:12]), (ids[12:], TARGETS[12:])
    monkeypatch.setattr("attnclf.linear.model.REGULARISATION", (1.0,) * len(REGULARISATION))

    def loss(*scales: Scale) -> float:
        monkeypatch.setattr("attnclf.linear.model.SCALES", scales)
        return log_loss(valid[1], softmax(fit_linear_model(reader, train, valid, 2).logits))

    losses = [loss(scale) for scale in SCALES]
    assert loss(*SCALES) == min(losses) < max(losses)


def test_parts_of_the_training_rows_judge_beside_the_validation_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = build_reader(TEXTS, TextConfig(level="word", min_count=1))
    ids, _ = reader.ids(TEXTS)
    train, valid = (ids[:12], TARGETS[:12]), (ids[12:], TARGETS[12:])
    judge = HeldOutLoss.loss

    def loss(self: HeldOutLoss, scale: Scale, c: float) -> float:
        judge(self, scale, c)
        by_validation = len(self.held_out_targets) == 12
        return {SCALES[0]: 1.0, SCALES[1]: 2.0}.get(scale, 9.0) if by_validation else float(scale != SCALES[1])

    monkeypatch.setattr(HeldOutLoss, "loss", loss)
    assert fit_linear_model(reader, train, valid, 2).choice.startswith(str(SCALES[0]))
    halves = [(np.arange(6), np.arange(6, 12)), (np.arange(6, 12), np.arange(6))]
    assert fit_linear_model(reader, train, valid, 2, halves).choice.startswith(str(SCALES[1]))


def test_the_parts_are_fitted_without_the_rows_that_judge_them(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["even day", "odd day"] * 6 + ["even blur", "odd sign"] * 6
    reader = build_reader(texts, TextConfig(level="word", min_count=1))
    (ids, _), targets = reader.ids(texts), np.arange(24, dtype=np.int32) % 2
    judges: list[HeldOutLoss] = []

    def kept(self: HeldOutLoss, scale: Scale, c: float) -> float:
        judges.append(self)
        return 0.0

    monkeypatch.setattr(HeldOutLoss, "loss", kept)
    early, late = np.arange(12), np.arange(12, 24)
    fit_linear_model(reader, (ids, targets), (ids[:2], targets[:2]), 2, [(early, late)])
    (judge,) = {judge for judge in judges if len(judge.held_out_targets) == len(late)}
    counts = count_features(reader, ids)
    for found, rows in ((judge.counts, early), (judge.held_out, late)):
        assert np.array_equal((found.left @ found.right).toarray(), (counts.left[rows] @ counts.right).toarray())
    assert np.array_equal(judge.targets, targets[early])
    assert np.array_equal(judge.held_out_targets, targets[late])
    blur = reader.word_features(reader.ids(["blur"])[0][0])["features"].ravel()
    scales = judge._statistics.scaled(Scale(1, 1, 4))
    assert not scales[blur].any()  # which no text it is fitted to holds
    assert (scales > 0).sum() == (counts.rows(early) @ np.eye(reader.features)).any(axis=0).sum()


def test_the_choice_is_the_same_on_any_number_of_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = build_reader(TEXTS, TextConfig(level="word", min_count=1))
    ids, _ = reader.ids(TEXTS)
    halves = [(np.arange(6), np.arange(6, 12)), (np.arange(6, 12), np.arange(6))]
    models, threads = [], set()
    judge = HeldOutLoss.loss

    def loss(self: HeldOutLoss, scale: Scale, c: float) -> float:
        threads.add(get_ident())
        return judge(self, scale, c)

    monkeypatch.setattr(HeldOutLoss, "loss", loss)
    for cores, most in ((1, 10**9), (4, 10**9), (4, 1)):
        monkeypatch.setattr("attnclf.linear.model.available_cores", lambda cores=cores: cores)
        monkeypatch.setattr("attnclf.linear.model.MOST_AT_ONCE", most)
        threads.clear()
        models.append(fit_linear_model(reader, (ids[:12], TARGETS[:12]), (ids[12:], TARGETS[12:]), 2, halves))
        if 1 in (cores, most):
            assert len(threads) == 1
    assert {model.choice for model in models} == {models[0].choice}
    assert all(np.array_equal(model.table, models[0].table) for model in models)


@pytest.mark.parametrize(
    ("losses", "best"), [([9, 8, 5, 6, 7, 9, 9], 10), ([3, 4, 5, 6, 7, 8, 9], 1), ([9, 8, 7, 6, 5, 4, 3], 1000)]
)
def test_the_search_for_c_finds_the_bottom_on_either_side(losses: list[int], best: float) -> None:
    table = dict(zip(REGULARISATION, losses, strict=True))
    assert _best_c(table.__getitem__, table[REGULARISATION[2]]) == best


def test_refitted_it_has_the_same_settings_and_other_weights() -> None:
    reader = build_reader(TEXTS, TextConfig(level="word", min_count=1))
    ids, _ = reader.ids(TEXTS)
    model = fit_linear_model(reader, (ids[:12], TARGETS[:12]), (ids[12:], TARGETS[12:]), 2)
    again = refit(model, reader, (ids, TARGETS), ids[12:])
    assert (again.c, again.choice) == (model.c, model.choice)
    assert np.array_equal(again.table[:, -1], model.table[:, -1])
    assert np.abs(again.logits).mean() > np.abs(model.logits).mean()  # more rows of the same: surer


def test_a_large_table_is_fitted_to_a_sample_of_its_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = build_reader(TEXTS, TextConfig(level="word", min_count=1))
    ids, _ = reader.ids(TEXTS)
    assert affordable(reader, (ids, TARGETS))[0] is ids
    monkeypatch.setattr("attnclf.linear.model.MOST_COUNTED", (2 * len(ids.flat) + reader.feature_numbers) // 2)
    some, targets = affordable(reader, (ids, TARGETS))
    assert len(ids.flat) / 4 < len(Ragged.of(some).flat) < len(ids.flat)
    assert set(targets.tolist()) == set(TARGETS.tolist())
    rows = [row.tolist() for row in ids]
    assert all(row.tolist() in rows for row in some)
