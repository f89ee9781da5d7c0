"""The equations of alignment, by hand in NumPy."""

import numpy as np
import pytest

from attnclf.model import alignment

MASK = np.array([[1, 1, 1, 0], [1, 1, 1, 1]], np.float32)[..., None]


def contributions() -> np.ndarray:
    """Of two texts and two labels: sizes 3, 0, 1 and padding; then 1, 1, 1, 1."""
    first = [[3.0, -3.0], [5.0, 5.0], [0.0, 2.0], [9.0, -9.0]]
    return np.array([first, [[1, -1], [-1, 1], [2, 0], [0, 2]]], np.float32)


NONE = np.zeros((2, 4, 2), np.float32)


def test_importance_is_each_tokens_share_of_what_tells_labels_apart() -> None:
    q = alignment.importance(np, contributions(), NONE, MASK)
    assert q[0] == pytest.approx([0.75, 0, 0.25, 0], abs=1e-2)  # the second token adds the same to both labels
    assert q[1] == pytest.approx([0.25] * 4, abs=1e-6)
    assert q[0, 3] == 0


def test_importance_is_mostly_of_the_network_and_partly_of_the_whole_decision() -> None:
    network = np.array([[[2.0, 0.0], [0.0, 0.0]]])  # sizes √2 (1, 0)
    linear = np.array([[[-1.0, 0.0], [0.0, 3.0]]])  # with the network √2 (.5, 1.5), alone too
    mask = np.ones((1, 2, 1))
    expected = 0.75 * np.array([1, 0]) + 0.25 * np.array([0.25, 0.75])
    assert alignment.importance(np, network, linear, mask)[0] == pytest.approx(expected, abs=2e-2)
    assert alignment.importance(np, network, 0 * linear, mask)[0] == pytest.approx([1, 0], abs=1e-2)
    assert alignment.importance(np, 0 * network, linear, mask)[0] == pytest.approx([0.25, 0.75], abs=1e-2)


def test_a_network_that_adds_nothing_leaves_the_order_to_the_linear_model() -> None:
    linear, mask = np.array([[[-1.0, 0.0], [0.0, 3.0], [0.5, 0.0]]]), np.ones((1, 3, 1))
    noise = 1e-6 * np.array([[[1.0, 0.0], [0.0, 0.0], [5.0, 0.0]]])
    assert alignment.importance(np, noise, linear, mask)[0].argsort().tolist() == [2, 0, 1]


def test_a_number_added_to_all_logits_changes_no_importance() -> None:
    moved = contributions() + np.array([7.0, -3.0, 0.5, 1.0], np.float32)[None, :, None]
    assert alignment.importance(np, moved, NONE, MASK) == pytest.approx(
        alignment.importance(np, contributions(), NONE, MASK), abs=1e-5
    )


def test_where_nothing_is_told_apart_all_tokens_matter_alike() -> None:
    q = alignment.importance(np, NONE[:1, :3], NONE[:1, :3], np.array([[[1.0], [1.0], [0.0]]], np.float32))
    assert q[0] == pytest.approx([0.5, 0.5, 0])


def test_divergence_is_zero_where_attention_is_what_matters_and_grows_from_there() -> None:
    q = np.array([[0.75, 0.0, 0.25, 0.0], [0.25] * 4])
    assert alignment.divergence(np, q, q, MASK) == pytest.approx([0, 0], abs=1e-2)  # one part in a hundred is smoothed
    alpha = np.array([[0.25, 0.25, 0.5, 0.0], [0.7, 0.1, 0.1, 0.1]])
    smoothed = 0.99 * alpha + 0.01 * np.array([[1 / 3, 1 / 3, 1 / 3, 0], [0.25] * 4])
    expected = [sum(q[i, t] * np.log(q[i, t] / smoothed[i, t]) for t in range(4) if q[i, t]) for i in range(2)]
    assert alignment.divergence(np, q, alpha, MASK) == pytest.approx(expected, abs=1e-6)


def test_divergence_is_finite_where_sparse_attention_is_zero() -> None:
    q, alpha = np.array([[0.5, 0.5, 0.0, 0.0]]), np.array([[0.0, 1.0, 0.0, 0.0]])
    assert 1 < alignment.divergence(np, q, alpha, MASK[:1])[0] < 5


def test_gain_is_one_for_the_same_order_and_less_for_another() -> None:
    q = np.array([[0.6, 0.3, 0.1, 0.0]])
    assert alignment.gain(np, q, np.array([[0.4, 0.35, 0.25, 0.0]])) == pytest.approx([1.0])
    discounts = 1 / np.log(np.arange(2, 6))
    swapped = (0.1 * discounts[0] + 0.6 * discounts[1] + 0.3 * discounts[2]) / (np.array([0.6, 0.3, 0.1, 0]) @ discounts)
    assert alignment.gain(np, q, np.array([[0.3, 0.2, 0.5, 0.0]])) == pytest.approx([swapped])
    assert swapped < alignment.ENOUGH
