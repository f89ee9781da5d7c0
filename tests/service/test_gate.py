"""Tokens, limits and errors: whatever is wrong is answered in one form, and nothing of a text is logged."""

import gzip
import json
import socket
import threading
import time
import tracemalloc
from pathlib import Path

import pytest

from tests.service.conftest import NEEDED, Service, serving

pytest.importorskip("fastapi", reason=NEEDED)

TOKEN = "s3cret-token"


def test_a_token_is_asked_for_but_not_for_health_and_the_page(bundle_path: Path) -> None:
    with serving(bundle_path, token=TOKEN) as service:
        assert service.post("/predict", {"text": "a"})["predictions"]
        for wrong in ("", "Bearer", "Bearer wrong-token", f"Basic {TOKEN}", f"Bearer {TOKEN}x"):
            for path in ("/predict", "/explain", "/v1/models/model:predict", "/nothing"):
                error = service.refused(path, {"text": "a"}, headers={"authorization": wrong})
                assert (error["status"], error["code"]) == (401, "unauthorized")
        for path in ("/model", "/metrics", "/v1/models"):
            assert service.refused(path, None, "GET", {"authorization": ""})["status"] == 401
        _, headers, _ = service.ask("POST", "/predict", {"text": "a"}, {"authorization": ""})
        assert headers["www-authenticate"] == "Bearer"
        for path in ("/health/live", "/health/ready", "/openapi.json", "/v2/health/live"):
            assert service.ask("GET", path, headers={"authorization": ""})[0] == 200
        assert TOKEN not in "".join(service.lines)


@pytest.fixture(scope="module")
def small(bundle_path: Path):
    with serving(bundle_path, body=2_000, texts=3, explained=2, characters=50) as service:
        yield service


@pytest.mark.parametrize(
    ("path", "body", "status", "says"),
    [
        ("/predict", {"texts": ["a"] * 4}, 422, "4 texts"),
        ("/predict", {"text": "a" * 51}, 422, "the text has 51 characters"),
        ("/predict", {"texts": ["a", "a" * 51]}, 422, "text 2 of 2 has 51 characters"),
        ("/explain", {"texts": ["a"] * 3}, 422, "3 texts to explain"),
        ("/predict", {"text": "a" * 3_000}, 413, "larger than 2,000 bytes"),
        ("/predict", {}, 422, "either 'text' or 'texts'"),
        ("/predict", {"text": "a", "texts": ["b"]}, 422, "and not both"),
        ("/predict", {"texts": []}, 422, "body.texts"),
        ("/predict", {"text": 7}, 422, "body.text: a text is a string, or an object"),
        ("/predict", {"text": None}, 422, "body.text: a text is a string, or an object"),
        ("/predict", {"texts": ["a", ["b"]]}, 422, "body.texts.1: a text is a string, or an object"),
        ("/v1/models/model:predict", {"instances": [None]}, 422, "body.instances.0: a text is a string, or an object"),
        ("/predict", {"text": "a", "tetx": 1}, 422, "body.tetx"),
        ("/predict", {"text": "a", "prior": {"fake": 2}}, 422, "less than 1"),
        ("/predict", {"text": "a", "prior": {"fkae": 0.2}}, 422, "no label 'fkae'"),
        ("/predict", {"texts": ["a"], "accounts": []}, 422, "1 texts and 0 accounts"),
        ("/predict", {"texts": ["a"], "accounts": ["b"]}, 422, "no rule for accounts"),
        ("/explain", {"text": "a", "account": "b"}, 422, "no rule for accounts"),
        ("/explain", {"text": "a", "account": "b", "target": "fake"}, 422, "without 'target'"),
        ("/explain", {"text": "a", "account": " "}, 422, "'account' has no name"),
        ("/explain", {"text": "a", "most": 3}, 422, "'most' is for the posts of an account"),
        ("/explain", {"text": "a", "target": "none"}, 422, "no label 'none'"),
        ("/explain", {"text": "a", "by": "letter"}, 422, "body.by"),
        ("/predict", b'{"text": ', 400, "no JSON"),
        ("/predict", b'{"text": "\xff"}', 400, "no text in UTF-8"),
        ("/predict", gzip.compress(b'{"text": "a"}'), 400, "no text in UTF-8"),
        ("/predict", b"[" * 1_900, 400, "nested too deep"),
        ("/predict", b"", 422, "body"),
        ("/predict", b"null", 422, "body"),
        ("/predict", b'{"text": "a", "prior": {"fake": NaN}}', 422, "body.prior.fake"),
        ("/nothing", {}, 404, "not found"),
        ("/v1/models/other:predict", {"instances": ["a"]}, 404, "no model 'other'"),
        ("/health/live", {}, 405, "not allowed"),
    ],
)
def test_what_is_wrong_is_said(small: Service, path: str, body: object, status: int, says: str) -> None:
    error = small.refused(path, body)
    assert error["status"] == status
    assert says in error["message"]
    assert "Value error" not in error["message"]


