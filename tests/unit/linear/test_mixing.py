"""Mixing weights: how much the network and the linear model each count."""

import numpy as np
import pytest

from attnclf.linear.mixing import USUAL_WEIGHTS, fit_mixing_weights
from attnclf.results import softmax
from attnclf.scoring.metrics import log_loss


def test_mixing_weights_trust_what_is_right_and_calibrate() -> None:
    rng = np.random.default_rng(0)
    targets = rng.integers(0, 2, 500).astype(np.int32)
    signal = np.stack([-targets, targets], axis=1) + rng.normal(0, 1, (500, 2))
    noise = rng.normal(0, 3, (500, 2))
    a, b = fit_mixing_weights(signal, noise, targets)
    assert a > 10 * b
    loud = 50 * signal
    a, b = fit_mixing_weights(loud, noise, targets)
    assert log_loss(targets, softmax(a * loud + b * noise)) < log_loss(targets, softmax(loud))


def test_few_rows_make_no_one_certain() -> None:
    """Four rows which the model gets right: without a prior it would be as loud as the search goes."""
    targets = np.array([0, 1, 0, 1], np.int32)
    model = np.stack([1 - targets, targets], axis=1) * 2.0
    a, b = fit_mixing_weights(np.zeros((4, 2)), model, targets)
    assert a == pytest.approx(USUAL_WEIGHTS[0], rel=1e-3)  # of which the rows say nothing
    assert USUAL_WEIGHTS[1] < b < 5
    _, surer = fit_mixing_weights(np.zeros((400, 2)), np.tile(model, (100, 1)), np.tile(targets, 100))
    assert surer > 2 * b
