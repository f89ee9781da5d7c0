"""Every open, write, fsync, rename and read of a model fails once in turn: the old or the new is there, whole."""

import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from attnclf import bundle as bundles
from attnclf.bundle import atomic
from attnclf.bundle.atomic import NAMES
from attnclf.errors import AttnclfError, DataError, ModelError
from attnclf.served.model import ServedModel
from tests.faults import KINDS, SHORT, disk
from tests.models import LABELS, write_bundle

NEW = ("a", "b")


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> tuple[bundles.Bundle, dict[str, bytes]]:
    bundle = write_bundle(tmp_path_factory.mktemp("new") / "m", labels=NEW).in_memory()
    return bundle, {name: bundle.read(name) for name in bundles.FILES}


def put(target: Path, new: tuple[bundles.Bundle, dict[str, bytes]]) -> None:
    bundle, files = new
    bundles.write(target, files, bundle.config, bundle.labels, bundle.scores)


def copied(target: Path, new: tuple[bundles.Bundle, dict[str, bytes]]) -> None:
    new[0].copy_to(target)


def every_fault(calls: list[str]) -> list[tuple[int, str, int | str]]:
    return [(at, name, kind) for at, name in enumerate(calls) for kind in KINDS[name]]


@pytest.mark.parametrize("writer", [put, copied])
@pytest.mark.parametrize("there", ["a model", "nothing", "a model, and no exchange"])
def test_whatever_fails_in_writing_the_old_or_the_new_is_whole(
    tmp_path: Path,
    new: tuple[bundles.Bundle, dict[str, bytes]],
    writer: Callable[..., None],
    there: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if "no exchange" in there:
        monkeypatch.setattr(atomic, "_renameat2", lambda: None)
    monkeypatch.setattr("attnclf.bundle.directory.SMALL", 0)  # so that files stay open, as large ones do
    old = write_bundle(tmp_path / "old").in_memory()
    (tmp_path / "folder").mkdir()
    target = tmp_path / "folder" / "m"

    def prepared() -> None:
        if there != "nothing":
            with disk(tmp_path / "folder"):  # without waiting for the real one
                old.copy_to(target)
        elif target.exists():
            target.rename(tmp_path / f"gone {os.urandom(4).hex()}")

    prepared()
    with disk(tmp_path / "folder") as faults:
        writer(target, new)
    assert faults.calls.count("write") >= len(NAMES) - 3  # three files are empty
    assert faults.calls.count("fsync") >= len(NAMES)
    assert faults.calls.count("rename") == (2 if "no exchange" in there else 1)
    for at, name, kind in every_fault(faults.calls):
        prepared()
        failed: AttnclfError | None = None
        try:
            with disk(tmp_path / "folder", at, kind):
                writer(target, new)
        except DataError as error:
            failed = error
        assert not (failed and kind == SHORT), f"{name} {at}: a short write is no failure"
        assert not (failed and failed.exit_code != 3)
        if failed and there == "nothing":
            assert not target.exists(), f"{name} {at} {kind}"
        else:
            assert bundles.load(target).labels == (LABELS if failed else NEW), f"{name} {at} {kind}"
        if name in ("write", "create"):
            assert failed or kind == SHORT, f"{name} {at} {kind} failed in silence"
    prepared()
    writer(target, new)
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["m"]


def test_whatever_fails_in_reading_is_said_with_the_name_of_the_file(
    bundle_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("attnclf.bundle.kept.SMALL", 0)  # so that files are read late, too

    def used() -> SimpleNamespace:
        served = ServedModel.load(bundle_path)
        weights, history, texts = served.weights(), served.bundle.history(), served.bundle.training_texts()
        logits = served.logits(["좋아요"])[0]
        return SimpleNamespace(weights=weights, history=history, texts=texts, logits=logits.tobytes())

    right = used()
    with disk(bundle_path) as faults:
        used()
    assert faults.calls.count("open") >= len(NAMES)
    assert faults.calls.count("read") > len(NAMES)
    for at, name, kind in every_fault(faults.calls):
        try:
            with disk(bundle_path, at, kind):
                found = used()
        except ModelError as error:
            assert kind != SHORT, f"{name} {at}: a short read is no failure"
            assert error.exit_code == 4
            assert any(file in error.message for file in NAMES) or at == 0
            assert os.strerror(int(kind)) in error.message
        else:
            assert kind == SHORT, f"{name} {at} {kind} failed in silence"
            assert (found.logits, found.history, found.texts) == (right.logits, right.history, right.texts)


def test_what_goes_past_the_count_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="where no test sees it"), disk(tmp_path):
        (tmp_path / "file").write_bytes(b"past")
