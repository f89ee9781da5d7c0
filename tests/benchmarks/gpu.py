"""What training does with a GPU: `[KERAS_BACKEND=jax|torch] python -m tests.benchmarks.gpu [--data TABLE] [--level word|char]`.

  path        whether the LSTM that runs is cuDNN's; the run fails on a GPU where it is not
  training    real tokens a second of the default model by batch size and precision, and the share of time in which the GPU
              is at work, as nvidia-smi samples it
  alone       the LSTM by itself beside torch.nn.LSTM on the same device, where PyTorch is installed
  round trip  train, write, load, serve: the accuracy and how far the served numbers are from Keras'

On a machine without a GPU it says so and ends with status 3, unless `--anyway`: then it runs on the CPU, to check itself.
"""

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from attnclf.config import Config, TrainingConfig
from attnclf.data import read_table
from attnclf.model.architecture import Architecture
from attnclf.reading.base import Reader
from tests.benchmarks.throughput import prepared, timed

NO_GPU = 3


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.gpu", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", type=Path, default=Path("sample_data/train.csv"))
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--level", choices=["char", "word"], default="word")
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=[64, 256, 1024])
    parser.add_argument("--anyway", action="store_true", help="run without a GPU too")
    parser.add_argument("-o", "--output", type=Path, default=Path("gpu.json"))
    options = parser.parse_args()
    from attnclf.trainable import backend

    device, reason = backend.choose_device("auto")
    if device == "cpu" and not options.anyway:
        print(f"no GPU: {reason}", file=sys.stderr)
        return NO_GPU
    table = read_table([options.data], Config().data)
    table = replace(table, texts=table.texts[: options.rows], labels=table.labels[: options.rows])
    rows = prepared(table, options.level)
    results: dict[str, Any] = {"device": device, "by": reason, "cuDNN's LSTM": runs_cudnn(rows)}
    precisions = ["float32", "mixed_bfloat16"]
    for precision, size in itertools.product(precisions, options.batch_sizes):
        results[f"training, {precision}, batch {size}"] = measure_training(rows, size, precision, device)
    results["alone"] = measure_alone(rows)
    results["round trip"] = round_trip(options.data, options.level)
    options.output.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(results, indent=2))
    return 0 if device == "cpu" or results["cuDNN's LSTM"] else 1


Prepared = tuple[Architecture, Reader, Any]


def epoch(rows: Prepared, size: int = 64) -> tuple[TrainingConfig, list[Any]]:
    """One epoch of batches of a size, and the settings they are of."""
    from attnclf.trainable import fit as fitting

    _, reader, examples = rows
    config = Config().override({"training": {"batch_size": size, "epochs": 1}}).training
    return config, list(fitting.training_batches(examples, reader, config, np.random.default_rng(0)))


def runs_cudnn(rows: Prepared) -> bool:
    """Whether cuDNN stands in what the back end compiles, or runs, for the encoder."""
    import keras

    architecture, (_, batches) = rows[0], epoch(rows)
    layer = architecture.encoder.build(keras)
    lengths = batches[0][0]["lengths"]
    mask = np.arange(batches[0][0]["ids"].shape[1]) < lengths[:, None]
    x = np.random.default_rng(0).normal(size=(*mask.shape, architecture.embedding)).astype(np.float32)
    architecture.encoder.call(layer, x, mask)
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        function = tf.function(lambda x, mask: architecture.encoder.call(layer, x, mask)).get_concrete_function(x, mask)
        ran = str(function.graph.as_graph_def(add_shapes=False))
    elif keras.backend.backend() == "jax":
        import jax

        weights = [variable.value for variable in layer.trainable_variables]
        stateless = jax.jit(lambda w, x, mask: layer.stateless_call(w, [], x, mask)[0])
        ran = stateless.lower(weights, x, mask).compile().as_text()
    else:
        import torch

        with torch.profiler.profile() as profile:
            architecture.encoder.call(layer, x, mask)
        ran = " ".join(event.key for event in profile.key_averages())
    return "cudnn" in ran.lower()


def measure_training(rows: Prepared, size: int, precision: str, device: str) -> dict[str, float]:
    """An epoch after one that compiles."""
    from attnclf.trainable import backend
    from attnclf.trainable import fit as fitting

    backend.set_precision(precision, device)
    config, batches = epoch(rows, size)
    model = fitting.compiled(rows[0], batches[0][0], config, steps=1_000)
    with busy() as samples:
        seconds = timed(lambda: [model.train_on_batch(*batch) for batch in batches])
    backend.set_precision("float32", device)
    tokens = sum(int(inputs["lengths"].sum()) for inputs, _, _ in batches)
    result = {"real tokens a second": tokens / seconds, "steps a second": len(batches) / seconds}
    return result | ({"GPU at work, share": float(np.mean(samples)) / 100} if samples else {})


@contextmanager
def busy(every: float = 0.2) -> Any:
    """Percent of time in which the GPU was at work, sampled; nothing where there is no nvidia-smi."""
    samples: list[float] = []
    done = threading.Event()

    def sample() -> None:
        command = ["nvidia-smi", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits"]
        while not done.wait(every):
            try:
                answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            except (OSError, subprocess.CalledProcessError):
                return
            samples.append(float(answer.split()[0]))

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield samples
    finally:
        done.set()
        thread.join()


def measure_alone(rows: Prepared) -> dict[str, float]:
    """Forward and back through the encoder by Keras, as a training step of nothing else, and through torch.nn.LSTM."""
    import keras

    architecture, (_, batches) = rows[0], epoch(rows)
    shapes = [batch["ids"].shape for batch, _, _ in batches[:100]]
    tokens = sum(int(batch["lengths"].sum()) for batch, _, _ in batches[:100])
    rng = np.random.default_rng(0)
    inputs = [[rng.normal(size=(*shape, architecture.embedding)).astype(np.float32), np.ones(shape, bool)] for shape in shapes]
    x, real = keras.Input((None, architecture.embedding)), keras.Input((None,), dtype="bool")
    states = architecture.encoder.call(architecture.encoder.build(keras), x, real)
    model = keras.Model([x, real], keras.layers.Dense(1)(keras.layers.GlobalAveragePooling1D()(states)))
    model.compile("sgd", "mse")
    targets = [np.zeros((len(x), 1), np.float32) for x, _ in inputs]
    keras_step = lambda: [model.train_on_batch(x, y) for x, y in zip(inputs, targets, strict=True)]  # noqa: E731
    keras_step()
    ours = timed(keras_step)
    results = {"real tokens a second": tokens / ours}
    try:
        import torch
    except ImportError:
        return results
    place = "cuda" if torch.cuda.is_available() else "cpu"
    units = architecture.encoder.dim // 2
    layer = torch.nn.LSTM(architecture.embedding, units, bidirectional=True, batch_first=True).to(place)

    def torch_step() -> None:
        for x, _ in inputs:
            (layer(torch.from_numpy(x).to(place))[0] ** 2).mean().backward()
            layer.zero_grad()
        if place == "cuda":
            torch.cuda.synchronize()

    torch_step()
    return results | {"against torch.nn.LSTM, times": timed(torch_step) / ours}


def round_trip(data: Path, level: str) -> dict[str, float]:
    """Training checks the served numbers against Keras' and refuses to save when they differ, so a score means they agree."""
    import attnclf

    with tempfile.TemporaryDirectory() as directory:
        classifier = attnclf.train(data, Path(directory) / "model", level=level)
        report = classifier.evaluate(data)
        return {"validation accuracy": classifier.scores["validation"]["accuracy"], "accuracy on all rows": report.accuracy}


if __name__ == "__main__":
    sys.exit(main())
