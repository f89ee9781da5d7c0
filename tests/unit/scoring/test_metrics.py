"""Scores, against hand-computed numbers and scikit-learn's own."""

import numpy as np
import pytest
from sklearn import metrics as sk

from attnclf.results import softmax
from attnclf.scoring import metrics

TARGETS = np.array([0, 0, 1, 1, 2], np.int32)
PROBABILITIES = np.array([[0.8, 0.1, 0.1], [0.3, 0.6, 0.1], [0.2, 0.7, 0.1], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4]])


def test_a_report_by_hand() -> None:
    report = metrics.report(["a", "b", "c"], TARGETS, PROBABILITIES)
    assert report.rows == 5
    assert report.accuracy == 0.8
    assert report.confusion == ((1, 1, 0), (0, 2, 0), (0, 0, 1))
    assert [s.support for s in report.labels] == [2, 2, 1]
    assert report.labels[0].precision == 1
    assert report.labels[0].recall == 0.5
    assert report.macro_f1 == pytest.approx((2 / 3 + 0.8 + 1) / 3)
    assert report.weighted_f1 == pytest.approx((2 * 2 / 3 + 2 * 0.8 + 1) / 5)


def test_log_loss_is_scikit_learns() -> None:
    assert metrics.log_loss(TARGETS, PROBABILITIES) == pytest.approx(sk.log_loss(TARGETS, PROBABILITIES))


def test_log_loss_of_a_certain_mistake_is_finite() -> None:
    assert np.isfinite(metrics.log_loss(np.array([1], np.int32), np.array([[1.0, 0.0]])))


def test_brier_by_hand() -> None:
    assert metrics.brier(np.array([0], np.int32), np.array([[0.8, 0.2]])) == pytest.approx(0.04 + 0.04)


def test_calibration_error_by_hand() -> None:
    # Ten rows at confidence .9, of which seven are right: |.7 − .9| = .2.
    probabilities = np.tile([0.9, 0.1], (10, 1))
    targets = np.array([0] * 7 + [1] * 3, np.int32)
    assert metrics.calibration_error(targets, probabilities) == pytest.approx(0.2)


def test_certainty_that_is_right_is_calibrated() -> None:
    assert metrics.calibration_error(np.array([0, 1], np.int32), np.eye(2)) == 0


def test_a_label_that_never_occurs_counts_nothing_in_macro_f1() -> None:
    assert metrics.macro_f1(np.array([0, 1], np.int32), np.array([[1.0, 0, 0], [0, 1.0, 0]])) == 1


def test_softmax_of_large_logits() -> None:
    assert np.allclose(softmax(np.array([[1000.0, 1000.0], [-1000, 1000]], np.float32)), [[0.5, 0.5], [0, 1]])
