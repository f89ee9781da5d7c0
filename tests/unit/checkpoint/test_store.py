"""The folder of a checkpoint: whole at every moment, checked when it is read, and nobody else's files are lost."""

import errno
import json
import os
from pathlib import Path

import numpy as np
import pytest

from attnclf.bundle.manifest import self_checksum
from attnclf.checkpoint import TrainingState
from attnclf.checkpoint.store import MANIFEST, Store
from attnclf.errors import AttnclfError, DataError, ModelError
from tests.faults import KINDS, SHORT, disk
from tests.unit.checkpoint.examples import linear, network, same, state


def put(target: Path, found: TrainingState) -> Store:
    store = Store(target)
    store.write(found.values(), found.parts())
    store.unlock()
    return store


def read(target: Path) -> TrainingState:
    return TrainingState.of(*Store(target).read())


def names(store: Store) -> set[str]:
    return {path.name for path in store.path.iterdir()}


def test_what_was_written_is_read_to_the_bit(tmp_path: Path) -> None:
    for found in (state(), TrainingState(), TrainingState(linear=linear()), TrainingState(network=network(0, 7))):
        put(tmp_path / "m", found)
        assert same(read(tmp_path / "m"), found)
    assert [path.name for path in tmp_path.iterdir()] == [".m.resume"]


def test_a_link_to_a_model_has_its_checkpoint_beside_the_model(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "m").symlink_to(tmp_path / "there" / "model")
    assert Store(tmp_path / "m").path == tmp_path / "there" / ".model.resume"
    assert len(Store(tmp_path / ("m" * 250)).path.name) < 100


def test_a_part_that_has_not_changed_is_written_once(tmp_path: Path) -> None:
    store, first = Store(tmp_path / "m"), state()
    store.write(first.values(), first.parts())
    before = names(store)
    second = TrainingState(linear=first.linear, network=network(3))
    store.write(second.values(), second.parts() | {"best": second.network.weights})  # the last epoch is the best
    kept = before & names(store)
    assert {name.split("-")[0] for name in kept} == {MANIFEST, "linear"}
    assert len([name for name in names(store) if name.startswith("weights")]) == 1
    assert not [name for name in names(store) if name.startswith("best")]  # the same file
    again = read(tmp_path / "m").network
    assert again is not None
    assert again.best is not None
    assert again.best["weights.0"].tolist() == [[3.0, 3.0]] * 3


def test_what_was_read_is_not_written_again(tmp_path: Path) -> None:
    put(tmp_path / "m", state())
    store = Store(tmp_path / "m")
    found = TrainingState.of(*store.read())
    before = names(store)
    store.write(found.values(), found.parts())
    assert names(store) == before


def test_what_a_killed_writer_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    store = put(tmp_path / "m", state())
    (store.path / "weights-0123abcd.safetensors").write_bytes(b"half")
    (store.path / "resume-0123abcd.json").write_bytes(b"{")
    (store.path / "mine.txt").write_bytes(b"kept")
    put(tmp_path / "m", state())
    assert not names(store) & {"weights-0123abcd.safetensors", "resume-0123abcd.json"}
    store.remove()
    assert names(store) == {"mine.txt"}
    (store.path / "mine.txt").unlink()
    Store(tmp_path / "m").remove()
    assert not store.path.exists()
    Store(tmp_path / "m").remove()  # nothing there is no error


def test_a_folder_that_was_taken_away_is_made_again(tmp_path: Path) -> None:
    store, found = Store(tmp_path / "m"), state()
    store.write(found.values(), found.parts())
    store.path.rename(tmp_path / "away")
    store.write(found.values(), found.parts())
    assert same(read(tmp_path / "m"), found)


def test_two_writers_do_not_meet(tmp_path: Path) -> None:
    one, other, found = Store(tmp_path / "m"), Store(tmp_path / "m"), state()
    assert one.lock()  # there is nothing yet
    one.write(found.values(), found.parts())
    assert not other.lock()
    with pytest.raises(DataError, match="another training writes there"):
        other.write({}, {})
    assert same(read(tmp_path / "m"), found)
    one.unlock()
    assert other.lock()


