"""Base rates shift the log-odds exactly, and no evidence."""

import math
from pathlib import Path

import numpy as np
import pytest

from attnclf.errors import UsageError
from attnclf.explain import explain, with_counterfactuals
from attnclf.explain.additivity import additivity_gap
from attnclf.results import softmax
from attnclf.served.base_rates import base_rates, log_shift
from attnclf.served.model import ServedModel
from attnclf.served.prediction import predict
from tests.models import TEXTS

LABELS = ("fake", "real", "shop")
SHARES = (0.5, 0.3, 0.2)


def test_other_labels_are_scaled() -> None:
    assert base_rates(LABELS, SHARES, {"fake": 0.02}) == pytest.approx((0.02, 0.588, 0.392))
    assert base_rates(LABELS, SHARES, {"fake": 0.02, "shop": 0.1}) == pytest.approx((0.02, 0.88, 0.1))
    assert base_rates(LABELS, SHARES, {"fake": 0.2, "real": 0.3, "shop": 0.5}) == pytest.approx((0.2, 0.3, 0.5))


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"fake": 0.0}, "'fake' is 0"),
        ({"fake": 1.0}, "'fake' is 1"),
        ({"fake": -0.1}, "'fake' is -0.1"),
        ({"feke": 0.1}, "no label 'feke'"),
        ({"fake": 0.6, "real": 0.4}, "sum to 1"),
        ({"fake": 0.6, "real": 0.3, "shop": 0.3}, "sum to 1.2"),
    ],
)
def test_what_is_no_base_rate_is_refused(asked: dict[str, float], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        base_rates(LABELS, SHARES, asked)


def test_a_model_that_kept_no_shares_is_refused() -> None:
    with pytest.raises(UsageError, match="does not keep the shares"):
        base_rates(LABELS, (), {"fake": 0.1})


def test_the_shift_by_hand() -> None:
    """Two labels, in training half and half, p = 0.9: the odds 9 become 9 · (.02 / .98) = 0.1837, so p = 0.1552."""
    logits = np.log([0.9, 0.1]) + log_shift((0.5, 0.5), (0.02, 0.98))
    assert softmax(logits)[0] == pytest.approx(0.15517, abs=1e-5)


def test_a_model_shifts_its_log_odds_and_keeps_its_evidence(served: ServedModel) -> None:
    rates = {"fake": 0.02}
    at = served.at(rates)
    expected = log_shift(served.bundle.shares, [at.base_rates[label] for label in served.labels])
    before, after = served.logits(TEXTS)[0], at.logits(TEXTS)[0]
    assert after - before == pytest.approx(np.tile(expected, (len(TEXTS), 1)), abs=1e-5)
    assert at.base_rates == pytest.approx({"fake": 0.02, "real": 0.98 * 2 / 3, "shop": 0.98 / 3})
    assert list(served.at({"shop": 0.1}).base_rates) == ["shop", "fake", "real"]  # in sight where there are many
    for one, other in zip(explain(served, TEXTS, "fake", "real"), explain(at, TEXTS, "fake", "real"), strict=True):
        assert [token.evidence for token in one.tokens] == [token.evidence for token in other.tokens]
        assert other.log_odds == pytest.approx(one.log_odds + expected[0] - expected[1], abs=1e-5)
        assert other.prior == pytest.approx(expected[0] - expected[1], abs=1e-5)
        assert additivity_gap(other) < 1e-4
        assert math.log(dict(zip(other.prediction.labels, other.prediction.probabilities, strict=True))["fake"]) < 0


def test_the_base_rates_of_training_change_nothing(served: ServedModel) -> None:
    same = served.at(dict(zip(served.labels, served.bundle.shares, strict=True)))
    for one, other in zip(predict(same, TEXTS), predict(served, TEXTS), strict=True):
        assert one.probabilities == pytest.approx(other.probabilities, abs=1e-6)


def test_what_the_decision_depends_on_counts_the_base_rate(served: ServedModel) -> None:
    """With a label that is nearly certain beforehand, no words carry the decision, and none can be left out to change it."""
    found = with_counterfactuals(served.at({"shop": 0.999999}), explain(served.at({"shop": 0.999999}), TEXTS))
    assert {result.target for result in found} == {"shop"}
    assert all(result.counterfactual is None for result in found)


def test_an_older_model_keeps_answering(tmp_path: Path, served: ServedModel) -> None:
    assert served.at({}) is served
    assert not served.shift.any()
