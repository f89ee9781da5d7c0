"""Others on the same texts: scikit-learn and fastText to train and to predict, PyTorch's LSTM to train."""

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.baselines import candidates
from tests.benchmarks.throughput import timed

PEAK_SIZE = 2_000  # side of the square matrices that measure how fast the machine multiplies


def measure_classical(texts: Sequence[str], targets: NDArray[np.int32]) -> dict[str, dict[str, float]]:
    """Seconds to train and texts a second to predict of each baseline that is installed, settings as they come."""
    results = {}
    for name, settings in candidates().items():
        started = time.perf_counter()
        predict = settings[-1](texts, targets)
        seconds = time.perf_counter() - started
        results[name] = {"train": seconds, "predict": timed(lambda predict=predict: predict(texts))}
    return results


def matmul_peak() -> float:
    """Floating point operations a second of a large product in float32, all cores."""
    rng = np.random.default_rng(0)
    a, b = (rng.random((PEAK_SIZE, PEAK_SIZE), np.float32) for _ in range(2))
    return 2 * PEAK_SIZE**3 / timed(lambda: a @ b, repeats=5)


def lstm_operations(batches: list[dict[str, Any]], dim: int, units: int) -> float:
    """Of the products of a bidirectional LSTM over real tokens, forward and back (twice forward)."""
    tokens = sum(int(batch["lengths"].sum()) for batch in batches)
    return 3 * 2 * 2 * tokens * (dim + units) * 4 * units


def measure_lstm(batches: list[dict[str, Any]], dim: int, units: int) -> dict[str, float]:
    """Real tokens a second through one bidirectional LSTM, forward and back, on batches of these shapes: Keras' as we use it,
    and `torch.nn.LSTM` where PyTorch is installed."""
    rng = np.random.default_rng(0)
    inputs = [rng.normal(size=(*batch["ids"].shape, dim)).astype(np.float32) for batch in batches]
    lengths = [batch["lengths"] for batch in batches]
    tokens = sum(int(row.sum()) for row in lengths)
    peak, operations = matmul_peak(), lstm_operations(batches, dim, units)
    ours = timed(_keras_lstm(inputs, lengths, units))
    results = {"LSTM alone, real tokens a second": tokens / ours, "LSTM alone, share of matmul peak": operations / ours / peak}
    try:
        theirs = timed(_torch_lstm(inputs, units))
    except ImportError:
        return results
    return results | {"LSTM alone, against torch.nn.LSTM, times": theirs / ours}


def _keras_lstm(inputs: list[NDArray[np.float32]], lengths: list[NDArray[np.int32]], units: int) -> Any:
    import keras
    import tensorflow as tf

    from attnclf.model.encoders import ENCODERS

    encoder = ENCODERS["bilstm"](units=units)
    layer = encoder.build(keras)
    batches = [(tf.constant(x), tf.sequence_mask(n, x.shape[1])) for x, n in zip(inputs, lengths, strict=True)]
    encoder.call(layer, *batches[0])
    weights = [variable.value for variable in encoder.variables(layer).values()]

    @tf.function(reduce_retracing=True)
    def step(x: Any, mask: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(encoder.call(layer, x, mask) ** 2)
        return tape.gradient(loss, weights)

    step(*batches[0])
    return lambda: [step(x, mask) for x, mask in batches]


def _torch_lstm(inputs: list[NDArray[np.float32]], units: int) -> Any:
    import torch

    layer = torch.nn.LSTM(inputs[0].shape[2], units, bidirectional=True, batch_first=True)
    batches = [torch.from_numpy(x) for x in inputs]

    def step(x: Any) -> None:
        (layer(x)[0] ** 2).sum().backward()
        layer.zero_grad()

    step(batches[0])
    return lambda: [step(x) for x in batches]
