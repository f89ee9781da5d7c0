"""Alignment in training: what attention is asked for, where it is not, and what it learns from it."""

import numpy as np
import pytest
import tensorflow as tf
from scipy.stats import kendalltau

from attnclf.config import Config, TrainingConfig
from attnclf.model import alignment as equations
from attnclf.model.architecture import Architecture
from attnclf.model.mechanisms import MECHANISMS
from attnclf.model.reference import linear_contributions
from attnclf.ragged import Ragged
from attnclf.reading.readers import build_reader
from attnclf.results import EpochScores, ignore
from attnclf.trainable.alignment import Alignment
from attnclf.trainable.fit import Examples, compiled, fit
from tests.models import random_weights, small_classifier

MASK = np.ones((1, 3, 1), np.float32)
NETWORK = np.array([[[1.0, -1.0], [0.2, -0.2], [0.0, 0.0]]], np.float32)
LINEAR = np.array([[[0.0, 0.0], [0.1, 0.0], [3.0, -3.0]]], np.float32)


def asked(alpha: list[float], network: np.ndarray = NETWORK, linear: np.ndarray | None = None) -> tuple[float, np.ndarray]:
    """The loss and its slope in α."""
    layer, variable = Alignment(1.0), tf.Variable(np.array(alpha, np.float32)[None, :, None])
    with tf.GradientTape() as tape:
        layer.compare(variable, tf.constant(network), linear, MASK)
        loss = layer.loss()
    return float(loss), np.asarray(tape.gradient(loss, variable))[0, :, 0]


def test_attention_is_asked_for_more_where_more_is_decided() -> None:
    loss, slope = asked([0.2, 0.3, 0.5])
    assert loss > 0.5
    assert slope[0] < slope[1] < slope[2] <= 0  # of weights that sum to 1, the first should grow at the cost of the last


def test_nothing_is_asked_where_attention_ranks_tokens_as_they_matter() -> None:
    loss, slope = asked([0.5, 0.3, 0.2])
    assert loss == 0
    assert not slope.any()


def test_the_linear_model_is_a_part_of_the_decision() -> None:
    """It speaks of the last token, where the network says nothing."""
    alone, _ = asked([0.2, 0.3, 0.5])
    together, slope = asked([0.2, 0.3, 0.5], linear=LINEAR)
    assert 0 < together < alone
    assert slope[2] < asked([0.2, 0.3, 0.5])[1][2]
    nothing = np.zeros_like(NETWORK)
    assert asked([0.5, 0.3, 0.2], nothing, LINEAR)[0] > 0
    assert asked([0.1, 0.2, 0.7], nothing, LINEAR)[0] == 0


def test_what_decides_learns_nothing_from_being_looked_at() -> None:
    layer, network = Alignment(1.0), tf.Variable(NETWORK)
    with tf.GradientTape() as tape:
        layer.compare(np.array([[[0.2], [0.3], [0.5]]], np.float32), network, None, MASK)
        loss = layer.loss()
    assert tape.gradient(loss, network) is None


def test_a_text_that_counts_for_nothing_asks_for_nothing() -> None:
    layer = Alignment(2.0)
    layer.compare(np.array([[[0.2], [0.3], [0.5]]], np.float32), tf.constant(NETWORK), None, MASK)
    assert float(layer.loss(np.zeros(1))) == 0
    assert float(layer.loss(np.ones(1))) == pytest.approx(2 * asked([0.2, 0.3, 0.5])[0], rel=1e-5)


