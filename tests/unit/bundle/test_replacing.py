"""A model is replaced in one step: readers have the old or the new one, and a killed writer leaves nothing."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from attnclf import bundle as bundles
from attnclf.bundle import atomic, leftovers
from attnclf.errors import DataError, ModelError
from attnclf.served.model import ServedModel
from tests.models import LABELS, write_bundle
from tests.unit.bundle.replacing import TEXT, replaced_under_readers

# Writes a model and stops before the step that its argument names, as if it were killed there.
STOPPED = """
import sys, time
from pathlib import Path
from attnclf.bundle import atomic, directory
from tests.models import write_bundle

def stop(*_):
    print("there", flush=True)
    time.sleep(60)

if sys.argv[2] == "gap":  # between the two renames of a system that cannot exchange two directories
    atomic._renameat2 = lambda: None
    rename = Path.rename
    Path.rename = lambda self, target: rename(self, target) if target.name == "old" else stop()
else:
    directory.replace = stop
write_bundle(Path(sys.argv[1]), labels=("a", "b"))
"""


def stopped(target: Path, where: str) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen([sys.executable, "-c", STOPPED, str(target), where], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"there\n"
    return process


def killed(target: Path, where: str) -> None:
    process = stopped(target, where)
    process.kill()
    process.communicate()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_model_replaced_under_two_readers_is_the_old_or_the_new_one(tmp_path: Path) -> None:
    counts = replaced_under_readers(tmp_path, 60)
    assert set(counts) == {"right"}
    assert names(tmp_path) == ["m", "one", "two"]


def test_replaced_while_it_is_loaded_the_other_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At each opening of a file in turn: never the files of two models together, never a refusal."""
    write_bundle(tmp_path / "m")
    before, opened = Path.exists, os.open
    assert before(tmp_path / "m")
    for at in range(12):
        write_bundle(tmp_path / "m")
        count = 0

        def replaced(path, flags, *arguments, at=at, **more):
            nonlocal count
            if "tensor" in str(path) or "onnx" in str(path) or ".json" in str(path) or str(path) == str(tmp_path / "m"):
                count += 1
                if count == at + 1:
                    monkeypatch.undo()
                    write_bundle(tmp_path / "m", labels=("a", "b"), units=8)
            return opened(path, flags, *arguments, **more)

        monkeypatch.setattr(os, "open", replaced)
        served = ServedModel.load(tmp_path / "m")
        monkeypatch.undo()
        assert served.labels in (LABELS, ("a", "b"))
        assert served.logits(TEXT)[0].shape == (1, len(served.labels))
        assert served.weights()["head.b"].shape == (len(served.labels),)


@pytest.mark.parametrize("name", ["weights.safetensors", "history.jsonl", "texts.bin", "README.md"])
def test_what_is_read_late_is_of_the_model_that_was_loaded(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attnclf.bundle.kept.SMALL", 0)  # as if the files were large
    write_bundle(tmp_path / "m")
    before = bundles.load(tmp_path / "m")
    content = (tmp_path / "m" / name).read_bytes()
    write_bundle(tmp_path / "m", labels=("a", "b"))
    assert before.read(name) == content
    before.copy_to(tmp_path / "again")
    assert bundles.load(tmp_path / "again").labels == LABELS


def test_a_file_altered_after_loading_is_refused_when_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attnclf.bundle.kept.SMALL", 0)
    write_bundle(tmp_path / "m")
    served = ServedModel.load(tmp_path / "m")
    with (tmp_path / "m" / "weights.safetensors").open("r+b") as stream:
        stream.seek(-4, os.SEEK_END)
        stream.write(b"abcd")
    with pytest.raises(ModelError, match=r"weights\.safetensors was altered"):
        served.weights()


def test_two_directories_are_exchanged_in_one_step(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    if not atomic.exchanged(tmp_path / "one", tmp_path / "two"):
        pytest.skip("this system cannot exchange two directories")
    assert names(tmp_path / "one") == ["two"]
    assert names(tmp_path / "two") == ["one"]


def test_what_was_put_there_meanwhile_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_bundle(tmp_path / "m")
    exchanged = atomic.exchanged

    def late(one: Path, other: Path) -> bool:
        (tmp_path / "m" / "thesis.txt").write_text("precious", encoding="utf-8")
        monkeypatch.undo()
        return exchanged(one, other)

    monkeypatch.setattr(atomic, "exchanged", late)
    with pytest.raises(DataError, match=r"cannot replace .*it holds other files"):
        write_bundle(tmp_path / "m", labels=("a", "b"))
    assert (tmp_path / "m" / "thesis.txt").read_text(encoding="utf-8") == "precious"
    (tmp_path / "m" / "thesis.txt").unlink()
    assert bundles.load(tmp_path / "m").labels == LABELS
    assert names(tmp_path) == ["m"]


def test_what_a_killed_writer_left_is_removed_by_the_next(tmp_path: Path) -> None:
    killed(tmp_path / "m", "before the last step")
    assert len(names(tmp_path)) == 1
    assert names(tmp_path)[0].startswith(".m.")
    write_bundle(tmp_path / "m")
    assert names(tmp_path) == ["m"]


def test_what_belongs_to_a_living_writer_stays(tmp_path: Path) -> None:
    process = stopped(tmp_path / "m", "before the last step")
    write_bundle(tmp_path / "m")
    assert len(names(tmp_path)) == 2
    process.kill()
    process.communicate()


def test_what_only_looks_like_a_leftover_stays(tmp_path: Path) -> None:
    for name in (".m.backup", ".m.12345678", ".m.notes.attnclf", ".mine.12345678.attnclf"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "thesis.txt").touch()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / ".m.abcdef01.attnclf").symlink_to(tmp_path / "elsewhere")
    before = names(tmp_path)
    write_bundle(tmp_path / "m")
    assert names(tmp_path) == sorted([*before, "m"])


def test_a_gap_between_two_renames_is_closed_on_the_next_start(tmp_path: Path) -> None:
    write_bundle(tmp_path / "m")
    killed(tmp_path / "m", "gap")
    assert not (tmp_path / "m").exists()
    assert bundles.load(tmp_path / "m").labels == LABELS
    write_bundle(tmp_path / "m", labels=("x", "y"))
    assert names(tmp_path) == ["m"]


def test_a_reader_waits_for_a_writer_between_two_renames(tmp_path: Path) -> None:
    write_bundle(tmp_path / "m")
    process = stopped(tmp_path / "m", "gap")
    started = time.monotonic()
    with pytest.raises(ModelError, match="there is no model"):
        bundles.load(tmp_path / "m")
    assert atomic.PATIENCE <= time.monotonic() - started < atomic.PATIENCE + 5
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert bundles.load(tmp_path / "m").labels == LABELS


def test_long_names_have_temporary_names_of_their_own(tmp_path: Path) -> None:
    for name in ("m" * 255, "ㅁ" * 85):
        write_bundle(tmp_path / name)
        write_bundle(tmp_path / name, labels=("a", "b"))
        assert bundles.load(tmp_path / name).labels == ("a", "b")
    assert len({leftovers.start_of(Path("m" * 100 + end)) for end in "ab"}) == 2
    with pytest.raises(DataError, match="File name too long"):
        write_bundle(tmp_path / ("m" * 300))
    with pytest.raises(ModelError, match="File name too long"):
        bundles.load(tmp_path / ("m" * 300))
