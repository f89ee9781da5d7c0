"""How hard attention learns: what a draw teaches is on average what the true slope of the expected loss would."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops
from numpy.typing import NDArray

from attnclf.model.mechanisms import MECHANISMS, Tokens
from attnclf.model.mechanisms.hard import Hard
from attnclf.trainable import sampling
from attnclf.trainable.sampling import ENTROPY, MEMORY, Sampler, sampler_of

DRAWS = 40_000  # of one text, all in one batch
SCORES = np.array([0.9, -0.4, 0.2])
LOGITS = np.array([[2.0, -1.0], [-0.5, 1.5], [0.3, 0.1]], np.float32)  # (T, K): what the classifier says of each token
TARGET = 0


class Scored(Hard):
    """Hard attention whose states are the scores themselves."""

    def score(self, xp, w, tokens):
        return tokens.h


MECHANISM = Scored()


def softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.exp(scores) / np.exp(scores).sum()


def losses() -> NDArray[np.float64]:
    """The cross-entropy of each of the three choices."""
    return np.log(np.exp(LOGITS.astype(float)).sum(axis=1)) - LOGITS[:, TARGET]


def expected_loss_slope(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """∂ Σ_t α_t L_t / ∂ s = α ⊙ (L − E[L])"""
    alpha = softmax(scores)
    return alpha * (losses() - alpha @ losses())


def soft_loss_slope(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """∂ L(Σ_t α_t ℓ_t) / ∂ s = α ⊙ (g − α·g), g_t = (p − y)·ℓ_t"""
    alpha, logits = softmax(scores), LOGITS.astype(float)
    gains = logits @ (softmax(alpha @ logits) - np.eye(2)[TARGET])
    return alpha * (gains - alpha @ gains)


def entropy_slope(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """∂ −Σ_t α_t ln α_t / ∂ s = −α ⊙ (ln α + H)"""
    alpha = softmax(scores)
    return -alpha * (np.log(alpha) - alpha @ np.log(alpha))


def tokens_of(scores: object, rows: int, padding: int = 0) -> Tokens:
    """`rows` copies of a text whose tokens have these scores, and padding behind it that would score highest."""
    h = ops.tile(ops.reshape(scores, (1, -1, 1)), (rows, 1, 1))
    h = ops.concatenate([h, ops.full((rows, padding, 1), 100.0)], axis=1)
    mask = np.ones((rows, h.shape[1], 1), np.float32)
    mask[:, h.shape[1] - padding :] = 0
    return Tokens(h, h, ops.convert_to_tensor(mask))


@pytest.fixture
def seeded() -> None:
    keras.utils.set_random_seed(0)


def read_by(sampler: Sampler, draws: int = DRAWS, padding: int = 0) -> NDArray[np.float32]:
    """The weights (B, T) that many draws give."""
    scores = ops.convert_to_tensor(SCORES.astype(np.float32))
    return ops.convert_to_numpy(sampler.draw(MECHANISM, {}, tokens_of(scores, draws, padding)))[..., 0]


@pytest.fixture
def drawn_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "SOFT", 0.0)


@pytest.mark.parametrize("kind", ["reinforce", "gumbel"])
@pytest.mark.parametrize("padding", [0, 2])
def test_tokens_are_drawn_as_often_as_softmax_says(seeded, drawn_only, kind: str, padding: int) -> None:
    chosen = read_by(Sampler(kind), padding=padding).argmax(axis=1)
    counts = np.bincount(chosen, minlength=3 + padding)
    expected = DRAWS * softmax(SCORES)
    chi_square = (((counts[:3] - expected) ** 2) / expected).sum()
    assert chi_square < 13.8  # two degrees of freedom: a thousandth of honest samples exceed it
    assert (counts[3:] == 0).all()


def test_half_of_the_texts_are_read_by_softmax_itself(seeded) -> None:
    read = read_by(Sampler("reinforce"), padding=1)
    softly = read.max(axis=1) < 1
    assert abs(softly.mean() - 0.5) < 4 * 0.5 / DRAWS**0.5
    assert np.abs(read[softly] - [*softmax(SCORES), 0]).max() <= 1e-6
    counts = np.bincount(read[~softly].argmax(axis=1), minlength=4)
    assert counts[:3] / counts.sum() == pytest.approx(softmax(SCORES), abs=4 * 0.5 / (DRAWS / 2) ** 0.5)
    assert counts[3] == 0


@pytest.mark.parametrize("kind", ["reinforce", "gumbel"])
def test_every_draw_is_of_one_token_and_draws_differ(seeded, drawn_only, kind: str) -> None:
    sampler = Sampler(kind)
    scores = ops.convert_to_tensor(SCORES.astype(np.float32))
    tokens = tokens_of(scores, 50, padding=1)
    first, second = (ops.convert_to_numpy(sampler.draw(MECHANISM, {}, tokens)) for _ in range(2))
    assert np.abs(np.sort(first, axis=1)[:, -1] - 1).max() <= 1e-6
    assert np.abs(np.sort(first, axis=1)[:, :-1]).max() <= 1e-6
    assert (first[:, -1] == 0).all()
    assert (first.argmax(axis=1) != second.argmax(axis=1)).any()


def slope_by_draws(baseline: float) -> NDArray[np.float64]:
    """The mean over many draws of the slope of the whole loss in the scores."""
    sampler = Sampler("reinforce")
    sampler.baseline.assign(baseline)
    scores = tf.Variable(SCORES.astype(np.float32))
    targets = np.full(DRAWS, TARGET)
    with tf.GradientTape() as tape:
        drawn = sampler.draw(MECHANISM, {}, tokens_of(scores, DRAWS))
        logits = ops.matmul(ops.squeeze(drawn, 2), LOGITS)
        mean_loss = ops.mean(keras.losses.sparse_categorical_crossentropy(targets, logits, from_logits=True))
        total = mean_loss + sampler.loss(targets, logits)
    return np.asarray(tape.gradient(total, scores), np.float64)


@pytest.mark.parametrize("baseline", [0.0, 0.9, -2.0])
@pytest.mark.parametrize("soft", [0.0, 0.5])
def test_reinforce_is_on_average_the_slope_of_the_expected_loss(seeded, monkeypatch, baseline: float, soft: float) -> None:
    """Of the texts that are drawn; whatever the baseline is, which moves only how far draws differ. Texts that are read softly
    have the slope of their own loss."""
    monkeypatch.setattr(sampling, "SOFT", soft)
    alpha = softmax(SCORES)
    of_draws = (losses() - baseline)[:, None] * (np.eye(3) - alpha)  # (L_t − b) ∇ ln α_t
    assert np.abs(alpha @ of_draws - expected_loss_slope(SCORES)).max() <= 1e-12
    of_all = np.vstack([of_draws, soft_loss_slope(SCORES)])
    chances = np.append((1 - soft) * alpha, soft)
    exact = chances @ of_all - ENTROPY * entropy_slope(SCORES)
    deviation = np.sqrt(chances @ (of_all - chances @ of_all) ** 2 / DRAWS)
    assert (np.abs(slope_by_draws(baseline) - exact) <= 4 * deviation + 1e-5).all()
    assert np.abs(exact).max() > 10 * deviation.min()  # there is a slope to be found


def enumerated(monkeypatch: pytest.MonkeyPatch, entropy: float) -> NDArray[np.float64]:
    """The slope averaged over the three possible draws, each as often as softmax says: without chance."""
    monkeypatch.setattr(sampling, "ENTROPY", entropy)
    monkeypatch.setattr(sampling, "SOFT", 0.0)
    mean = np.zeros(3)
    for t in range(3):
        sampler = Sampler("reinforce")
        sampler.baseline.assign(0.4)
        monkeypatch.setattr(sampling, "best", lambda xp, noisy, mask, t=t: ops.one_hot([[t]], 3, axis=1))
        scores = tf.Variable(SCORES.astype(np.float32))
        with tf.GradientTape() as tape:
            drawn = sampler.draw(MECHANISM, {}, tokens_of(scores, 1))
            loss = sampler.loss(np.array([TARGET]), ops.matmul(ops.squeeze(drawn, 2), LOGITS))
        mean += softmax(SCORES)[t] * np.asarray(tape.gradient(loss, scores), np.float64)
    return mean


def test_reinforce_over_all_possible_draws_is_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    assert np.abs(enumerated(monkeypatch, 0.0) - expected_loss_slope(SCORES)).max() <= 1e-6


def test_entropy_is_rewarded(monkeypatch: pytest.MonkeyPatch) -> None:
    of_entropy = enumerated(monkeypatch, 0.5) - enumerated(monkeypatch, 0.0)
    assert np.abs(of_entropy + 0.5 * entropy_slope(SCORES)).max() <= 1e-6


def test_the_baseline_is_a_moving_mean_of_losses_and_learns_nothing_itself(seeded) -> None:
    sampler = Sampler("reinforce")
    assert not sampler.trainable_variables
    scores = ops.convert_to_tensor(SCORES.astype(np.float32))
    sampler.draw(MECHANISM, {}, tokens_of(scores, 3))
    value = 0.0
    for _ in range(3):
        sampler.loss(np.full(3, TARGET), LOGITS)
        value = MEMORY * value + (1 - MEMORY) * losses().mean()
        assert float(sampler.baseline) == pytest.approx(value, rel=1e-5)


def test_gumbel_slopes_are_those_of_the_softmax_with_the_same_noise(seeded, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forwards one token, backwards α ⊙ (g − α·g) / τ of α = softmax((score + noise) / τ)."""
    uniform = np.array([[[0.3], [0.8], [0.5]]], np.float32)
    monkeypatch.setattr(sampling, "TEMPERATURE", 0.5)
    monkeypatch.setattr(keras.random, "uniform", lambda *_, **__: ops.convert_to_tensor(uniform))
    sampler = Sampler("gumbel")
    gains = np.array([0.7, -0.2, 1.1])
    scores = tf.Variable(SCORES.astype(np.float32))
    with tf.GradientTape() as tape:
        drawn = sampler.draw(MECHANISM, {}, tokens_of(scores, 1))
        gain = ops.sum(drawn[0, :, 0] * gains.astype(np.float32))
    noisy = SCORES - np.log(-np.log(uniform[0, :, 0].astype(float)))
    assert ops.convert_to_numpy(drawn)[0, :, 0] == pytest.approx(np.eye(3)[noisy.argmax()], abs=1e-6)
    alpha = softmax(noisy / 0.5)
    assert np.asarray(tape.gradient(gain, scores)) == pytest.approx(alpha * (gains - alpha @ gains) / 0.5, abs=1e-5)


