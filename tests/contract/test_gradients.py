"""Gradient methods against the NumPy reference: slopes by finite differences, and sums that account for the whole."""

from dataclasses import replace

import numpy as np
import pytest

from attnclf.explain import explain
from attnclf.model import composition
from attnclf.model.reference import NumPy, linear_contributions, reference
from attnclf.served.model import ServedModel
from tests.models import random_weights, small_classifier

CASES = [("char", "bilstm", 512), ("word", "bilstm", 512), ("word", "hierarchical", 512), ("word", "bilstm", 4)]


@pytest.fixture(scope="module", params=CASES, ids=lambda case: "-".join(map(str, case)))
def asked(request: pytest.FixtureRequest):
    """A classifier with random weights, its gradients, and a text as inputs."""
    from attnclf.trainable.gradients import Gradients

    architecture, reader = small_classifier(request.param[0], request.param[2], encoder=request.param[1])
    weights = random_weights(architecture, seed=5)
    inputs = reader.batch(reader.ids(["좋아요 정말. 1000 DM 좋아요"])[0])
    return architecture, weights, inputs, Gradients(architecture, weights, inputs)


def margin(architecture, weights, places, x: np.ndarray, k: int, r: int) -> float:
    """ℓ_k − ℓ_r of token vectors (T, E) by attention alone, in NumPy."""
    plain = replace(architecture, features=0)
    inputs = places | {"ids": np.arange(1, len(x) + 1)[None]}
    table = np.concatenate([np.zeros_like(x[:1]), x])
    (logits,) = reference(plain, weights | {"embedding.table": table}, inputs).logits
    return float(logits[k] - logits[r])


def vectors(architecture, weights, inputs) -> np.ndarray:
    table = weights["embedding.table"]
    if architecture.features:
        features, present = composition.embedded(NumPy(), inputs["features"], len(table))
        table = composition.compose(NumPy(), table[features], present, inputs["words"])
    return table[inputs["ids"][0]].astype(np.float64)


def path(architecture, weights, inputs, k: int, r: int) -> np.ndarray:
    if not architecture.features:
        return np.zeros(inputs["text_lengths"][0])
    (shares,) = linear_contributions(weights["linear.table"], inputs)
    return shares[:, k] - shares[:, r]


def test_gradient_times_input_is_the_slope_along_each_token(asked) -> None:
    architecture, weights, inputs, gradients = asked
    x, step = vectors(architecture, weights, inputs), 1e-2
    slopes = []
    for t in range(len(x)):
        ends = []
        for sign in (1, -1):
            moved = x.copy()
            moved[t] *= 1 + sign * step
            ends.append(margin(architecture, weights, inputs, moved.astype(np.float32), 0, 2))
        slopes.append((ends[0] - ends[1]) / (2 * step))
    expected = path(architecture, weights, inputs, 0, 2)
    expected[inputs["positions"][0]] += np.array(slopes)
    assert np.abs(gradients.times_input(inputs, 0, 2) - expected).max() < 0.03 * np.abs(expected).max()
    assert np.abs(expected).max() > 0.05


def test_integrated_gradients_account_for_the_change_from_zero(asked) -> None:
    architecture, weights, inputs, gradients = asked
    x = vectors(architecture, weights, inputs).astype(np.float32)
    scores, gap = gradients.integrated(inputs, 1, 0)
    change = margin(architecture, weights, inputs, x, 1, 0) - margin(architecture, weights, inputs, np.zeros_like(x), 1, 0)
    total = change + path(architecture, weights, inputs, 1, 0).sum()
    assert gap <= 0.05
    assert scores.sum() == pytest.approx(total, abs=0.05 * abs(change) + 1e-4)
    assert len(scores) == inputs["text_lengths"][0]


def test_no_gap_is_hidden(asked, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one step, and no more allowed, the rule of midpoints is off, and the gap says by how much."""
    architecture, weights, inputs, gradients = asked
    monkeypatch.setattr("attnclf.trainable.gradients.STEPS", 1)
    monkeypatch.setattr("attnclf.trainable.gradients.MOST_STEPS", 1)
    x = vectors(architecture, weights, inputs).astype(np.float32)
    scores, gap = gradients.integrated(inputs, 1, 0)
    change = margin(architecture, weights, inputs, x, 1, 0) - margin(architecture, weights, inputs, np.zeros_like(x), 1, 0)
    missed = scores.sum() - path(architecture, weights, inputs, 1, 0).sum() - change
    assert gap == pytest.approx(abs(missed / change), rel=1e-2, abs=1e-4)


@pytest.mark.parametrize("level", ["char", "word"])
def test_a_served_model_is_asked_by_token_and_by_word(served: ServedModel, served_words: ServedModel, level: str) -> None:
    it = served if level == "char" else served_words
    text = "get 1000 followers, 좋아요"
    (tokens,) = explain(it, [text], methods=["gradxinput", "ig"])
    (words,) = explain(it, [text], methods=["gradxinput", "ig"], by="word")
    for method in ("gradxinput", "ig"):
        total = sum(t.score(method) for t in tokens.tokens)
        assert sum(t.score(method) for t in words.tokens) == pytest.approx(total, abs=1e-4)
    assert [t.text for t in words.tokens] == text.split()
    assert any("must sum to" in remark for remark in tokens.remarks)


def test_the_model_is_built_in_keras_once_whatever_the_base_rates(
    served_words: ServedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    from attnclf.trainable.gradients import Gradients

    built = []

    class Counted(Gradients):
        def __init__(self, *arguments) -> None:
            built.append(arguments)
            super().__init__(*arguments)

    monkeypatch.setattr("attnclf.explain.methods.gradients.start_keras", lambda: Counted)
    served = ServedModel.load(served_words.bundle.path)
    for share in (0.1, 0.2):
        explain(served.at({served.labels[0]: share}), ["좋아요"], methods=["gradxinput"])
    assert len(built) == 1
