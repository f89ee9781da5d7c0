"""Diagnostics against numbers made by hand and against what the served model says."""

from dataclasses import replace

import numpy as np
import pytest

from attnclf.explain import diagnose, diagnostics
from attnclf.explain.diagnostics import conicity
from attnclf.render import trust
from attnclf.results import Diagnostics, Interval, softmax
from attnclf.served.model import ServedModel
from tests.models import TEXTS

SOME = [*TEXTS[:4], "좋아요", "get 1000 followers now , now"]


def test_conicity_is_one_for_one_direction_and_small_for_opposite_ones() -> None:
    assert conicity(np.array([[1, 2], [2, 4], [0.5, 1]], np.float32)) == pytest.approx(1, abs=1e-6)
    assert conicity(np.array([[1, 1], [1, -1]], np.float32)) == pytest.approx(np.sqrt(0.5), abs=1e-6)
    assert conicity(np.array([[1, 0], [-1, 0]], np.float32)) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("level", ["served", "served_words"])
def test_diagnostics_are_of_what_is_served(level: str, request: pytest.FixtureRequest) -> None:
    served: ServedModel = request.getfixturevalue(level)
    logits = served.logits(SOME)[0]
    targets = [0, 1, 2, 0, 1, 2]
    found = diagnose(served, SOME, targets)
    assert found.texts == len(SOME)
    assert found.accuracy.mean == pytest.approx(np.mean(logits.argmax(axis=1) == targets))
    attention = [s.attention for s in served.scored(SOME) if len(s.attention) > 1]
    expected = [-(a * np.log(a)).sum() / np.log(len(a)) for a in attention]
    assert found.entropy is not None
    assert found.entropy.mean == pytest.approx(np.mean(expected), abs=1e-5)
    assert 0 <= found.vote_agreement.mean <= 1
    assert -1 <= found.conicity_of_states.mean <= 1


def test_texts_read_in_small_parts_give_the_same(served_words: ServedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = diagnose(served_words, SOME, [0] * len(SOME))
    monkeypatch.setattr(diagnostics, "MOST_PLACES", 1)
    for name, value in vars(diagnose(served_words, SOME, [0] * len(SOME))).items():
        other = getattr(whole, name)
        assert value == other or value.mean == pytest.approx(other.mean, abs=1e-5)


def test_what_others_make_the_model_forget_meanwhile_changes_nothing(
    served_words: ServedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diagnostics, "MOST_PLACES", 1)
    for rows, found in diagnostics._forward_passes(served_words, SOME):
        assert np.allclose(found.logits, served_words.logits([SOME[row] for row in rows])[0], atol=1e-5)
        served_words.session.forget(served_words.reader)
        served_words.logits(["other words get the ids"])


def test_every_diagnostic_by_hand(served_words: ServedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """One text of two tokens: attention looks at the vote for label 0; the plain mean of both votes is for label 1 by half,
    were it not for the linear model, which adds more to label 0 in one case and nothing in the other."""
    real = diagnostics.reference

    def reading(linear_for_0: float):
        def read(*arguments):
            found = real(*arguments)
            arrays = {
                name: np.zeros_like(getattr(found, name)) for name in ("votes", "alpha", "pooled", "linear", "states", "values")
            }
            arrays["votes"][0, :2, :2] = [[2, 0], [0, 3]]
            arrays["alpha"][0, :2] = [0.9, 0.1]
            arrays["pooled"][0, :2, :2] = [[1.8, 0], [0, 0.3]]
            arrays["linear"][0, 0, 0] = linear_for_0
            arrays["states"][0, :2, :2] = [[1, 1], [1, -1]]
            arrays["values"][0, :2, :2] = [[1, 0], [2, 0]]
            return replace(found, **arrays)

        return read

    for linear_for_0, uniform in ((0.0, 0), (0.6, 1)):
        monkeypatch.setattr(diagnostics, "reference", reading(linear_for_0))
        found = diagnose(served_words, ["좋아요 정말"], [0])
        assert (found.accuracy.mean, found.accuracy_uniform.mean) == (1, uniform)
    assert found.vote_agreement.mean == pytest.approx(0.9)
    assert found.conicity_of_states.mean == pytest.approx(np.sqrt(0.5), abs=1e-6)
    assert found.conicity_of_values.mean == pytest.approx(1, abs=1e-6)
    assert found.entropy is not None
    assert found.entropy.mean == pytest.approx(-(0.9 * np.log(0.9) + 0.1 * np.log(0.1)) / np.log(2), abs=1e-6)


def test_each_diagnostic_is_shown_under_its_name() -> None:
    values = [Interval(n / 10, n / 10, n / 10) for n in range(1, 7)]
    rows = trust.diagnostics(Diagnostics(5, *values))
    assert [row[1][:4] for row in rows] == [".100", ".200", ".300", ".400", ".500", ".600"]
    names = ["states", "values", "vote", "entropy", "accuracy on", "uniform attention"]
    assert all(name in row[0] for name, row in zip(names, rows, strict=True))


def test_texts_of_one_token_have_no_entropy(served_words: ServedModel) -> None:
    assert diagnose(served_words, ["좋아요", ""], [0, 1]).entropy is None


def test_the_reference_says_what_is_served(served_words: ServedModel) -> None:
    inputs = served_words.reader.batch(served_words.reader.ids(SOME)[0])
    reading = diagnostics.reference(served_words.architecture, served_words.weights(), inputs)
    assert np.abs(softmax(reading.logits) - softmax(served_words.logits(SOME)[0])).max() < 1e-4