def test_gumbel_adds_nothing_to_the_loss(seeded) -> None:
    sampler = Sampler("gumbel")
    read_by(sampler, draws=2)
    assert sampler.loss(np.zeros(2, int), LOGITS[:2]) == 0


def test_serving_takes_the_best_and_draws_nothing() -> None:
    scores = ops.convert_to_tensor(SCORES.astype(np.float32))
    for _ in range(20):
        alpha = ops.convert_to_numpy(MECHANISM.attend(ops, {}, tokens_of(scores, 2, padding=1)))
        assert alpha[..., 0].tolist() == [[1, 0, 0, 0]] * 2


@pytest.mark.parametrize("kind", ["reinforce", "gumbel"])
def test_a_classifier_draws_while_training_and_not_after(seeded, kind: str) -> None:
    from attnclf.trainable.model import AttentionClassifier
    from tests.models import random_weights, small_classifier

    architecture, reader = small_classifier(attention="hard", sampling=kind)
    model = AttentionClassifier(architecture)
    inputs = reader.batch(reader.ids(["get 1000 followers, DM me"] * 30)[0])
    model(inputs)
    model.assign_arrays(random_weights(architecture))
    training, serving = (ops.convert_to_numpy(model.attend(inputs, training=mode)[0])[..., 0] for mode in (True, False))
    assert len({row.argmax() for row in training}) > 1
    assert len({tuple(row) for row in serving}) == 1
    assert set(serving.flatten()) == {0, 1}


