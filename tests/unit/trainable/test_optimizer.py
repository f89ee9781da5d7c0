"""AdamW by rows: a table moves where a batch has read it, and everything else as in AdamW."""

import keras
import numpy as np
import tensorflow as tf

from attnclf.trainable.optimizer import RowwiseAdamW

SETTINGS = {"weight_decay": 0.1, "global_clipnorm": 1.0}


def variables() -> list[keras.Variable]:
    rng = np.random.default_rng(0)
    return [
        keras.Variable(rng.normal(size=(5, 3)).astype("float32"), name="table"),
        keras.Variable(rng.normal(size=(3, 2)).astype("float32"), name="kernel"),
    ]


def steps(optimizer: keras.Optimizer, gradients: list[list[object]]) -> list[np.ndarray]:
    table, kernel = variables()
    optimizer.build([table, kernel])
    for gradient in gradients:
        optimizer.apply(gradient, [table, kernel])
    return [np.array(table), np.array(kernel)]


def test_rows_without_a_gradient_stay_and_repeated_rows_are_summed() -> None:
    values, kernel = np.arange(9, dtype="float32").reshape(3, 3), tf.ones((3, 2))
    sliced = tf.IndexedSlices(tf.constant(values), tf.constant([1, 3, 1]), tf.constant([5, 3]))
    dense = np.zeros((5, 3), "float32")
    np.add.at(dense, [1, 3, 1], values)
    by_rows = steps(RowwiseAdamW(0.1, tables=["table"], **SETTINGS), [[sliced, kernel]] * 3)
    by_table = steps(RowwiseAdamW(0.1, tables=["table"], **SETTINGS), [[tf.constant(dense), kernel]] * 3)
    start = np.array(variables()[0])
    assert np.array_equal(by_rows[0][[0, 2, 4]], start[[0, 2, 4]])
    assert (by_rows[0][[1, 3]] != start[[1, 3]]).any(axis=1).all()
    for one, other in zip(by_rows, by_table, strict=True):
        assert np.allclose(one, other, atol=1e-6)


def test_where_every_row_is_read_it_is_adamw() -> None:
    rng = np.random.default_rng(1)
    gradients = [[tf.constant(rng.normal(size=(5, 3)), tf.float32), tf.constant(rng.normal(size=(3, 2)), tf.float32)]] * 4
    plain = keras.optimizers.AdamW(0.1, **SETTINGS)
    plain.exclude_from_weight_decay(var_names=["table"])
    ours = RowwiseAdamW(0.1, tables=["table"], **SETTINGS)
    for one, other in zip(steps(ours, gradients), steps(plain, gradients), strict=True):
        assert np.allclose(one, other, atol=1e-5)


def test_a_layers_table_does_not_decay_and_other_weights_do() -> None:
    from attnclf.trainable.model import Embedding

    table = Embedding(4, 2, name="embedding").table
    kernel = keras.Variable(np.ones((3, 2), "float32"), name="kernel")
    start = np.array(table)
    optimizer = RowwiseAdamW(0.1, tables=["embedding"], **SETTINGS)
    optimizer.build([table, kernel])
    optimizer.apply([tf.zeros((4, 2)), tf.zeros((3, 2))], [table, kernel])
    assert np.array_equal(np.array(table), start)
    assert np.allclose(np.array(kernel), 1 - 0.1 * 0.1)
