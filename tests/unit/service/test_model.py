"""A new model at the same path is taken over whole, or not at all."""

import shutil
import threading
import weakref
from pathlib import Path

import pytest

from attnclf.errors import ModelError
from attnclf.service import model as models
from attnclf.service.model import Models
from tests.models import write_bundle


class Told:
    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, object]]] = []
        self.any = threading.Event()

    def __call__(self, name: str, **facts: object) -> None:
        self.events.append((name, facts))
        self.any.set()


@pytest.fixture
def path(bundle_path: Path, tmp_path: Path) -> Path:
    return shutil.copytree(bundle_path, tmp_path / "model")


def test_there_must_be_a_model_at_first(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="there is no model"):
        Models(tmp_path / "none")


def test_a_new_model_is_taken_over(path: Path) -> None:
    told = Told()
    found = Models(path, told)
    before = found.current
    assert found.name == "model"
    assert not found.look()
    write_bundle(path, labels=("a", "b"))
    assert found.look()
    assert found.current.served.labels == ("a", "b")
    assert told.events == [("model taken over", {"before": before.checksum, "model": found.current.checksum})]
    assert found.taken_over == 1
    assert before.served.logits(["one"])[0].shape == (1, 3)  # whoever works with the old one still can
    assert not found.look()
    gone = weakref.ref(before.served)
    del before
    write_bundle(path, labels=("c", "d"))
    assert found.look()
    assert gone() is None


@pytest.mark.parametrize("harm", ["altered", "missing", "gone"])
def test_a_damaged_model_is_told_of_and_the_old_one_stays(path: Path, harm: str) -> None:
    told = Told()
    now = [0.0]
    found = Models(path, told, clock=lambda: now[0])
    before = found.current
    kept = shutil.copytree(path, path.parent / "kept")
    if harm == "altered":
        (path / "model.onnx").write_bytes(b"x" * (path / "model.onnx").stat().st_size)
    elif harm == "missing":
        (path / "model.onnx").unlink()
    else:
        shutil.rmtree(path)
    assert not found.look()
    assert found.current is before
    assert found.rejected is not None
    assert str(path) in found.rejected.message
    assert [name for name, _ in told.events] == ["model rejected"]
    assert not found.look()
    now[0] = models.AGAIN + 1
    assert not found.look()  # tried again, and told of once
    assert len(told.events) == 1
    shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(kept, path)
    assert not found.look()  # it is the model that answers already
    assert found.rejected is None
    assert found.current is before
    assert told.events[1:] == [("model whole again", {"model": before.checksum})]


def test_whatever_fails_while_a_model_is_loaded_the_old_one_stays(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told()
    found = Models(path, told)
    before = found.current

    def fail(path: Path) -> None:
        raise RuntimeError("strange")

    monkeypatch.setattr(models.Loaded, "of", fail)
    write_bundle(path, labels=("a", "b"))
    assert not found.look()
    assert found.current is before
    assert told.events[0][1]["error"] == "RuntimeError: strange"


def test_it_is_looked_for_in_a_thread(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "LOOKING", 0.01)
    told = Told()
    found = Models(path, told)
    found.watch()
    write_bundle(path, labels=("a", "b"))
    assert told.any.wait(20)
    found.close()
    assert found.current.served.labels == ("a", "b")


def test_a_link_that_leads_to_another_model_keeps_its_name(path: Path) -> None:
    link = path.with_name("current")
    link.symlink_to(path)
    found = Models(link)
    other = write_bundle(path.with_name("other"), labels=("a", "b")).path
    link.unlink()
    link.symlink_to(other)
    assert found.look()
    assert found.current.served.labels == ("a", "b")
    assert found.name == "current"