def test_the_value_of_the_loss_stays_that_of_the_cross_entropy(seeded) -> None:
    sampler = Sampler("reinforce")
    read_by(sampler, draws=3)
    assert float(sampler.loss(np.full(3, TARGET), LOGITS)) == 0


def test_reinforce_teaches_the_scores_and_nothing_behind_them(seeded) -> None:
    sampler, logits = Sampler("reinforce"), tf.Variable(LOGITS)
    with tf.GradientTape() as tape:
        read_by(sampler, draws=3)
        loss = sampler.loss(np.full(3, TARGET), logits)
    assert tape.gradient(loss, logits) is None


def test_a_text_that_counts_for_nothing_teaches_the_scores_nothing(seeded, drawn_only) -> None:
    """Texts have weights where labels are uneven; cross-entropy obeys them, and so must what stands in for its slope."""
    from attnclf.config import TrainingConfig
    from attnclf.trainable.fit import compiled
    from tests.models import small_classifier

    architecture, reader = small_classifier(attention="hard")
    inputs = reader.batch(reader.ids(["get 1000 followers", "DM me, now"])[0])
    model = compiled(architecture, inputs, TrainingConfig(epochs=1), steps=1)
    slopes = {}
    with tf.GradientTape(persistent=True) as tape:
        logits = model(inputs, training=True)
        for count, label in itertools.product((0.0, 1.0, 2.0), (0, 2)):  # of the second text
            model.sampler.baseline.assign(0.0)
            counts = np.array([1.0, count], np.float32)
            slopes[count, label] = model.compute_loss(inputs, np.array([1, label]), logits, counts, training=True)
    vector = model.attentions["attention"].arrays["v"]
    slopes = {key: np.asarray(tape.gradient(loss, vector)) for key, loss in slopes.items()}
    assert np.abs(slopes[0.0, 0] - slopes[0.0, 2]).max() <= 1e-7
    one, two = (slopes[count, 0] - slopes[0.0, 0] for count in (1.0, 2.0))
    assert np.abs(one).max() > 1e-4
    assert two == pytest.approx(2 * one, abs=1e-6)


