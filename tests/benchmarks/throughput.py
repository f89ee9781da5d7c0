"""Texts a second: serving beside Keras, and training with and without length buckets."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from attnclf.architecture import Architecture
from attnclf.config import Config, TrainingConfig
from attnclf.data import Table
from attnclf.runtime.served import Served
from attnclf.text import build_tokenizer, encode_ids, pad
from attnclf.training import train

CONFIG = Config().override({"text": {"level": "char"}, "training": {"epochs": 1, "baseline": False, "device": "cpu"}})


def train_small(table: Table, model: Path, rows: int = 2_000) -> None:
    """A model of the default size; how well it does is of no matter here."""
    train(replace(table, texts=table.texts[:rows], labels=table.labels[:rows]), None, CONFIG, model)


def measure_prediction(model: Path, texts: list[str]) -> dict[str, float]:
    """The same weights, texts and answers; Keras is given batches of equal lengths too, which it does not make itself."""
    served = Served.load(model)
    keras_model = in_keras(served)
    ids, _ = encode_ids(served.tokenizer, texts)
    padded = pad(ids)
    order = np.argsort(padded["lengths"])
    batches = [pad([ids[i] for i in order[start : start + 256]], 8) for start in range(0, len(ids), 256)]
    keras_model.predict(pad(ids[:256]), verbose=0, batch_size=256)
    seconds = timed(lambda: served.logits(texts))
    keras_seconds = timed(lambda: keras_model.predict(padded, verbose=0, batch_size=256))
    keras_sorted = timed(lambda: [keras_model.predict_on_batch(batch) for batch in batches])
    return {
        "texts a second": len(texts) / seconds,
        "faster than Keras predict, times": keras_seconds / seconds,
        "faster than Keras on batches sorted by length, times": keras_sorted / seconds,
    }


def in_keras(served: Served) -> Any:
    """The served model's weights in a Keras model."""
    from safetensors.numpy import load

    from attnclf.nn.model import AttentionClassifier

    config = served.bundle.config
    model = AttentionClassifier(
        Architecture.of(config.model, config.text.level, served.tokenizer.get_vocab_size(), len(served.labels))
    )
    model(pad([np.array([1], np.int32)]))
    model.assign_arrays(load(served.bundle.read("weights.safetensors")))
    return model


def measure_training(table: Table) -> dict[str, float]:
    """One epoch of the default model, bucketed by length and padded to the longest text."""
    from attnclf.nn import fit as fitting

    tokenizer = build_tokenizer(table.texts, CONFIG.text)
    ids, _ = encode_ids(tokenizer, table.texts)
    numbers = {label: i for i, label in enumerate(sorted(set(table.labels)))}
    targets = np.array([numbers[label] for label in table.labels], np.int32)
    examples = fitting.Examples(ids, targets, np.ones(len(ids), np.float32))
    architecture = Architecture.of(CONFIG.model, CONFIG.text.level, tokenizer.get_vocab_size(), len(numbers))
    longest = max(map(len, ids))
    bucketed = one_epoch(architecture, examples, CONFIG.training)
    padded = one_epoch(architecture, examples, CONFIG.training, multiple=longest)
    return {
        "texts a second, bucketed": len(ids) / bucketed,
        "longest text, tokens": longest,
        "mean text, tokens": sum(map(len, ids)) / len(ids),
        "bucketed faster than padded, times": padded / bucketed,
    }


def one_epoch(architecture: Architecture, examples: Any, config: TrainingConfig, **batching: int) -> float:
    """Seconds for one epoch, after a step that compiles."""
    from attnclf.nn import fit as fitting

    model = fitting.compiled(architecture, config, steps=1_000)
    batches = list(fitting.training_batches(examples, config.batch_size, np.random.default_rng(0), **batching))
    model.train_on_batch(*batches[0])
    return timed(lambda: [model.train_on_batch(*batch) for batch in batches], repeats=1)


def timed(function: Callable[[], object], repeats: int = 2) -> float:
    """The shortest of some runs, in seconds."""
    runs = []
    for _ in range(repeats):
        started = time.perf_counter()
        function()
        runs.append(time.perf_counter() - started)
    return min(runs)
