"""Keras, ONNX Runtime and NumPy give the same logits, attention and votes, for any lengths and any padding."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from attnclf.architecture import Architecture, reference
from attnclf.encoders import ENCODERS
from attnclf.runtime.graph import build_graph
from attnclf.runtime.session import Session
from attnclf.text import pad
from tests.models import random_weights, small_architecture

TOLERANCE = 1e-4
VOCABULARY = 30


@pytest.fixture(scope="module", params=[("states", "char"), ("local", "char"), ("local", "word")], ids="-".join)
def trio(request: pytest.FixtureRequest):
    """One classifier read three ways, with the weights that Keras drew."""
    from attnclf.nn.model import AttentionClassifier

    architecture = small_architecture(*request.param, VOCABULARY)
    model = AttentionClassifier(architecture)
    model(pad([np.array([1], np.int32)]))
    rng = np.random.default_rng(3)
    model.set_weights([rng.normal(0, 0.5, w.shape) for w in model.get_weights()])  # no zeros, so that nothing hides
    weights = model.arrays()
    return architecture, weights, model, Session(build_graph(architecture, weights))


rows = st.lists(
    st.lists(st.integers(1, VOCABULARY - 1), min_size=1, max_size=20).map(lambda r: np.array(r, np.int32)),
    min_size=1,
    max_size=6,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=rows, multiple=st.sampled_from([1, 8, 32]))
def test_keras_onnx_and_numpy_agree(trio, rows: list[NDArray[np.int32]], multiple: int) -> None:
    architecture, weights, model, session = trio
    batch = pad(rows, multiple)
    expected = reference(architecture, weights, batch["ids"], batch["lengths"])
    trained = model.explain(batch)
    served = session.run(rows, ["logits", "attention", "votes"])
    assert np.abs(np.asarray(model(batch)) - expected[0]).max() <= TOLERANCE
    for i, row in enumerate(rows):
        for k, answer in enumerate(served[i]):
            plain = expected[k][i] if k == 0 else expected[k][i, : len(row)]
            keras_answer = trained[k][i] if k == 0 else trained[k][i, : len(row)]
            assert np.abs(answer - plain).max() <= TOLERANCE
            assert np.abs(keras_answer - plain).max() <= TOLERANCE
        assert (trained[1][i, len(row) :] == 0).all()


def test_weights_can_be_taken_out_and_put_back(trio) -> None:
    from attnclf.nn.model import AttentionClassifier

    architecture, weights, model, _ = trio
    other = AttentionClassifier(architecture)
    batch = pad([np.array([3, 4, 5], np.int32)])
    other(batch)
    other.assign_arrays(weights)
    assert np.array_equal(np.asarray(other(batch)), np.asarray(model(batch)))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=rows, order=st.randoms())
def test_batch_order_and_company_change_nothing(trio, rows: list[NDArray[np.int32]], order) -> None:
    session = trio[3]
    together = session.run(rows, ["logits"])
    shuffled = list(range(len(rows)))
    order.shuffle(shuffled)
    for position, answer in zip(shuffled, session.run([rows[i] for i in shuffled], ["logits"]), strict=True):
        assert np.abs(answer[0] - together[position][0]).max() <= 1e-5
    assert np.abs(session.run(rows[:1], ["logits"])[0][0] - together[0][0]).max() <= 1e-5


@pytest.mark.parametrize("name", ENCODERS.names())
def test_an_encoder_ignores_what_stands_on_padding(name: str) -> None:
    architecture = small_architecture()
    encoder = architecture.encoder if name == "bilstm" else architecture.values
    assert isinstance(encoder, ENCODERS[name])
    weights = random_weights(architecture)
    rng = np.random.default_rng(0)
    x = rng.normal(0, 1, (2, 5, 8)).astype(np.float32)
    mask = np.arange(5) < np.array([[5], [2]])
    prefix = "encoder." if name == "bilstm" else "values."
    part = {key.partition(".")[2]: value for key, value in weights.items() if key.startswith(prefix)}
    other = np.where(mask[..., None], x, np.float32(9))
    h, h_other = encoder.reference(part, x, mask), encoder.reference(part, other, mask)
    assert h.shape == (2, 5, encoder.dim)
    assert np.array_equal(h[mask], h_other[mask])


def test_evidence_sums_to_the_log_odds_of_keras_itself(trio) -> None:
    _, _, model, _ = trio
    batch = pad([np.array([3, 4, 5, 6], np.int32), np.array([7], np.int32)])
    logits, attention, votes = model.explain(batch)
    assert np.allclose((attention[..., None] * votes).sum(axis=1), logits, atol=1e-5)


def test_gradients_are_finite_and_reach_every_weight(trio) -> None:
    import tensorflow as tf

    _, _, model, _ = trio
    with tf.GradientTape() as tape:
        logits = model(pad([np.array([3, 4, 5], np.int32), np.array([7], np.int32)]))
        loss = tf.reduce_sum(logits**2)
    gradients = tape.gradient(loss, model.trainable_variables)
    for variable, gradient in zip(model.trainable_variables, gradients, strict=True):
        assert np.isfinite(tf.convert_to_tensor(gradient)).all(), variable.path
        assert np.abs(tf.convert_to_tensor(gradient)).max() > 0, variable.path


def test_unknown_parts_are_named_with_the_nearest() -> None:
    from attnclf.config import Config
    from attnclf.errors import UsageError

    with pytest.raises(UsageError, match="did you mean 'additive'"):
        Architecture.of(Config().override({"model": {"attention": "aditive"}}).model, "word", 10, 2)