@pytest.mark.parametrize("there", ["nothing", "a checkpoint"])
def test_whatever_fails_in_writing_the_old_or_the_new_is_whole(tmp_path: Path, there: str) -> None:
    old, new = state(), TrainingState(linear=linear(), network=network(3))
    folder = tmp_path / "folder"
    folder.mkdir()

    def prepared() -> Store:
        Store(folder / "m").remove()
        if there == "nothing":
            return Store(folder / "m")
        with disk(folder):  # without waiting for the real one
            put(folder / "m", old)
        return Store(folder / "m")

    store = prepared()
    with disk(folder) as faults:
        store.write(new.values(), new.parts())
    store.unlock()
    assert faults.calls.count("write") == 5  # four parts and what names them
    assert faults.calls.count("rename") == 1
    for at, name in enumerate(faults.calls):
        for kind in KINDS[name]:
            store = prepared()
            failed: AttnclfError | None = None
            try:
                with disk(folder, at, kind):
                    store.write(new.values(), new.parts())
            except DataError as error:
                failed = error
            store.unlock()
            assert not (failed and kind == SHORT), f"{name} {at}: a short write is no failure"
            if failed and there == "nothing":
                assert not store.exists
            else:
                assert same(read(folder / "m"), old if failed else new), f"{name} {at} {kind}"
            if name in ("write", "create", "rename"):
                assert failed or kind == SHORT, f"{name} {at} {kind} failed in silence"
            assert len(names(store) if store.path.exists() else ()) in (0, 5)


def test_an_interrupt_in_writing_leaves_the_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = put(tmp_path / "m", state())
    before = names(store)

    def interrupted(path: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("attnclf.checkpoint.store.sync_directory", interrupted)
        with pytest.raises(KeyboardInterrupt):
            store.write(TrainingState(network=network(3)).values(), TrainingState(network=network(3)).parts())
    assert names(store) == before
    assert same(read(tmp_path / "m"), state())


@pytest.mark.parametrize("how", ["cut", "altered", "missing", "pipe", "longer"])
@pytest.mark.parametrize("part", ["resume", "weights", "linear"])
def test_damage_is_refused_with_the_file_and_nothing_is_removed(tmp_path: Path, part: str, how: str) -> None:
    store = put(tmp_path / "m", state())
    (path,) = [path for path in store.path.iterdir() if path.name.startswith(part)]
    content = path.read_bytes()
    path.unlink()
    if how == "pipe":
        os.mkfifo(path)
    elif how != "missing":
        changed = {"cut": content[:-9], "altered": content[:-9] + b"000000000", "longer": content + b"}"}[how]
        path.write_bytes(changed)
    before = names(store)
    with pytest.raises(ModelError) as caught:
        store.read()
    assert path.name in caught.value.message
    assert "leave out `resume`" in caught.value.hint
    assert caught.value.exit_code == 4
    assert names(store) == before


@pytest.mark.parametrize(
    "change",
    [
        {"files": {"../../etc/passwd": [1, "x"]}},
        {"files": {"weights-0123abcd.safetensors": ["1", "x"]}},
        {"files": []},
        {"parts": {"weights": "none"}},
        {"parts": 3},
        {"format": 2},
        {"format": None},
    ],
)
def test_a_forged_checkpoint_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    store = put(tmp_path / "m", TrainingState())
    manifest = json.loads((store.path / MANIFEST).read_text("utf-8")) | change
    del manifest["checksum"]
    (store.path / MANIFEST).write_text(json.dumps(manifest | {"checksum": self_checksum(manifest)}), "utf-8")
    with pytest.raises(ModelError, match=MANIFEST):
        store.read()


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"[" * 100_000, b"\xff", b'{"checksum": 1, "format": 1}'])
def test_what_is_no_checkpoint_is_refused(tmp_path: Path, content: bytes) -> None:
    store = put(tmp_path / "m", TrainingState())
    (store.path / MANIFEST).write_bytes(content)
    with pytest.raises(ModelError, match=MANIFEST):
        store.read()


def test_a_file_in_its_place_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / ".m.resume").write_bytes(b"mine")
    store = Store(tmp_path / "m")
    assert store.lock()
    assert not store.exists
    with pytest.raises(DataError, match="it is a file"):
        store.write({}, {})
    store.remove()
    assert (tmp_path / ".m.resume").read_bytes() == b"mine"


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    with disk(tmp_path) as faults:
        put(tmp_path / "n", state())
    full = faults.calls.index("write")
    with disk(tmp_path, full, errno.ENOSPC), pytest.raises(DataError, match=os.strerror(errno.ENOSPC)):
        put(tmp_path / "m", state())


def test_numbers_of_a_state_survive_json() -> None:
    values = json.loads(json.dumps(state().values()))
    assert values == state().values()
    assert json.loads(json.dumps(TrainingState(network=network(0)).values(), allow_nan=False))
    found = TrainingState.of(values, state().parts())
    rng = np.random.default_rng()
    rng.bit_generator.state = found.network.order["now"]
    assert rng.random() == np.random.default_rng(2).random()


@pytest.mark.parametrize("change", [{"epoch": "2"}, {"step": -1}, {"best_epoch": True}, {"best_epoch": 0}, {"more": 1}])
def test_numbers_that_are_none_are_refused(change: dict[str, object]) -> None:
    values = state().values()
    with pytest.raises((TypeError, ValueError)):
        TrainingState.of(values | {"network": values["network"] | change}, state().parts())
