"""Each line of the log is JSON, without texts unless they were asked for."""

import json

import pytest

from attnclf.service.logs import LONGEST, Log, Told, request_id

ASKED = {"method": "POST", "path": "/predict", "status": 200, "seconds": 0.0123456, "client": "127.0.0.1"}


@pytest.mark.parametrize("texts", [False, True])
def test_the_line_of_a_request(texts: bool) -> None:
    lines: list[str] = []
    told = Told(id="abc")
    told.of(["비밀 하나", "\u2028two"])
    told.model = "sha256:1"
    Log(lines.append, texts=texts).request(told, **ASKED)  # type: ignore[arg-type]
    (line,) = lines
    found = json.loads(line)
    assert line.endswith("\n")
    assert len(line.splitlines()) == 1
    assert (found["event"], found["level"], found["status"], found["ms"]) == ("request", "info", 200, 12.35)
    assert (found["texts"], found["characters"], found["model"]) == (2, 9, "sha256:1")
    assert found.get("shown") == (["비밀 하나", "\u2028two"] if texts else None)
    assert ("비밀" in line) == texts


def test_a_request_without_texts_and_one_that_failed() -> None:
    lines: list[str] = []
    log = Log(lines.append)
    log.request(Told(), **ASKED | {"status": 500, "path": "/" + "x" * 1000})  # type: ignore[arg-type]
    found = json.loads(lines[0])
    assert found["level"] == "error"
    assert len(found["path"]) == LONGEST
    assert "texts" not in found


def test_events_and_failures() -> None:
    lines: list[str] = []
    log = Log(lines.append)
    log.event("model rejected", warning=True, name="m", error="e")
    try:
        raise RuntimeError("strange")
    except RuntimeError:
        log.failure(Told(id="abc"))
    event, failure = map(json.loads, lines)
    assert (event["level"], event["event"], event["name"]) == ("warning", "model rejected", "m")
    assert failure["level"] == "error"
    assert "RuntimeError: strange" in failure["traceback"]


@pytest.mark.parametrize(
    ("offered", "kept"), [("job-7.a_b", True), ("", False), ("a b", False), ("x" * 65, False), ("é", False)]
)
def test_a_request_keeps_the_name_that_its_sender_gave_it_where_that_is_plain(offered: str, kept: bool) -> None:
    found = request_id(offered)
    assert (found == offered) == kept
    assert found
