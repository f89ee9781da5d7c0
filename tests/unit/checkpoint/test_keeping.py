"""What a training keeps, goes on from, and says of it."""

import errno
import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from attnclf.bundle.manifest import self_checksum
from attnclf.checkpoint import Checkpoints, Identity
from attnclf.config import Config
from attnclf.errors import AttnclfError, DataError, ModelError, UsageError
from attnclf.results import Note
from tests.faults import disk
from tests.unit.checkpoint.examples import MACHINE, linear, network, state, table

PLACE = ".m.resume"


def identity(texts: str = "abcdef", **settings: object) -> Identity:
    return Identity.of(Config().override_flat(settings), table(texts), None, (1, 4))


def begun(target: Path, notes: list[Note], *, resume: bool = False, **settings: object) -> Checkpoints:
    checkpoints = Checkpoints(target, resume=resume)
    try:
        checkpoints.open(notes.append)
        checkpoints.begin(identity(**settings))  # type: ignore[arg-type]
        checkpoints.compute_on(MACHINE, "vocabulary")
    except AttnclfError:
        checkpoints.close()
        raise
    return checkpoints


def interrupted(target: Path) -> Checkpoints:
    """A training that kept two epochs and part of the third."""
    checkpoints = begun(target, [])
    checkpoints.keep(linear=linear())
    checkpoints.keep(network=network(2), history=state().history, network_began=2.5)
    checkpoints.keep(network=network(2, 40), network_began=2.5)
    checkpoints.close()
    return checkpoints


def messages(notes: list[Note]) -> str:
    return "\n".join(note.message for note in notes)


def test_it_goes_on_where_it_was(tmp_path: Path) -> None:
    before, notes = interrupted(tmp_path / "m"), list[Note]()
    assert before.way_on() == "the same again with `resume=True` goes on after step 40 of epoch 3"
    again = begun(tmp_path / "m", notes, resume=True)
    assert "goes on after step 40 of epoch 3, kept on 2" in messages(notes)
    assert again.state.network is not None
    assert again.state.network.step == 40
    assert again.state.network.weights is not None
    assert again.state.history == state().history
    assert again.way_on() == before.way_on()
    again.keep(network=network(3))
    assert again.way_on().endswith("after epoch 3")
    again.finish()
    assert not (tmp_path / PLACE).exists()


def test_time_goes_on_too(tmp_path: Path) -> None:
    checkpoints = begun(tmp_path / "m", [])
    checkpoints.started -= 90
    checkpoints.keep(linear=linear())
    checkpoints.close()
    again = begun(tmp_path / "m", [], resume=True)
    assert 90 <= time.monotonic() - again.started < 150


def test_nothing_to_go_on_from_is_said(tmp_path: Path) -> None:
    notes: list[Note] = []
    checkpoints = begun(tmp_path / "m", notes, resume=True)
    assert messages(notes) == "there is nothing to go on from; training starts from the beginning"
    assert "nothing to go on from" in checkpoints.way_on()
    assert list(tmp_path.iterdir()) == []


def test_without_resume_an_earlier_one_is_said_and_replaced_by_the_first(tmp_path: Path) -> None:
    interrupted(tmp_path / "m")
    notes: list[Note] = []
    checkpoints = begun(tmp_path / "m", notes, seed=3)
    assert "holds a checkpoint of an earlier training (kept on " in messages(notes)
    assert "`resume=True` would go on with it" in messages(notes)
    assert notes[0].topic == "replaced"
    assert checkpoints.state.network is None
    assert "the checkpoint of an earlier training is as it was" in checkpoints.way_on()
    checkpoints.keep(linear=linear(1))
    checkpoints.close()
    again = begun(tmp_path / "m", [], resume=True, seed=3)
    assert again.state.linear is not None
    assert again.state.linear.choice == "C 1"
    assert again.state.network is None


def test_another_training_is_refused_and_stays(tmp_path: Path) -> None:
    interrupted(tmp_path / "m")
    before = {path.name: path.read_bytes() for path in (tmp_path / PLACE).iterdir()}
    with pytest.raises(UsageError, match=r"`epochs` is 3, and was 0; `seed` is 1, and was 0\n") as settings:
        begun(tmp_path / "m", [], resume=True, seed=1, epochs=3)
    assert "leave out `resume`" in settings.value.hint
    with pytest.raises(UsageError, match=r"`seed` is 1, and was 0; 1 row was added\n"):
        begun(tmp_path / "m", [], resume=True, seed=1, texts="abcdefg")
    with pytest.raises(DataError, match=r"\.m\.resume is of another training: 1 row was added\n"):
        begun(tmp_path / "m", [], resume=True, texts="abcdefg")
    assert {path.name: path.read_bytes() for path in (tmp_path / PLACE).iterdir()} == before


