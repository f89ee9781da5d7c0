"""What lessons need of Keras: attention as the equations have it, learning that stops, writing step by step."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from attnclf.config import Config
from attnclf.lessons.base import LESSONS, Lesson, asking
from attnclf.lessons.task import Task
from attnclf.lessons.teaching import taught
from attnclf.model.mechanisms import MECHANISMS, Tokens
from attnclf.model.pretrained import Pretrained
from attnclf.results import Event, Note, OnEvent, StageStarted, StepEnded
from attnclf.results.lessons import Scored, Taught

keras = pytest.importorskip("keras")

B, T, D = 3, 5, 4
QUERYING = ["bahdanau", "concat", "dot", "scaled_dot", "general", "location"]


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def in_numpy(layer, tokens: Tokens) -> np.ndarray:
    arrays = {name: keras.ops.convert_to_numpy(variable) for name, variable in layer.arrays_of.arrays.items()}
    return layer.mechanism.attend(np, arrays, tokens)


@pytest.mark.parametrize("name", QUERYING)
def test_a_decoder_asks_the_equation_of_the_classifier(name: str) -> None:
    from attnclf.lessons.networks.attention import Attend

    h, query = normal(B, T, D), normal(B, D, seed=1)
    layer = Attend(asking(name, 6))
    context, alpha = (keras.ops.convert_to_numpy(out) for out in layer(h, query=query))
    expected = in_numpy(layer, Tokens(h, h, np.ones((B, T, 1), np.float32), query=query[:, None]))
    assert alpha == pytest.approx(expected, abs=1e-5)
    assert alpha.sum(axis=1) == pytest.approx(np.ones((B, 1)), abs=1e-5)
    assert context == pytest.approx((alpha * h).sum(axis=1), abs=1e-5)
    other = keras.ops.convert_to_numpy(layer(h, query=-query)[1])
    assert np.abs(other - alpha).max() > 1e-3


def test_keys_may_differ_from_values() -> None:
    from attnclf.lessons.networks.attention import Attend, Weigh

    keys, values = normal(B, T, D), normal(B, T, 2, seed=1)
    mechanism = MECHANISMS.make("per_dimension", {"units": 3, "shared": False})
    context, alpha = (keras.ops.convert_to_numpy(out) for out in Attend(mechanism)(keys, values=values))
    assert (context.shape, alpha.shape) == ((B, 2), (B, T, 2))
    assert context == pytest.approx((alpha * values).sum(axis=1), abs=1e-5)
    assert tuple(Weigh(mechanism)(keys, values=values).shape) == (B, T, 2)


def test_a_grid_keeps_its_places_and_each_knows_where_it_is() -> None:
    from attnclf.lessons.networks.seeing import grid_of, places_of

    grid = grid_of(keras.Input((24, 24, 3)), 8)
    assert tuple(grid.shape) == (None, 6, 6, 8)
    found = keras.ops.convert_to_numpy(places_of(np.zeros((2, 3, 3, 4), np.float32) + 7))
    assert found.shape == (2, 9, 10)
    assert (found[:, :, :4] == 7).all()
    rows, columns = found[1, :, 4:7].argmax(axis=1), found[1, :, 7:].argmax(axis=1)
    assert (rows * 3 + columns).tolist() == list(range(9))
    assert (found[:, :, 4:].sum(axis=2) == 2).all()


def test_hard_attention_draws_in_training_and_takes_the_best_afterwards() -> None:
    from attnclf.lessons.networks.attention import Weigh
    from attnclf.lessons.networks.drawing import Draw, Toss

    many = 2_000
    h, query = np.repeat(normal(1, T, D), many, axis=0), np.repeat(normal(1, D, seed=1), many, axis=0)
    layer = Draw(asking("dot", 4), steps=2, words=2)
    context, used, told = (keras.ops.convert_to_numpy(out) for out in layer(h, query=query))
    alpha = keras.ops.convert_to_numpy(Weigh(asking("dot", 4))(h[:1], query=query[:1]))[0, :, 0]
    assert used[0, :, 0].tolist() == np.eye(T)[alpha.argmax()].tolist()
    assert context[0] == pytest.approx(h[0, alpha.argmax()])
    assert told[0] == pytest.approx([0, -(alpha * np.log(alpha)).sum()], abs=1e-5)
    tossed = Toss()(h)
    context, used, told = (keras.ops.convert_to_numpy(out) for out in layer(h, query=query, drawing=tossed, training=True))
    drawn = keras.ops.convert_to_numpy(tossed)[:, 0, 0] == 1
    assert (used[drawn].max(axis=1) == 1).all()
    assert drawn.mean() == pytest.approx(0.5, abs=0.06)
    assert used[drawn].mean(axis=0)[:, 0] == pytest.approx(alpha, abs=0.06)
    assert used[~drawn][0, :, 0] == pytest.approx(alpha, abs=1e-5)
    assert context == pytest.approx((used * h).sum(axis=1), abs=1e-5)
    assert told[~drawn, 0] == pytest.approx(0)
    assert told[drawn, 0] == pytest.approx(np.log(alpha)[used[drawn].argmax(axis=1)[:, 0]], abs=1e-4)


def test_the_loss_of_a_draw_compares_what_follows_with_its_moving_mean() -> None:
    from attnclf.lessons.networks.drawing import ENTROPY, REWARD, Draw
    from attnclf.trainable.sampling import MEMORY

    layer = Draw(asking("dot", 4), steps=2, words=2)
    layer(normal(B, T, D), query=normal(B, D))
    assert keras.ops.convert_to_numpy(layer.baseline) == pytest.approx(np.log([4, 2]), abs=1e-6)
    layer.baseline.assign([0.5, 0.25])
    logits = np.log(np.array([[[0.5, 0.5], [0.25, 0.75]]], np.float32))  # losses log 2 and log 4 for targets 0
    outputs = np.concatenate([logits, normal(1, 2, 2)], axis=2)
    losses = keras.ops.convert_to_numpy(layer.loss()(np.zeros((1, 2), np.int32), outputs))
    assert losses == pytest.approx(np.log([[2, 4]]), abs=1e-5)
    follows = np.log([8, 4])
    expected = MEMORY * np.array([0.5, 0.25]) + (1 - MEMORY) * follows
    assert keras.ops.convert_to_numpy(layer.baseline) == pytest.approx(expected, abs=1e-5)
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        layer.baseline.assign([0.5, 0.25])
        with tf.GradientTape() as tape:
            tape.watch(told := tf.constant(outputs))
            total = tf.reduce_sum(layer.loss()(np.zeros((1, 2), np.int32), told))
        gradient = tape.gradient(total, told).numpy()[0, :, 2:]
        assert gradient[:, 0] == pytest.approx(REWARD * (follows - [0.5, 0.25]), abs=1e-5)
        assert gradient[:, 1] == pytest.approx([-ENTROPY] * 2)


def test_learning_tells_what_it_does_and_stops_at_the_goal() -> None:
    from attnclf.lessons.networks.learning import learn

    x = normal(40, 2)
    inputs = keras.Input((2,))
    model = keras.Model(inputs, [keras.layers.Dense(1)(inputs), inputs])
    told: list[Event] = []
    measures = iter([0.1, 0.5, 0.9, 0.95])
    task = Task("mean_squared_error", epochs=9, batch=4, rate=0.05, halving=1, goal=0.9)
    learned = learn("line", model, x, x[:, :1] * 2, task, told.append, lambda: next(measures))
    assert learned.measured == [0.1, 0.5, 0.9]
    assert learned.losses == sorted(learned.losses, reverse=True)
    assert told[0] == StageStarted("line")
    steps = [(event.epoch, event.step, event.steps, event.epochs) for event in told if isinstance(event, StepEnded)]
    assert steps == [(epoch, step, 10, 9) for epoch in (1, 2, 3) for step in (8, 10)]
    notes = [event for event in told if isinstance(event, Note)]
    assert [note.detail for note in notes] == [True, True, True, False]
    assert notes[-1].message.startswith("line: 3 epochs in ")


def test_pytorch_makes_one_step_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    from attnclf.lessons.networks.learning import learn

    monkeypatch.setattr(keras.backend, "backend", lambda: "torch")
    x, told = np.ones((40, 3), np.float32), list[Event]()
    inputs = keras.Input((3,))
    model = keras.Model(inputs, [keras.layers.Dense(1)(inputs)])
    learn("line", model, x, x[:, :1], Task("mean_squared_error", epochs=1, batch=4), told.append)
    assert [event.step for event in told if isinstance(event, StepEnded)] == [*range(1, 11)]


def test_a_decoder_writes_on_what_it_wrote_itself() -> None:
    from attnclf.lessons.networks.decoding import greedily

    class Adding:
        """At each step the id read plus that of the input, of seven ids; the second output is what was read."""

        def predict(self, inputs, **_):
            asked, before = inputs
            return [np.eye(7)[(before + asked) % 7], before]

    written, (before,) = greedily(Adding(), np.array([[1], [3]]), start=0, steps=4)
    assert written.tolist() == [[1, 2, 3, 4], [3, 6, 2, 5]]
    assert before.tolist() == [[0, 1, 2, 3], [0, 3, 6, 2]]


@dataclass(frozen=True)
class Line(Lesson):
    """A lesson as small as can be, in which all that is drawn depends on the seed: data, weights, their order, dropout."""

    seed: int = 0
    minutes = 1
    quick = {"seed": 0}  # noqa: RUF012

    def teach(self, on_event: OnEvent) -> Taught:
        from attnclf.lessons.networks.learning import learn

        x = np.random.default_rng(self.seed).normal(size=(60, 3)).astype(np.float32)
        inputs = keras.Input((3,))
        model = keras.Model(inputs, [keras.layers.Dense(1)(keras.layers.Dropout(0.5)(inputs))])
        learned = learn("line", model, x, x[:, :1], Task("mean_squared_error", epochs=3, batch=8), on_event)
        return Taught((Scored("line", {"loss": learned.losses[-1]}),), ())


def test_the_same_seed_gives_the_same_scores_and_another_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LESSONS._parts, "line", Line)
    monkeypatch.setitem(LESSONS.meanings, "line", "a line")
    told: list[Event] = []
    one, same, other = (taught("line", {"seed": seed}, on_event=told.append) for seed in (1, 1, 2))
    assert one.taught == same.taught
    assert one.taught != other.taught
    assert (one.lesson, one.meaning, one.settings, one.quick) == ("line", "a line", {"seed": 1}, False)
    assert isinstance(told[0], Note)
    assert told[0].message.startswith("seed 1; Keras ")


def test_a_filler_is_the_encoder_of_the_classifier_and_a_classifier_can_begin_with_it(tmp_path: Path) -> None:
    from attnclf.lessons.networks.filling import Filler
    from attnclf.lessons.posts.words import Posts

    posts = Posts.of(["a b c a", "c b a"], ["b x"], length=6)
    config = Config().override_flat({"encoder": "transformer", "embedding": 8, "units": 4, "heads": 2}).model
    filler = Filler(posts, config, length=6)
    (tmp_path / "w").write_bytes(filler.learned("a test").file())
    learned = Pretrained.read(tmp_path / "w")
    learned.check(config, "word")
    assert np.array_equal(learned.hashes, posts.features.hashes[: posts.features.ngrams - 2])

    ids = np.array([[2, len(posts.words), 3, 0, 0, 0], [2, 1, 3, 2, 0, 0]], np.int32)
    p = filler.logits(ids, np.array([1, 3], np.int32))
    assert p.shape == (2, posts.known)
    more = np.concatenate([ids[:1], np.zeros((1, 6), np.int32) + 1])
    assert filler.logits(more, np.array([1, 3], np.int32))[0] == pytest.approx(p[0], abs=1e-5)  # padding is not read

    by_hand = {
        word: learned.table[posts.rows[posts.owners == word][posts.rows[posts.owners == word] > 0] - 2] for word in (2, 3)
    }
    x = keras.ops.convert_to_numpy(filler.words(ids)[0])
    for place, word in ((0, 2), (2, 3)):
        assert x[0, place] == pytest.approx(by_hand[word].sum(axis=0) / np.sqrt(len(by_hand[word])), abs=1e-5)
    assert not x[0, 3:].any()
    looks = filler.looks(ids[1, :4])
    assert looks.shape == (2, 4, 4)
    assert looks.sum(axis=2) == pytest.approx(np.ones((2, 4)), abs=1e-5)
