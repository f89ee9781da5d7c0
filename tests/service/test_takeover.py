"""A new model is taken over between requests; a damaged one leaves the old one where it is."""

import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.models import TEXTS, write_bundle
from tests.service.conftest import NEEDED, Service, serving

pytest.importorskip("fastapi", reason=NEEDED)

from attnclf.service import model as models

PATIENCE = 60.0  # seconds


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(models, "LOOKING", 0.05)
    return write_bundle(tmp_path / "model", labels=("old", "older")).path


def until(service: Service, holds) -> dict:
    end = time.monotonic() + PATIENCE
    while not holds(found := service.get("/model")):
        assert time.monotonic() < end
        time.sleep(0.02)
    return found


def test_every_answer_is_of_one_model_and_none_is_lost(path: Path) -> None:
    with serving(path) as service, ThreadPoolExecutor(4) as pool:
        old = service.get("/model")["checksum"]
        asking = True

        def ask(_: int) -> list[tuple[str, set[str]]]:
            found = []
            while asking:
                answer = service.post("/predict", {"texts": TEXTS[:3]})
                found.append((answer["model"], {label for one in answer["predictions"] for label in one["probabilities"]}))
            return found

        clients = [pool.submit(ask, n) for n in range(4)]
        write_bundle(path, labels=("new", "newer", "newest"))
        new = until(service, lambda told: told["checksum"] != old)
        service.post("/predict", {"text": "a"})
        asking = False
        answers = [answer for client in clients for answer in client.result(PATIENCE)]
    labels = {old: {"old", "older"}, new["checksum"]: {"new", "newer", "newest"}}
    assert all(found == labels[model] for model, found in answers)
    assert new["taken_over"] == 1
    assert [line["event"] for line in service.logged].count("model taken over") == 1


def test_a_damaged_model_is_told_of_in_the_log_and_by_the_model(path: Path) -> None:
    with serving(path) as service:
        old = service.get("/model")["checksum"]
        damaged = write_bundle(path.parent / "damaged", labels=("new", "newer")).path
        (damaged / "model.onnx").write_bytes(b"\0" * (damaged / "model.onnx").stat().st_size)
        path.rename(path.parent / "aside")
        damaged.rename(path)
        told = until(service, lambda told: told["rejected"])
        assert "model.onnx" in told["rejected"]["error"]
        assert told["checksum"] == old
        assert service.post("/predict", {"text": "a"})["model"] == old
        assert b"attnclf_model_rejected 1.0" in service.ask("GET", "/metrics")[2]
        shutil.rmtree(path)
        whole = write_bundle(path.parent / "whole", labels=("new", "newer")).path
        whole.rename(path)
        told = until(service, lambda told: told["checksum"] != old)
        assert told["rejected"] is None
    rejected = [line for line in service.logged if line["event"] == "model rejected"]
    assert [line["level"] for line in rejected][:1] == ["warning"]