NAMED, WRONG = {f"n{number}": 2 for number in range(12_000)}, [1] * 30_000
TENSOR = {"name": "text", "shape": [1], "datatype": "BYTES", "data": ["a"]}


@pytest.mark.parametrize(
    ("path", "bodies"),
    [
        (
            "/predict",
            [{"text": "a", "prior": NAMED}, {"texts": WRONG}, {"texts": [NAMED]}, {"text": "a", "accounts": WRONG}, NAMED],
        ),
        ("/v1/models/model:predict", [{"instances": WRONG}, {"instances": [NAMED]}, NAMED]),
        (
            "/v2/models/model/infer",
            [
                {"inputs": WRONG},
                {"inputs": [TENSOR | {"shape": WRONG, "data": [WRONG]}], "outputs": WRONG},
                {"inputs": [TENSOR | NAMED]},
                NAMED,
            ],
        ),
    ],
)
def test_a_request_has_not_as_many_errors_as_it_has_values(bundle_path: Path, path: str, bodies: list[object]) -> None:
    """Each error that pydantic notes takes as much memory as many values."""
    with serving(bundle_path) as service:
        for body in bodies:
            tracemalloc.start()
            service.refused(path, body)
            assert tracemalloc.get_traced_memory()[1] < 20e6, str(body)[:99]
            tracemalloc.stop()


@pytest.mark.parametrize("declared", ["text/plain", "text/json", "application/jsonl"])
def test_a_body_that_is_not_declared_as_json(small: Service, declared: str) -> None:
    error = small.refused("/predict", b'{"text": "a"}', headers={"content-type": declared})
    assert (error["status"], error["code"]) == (415, "not_json")


@pytest.mark.parametrize(
    ("path", "shape"),
    [("/predict", '"text"'), ("/v1/models/model:predict", '"instances"'), ("/v2/models/model/infer", '"inputs"')],
)
@pytest.mark.parametrize("body", [b"{", b"\xff"])
def test_what_a_body_looks_like_is_said_for_its_path(small: Service, path: str, shape: str, body: bytes) -> None:
    assert shape in small.refused(path, body)["hint"]


@pytest.mark.parametrize("path", ["/", "/health/live", "/health/ready", "/v2/health/live", "/model"])
def test_head_is_get_without_the_body(small: Service, path: str) -> None:
    status, headers, body = small.ask("HEAD", path)
    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) > 0


