"""Sparse normalizers against their published definitions, solved another way: by bisection, and by looking for a better
point."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from attnclf.model.normalizers import NORMALIZERS
from attnclf.model.reference import NumPy

Vector = NDArray[np.float64]
TOLERANCE = 1e-5


def root(total, low: float, high: float) -> float:
    """The τ in [low, high] at which `total`, which falls, is 1."""
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if total(middle) > 1 else (low, middle)
    return (low + high) / 2


def sparsemax(z: Vector) -> Vector:
    """argmin ‖p − z‖² over the simplex: [z − τ]₊ by the conditions of Karush, Kuhn and Tucker (Martins and Astudillo 2016)."""
    tau = root(lambda tau: np.maximum(z - tau, 0).sum(), z.max() - 1, z.max())
    return np.maximum(z - tau, 0)


def entmax15(z: Vector) -> Vector:
    """argmax p·z + H(p), H = (Σ p − p^1.5) / (1.5 · .5) over the simplex: [z / 2 − τ]₊² (Peters, Niculae and Martins 2019)."""
    tau = root(lambda tau: (np.maximum(z / 2 - tau, 0) ** 2).sum(), z.max() / 2 - 1, z.max() / 2)
    return np.maximum(z / 2 - tau, 0) ** 2


def softmax(z: Vector) -> Vector:
    return np.exp(z - z.max()) / np.exp(z - z.max()).sum()


EXPECTED = {"softmax": softmax, "sparsemax": sparsemax, "entmax15": entmax15}
OBJECTIVES = {  # what each is the largest of
    "softmax": lambda p, z: p @ z - (p * np.log(np.maximum(p, 1e-300))).sum(),
    "sparsemax": lambda p, z: -((p - z) ** 2).sum() / 2,
    "entmax15": lambda p, z: p @ z + (p - p**1.5).sum() / 0.75,
}


def normalised(name: str, z: Vector, padding: int = 0, on_padding: float = 0.0) -> Vector:
    """Weights (T,) of scores (T,), which padding follows."""
    scores = np.concatenate([z, np.full(padding, on_padding)]).astype(np.float32)[None, :, None]
    mask = (np.arange(len(z) + padding) < len(z)).astype(np.float32)[None, :, None]
    alpha = NORMALIZERS[name](NumPy(), scores, mask)[0, :, 0]
    assert alpha.dtype == np.float32
    assert (alpha[len(z) :] == 0).all()
    return alpha[: len(z)].astype(np.float64)


scores_with_ties = st.lists(
    st.one_of(
        st.floats(-50, 50, width=32),
        st.floats(-1.5, 1.5, width=32),  # where several share the weight
        st.sampled_from([-1.0, 0.0, 0.5, 1.0, 50.0, -50.0]),
    ),
    min_size=1,
    max_size=12,
).map(np.array)


@pytest.mark.parametrize("name", NORMALIZERS.names())
@settings(max_examples=150, deadline=None)
@given(z=scores_with_ties, padding=st.integers(0, 3), on_padding=st.sampled_from([-1000.0, 0.0, 1000.0]))
@example(z=np.array([3.0]), padding=2, on_padding=1000.0)
@example(z=np.array([0.0, 0.0, 0.0]), padding=0, on_padding=0.0)
@example(z=np.array([50.0, 50.0, -50.0]), padding=1, on_padding=0.0)
@example(z=np.array([-50.0, -49.5]), padding=1, on_padding=1000.0)
@example(z=np.array([0.0, -1.0]), padding=0, on_padding=0.0)  # the second just outside of sparsemax
@example(z=np.array([0.0, -2.0]), padding=0, on_padding=0.0)  # and of entmax15
def test_weights_are_those_of_the_definition(name: str, z: Vector, padding: int, on_padding: float) -> None:
    alpha = normalised(name, z, padding, on_padding)
    assert np.abs(alpha - EXPECTED[name](z)).max() <= TOLERANCE
    assert abs(alpha.sum() - 1) <= TOLERANCE
    assert (alpha >= 0).all()


@pytest.mark.parametrize("name", NORMALIZERS.names())
@settings(max_examples=60, deadline=None)
@given(z=scores_with_ties, seed=st.integers(0, 2**32 - 1))
def test_no_other_point_of_the_simplex_is_better(name: str, z: Vector, seed: int) -> None:
    alpha, better = normalised(name, z), OBJECTIVES[name]
    rng = np.random.default_rng(seed)
    spread = rng.dirichlet(np.full(len(z), 0.3), 50)
    others = np.concatenate([spread, 0.999 * alpha + 0.001 * spread, 0.9 * alpha + 0.1 * spread, np.eye(len(z))])
    slack = 1e-4 * max(1.0, np.abs(z).max())  # rounding of float32 times the steepest slope
    assert max(better(p, z) for p in others) <= better(alpha, z) + slack


@pytest.mark.parametrize("name", NORMALIZERS.names())
@pytest.mark.parametrize("spread", [0.0, 1e-3, 0.1, 1.0, 10.0])
def test_long_texts_lose_no_precision(name: str, spread: float) -> None:
    """2,000 tokens, over which sums of float32 could drift."""
    rng = np.random.default_rng(7)
    for centre in (0.0, -40.0, 40.0):
        z = (centre + rng.normal(0, spread, 2000)).astype(np.float32).astype(np.float64)
        alpha = normalised(name, z)
        assert np.abs(alpha - EXPECTED[name](z)).max() <= TOLERANCE
        assert abs(alpha.sum() - 1) <= 1e-4


@pytest.mark.parametrize("name", NORMALIZERS.names())
def test_columns_and_rows_are_normalised_each_by_itself(name: str) -> None:
    scores = np.random.default_rng(0).normal(0, 1, (3, 5, 4)).astype(np.float32)
    lengths = [5, 2, 1]
    mask = (np.arange(5) < np.array(lengths)[:, None]).astype(np.float32)[..., None]
    alpha = NORMALIZERS[name](NumPy(), scores, mask)
    for row, length in enumerate(lengths):
        for column in range(4):
            expected = EXPECTED[name](scores[row, :length, column].astype(np.float64))
            assert np.abs(alpha[row, :length, column] - expected).max() <= TOLERANCE
        assert (alpha[row, length:] == 0).all()


@pytest.mark.parametrize("name", NORMALIZERS.names())
def test_a_number_added_to_every_score_changes_nothing(name: str) -> None:
    z = np.array([0.25, -0.5, 1.0, 0.75])
    assert np.abs(normalised(name, z) - normalised(name, z + 32)).max() <= 1e-6


def test_numbers_worked_out_by_hand() -> None:
    assert normalised("sparsemax", np.array([1.0, 0.5, -1.0])) == pytest.approx([0.75, 0.25, 0])  # τ = .25
    assert normalised("sparsemax", np.array([0.0, -2.0])).tolist() == [1, 0]
    # 1.5-entmax of (0, −1): (−τ)² + (−½ − τ)² = 1 has τ = −¼ − √7 / 4
    tau = -0.25 - 7**0.5 / 4
    assert normalised("entmax15", np.array([0.0, -1.0])) == pytest.approx([tau**2, (-0.5 - tau) ** 2])
    assert normalised("entmax15", np.array([0.0, -2.5])).tolist() == [1, 0]


# Slopes, by TensorFlow through keras.ops.


def jacobian(name: str, z: Vector, padding: int = 0) -> Vector:
    """∂α_i / ∂z_j (T, T) by automatic differentiation; padding follows the scores."""
    import tensorflow as tf
    from keras import ops

    many = len(z) + padding
    mask = ops.convert_to_tensor((np.arange(many) < len(z)).astype(np.float32)[None, :, None])
    scores = tf.Variable(np.concatenate([z, np.full(padding, 5.0)]).astype(np.float32)[None, :, None])
    with tf.GradientTape() as tape:
        alpha = NORMALIZERS[name](ops, scores, mask)[0, :, 0]
    slopes = tape.jacobian(alpha, scores).numpy()[:, 0, :, 0]
    assert np.isfinite(slopes).all()
    assert (slopes[len(z) :] == 0).all()
    assert (slopes[:, len(z) :] == 0).all()
    return slopes[: len(z), : len(z)].astype(np.float64)


def sparsemax_jacobian(p: Vector) -> Vector:
    """diag(s) − s sᵀ / |S|, s being 1 on the support S"""
    s = (p > 0).astype(float)
    return np.diag(s) - np.outer(s, s) / s.sum()


def entmax15_jacobian(p: Vector) -> Vector:
    """diag(√p) − √p √pᵀ / Σ √p"""
    r = np.sqrt(p)
    return np.diag(r) - np.outer(r, r) / r.sum()


def softmax_jacobian(p: Vector) -> Vector:
    return np.diag(p) - np.outer(p, p)


JACOBIANS = {"softmax": softmax_jacobian, "sparsemax": sparsemax_jacobian, "entmax15": entmax15_jacobian}
SMOOTH = [  # away from where a token enters or leaves the support, at which there is no slope
    [0.3, -0.2, 0.1, -3.0],
    [2.0, 1.4, 1.7, 1.65, -1.0, 1.2],
    [0.4],
    [8.0, -8.0, 3.0],
    [0.2, 0.2, 0.2, -0.1],
]


@pytest.mark.parametrize("name", NORMALIZERS.names())
@pytest.mark.parametrize("z", SMOOTH, ids=str)
def test_slopes_are_the_known_ones(name: str, z: list[float]) -> None:
    scores, step = np.array(z), 1e-6
    expected = JACOBIANS[name](EXPECTED[name](scores))
    ends = [[EXPECTED[name](scores + sign * step * one) for one in np.eye(len(z))] for sign in (1, -1)]
    by_differences = (np.array(ends[0]) - np.array(ends[1])).T / (2 * step)
    assert np.abs(expected - by_differences).max() <= 1e-5  # the formula is that of the definition
    for padding in (0, 2):
        assert np.abs(jacobian(name, scores, padding) - expected).max() <= 1e-4


@pytest.mark.parametrize("name", NORMALIZERS.names())
@pytest.mark.parametrize("z", [[0.0] * 5, [1.0, 1.0, -50.0, -50.0], [50.0, -50.0], [-50.0]], ids=str)
def test_slopes_keep_the_sum_at_ties_and_extremes(name: str, z: list[float]) -> None:
    assert np.abs(jacobian(name, np.array(z), padding=1).sum(axis=0)).max() <= 1e-5


@pytest.mark.parametrize("name", NORMALIZERS.names())
@pytest.mark.parametrize("z", [[0.0, -1.0], [0.0, -2.0], [0.0, -1.0, -1.0], [0.0, 0.0, -2.0, -2.0]], ids=str)
def test_slopes_are_finite_where_a_token_is_about_to_get_something(name: str, z: list[float]) -> None:
    assert np.abs(jacobian(name, np.array(z), padding=1)).max() <= 1
