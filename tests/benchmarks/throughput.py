"""Texts a second: encoding, serving beside Keras, explaining, and training with and without length buckets."""

import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from attnclf.config import Config, Level, TrainingConfig
from attnclf.data import Table
from attnclf.explain import explain
from attnclf.model.architecture import Architecture
from attnclf.reading.base import Reader
from attnclf.reading.readers import build_reader
from attnclf.served.model import ServedModel
from attnclf.served.prediction import predict
from attnclf.training.preparation import labels_of
from attnclf.training.splitting import targets_of

FIRST = "texts a second, from text"
CONFIG = Config().override({"training": {"epochs": 1, "baseline": False, "device": "cpu"}})


def measure_prediction(model: Path, texts: Sequence[str]) -> dict[str, float]:
    """The same weights, texts and answers. Keras gets its batches ready made, as they come and also sorted by length, which it
    does not do itself; ours are made within the time, from ids. From text: by a model just loaded, and by one that has met the
    words before."""
    served = ServedModel.load(model)
    keras_model = in_keras(served)
    ids, _ = served.reader.ids(texts)
    order = np.argsort([len(row) for row in ids])
    as_they_come = [served.reader.batch(ids[start : start + 256], 8) for start in range(0, len(ids), 256)]
    by_length = [served.reader.batch([ids[i] for i in order[start : start + 256]], 8) for start in range(0, len(ids), 256)]
    keras_model.predict_on_batch(by_length[0])
    first = timed(lambda: ServedModel.load(model).logits(texts))
    seconds = timed(lambda: served.session.run(served.reader, ids, ["logits"]))
    again = timed(lambda: served.logits(texts))
    keras_seconds = timed(lambda: [keras_model.predict_on_batch(batch) for batch in as_they_come])
    keras_sorted = timed(lambda: [keras_model.predict_on_batch(batch) for batch in by_length])
    return {
        FIRST: len(texts) / first,
        "texts a second, from text, words met before": len(texts) / again,
        "texts a second, from ids": len(texts) / seconds,
        "faster than Keras, times": keras_seconds / seconds,
        "faster than Keras on batches sorted by length, times": keras_sorted / seconds,
    }


def measure_encoding(model: Path, texts: Sequence[str]) -> dict[str, float]:
    """Texts the reader has never met, to a model's inputs; scikit-learn makes TF-IDF of characters 1–5 of them."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    def encode() -> None:
        reader = ServedModel.load(model).reader
        reader.batch(reader.ids(texts)[0])

    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 5), sublinear_tf=True).fit(texts)
    seconds = timed(encode)
    return {
        "texts a second": len(texts) / seconds,
        "faster than TF-IDF of characters 1–5, times": timed(lambda: vectorizer.transform(texts)) / seconds,
    }


def measure_explaining(model: Path, texts: Sequence[str]) -> dict[str, float]:
    """Logits with attention and evidence, beside logits alone, both from text."""
    served = ServedModel.load(model)
    served.logits(texts)  # so that neither meets a word for the first time
    seconds = timed(lambda: predict(served, texts))
    return {
        "attention and contributions as arrays, times of a prediction": timed(lambda: served.scored(texts)) / seconds,
        "explanations with all their tokens, times of a prediction": timed(lambda: explain(served, texts)) / seconds,
        "texts a second": len(texts) / timed(lambda: explain(served, texts)),
    }


def prepared(table: Table, level: str) -> tuple[Architecture, Reader, Any]:
    """The default model's shape for a table, the reader, and the rows as examples to learn from."""
    from attnclf.trainable import fit as fitting

    config = CONFIG.override({"text": {"level": level}})
    reader = build_reader(table.texts, config.text)
    ids, _ = reader.ids(table.texts)
    labels = labels_of(table)
    examples = fitting.Examples(ids, targets_of(table, labels), np.ones(len(ids), np.float32))
    sizes = reader.vocabulary, reader.features, len(labels), config.text.max_length
    return Architecture.of(config.model, config.text.level, *sizes), reader, examples


def some_batches(table: Table, level: str, many: int = 40) -> list[dict[str, Any]]:
    """Inputs as training makes them."""
    from attnclf.trainable import fit as fitting

    _, reader, examples = prepared(table, level)
    batches = fitting.training_batches(examples, reader, CONFIG.training, np.random.default_rng(0))
    return [inputs for inputs, _, _ in itertools.islice(batches, many)]


def lstm_sizes(level: Level) -> tuple[int, int]:
    """Of the default model: numbers in, units a direction."""
    return CONFIG.model.embedding, Architecture.of(CONFIG.model, level, 2, 2, 2).encoder.dim // 2


def in_keras(served: ServedModel) -> Any:
    """The served model's weights in a Keras model."""
    from attnclf.trainable.model import AttentionClassifier

    model = AttentionClassifier(served.architecture)
    model(served.reader.batch(served.reader.ids(["a"])[0]))
    model.assign_arrays(served.weights())
    return model


def measure_training(table: Table, level: str) -> dict[str, float]:
    """One epoch of the default model, bucketed by length and padded to the longest text."""
    architecture, reader, examples = prepared(table, level)
    ids = examples.ids
    longest = max(map(len, ids))
    bucketed = one_epoch(architecture, reader, examples)
    padded = one_epoch(architecture, reader, examples, multiple=longest)
    unaligned = replace(CONFIG.training, align=0.0)
    pairs = [
        (one_epoch(architecture, reader, examples, unaligned), one_epoch(architecture, reader, examples)) for _ in range(3)
    ]
    return {
        "texts a second, bucketed": len(ids) / bucketed,
        "longest text, tokens": longest,
        "mean text, tokens": sum(map(len, ids)) / len(ids),
        "bucketed faster than padded, times": padded / bucketed,
        "a step with alignment, times as long": min(aligned for _, aligned in pairs) / min(plain for plain, _ in pairs),
    }


def one_epoch(
    architecture: Architecture, reader: Reader, examples: Any, training: TrainingConfig = CONFIG.training, **batching: Any
) -> float:
    """Seconds for one epoch as training runs it, after a step that compiles."""
    from attnclf.trainable import backend
    from attnclf.trainable import fit as fitting

    random = np.random.default_rng(0)
    batches = list(fitting.training_batches(examples, reader, training, random, **batching))
    model = fitting.compiled(architecture, batches[0][0], training, steps=1_000)

    def fit(steps: int) -> None:
        model.fit(backend.as_fit_input(lambda: iter(batches)), steps_per_epoch=steps, shuffle=False, verbose=0)

    fit(1)
    return timed(lambda: fit(len(batches)), repeats=1)


def timed(function: Callable[[], object], repeats: int = 2) -> float:
    """The shortest of some runs, in seconds."""
    runs = []
    for _ in range(repeats):
        started = time.perf_counter()
        function()
        runs.append(time.perf_counter() - started)
    return min(runs)