def test_another_machine_is_refused(tmp_path: Path) -> None:
    interrupted(tmp_path / "m")
    checkpoints = Checkpoints(tmp_path / "m", resume=True)
    checkpoints.open(lambda event: None)
    checkpoints.begin(identity())
    with pytest.raises(UsageError, match="the device is gpu, and was cpu"):
        checkpoints.compute_on(replace(MACHINE, device="gpu"), "vocabulary")
    with pytest.raises(UsageError, match="another vocabulary"):
        checkpoints.compute_on(MACHINE, "other")


def test_a_setting_that_changes_no_weight_is_said(tmp_path: Path) -> None:
    interrupted(tmp_path / "m")
    notes: list[Note] = []
    begun(tmp_path / "m", notes, resume=True, max_minutes=10.0)
    assert "`max_minutes` is 10.0, and was 0.0; what was trained does not depend on it" in messages(notes)


def test_a_training_that_runs_is_left_alone(tmp_path: Path) -> None:
    running = begun(tmp_path / "m", [])
    running.keep(linear=linear())
    with pytest.raises(UsageError, match="another training is running"):
        begun(tmp_path / "m", [], resume=True)
    notes: list[Note] = []
    second = begun(tmp_path / "m", notes)
    assert "another training is running" in messages(notes)
    assert notes[0].warning
    second.keep(network=network())
    second.finish()
    running.close()
    again = begun(tmp_path / "m", [], resume=True)
    assert again.state.network is None
    assert again.state.linear is not None


def test_two_that_start_together_do_not_meet(tmp_path: Path) -> None:
    notes: list[Note] = []
    one, other = begun(tmp_path / "m", []), begun(tmp_path / "m", notes)
    one.keep(linear=linear())
    other.keep(network=network())
    other.keep(network=network(3))
    assert [note.message for note in notes] == [
        f"no checkpoint could be kept: cannot write {tmp_path / PLACE}: another training writes there; training goes on"
    ]
    other.finish()
    one.close()
    assert begun(tmp_path / "m", [], resume=True).state.linear is not None


def test_a_full_disk_costs_nothing_but_the_checkpoint(tmp_path: Path) -> None:
    notes: list[Note] = []
    checkpoints = begun(tmp_path / "m", notes)
    checkpoints.keep(linear=linear())
    for epoch in (1, 2):
        with disk(tmp_path, 1, errno.ENOSPC):
            checkpoints.keep(network=network(epoch))
    assert len(notes) == 1
    assert notes[0].warning
    assert "No space left on device; training goes on" in notes[0].message
    assert checkpoints.way_on().endswith("goes on after fitting the linear model")
    assert checkpoints.has_best
    checkpoints.keep(network=network(3))  # there is room again
    assert checkpoints.way_on().endswith("goes on after epoch 3")


@pytest.mark.parametrize("lacking", ["state", "identity", "machine", "vocabulary"])
def test_a_checkpoint_that_lacks_a_part_is_damaged(tmp_path: Path, lacking: str) -> None:
    interrupted(tmp_path / "m")
    path = tmp_path / PLACE / "resume.json"
    manifest = json.loads(path.read_text("utf-8"))
    del manifest["checksum"], manifest["values"][lacking]
    path.write_text(json.dumps(manifest | {"checksum": self_checksum(manifest)}), "utf-8")
    with pytest.raises(ModelError, match=r"resume\.json is damaged"):
        begun(tmp_path / "m", [], resume=True)


def test_a_damaged_one_is_replaced_without_resume(tmp_path: Path) -> None:
    interrupted(tmp_path / "m")
    (tmp_path / PLACE / "resume.json").write_bytes(b"{")
    with pytest.raises(ModelError):
        begun(tmp_path / "m", [], resume=True)
    notes: list[Note] = []
    begun(tmp_path / "m", notes).keep(linear=linear())
    assert "(unreadable)" in messages(notes)


def test_the_best_epoch_is_the_end_in_memory_alone(tmp_path: Path) -> None:
    checkpoints = begun(tmp_path / "m", [])
    assert not checkpoints.has_best
    checkpoints.keep(network=network(0, 3))
    checkpoints.state = replace(checkpoints.state, network=replace(network(2, 40)))
    assert checkpoints.has_best
    before = (tmp_path / PLACE / "resume.json").read_bytes()
    assert "interrupted after step 40 of epoch 3: epoch 1, the best so far, becomes the model" in checkpoints.end()
    checkpoints.keep(refitted=linear())
    assert checkpoints.state.network is not None
    assert checkpoints.state.network.stopped
    assert (tmp_path / PLACE / "resume.json").read_bytes() == before


def test_without_a_place_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    checkpoints = Checkpoints()
    checkpoints.open(lambda event: None)
    checkpoints.keep(linear=linear())
    checkpoints.finish()
    checkpoints.close()
    assert not checkpoints.on
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_removed_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notes: list[Note] = []
    checkpoints = begun(tmp_path / "m", notes)
    checkpoints.keep(linear=linear())

    def refused(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "unlink", refused)
    checkpoints.finish()
    assert "could not be removed: Permission denied" in messages(notes)
