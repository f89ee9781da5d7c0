"""Keras, ONNX Runtime and NumPy give the same logits, attention and contributions, for any lengths and any padding."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attnclf.explain import explain
from attnclf.model.architecture import Architecture, part
from attnclf.model.encoders import ENCODERS
from attnclf.model.mechanisms import MECHANISMS
from attnclf.model.normalizers import NORMALIZERS
from attnclf.model.reference import reference
from attnclf.served.graph import build_graphs
from attnclf.served.model import ServedModel
from attnclf.served.session import Session
from tests.models import random_weights, small_classifier, write_bundle

TOLERANCE = 1e-4


MECHANISM = [{"attention": name} for name in MECHANISMS.names()] + [
    {"attention": "hard", "sampling": "gumbel"},
    {"attention": "per_dimension", "shared": True},
    {"attention": "gate", "shared": True},
    {"attention": "multihead", "values": "states"},
    {"attention": "none-max", "values": "both"},
    *({"attention": name, "encoder": "embedding"} for name in ("dot", "scaled_dot", "general", "location")),  # a learned query
    *({"attention": "multihead", "normalizer": name} for name in NORMALIZERS.names()),
]
ENCODER = [{"encoder": name} for name in ENCODERS.names()] + [
    {"encoder": "bilstm", "layers": 2},
    {"encoder": "bigru", "layers": 2, "attention": "none-last"},
    {"encoder": "lstm", "layers": 2, "attention": "bahdanau"},
    {"encoder": "transformer", "layers": 2, "level": "word"},
    {"encoder": "hierarchical", "level": "word"},
    {"encoder": "hierarchical", "attention": "bahdanau", "values": "states"},
    {"encoder": "hierarchical", "attention": "sparsemax", "input_attention": True},
    {"encoder": "lstm", "input_attention": True},
]
VALUES = [{"values": values, "level": level} for values, level in itertools.product(("states", "both"), ("char", "word"))]
LONG = [{"level": level, "max_length": 3} for level in ("char", "word")] + [
    {"level": "word", "max_length": 3, "encoder": name} for name in ("hierarchical", "transformer")
]
PARTS = [*MECHANISM, *ENCODER, *VALUES, {"level": "word"}, *LONG]
# Every mechanism and encoder once: normalizers and values compute in float32 in the same layer.
PRECISE = [
    parts
    for parts in PARTS
    if not {"normalizer", "values", "max_length"} & parts.keys() and parts.get("encoder") != "embedding"
]
PRECISE += [{"encoder": "embedding"}]


@pytest.fixture(scope="module", params=PARTS, ids=lambda parts: "-".join(map(str, parts.values())))
def trio(request: pytest.FixtureRequest):
    """One classifier read three ways, with random weights and no zeros, so that nothing hides."""
    from attnclf.trainable.model import AttentionClassifier

    architecture, reader = small_classifier(**request.param)
    weights = random_weights(architecture, seed=3)
    model = AttentionClassifier(architecture)
    model(reader.batch(reader.ids(["a"])[0]))
    model.assign_arrays(weights)
    graphs = build_graphs(architecture, weights)
    return architecture, reader, weights, model, Session(graphs["model.onnx"], graphs["words.onnx"])


words = st.sampled_from(["좋아요", "정말", "followers", "1000", "🔥", "zzz", "마셨는데", ",", "a" * 40, "라떼.", "!"])
texts = st.lists(st.lists(words, max_size=4).map(" ".join), min_size=1, max_size=6)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=texts, multiple=st.sampled_from([1, 8, 32]))
def test_keras_onnx_and_numpy_agree(trio, texts: list[str], multiple: int) -> None:
    architecture, reader, weights, model, session = trio
    rows, _ = reader.ids(texts)
    batch = reader.batch(rows, multiple)
    reading = reference(architecture, weights, batch)
    expected = reading.logits, reading.attention, reading.contributions
    trained = model.explain(batch)
    served = session.run(reader, rows)
    for i, row in enumerate(rows):
        answers = served.logits[i], served.attention[i], served.contributions[i]
        for k, answer in enumerate(answers):
            plain = expected[k][i] if k == 0 else expected[k][i, : len(row)]
            keras_answer = trained[k][i] if k == 0 else trained[k][i, : len(row)]
            assert np.abs(answer - plain).max() <= TOLERANCE
            assert np.abs(keras_answer - plain).max() <= TOLERANCE
        assert (trained[1][i, len(row) :] == 0).all()
        unread = np.setdiff1d(np.arange(len(row)), reader.window.positions(len(row)))
        assert (answers[1][unread] == 0).all()
        assert np.abs(answers[2].sum(axis=0) - answers[0]).max() <= TOLERANCE
        assert np.abs(trained[2][i].sum(axis=0) - trained[0][i]).max() <= TOLERANCE


@pytest.mark.parametrize("parts", PARTS, ids=lambda parts: "-".join(map(str, parts.values())))
def test_a_model_of_every_part_survives_saving_and_loading(parts, tmp_path: Path) -> None:
    """Loaded it answers as the weights in its directory do, and its evidence sums to the log-odds."""
    served = ServedModel.load(write_bundle(tmp_path / "model", **parts).path)
    texts = ["좋아요 정말. 1000 followers!", "", "라떼\n마셨다 ㅋㅋ zzz", "DM me. " * 30]
    for text, scored in zip(texts, served.scored(texts), strict=True):
        ids, _ = served.reader.ids([text])
        reading = reference(served.architecture, served.weights(), served.reader.batch(ids))
        for found, expected in (
            (scored.logits, reading.logits),
            (scored.attention, reading.attention),
            (scored.contributions, reading.contributions),
        ):
            assert np.abs(found - expected[0]).max() <= TOLERANCE
    for explanation in explain(served, texts):
        assert sum(token.evidence for token in explanation.tokens) == pytest.approx(explanation.log_odds, abs=TOLERANCE)


def test_weights_that_were_put_in_can_be_taken_out(trio) -> None:
    weights, model = trio[2], trio[3]
    arrays = model.arrays()
    assert set(arrays) == set(weights)
    for name, array in weights.items():
        assert np.array_equal(arrays[name], array), name


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=texts, order=st.randoms())
def test_batch_order_and_company_change_nothing(trio, texts: list[str], order) -> None:
    reader, session = trio[1], trio[4]
    rows, _ = reader.ids(texts)
    together = session.run(reader, rows, ["logits"]).logits
    shuffled = list(range(len(rows)))
    order.shuffle(shuffled)
    for position, answer in zip(shuffled, session.run(reader, [rows[i] for i in shuffled], ["logits"]).logits, strict=True):
        assert np.abs(answer - together[position]).max() <= 1e-5
    assert np.abs(session.run(reader, rows[:1], ["logits"]).logits[0] - together[0]).max() <= 1e-5


@pytest.mark.parametrize("name", ENCODERS.names())
def test_an_encoder_ignores_what_stands_on_padding(name: str) -> None:
    architecture, _ = small_classifier(encoder=name)
    encoder = architecture.encoder
    weights = part(random_weights(architecture), "encoder")
    x = np.random.default_rng(0).normal(0, 1, (2, 5, 8)).astype(np.float32)
    mask = np.arange(5) < np.array([[5], [2]])
    other = np.where(mask[..., None], x, np.float32(9))
    h, h_other = encoder.reference(weights, x, mask), encoder.reference(weights, other, mask)
    assert h.shape == (2, 5, encoder.dim)
    assert np.array_equal(h[mask], h_other[mask])


def test_gradients_are_finite_and_reach_every_weight(trio) -> None:
    import keras
    import tensorflow as tf

    _, reader, _, model, _ = trio
    some = ["좋아요 정말 라떼. 1000! 정말", "1000", "정말. 정말 좋아요", "라떼 1000 좋아요", "라떼 좋아요 followers"]
    inputs = reader.batch(reader.ids(some)[0])
    with tf.GradientTape() as tape:
        if model.sampler:  # a draw has no slope, but its loss has
            alpha, values, _ = model.attend(inputs, training=True)
            logits = model.head(model.pool(alpha, values))
            loss = tf.reduce_sum(logits**2) + model.sampler.loss(keras.ops.zeros(len(some), "int32"), logits)
        else:  # without dropout, which can drop all that one of so few numbers depends on
            loss = tf.reduce_sum(model(inputs) ** 2)
    gradients = tape.gradient(loss, model.trainable_variables)
    assert len(gradients) >= 5
    for variable, gradient in zip(model.trainable_variables, gradients, strict=True):
        assert np.isfinite(tf.convert_to_tensor(gradient)).all(), variable.path
        assert np.abs(tf.convert_to_tensor(gradient)).max() > 0, variable.path


@pytest.mark.parametrize("parts", PRECISE, ids=lambda parts: "-".join(map(str, parts.values())))
def test_every_part_learns_in_mixed_precision(parts) -> None:
    """bfloat16 is what a modern GPU computes in by default."""
    import keras
    import tensorflow as tf

    from attnclf.trainable.model import AttentionClassifier

    architecture, reader = small_classifier(**parts)
    inputs = reader.batch(reader.ids(["좋아요 정말. 1000!", "DM me", "정말 좋아요 라떼"])[0])
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    try:
        model = AttentionClassifier(architecture, align=1.0)
        model(inputs)
        some = np.random.default_rng(0).normal(0, 1, (*inputs["ids"].shape, 3)).astype(np.float32)
        with tf.GradientTape() as tape:
            logits = model(inputs | {"linear": some}, training=True)
            loss = tf.reduce_sum(logits**2) + (model.alignment.loss() if model.alignment is not None else 0.0)
        gradients = tape.gradient(loss, model.trainable_variables)
        alpha, _, mask = model.attend(inputs)
    finally:
        keras.mixed_precision.set_global_policy("float32")
    assert logits.dtype == alpha.dtype == tf.float32
    assert all(np.isfinite(tf.convert_to_tensor(one)).all() for one in gradients if one is not None)
    assert np.abs(np.asarray(tf.reduce_sum(alpha * mask, axis=1)) - 1).max() < 1e-5  # float32 throughout


def test_unknown_parts_are_named_with_the_nearest() -> None:
    from attnclf.config import Config
    from attnclf.errors import UsageError

    with pytest.raises(UsageError, match="did you mean 'additive'"):
        Architecture.of(Config().override({"model": {"attention": "aditive"}}).model, "word", 10, 0, 2)
