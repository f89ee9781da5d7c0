"""What each attention mechanism and encoder costs: a training step, and serving, as times of additive attention over a BiLSTM.

All sizes are the defaults' and weights are random. Rounds over all parts, and the shortest of each, so that what else the
machine does meets them alike.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from attnclf.config import Config
from attnclf.data import Table
from attnclf.model.architecture import Architecture
from attnclf.model.encoders import ENCODERS
from attnclf.model.mechanisms import MECHANISMS
from attnclf.reading.base import Reader
from attnclf.reading.readers import build_reader
from attnclf.training.preparation import labels_of
from attnclf.training.splitting import targets_of
from tests.benchmarks.throughput import CONFIG

STEPS, TEXTS, ROUNDS = 30, 2_000, 4
STANDARD = "additive + bilstm"
PARTS = {
    **{f"{name} + bilstm": {"attention": name} for name in MECHANISMS.names()},
    **{f"additive + {name}": {"encoder": name} for name in ENCODERS.names()},
    "additive + bilstm, input attention": {"input_attention": True},
    "additive + bilstm, 2 layers": {"layers": 2},
}


def measure_parts(table: Table, level: str, parts: Mapping[str, Any] = PARTS) -> tuple[dict[str, float], dict[str, float]]:
    """Of each part the time of a training step and of serving, as multiples of the standard's."""
    readers = {kind: _reader(table, level, kind) for kind in ("none", "marks")}
    steps, serving = {}, {}
    for name, model in parts.items():
        reader = readers["marks" if model.get("encoder") == "hierarchical" else "none"]
        config = CONFIG.override({"text": {"level": level}, "model": model})
        it = Architecture.of(config.model, config.text.level, reader.vocabulary, reader.features, len(labels_of(table)))
        steps[name], serving[name] = _training(it, reader, table, config), _serving(it, reader, table)
    return _ratios(steps), _ratios(serving)


def _reader(table: Table, level: str, sentences: str) -> Reader:
    return build_reader(table.texts, CONFIG.override({"text": {"level": level, "sentences": sentences}}).text)


def _training(it: Architecture, reader: Reader, table: Table, config: Config) -> Callable[[], object]:
    """A few steps, on the same rows for every part, compiled before."""
    from attnclf.trainable import fit as fitting

    rows = STEPS * config.training.batch_size
    ids, _ = reader.ids(table.texts[:rows])
    targets = targets_of(replace(table, labels=table.labels[:rows]), labels_of(table))
    examples = fitting.Examples(ids, targets, np.ones(len(ids), np.float32))
    batches = list(fitting.training_batches(examples, reader, config.training, np.random.default_rng(0)))
    model = fitting.compiled(it, batches[0][0], config.training, steps=1_000)
    model.train_on_batch(*batches[0])
    return lambda: [model.train_on_batch(*batch) for batch in batches]


def _serving(it: Architecture, reader: Reader, table: Table) -> Callable[[], object]:
    """Many texts on one core, from ids, their words met before."""
    from attnclf.served.graph import build_graphs
    from attnclf.served.session import Session

    random = np.random.default_rng(0)
    weights = {name: random.normal(0, 0.05, shape).astype(np.float32) for name, shape in it.shapes().items()}
    if it.features:
        weights["linear.table"][:, -1] **= 2
    graphs = build_graphs(it, weights)
    session = Session(graphs["model.onnx"], graphs["words.onnx"], threads=1)
    ids, _ = reader.ids(table.texts[:TEXTS])
    session.run(reader, ids, ["logits"])
    return lambda: session.run(reader, ids, ["logits"])


def _ratios(functions: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    seconds = dict.fromkeys(functions, float("inf"))
    for _ in range(ROUNDS):
        for name, function in functions.items():
            started = time.perf_counter()
            function()
            seconds[name] = min(seconds[name], time.perf_counter() - started)
    return {f"{name}, times of {STANDARD}": seconds[name] / seconds[STANDARD] for name in functions}