def test_a_body_that_does_not_say_its_size_is_bounded_too(small: Service) -> None:
    with socket.create_connection(("127.0.0.1", small.port), 30) as connection:
        connection.sendall(b"POST /predict HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(5):
            connection.sendall(b"400\r\n" + b"a" * 0x400 + b"\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_a_body_that_does_not_arrive_is_not_waited_for(bundle_path: Path) -> None:
    with serving(bundle_path, seconds=0.2) as service:
        with socket.create_connection(("127.0.0.1", service.port), 30) as connection:
            connection.sendall(b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{")
            assert connection.recv(100).startswith(b"HTTP/1.1 408 ")
        assert service.get("/health/live") == {"status": "live"}


def test_who_asks_too_often_is_told_when_to_come_back(bundle_path: Path) -> None:
    with serving(bundle_path, rate=0.5, burst=4) as service:
        assert [service.ask("GET", "/model")[0] for _ in range(3)] == [200, 200, 429]
        status, headers, body = service.ask("POST", "/predict", {"text": "a"})
        assert (status, json.loads(body)["error"]["code"]) == (429, "too_often")
        assert int(headers["retry-after"]) >= 1
        for path in ("/", "/page/files/page.css", "/page/files/page.js", "/page/files/panel.js", "/page/files/ask.js"):
            assert service.ask("GET", path)[0] == 200
        assert service.get("/health/ready")


def test_a_busy_model_refuses_and_says_so(bundle_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from attnclf.service.answers import Labelling

    begun, free = threading.Event(), threading.Event()
    answer = Labelling.answer

    def slow(self, served, items):
        begun.set()
        free.wait(30)
        return answer(self, served, items)

    monkeypatch.setattr(Labelling, "answer", slow)
    with serving(bundle_path, waiting=2, seconds=2) as service:
        first: list[int] = []
        threads = [
            threading.Thread(target=lambda: first.append(service.ask("POST", "/predict", {"texts": ["a", "b"]})[0]))
            for _ in range(2)
        ]
        threads[0].start()
        assert begun.wait(30)
        threads[1].start()
        end = time.monotonic() + 30
        while service.ask("GET", "/health/ready")[0] != 503:
            assert time.monotonic() < end
        for path in ("/v2/health/ready", "/v2/models/model/ready", "/v1/models/model"):
            assert service.refused(path, None, "GET")["message"] == "2 texts wait already"
        error = service.refused("/predict", {"text": "c"})
        assert (error["status"], error["code"], error["message"]) == (503, "overloaded", "2 texts wait already")
        for thread in threads:
            thread.join(30)
        assert first == [503, 503]  # no answer in time
        free.set()
        assert service.post("/predict", {"text": "a"})["predictions"]


def test_without_the_thread_that_works_nothing_is_live_or_ready(bundle_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from attnclf.service.batching import Batcher

    with serving(bundle_path) as service:
        monkeypatch.setattr(Batcher, "is_alive", False)
        for path in ("/health/live", "/health/ready", "/v2/health/live", "/v2/health/ready", "/v2/models/model/ready"):
            assert "thread" in service.refused(path, None, "GET")["message"]


def test_a_bug_is_answered_and_logged_without_the_text(bundle_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from attnclf.service.answers import Labelling

    def broken(self, served, items):
        raise RuntimeError("strange")

    monkeypatch.setattr(Labelling, "answer", broken)
    with serving(bundle_path) as service:
        error = service.refused("/predict", {"text": "a secret"})
        assert (error["status"], error["code"]) == (500, "bug")
    bug = next(line for line in service.logged if line["event"] == "bug")
    assert "RuntimeError: strange" in bug["traceback"]
    assert "secret" not in "".join(service.lines)


@pytest.mark.parametrize("log_texts", [False, True])
def test_a_line_a_request_with_texts_only_where_that_was_asked(bundle_path: Path, log_texts: bool) -> None:
    with serving(bundle_path, log_texts=log_texts) as service:
        _, headers, _ = service.ask("POST", "/predict", {"texts": ["비밀", "one"]}, {"x-request-id": "job-7"})
        assert headers["x-request-id"] == "job-7"
        service.refused("/predict", {"texts": "비밀"})
        service.ask("GET", "/health/live")
    requests = [line for line in service.logged if line["event"] == "request"]
    assert [line["status"] for line in requests] == [200, 422, 200]
    assert (requests[0]["id"], requests[0]["texts"], requests[0]["characters"]) == ("job-7", 2, 5)
    assert requests[0]["ms"] > 0
    assert [line["event"] for line in service.logged if line["event"] != "request"] == ["ready", "ended"]
    assert ("비밀" in "".join(service.lines)) == log_texts
