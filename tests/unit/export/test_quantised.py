"""Graphs in int8: smaller, close to those in float32, and still additive."""

from pathlib import Path

import numpy as np
import onnx
import pytest

from attnclf.errors import ModelError
from attnclf.export.quantised import graphs_of, measured, quantised, with_graphs
from attnclf.served.model import ServedModel
from attnclf.served.session import Session
from tests.models import TEXTS, write_bundle

SOME = [*TEXTS[:5], "get the library", "라떼 again 좋아요", ""]


@pytest.fixture(scope="module", params=["char", "word"])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ServedModel:
    folder = tmp_path_factory.mktemp("model")
    sizes = {"embedding": 64, "units": 32, "values_units": 64, "attention_units": 32}
    return ServedModel.load(write_bundle(folder / "m", level=request.param, **sizes).path)


def operators(graph: bytes) -> set[str]:
    return {node.op_type for node in onnx.load_from_string(graph).graph.node} if graph else set()


def test_answers_hardly_change_and_contributions_sum_to_them(served: ServedModel) -> None:
    graphs = graphs_of(served)
    smaller = quantised(graphs, served.weights())
    assert {"DynamicQuantizeLSTM", "MatMulInteger"} <= operators(smaller["model.onnx"])
    assert sum(map(len, smaller.values())) < 0.6 * sum(map(len, graphs.values()))
    model = with_graphs(served, smaller)
    before, after = served.scored(SOME), model.scored(SOME)
    spread = np.ptp([one.logits for one in before])
    gap = np.mean([np.abs(one.logits - other.logits).mean() for one, other in zip(before, after, strict=True)])
    assert 0 < gap < 0.05 * spread  # random weights are large, and so are their errors
    assert max(np.abs(one.logits - one.contributions.sum(axis=0)).max() for one in after) < 1e-5


def test_the_linear_model_and_the_head_are_not_touched(served: ServedModel) -> None:
    smaller, weights = quantised(graphs_of(served), served.weights()), served.weights()
    arrays = [
        onnx.numpy_helper.to_array(tensor)
        for graph in filter(None, smaller.values())
        for tensor in onnx.load_from_string(graph).graph.initializer
    ]
    assert any(np.array_equal(array, weights["head.W"]) for array in arrays)
    assert not any(array.shape == weights["embedding.table"].shape and array.dtype == np.float32 for array in arrays)
    if "linear.table" in weights:
        assert "DequantizeLinear" in operators(smaller["words.onnx"])
        assert any(np.array_equal(array, weights["linear.table"][: served.architecture.ngrams]) for array in arrays)


def test_what_it_costs_is_measured(served: ServedModel) -> None:
    graphs = graphs_of(served)
    smaller = quantised(graphs, served.weights())
    labels = [served.labels[row.argmax()] for row in served.logits(SOME)[0]]
    found = measured(served, graphs, smaller, SOME, labels, "some.csv")
    assert (found.rows, found.before.accuracy, found.accuracy_lost) == (len(SOME), 1.0, 1 - found.after.accuracy)
    assert found.changed == pytest.approx(found.accuracy_lost)
    assert found.before.bytes > found.after.bytes == sum(map(len, smaller.values()))
    assert found.before.texts_per_second > 0
    assert 0 < found.largest_gap < 1e-5
    wrong = {name: graphs[name] for name in graphs} | {"model.onnx": _other(served, graphs)}
    lost = measured(served, graphs, wrong, SOME, labels, "some.csv")
    assert lost.accuracy_lost > 0


def _other(served: ServedModel, graphs: dict[str, bytes]) -> bytes:
    """The graph with another head, which calls most things by another label."""
    model = onnx.load_from_string(graphs["model.onnx"])
    head = served.weights()["head.W"]
    for node in model.graph.node:
        for attribute in node.attribute:
            if attribute.name == "value" and tuple(attribute.t.dims) == head.shape:
                attribute.t.CopyFrom(onnx.numpy_helper.from_array(np.roll(head, 1, axis=1)))
    return model.SerializeToString()


def test_a_model_in_int8_is_of_another_kind(served: ServedModel, tmp_path: Path) -> None:
    """What `predict` opens must hold the operators that attnclf writes, and no others."""
    smaller = quantised(graphs_of(served), served.weights())
    with pytest.raises(ModelError, match="no graph of attnclf"):
        Session(smaller["model.onnx"], smaller["words.onnx"] or None)
