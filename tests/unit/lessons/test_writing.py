"""Decoders that look back: all steps at once as one by one, a Transformer that sees nothing later, learning to write."""

import numpy as np
import pytest

from attnclf.lessons.base import asking
from attnclf.lessons.task import Task

keras = pytest.importorskip("keras")

B, T, S, D, SYMBOLS = 2, 5, 4, 8, 6


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def array(tensor) -> np.ndarray:
    return keras.ops.convert_to_numpy(tensor)


@pytest.mark.parametrize("name", ["bahdanau", "dot", "location"])
def test_all_steps_ask_at_once_as_they_would_one_by_one(name: str) -> None:
    from attnclf.lessons.networks.attention import Attend, look_back

    h, q = normal(B, T, D), normal(B, S, D, seed=1)
    look = Attend(asking(name, 3))
    contexts, weights = map(array, look_back(look, h, q))
    assert (contexts.shape, weights.shape) == ((B, S, D), (B, S, T))
    for i in range(S):
        context, alpha = map(array, look(h, query=q[:, i]))
        assert contexts[:, i] == pytest.approx(context, abs=1e-5)
        assert weights[:, i] == pytest.approx(alpha[:, :, 0], abs=1e-5)


def transformer(depth: int):
    from attnclf.lessons.networks.transformer import decoded, embedded, encoded

    inputs = asked, written = keras.Input((T,), dtype="int32"), keras.Input((S,), dtype="int32")
    h = encoded(embedded(asked, SYMBOLS, D), depth)
    z, alpha = decoded(embedded(written, SYMBOLS, D), h, depth)
    return keras.Model(inputs, [keras.layers.Dense(SYMBOLS)(z), alpha])


@pytest.mark.parametrize("depth", [1, 2])
def test_a_transformer_sees_all_that_was_asked_and_nothing_that_is_written_later(depth: int) -> None:
    keras.utils.set_random_seed(0)
    model = transformer(depth)
    asked, written = np.array([[1, 2, 3, 4, 5]]), np.array([[1, 2, 3, 4]])
    logits, alpha = map(array, model([asked, written]))
    assert alpha.shape == (1, S, T)
    assert alpha.sum(axis=2) == pytest.approx(np.ones((1, S)), abs=1e-5)
    later = array(model([asked, np.array([[1, 2, 5, 5]])])[0])
    assert later[:, :2] == pytest.approx(logits[:, :2], abs=1e-5)
    assert (np.abs(later - logits).max(axis=2)[:, 2:] > 1e-3).all()
    other = array(model([np.array([[1, 2, 3, 4, 1]]), written])[0])
    assert (np.abs(other - logits).max(axis=2) > 1e-3).all()


def test_the_order_of_what_was_asked_matters() -> None:
    keras.utils.set_random_seed(0)
    model = transformer(1)
    written = np.array([[1, 2, 3, 4]])
    one, other = (array(model([np.array([asked]), written])[0]) for asked in ([1, 2, 3, 4, 5], [5, 4, 3, 2, 1]))
    assert np.abs(one - other).max() > 1e-2


def test_learning_to_write_measures_what_is_written_without_a_mistake() -> None:
    from attnclf.lessons.networks.decoding import greedily
    from attnclf.lessons.networks.writing import learn_to_write

    keras.utils.set_random_seed(0)
    asked = np.random.default_rng(0).integers(1, SYMBOLS, size=(300, S)).astype(np.int32)
    answers = asked.copy()
    answers[250:260, 3] = asked[250:260, 3] % 5 + 1  # what nobody can know
    inputs = keras.Input((S,), dtype="int32"), keras.Input((S,), dtype="int32")
    vectors = keras.layers.Concatenate()([keras.layers.Embedding(SYMBOLS, D)(one) for one in inputs])
    model = keras.Model(inputs, [keras.layers.Dense(SYMBOLS)(vectors), vectors])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    learned = learn_to_write("copy", model, asked, answers, 250, Task(loss, 4, batch=10, rate=0.03), lambda event: None)
    assert (greedily(model, asked, 0, S)[0] == asked).all()
    assert learned.measured[-1] == pytest.approx(0.8)