@pytest.mark.parametrize("name", MECHANISMS.names())
def test_every_mechanism_that_learns_its_weights_is_aligned(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(equations, "ENOUGH", 2.0)  # every text is asked
    architecture, reader = small_classifier(attention=name)
    inputs = reader.batch(reader.ids(["get 1000 followers", "오늘 라떼 마셨다 ㅋㅋ"])[0])
    model = compiled(architecture, inputs, TrainingConfig(align=1.0), steps=1)
    if name == "hard" or name.startswith("none-"):
        assert model.alignment is None
        return
    model.assign_arrays(random_weights(architecture))
    with tf.GradientTape() as tape:
        model(inputs, training=True)
        loss = model.alignment.loss()
    of_encoder = architecture.encoder.variables(model.encoders["encoder"])
    learning = list((model.attentions["attention"].arrays or of_encoder).values())
    *slopes, of_head = tape.gradient(loss, [*learning, model.head.arrays["W"]])
    assert of_head is None  # the head decides; it does not follow
    assert any(np.abs(np.asarray(slope)).max() > 1e-6 for slope in slopes if slope is not None)


@pytest.mark.parametrize("encoder", ["hierarchical", "cnn"])
def test_encoders_learn_from_alignment_too(encoder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And so do both levels of hierarchical attention."""
    monkeypatch.setattr(equations, "ENOUGH", 2.0)
    architecture, reader = small_classifier(level="word", encoder=encoder)
    inputs = reader.batch(reader.ids(["get followers. DM me, now", "오늘 라떼 마셨다. ㅋㅋ"])[0])
    model = compiled(architecture, inputs, TrainingConfig(align=1.0), steps=1)
    model.assign_arrays(random_weights(architecture))
    with tf.GradientTape(persistent=True) as tape:
        model(inputs, training=True)
        loss = model.alignment.loss()
    parts = [attention.arrays for attention in model.attentions.values()]
    parts += [architecture.encoders[name].variables(model.encoders[name]) for name in model.encoders if name != "values"]
    for part in parts:
        assert any(np.abs(np.asarray(slope)).max() > 0 for slope in tape.gradient(loss, list(part.values())))


def test_a_weight_of_zero_turns_it_off() -> None:
    architecture, reader = small_classifier()
    model = compiled(architecture, reader.batch(reader.ids(["a"])[0]), TrainingConfig(align=0.0), steps=1)
    assert model.alignment is None


WORDS = [start + end for start in ("ba", "de", "fi", "go", "lu") for end in ("k", "lt", "m", "p", "rn", "sh")]


def texts_of(rows: int, rng: np.random.Generator) -> list[str]:
    return [" ".join(rng.permutation(WORDS)[:6]) for _ in range(rows)]


def test_attention_follows_a_linear_model_that_decides_alone() -> None:
    """The network's mixing weight is 0, so what the linear model says of each word is all there is to follow."""
    rng = np.random.default_rng(0)
    config = Config().override({"text": {"level": "word", "min_count": 1}, "model": {"size": "small"}})
    texts, others = texts_of(400, rng), texts_of(60, rng)
    reader = build_reader(texts, config.text)
    architecture = Architecture.of(config.model, "word", reader.vocabulary, reader.features, 2)
    words = {row[0]: i for i, row in enumerate(reader.ids(WORDS)[0])}
    assert len(words) == len(WORDS)
    table = np.zeros((reader.features, 3), np.float32)
    table[:, 2] = 1e-2
    strengths = np.geomspace(0.1, 8, len(WORDS))[rng.permutation(len(WORDS))] * rng.choice([-1, 1], len(WORDS))
    for word, strength in zip(WORDS, strengths, strict=True):
        own = reader.batch(reader.ids([word])[0])["features"]
        table[own[own > 0][-1], 0] = strength
    ids = reader.ids(texts)[0]
    targets = rng.integers(0, 2, len(texts)).astype(np.int32)
    model = fit(
        architecture,
        reader,
        Examples(
            ids, targets, np.ones(len(texts), np.float32), Ragged.of(list(linear_contributions(table, reader.batch(ids))))
        ),
        reader.ids(others)[0],
        lambda logits: (EpochScores(0.5, 0.5, 0.5), (0.0, 1.0)),
        TrainingConfig(epochs=8, batch_size=16, learning_rate=0.01, align=1.0),
        ignore,
        0.0,
    )
    inputs = reader.batch(reader.ids(others)[0])
    _, alpha, _ = model.explain(inputs)
    linear = linear_contributions(table, inputs)
    said = np.abs(linear[..., 0] - linear[..., 1])
    assert np.mean([kendalltau(a, s).statistic for a, s in zip(alpha, said, strict=True)]) >= 0.8
