"""Laws that every attention mechanism keeps, whatever its equation."""

import numpy as np
import pytest
import spox
from numpy.typing import NDArray

from attnclf import pooling
from attnclf.mechanisms import MECHANISMS, Mechanism
from attnclf.runtime.graph import Symbol, SymbolicNamespace

B, T, D = 3, 7, 6
LENGTHS = np.array([7, 1, 4])


@pytest.fixture(params=MECHANISMS.names())
def mechanism(request: pytest.FixtureRequest) -> Mechanism:
    return MECHANISMS[request.param](units=5)


@pytest.fixture
def weights(mechanism: Mechanism) -> dict[str, NDArray[np.float32]]:
    rng = np.random.default_rng(1)
    return {name: rng.normal(0, 1, shape).astype(np.float32) for name, shape in mechanism.weights(D).items()}


@pytest.fixture
def states() -> NDArray[np.float32]:
    return np.random.default_rng(2).normal(0, 1, (B, T, D)).astype(np.float32)


@pytest.fixture
def mask() -> NDArray[np.float32]:
    return (np.arange(T) < LENGTHS[:, None]).astype(np.float32)[..., None]


def attend(mechanism, weights, states, mask):
    return pooling.attend(np, mechanism, weights, states, mask)


def test_weights_sum_to_one(mechanism, weights, states, mask) -> None:
    assert np.allclose(attend(mechanism, weights, states, mask).sum(axis=1), 1, atol=1e-6)


def test_padding_gets_exactly_zero(mechanism, weights, states, mask) -> None:
    alpha = attend(mechanism, weights, states, mask)
    assert (alpha[mask == 0] == 0).all()
    assert (alpha[mask == 1] > 0).all()


def test_what_stands_on_padding_changes_nothing(mechanism, weights, states, mask) -> None:
    other = np.where(mask == 1, states, np.float32(1000))
    assert np.array_equal(attend(mechanism, weights, states, mask), attend(mechanism, weights, other, mask))


def test_a_batch_is_its_rows_one_by_one(mechanism, weights, states, mask) -> None:
    together = attend(mechanism, weights, states, mask)
    for row, length in enumerate(LENGTHS):
        alone = attend(mechanism, weights, states[row : row + 1, :length], mask[row : row + 1, :length])
        assert np.allclose(together[row, :length], alone[0], atol=1e-6)


def test_onnx_reads_the_same_equation(mechanism, weights, states, mask) -> None:
    import onnxruntime

    h, m = (spox.argument(spox.Tensor(np.float32, a.shape)) for a in (states, mask))
    alpha = pooling.attend(SymbolicNamespace, mechanism, weights, Symbol(h), Symbol(m))
    model = spox.build({"h": h, "m": m}, {"alpha": alpha.var})
    session = onnxruntime.InferenceSession(model.SerializeToString())
    (served,) = session.run(None, {"h": states, "m": mask})
    assert np.allclose(served, attend(mechanism, weights, states, mask), atol=1e-5)


def test_large_scores_do_not_overflow() -> None:
    scores = np.array([[[1e4], [-1e4], [3e4]]], np.float32)
    mask = np.ones_like(scores)
    assert np.array_equal(pooling.masked_softmax(np, scores, mask)[0, :, 0], [0, 0, 1])


def test_additive_attention_by_hand() -> None:
    mechanism = MECHANISMS["additive"](units=2)
    w = {"W": np.eye(2, dtype=np.float32), "b": np.zeros(2, np.float32), "v": np.array([[1.0], [2.0]], np.float32)}
    h = np.array([[[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]], np.float32)
    scores = mechanism.score(np, w, h)[0, :, 0]
    assert np.allclose(scores, [0, np.tanh(1), 2 * np.tanh(1)])
    expected = np.exp([0, np.tanh(1), 2 * np.tanh(1)])
    alpha = attend(mechanism, w, h, np.ones((1, 3, 1), np.float32))[0, :, 0]
    assert np.allclose(alpha, expected / expected.sum())
