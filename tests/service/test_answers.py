"""The service answers what the Python interface answers."""

import json
import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.models import TEXTS, write_bundle
from tests.service.conftest import NEEDED, Service, serving

pytest.importorskip("fastapi", reason=NEEDED)

import attnclf
from attnclf.render.records import explanation_record, prediction_record

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # Python warns of texts that it knows nothing of


@pytest.fixture(scope="module")
def classifier(judging_path: Path) -> attnclf.AttentionClassifier:
    return attnclf.load(judging_path)


def test_predictions_are_those_of_python(service: Service, classifier: attnclf.AttentionClassifier) -> None:
    texts = [*TEXTS[:5], "", "مرحبا", "👩‍👩‍👧‍👦", "x\x00\ud800"]
    found = service.post("/predict", {"texts": texts})
    expected = [json.loads(prediction_record(one)) for one in classifier.predictions(texts)]
    assert [{"text": text, **one} for text, one in zip(texts, found["predictions"], strict=True)] == expected
    assert found["model"] == service.get("/model")["checksum"]
    assert "accounts" not in found
    assert service.post("/predict", {"text": texts[0]})["predictions"] == found["predictions"][:1]


def test_a_field_of_null_is_none(service: Service) -> None:
    for one in ({"text": "a", "texts": None}, {"text": None, "texts": ["a"]}):
        assert service.post("/predict", one) == service.post("/predict", {"text": "a"})


def test_they_are_those_of_the_adapter_for_batches(service: Service, judging_path: Path) -> None:
    columns = attnclf.BatchPredictor(judging_path, ("predicted", "probability"))({"text": TEXTS})
    found = service.post("/predict", {"texts": TEXTS})["predictions"]
    assert [one["label"] for one in found] == columns["predicted"].tolist()
    assert np.allclose([one["probability"] for one in found], columns["probability"], atol=1e-6)


def test_base_rates_are_those_of_one_request(service: Service, classifier: attnclf.AttentionClassifier) -> None:
    found = service.post("/predict", {"text": TEXTS[0], "prior": {"fake": 0.02}})["predictions"][0]
    (expected,) = classifier.predictions([TEXTS[0]], prior={"fake": 0.02})
    assert found["probabilities"] == {k: round(p, 6) for k, p in zip(expected.labels, expected.probabilities, strict=True)}
    assert found["base_rates"]["fake"] == 0.02
    assert "base_rates" not in service.post("/predict", {"text": TEXTS[0]})["predictions"][0]


def test_requests_at_the_same_time_get_their_own_answers(service: Service, classifier: attnclf.AttentionClassifier) -> None:
    asked = [[f"{text} {n}" for text in TEXTS[: 1 + n % 4]] for n in range(60)]
    with ThreadPoolExecutor(12) as pool:
        found = list(pool.map(lambda texts: service.post("/predict", {"texts": texts})["predictions"], asked))
    for texts, answers in zip(asked, found, strict=True):
        expected = [round(one.probability, 6) for one in classifier.predictions(texts)]
        assert [one["probability"] for one in answers] == pytest.approx(expected, abs=2e-6)


@pytest.mark.parametrize("by", ["token", "word"])
def test_explanations_are_those_of_python(service: Service, classifier: attnclf.AttentionClassifier, by: str) -> None:
    asked = {"by": by, "target": "real", "prior": {"real": 0.1}}
    for text in TEXTS[:3]:
        expected = classifier.explain(text, by=by, target="real", prior={"real": 0.1})
        assert service.post("/explain", {"text": text} | asked)["explanations"] == [json.loads(explanation_record(expected))]
    found = service.post("/explain", {"texts": TEXTS[:3]} | asked)["explanations"]
    assert [one["text"] for one in found] == TEXTS[:3]
    for one in found:
        assert math.isclose(sum(token["evidence"] for token in one["tokens"]) + one["prior"], one["log_odds"], abs_tol=1e-4)


def test_accounts_get_verdicts_and_are_explained(service: Service, classifier: attnclf.AttentionClassifier) -> None:
    accounts = ["ann", "bob", "ann", "", "bob"]
    found = service.post("/predict", {"texts": TEXTS[:5], "accounts": accounts})
    verdicts = classifier.predict_accounts(TEXTS[:5], accounts)
    assert [one["account"] for one in found["accounts"]] == ["ann", "bob"]
    assert [one["log_odds"] for one in found["accounts"]] == pytest.approx([one.log_odds for one in verdicts], abs=1e-5)
    assert len(found["predictions"]) == 5
    why = service.post("/explain", {"texts": [TEXTS[0], TEXTS[2]], "account": "ann ", "most": 1})["account"]
    assert why["account"] == "ann"
    assert why["log_odds"] == pytest.approx(found["accounts"][0]["log_odds"], abs=1e-5)
    assert len(why["explained"]) == 1
    tokens = sum(token["evidence"] for token in why["explained"][0]["tokens"])
    assert tokens == pytest.approx(why["explained"][0]["evidence"], abs=1e-4)


