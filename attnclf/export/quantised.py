"""Graphs in int8, quantised dynamically by ONNX Runtime, and what that costs.

The table of vectors and the network become int8: weights once, activations anew for each batch. Two parts stay in float32. The
linear model's tables hold weights and squares of scales side by side, and one scale for both costs points of accuracy. The
head is small, and in float32 it gives the same number whether it reads a pooled vector or one token after the other: so the
contributions still sum to the logits.
"""

import io
import logging
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnclf.results import softmax
from attnclf.results.exported import Measure, Quantisation
from attnclf.scoring.metrics import log_loss
from attnclf.served.graph import build_graphs
from attnclf.served.model import ServedModel
from attnclf.served.session import Session

OPERATORS = ("Gather", "MatMul", "LSTM")
ROUNDS = 3  # of which the fastest counts
SUMMED = 200  # texts whose contributions are summed


def graphs_of(served: ServedModel) -> dict[str, bytes]:
    """The graphs of a model in float32, as today's attnclf writes them, by file name. Raises ModelError."""
    return build_graphs(served.architecture, served.weights())


def quantised(graphs: Mapping[str, bytes], weights: Mapping[str, NDArray[np.float32]]) -> dict[str, bytes]:
    """The same graphs in int8, by file name; an empty one stays empty."""
    kept = [weights[name] for name in ("head.W", "linear.table") if name in weights]
    with tempfile.TemporaryDirectory() as folder, _quiet():
        return {name: _quantised(graph, kept, Path(folder) / name) if graph else graph for name, graph in graphs.items()}


def _quantised(graph: bytes, kept: Sequence[NDArray[np.float32]], path: Path) -> bytes:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    model, arrays = _with_initializers(graph)
    whole = {name for name, array in arrays.items() if any(_is_part(array, other) for other in kept)}
    excluded = [node.name for node in model.graph.node if whole & set(node.input)]
    quantize_dynamic(model, path, op_types_to_quantize=list(OPERATORS), weight_type=QuantType.QInt8, nodes_to_exclude=excluded)
    return path.read_bytes()


def _with_initializers(graph: bytes) -> tuple[Any, dict[str, NDArray[Any]]]:
    """The graph with initializers in place of its constants, of which the library quantises none; and the arrays by name."""
    import onnx
    from onnx import numpy_helper

    model = onnx.load_from_string(graph)
    constants = [node for node in model.graph.node if node.op_type == "Constant"]
    others = [node for node in model.graph.node if node.op_type != "Constant"]
    for node in constants:
        tensor = node.attribute[0].t
        tensor.name = node.output[0]
        model.graph.initializer.append(tensor)
    del model.graph.node[:]
    model.graph.node.extend(others)
    return model, {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}


def _is_part(array: NDArray[Any], table: NDArray[np.float32]) -> bool:
    """Whether these are rows of the table: its first ones, or a part of them."""
    if array.ndim != 2 or array.shape[1] != table.shape[1] or len(array) > len(table) or array.dtype != table.dtype:
        return False
    return bool(np.array_equal(array[-1], table[len(array) - 1]) or np.array_equal(array[-1], table[-1]))


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the library's advice to preprocess, which does not concern these graphs."""
    log = logging.getLogger()
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with redirect_stdout(io.StringIO()):
            yield
    finally:
        log.setLevel(level)


def with_graphs(served: ServedModel, graphs: Mapping[str, bytes]) -> ServedModel:
    """The model on these graphs, made here, on one core."""
    session = Session(graphs["model.onnx"], graphs["words.onnx"] or None, threads=1, quantised=True)
    return replace(served, session=session)


def measured(
    served: ServedModel,
    graphs: Mapping[str, bytes],
    smaller: Mapping[str, bytes],
    texts: Sequence[str],
    labels: Sequence[str],
    source: str,
) -> Quantisation:
    """What becomes of the answers for `texts` if `smaller` takes the place of `graphs`. The model knows all `labels`."""
    targets = np.array([served.labels.index(label) for label in labels], np.int32)
    models = [with_graphs(served, some) for some in (graphs, smaller)]
    logits = [_logits(model, texts) for model in models]
    seconds = [min(times) for times in zip(*([_seconds(model, texts) for model in models] for _ in range(ROUNDS)), strict=True)]
    sizes = [sum(map(len, some.values())) for some in (graphs, smaller)]
    before, after = (
        Measure(
            size,
            len(texts) / took,
            float((found.argmax(axis=1) == targets).mean()),
            log_loss(targets, softmax(found)),
        )
        for size, took, found in zip(sizes, seconds, logits, strict=True)
    )
    changed = float((logits[0].argmax(axis=1) != logits[1].argmax(axis=1)).mean())
    some = models[1].scored(texts[:SUMMED])
    gap = max(float(np.abs(one.logits - one.contributions.sum(axis=0)).max()) for one in some)
    return Quantisation(source, len(texts), before, after, changed, gap, len(some))


def _logits(model: ServedModel, texts: Sequence[str]) -> NDArray[np.float32]:
    return model.logits(texts)[0]


def _seconds(model: ServedModel, texts: Sequence[str]) -> float:
    """How long the answers take a core, for a model that has met no word."""
    model.session.forget(model.reader)
    began = time.process_time()
    _logits(model, texts)
    return time.process_time() - began
