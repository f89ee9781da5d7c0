"""The protocols of KServe give the answers of `/predict` and `/explain`."""

from pathlib import Path

import numpy as np
import pytest

from tests.models import LABELS, TEXTS, write_bundle
from tests.service.conftest import NEEDED, Service, serving

pytest.importorskip("fastapi", reason=NEEDED)


TENSOR = {"name": "text", "shape": [1], "datatype": "BYTES", "data": ["a"]}


def test_version_1(service: Service) -> None:
    assert service.get("/v1/models") == {"models": ["judging"]}
    assert service.get("/v1/models/judging") == {"name": "judging", "ready": True}
    found = service.post("/v1/models/judging:predict", {"instances": TEXTS[:3]})
    assert found == {"predictions": service.post("/predict", {"texts": TEXTS[:3]})["predictions"]}
    found = service.post("/v1/models/judging:explain", {"instances": TEXTS[:2]})
    assert found == {"explanations": service.post("/explain", {"texts": TEXTS[:2]})["explanations"]}


def test_version_2(service: Service) -> None:
    assert service.get("/v2")["name"] == "attnclf"
    assert service.get("/v2/health/live") == {"live": True}
    assert service.get("/v2/health/ready") == {"ready": True}
    assert service.get("/v2/models/judging/ready")["ready"]
    told = service.get("/v2/models/judging")
    assert told["inputs"] == [{"name": "text", "datatype": "BYTES", "shape": [-1]}]
    assert told["labels"] == list(LABELS)
    request = {"id": "7", "inputs": [{"name": "text", "shape": [3], "datatype": "BYTES", "data": TEXTS[:3]}]}
    found = service.post("/v2/models/judging/infer", request)
    assert (found["id"], found["model_name"], found["model_version"]) == ("7", "judging", told["versions"][0])
    assert [one["name"] for one in found["outputs"]] == [one["name"] for one in told["outputs"]]
    for told_of, one in zip(told["outputs"], found["outputs"], strict=True):
        assert one["datatype"] == told_of["datatype"]
        assert len(one["data"]) == np.prod(one["shape"])
    expected = service.post("/predict", {"texts": TEXTS[:3]})["predictions"]
    outputs = {one["name"]: one for one in found["outputs"]}
    assert outputs["predicted"]["data"] == [one["label"] for one in expected]
    rows = np.reshape(outputs["probabilities"]["data"], outputs["probabilities"]["shape"])
    assert rows.tolist() == [[one["probabilities"][label] for label in LABELS] for one in expected]


def test_version_2_gives_the_outputs_asked_for(service: Service) -> None:
    tensor = {"name": "text", "shape": [2, 1], "datatype": "BYTES", "data": [["a"], ["b"]]}
    request = {"inputs": [tensor], "outputs": [{"name": "probability"}]}
    (output,) = service.post("/v2/models/judging/infer", request)["outputs"]
    assert (output["name"], output["shape"]) == ("probability", [2])
    error = service.refused("/v2/models/judging/infer", request | {"outputs": [{"name": "logits"}]})
    assert "no output 'logits'" in error["message"]
    assert len(service.post("/v2/models/judging/infer", request | {"outputs": []})["outputs"]) == 5


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"parameters": {"prior": {"fake": 0.1}}}, "body.parameters: there is no parameter 'prior'"),
        ({"parameters": {"priority": 1}}, "body.parameters: there is no parameter 'priority'"),
        ({"parameters": {"binary_data": False, "sequence_start": True}}, "there is no parameter 'sequence_start'"),
        ({"output": [{"name": "predicted"}]}, "body.output: "),
        ({"outputs": [{"name": "predicted", "parameters": {"classification": 2}}]}, "no parameter 'classification'"),
        ({"outputs": [{"name": "predicted", "parameters": {"binary_data": True}}]}, "no parameter 'binary_data'"),
        ({"inputs": [TENSOR | {"parameters": {"binary_data_size": 9}}]}, "no parameter 'binary_data_size'"),
        ({"inputs": [TENSOR | {"contents": []}]}, "body.inputs.0.contents: "),
        ({"inputs": [TENSOR | {"data": [1]}]}, "body.inputs.0.data.0: BYTES are strings"),
    ],
)
def test_version_2_drops_nothing_without_a_word(service: Service, change: dict[str, object], says: str) -> None:
    assert says in service.refused("/v2/models/judging/infer", {"inputs": [TENSOR]} | change)["message"]


def test_version_2_takes_parameters_that_ask_for_nothing_else(service: Service) -> None:
    outputs = [{"name": "predicted", "parameters": {"binary_data": False}}]
    assert service.post("/v2/models/judging/infer", {"inputs": [TENSOR], "parameters": {}, "outputs": outputs})


def test_what_would_be_dropped_is_refused(service: Service, tmp_path: Path) -> None:
    error = service.refused("/v1/models/judging:predict", {"instances": ["a"], "prior": {"fake": 0.1}})
    assert error["status"] == 422
    assert "predictions" in service.post("/v1/models/judging:predict", {"instances": ["a"], "signature_name": "x"})
    tensor = {"name": "text", "shape": [1], "datatype": "BYTES", "data": ["first"]}
    error = service.refused("/v2/models/judging/infer", {"inputs": [tensor, tensor | {"data": ["second"]}]})
    assert (error["status"], error["message"]) == (422, "two inputs have the same name")
    path = write_bundle(tmp_path / "two", level="word", text_col=["title", "body"]).path
    with serving(path) as two:
        error = two.refused("/v2/models/two/infer", {"inputs": [tensor | {"name": "body"}]})
        assert (error["status"], error["message"]) == (422, "a text has the columns 'body'")
        inputs = [tensor | {"name": name} for name in ("body", "title")]
        assert len(two.post("/v2/models/two/infer", {"inputs": inputs})["outputs"]) > 1


@pytest.mark.parametrize(
    "change", [{"shape": [3]}, {"shape": [1, 2]}, {"shape": [0], "data": []}, {"datatype": "INT32"}, {"data": [1]}]
)
def test_tensors_that_do_not_fit(service: Service, change: dict[str, object]) -> None:
    tensor = {"name": "text", "shape": [2], "datatype": "BYTES", "data": ["a", "b"]} | change
    error = service.refused("/v2/models/judging/infer", {"inputs": [tensor]})
    assert error["status"] == 422
    assert error["hint"]