def test_only_hard_attention_needs_a_sampler() -> None:
    for name, shared in itertools.product(MECHANISMS.names(), [False, True]):
        mechanism = MECHANISMS.make(name, {"shared": shared})
        assert isinstance(sampler_of(mechanism), Sampler) == (name == "hard")


def test_a_text_that_fills_a_batch_up_changes_nothing() -> None:
    """Processes fill batches up with texts of weight zero, and give the others the more."""
    found = []
    for filling in (0, 2):
        sampler, size = Sampler("reinforce"), 3 + filling
        log_alpha, entropy = tf.Variable(np.linspace(-2, -1, size)), tf.Variable(np.linspace(0.5, 2, size))
        counts = np.where(np.arange(size) < 3, size / 3, 0).astype(np.float32)
        with tf.GradientTape() as tape:
            sampler._log_alpha, sampler._entropy = tf.cast(log_alpha, tf.float32), tf.cast(entropy, tf.float32)
            logits = np.resize(LOGITS, (size, LOGITS.shape[1]))
            loss = sampler.loss(np.full(size, TARGET), logits, counts)
        slopes = np.stack(tape.gradient(loss, [log_alpha, entropy]))
        assert not slopes[:, 3:].any()
        found.append(np.append(slopes[:, :3], float(ops.convert_to_numpy(sampler.baseline))))
    assert found[0] == pytest.approx(found[1], abs=1e-7)
    assert np.abs(found[0]).min() > 1e-4