def test_accounts_whose_names_look_the_same_are_one(service: Service) -> None:
    found = service.post("/predict", {"texts": TEXTS[:4], "accounts": ["ann", "ann ", "  ", "ann\u200b"]})["accounts"]
    assert [(one["account"], one["posts"]) for one in found] == [("ann", 3)]


def test_a_model_of_several_columns_takes_their_values(tmp_path: Path) -> None:
    path = write_bundle(tmp_path / "m", level="word", text_col=["title", "body"]).path
    with serving(path) as service:
        row = {"body": "DM me", "title": "get 1000"}
        found = service.post("/predict", {"texts": [row]})["predictions"]
        inputs = [{"name": name, "shape": [1], "datatype": "BYTES", "data": [row[name]]} for name in row]
        tensors = service.post("/v2/models/m/infer", {"inputs": inputs})["outputs"]
        assert tensors[1]["data"] == [found[0]["probability"]]
        error = service.refused("/predict", {"texts": [{"title": "get"}]})
        assert "'title', 'body'" in error["hint"]
        for asked, body in (
            ("/predict", {"text": "a"}),
            ("/explain", {"texts": ["a"]}),
            ("/v1/models/m:predict", {"instances": ["a"]}),
        ):
            error = service.refused(asked, body)
            assert error["message"] == "a text is a string"
            assert "'title', 'body'" in error["hint"]
        page = service.ask("GET", "/")[2].decode()
        assert "Write ␞ between their values" in page
        shown = service.post("/page/text", {"text": "get 1000 ␞ DM me"})
        assert shown["probability"] == pytest.approx(found[0]["probability"], abs=1e-6)
    (expected,) = attnclf.load(path).predictions(["get 1000 ␞ DM me"])
    assert found[0]["label"] == expected.label


def test_the_model_says_what_it_is(service: Service) -> None:
    found = service.get("/model")
    assert (found["name"], found["labels"], found["accounts"]) == ("judging", ["fake", "real", "shop"], True)
    assert (found["taken_over"], found["rejected"]) == (0, None)
    assert "/" not in found["model"]  # where it lies is no stranger's business
    assert service.get("/health/live") == {"status": "live"}
    assert service.get("/health/ready") == {"status": "ready", "model": found["checksum"]}


def test_numbers_for_prometheus(service: Service) -> None:
    service.post("/predict", {"texts": TEXTS[:3]})
    service.ask("GET", "/no/such/path")
    status, headers, body = service.ask("GET", "/metrics")
    page = body.decode()
    assert status == 200
    assert headers["content-type"].startswith("text/plain")
    assert 'attnclf_requests_total{method="POST",path="/predict",status="200"}' in page
    assert 'attnclf_requests_total{method="GET",path="other",status="404"}' in page
    assert "no/such" not in page
    assert 'attnclf_texts_total{path="/predict"}' in page
    assert "attnclf_batch_texts_count" in page
    assert "attnclf_waiting_texts 0.0" in page
    assert 'attnclf_model_info{checksum="sha256:' in page
    assert "process_resident_memory_bytes" in page


def test_the_examples_of_openapi_are_of_the_model(tmp_path: Path) -> None:
    path = write_bundle(tmp_path / "m", level="word", text_col=["title", "body"], labels=("ham", "spam")).path
    with serving(path) as service:
        tried = [ask_example(service, "m", *one) for one in examples(service)]
    assert len(tried) >= 7


def examples(service: Service):
    """Each path that takes JSON, and each of its examples."""
    for path, operations in service.get("/openapi.json")["paths"].items():
        for operation in operations.values():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                yield from ((path, one["value"]) for one in content["examples"].values())


def ask_example(service: Service, name: str, path: str, value: object) -> None:
    assert service.ask("POST", path.replace("{name}", name), value)[0] == 200, (path, value)


def test_openapi_describes_every_route_with_examples(service: Service) -> None:
    found = service.get("/openapi.json")
    assert {"/predict", "/explain", "/model", "/health/live", "/health/ready", "/metrics"} <= set(found["paths"])
    for path, operations in found["paths"].items():
        for operation in operations.values():
            assert operation["description"], path
            for status in ("413", "422", "429", "503"):
                schema = operation["responses"][status]["content"]["application/json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/ErrorAnswer"}, (path, status)
    for one in examples(service):  # what is shown works
        ask_example(service, "judging", *one)
