"""Each process hands over its rows of a batch, and what fills a batch up changes nothing."""

import numpy as np
import pytest

from attnclf.checkpoint import NetworkState
from attnclf.errors import DataError, ModelError
from attnclf.processes import Place, ProcessLost
from attnclf.trainable import epochs, shapes
from attnclf.trainable.group import Group

SIZE, DEVICES = 3, 6  # processes with two devices each


def test_a_process_by_itself_changes_nothing() -> None:
    group = Group()
    rows = np.arange(5)
    batch = {"ids": rows}, rows, np.ones(5, np.float32)
    assert (group.padded(rows) == rows).all()
    assert group.part(batch, 5) is batch
    assert group.inputs(batch[0]) is batch[0]
    assert group.share(b"that") == b"that"
    assert group.share_numbers([1.5, 2]) == [1.5, 2]
    assert group.all_same(b"that") == [True]
    assert not group.computes
    group.leave()


def test_the_parts_of_all_processes_are_the_batch() -> None:
    groups = [Group(Place(rank, SIZE, together=True), DEVICES) for rank in range(SIZE)]
    rows = groups[0].padded(np.array([7, 2, 9, 4]))
    assert rows.tolist() == [7, 2, 9, 4, 7, 7]
    features, words = np.arange(16).reshape(8, 2), np.array([0, 1, 1, 2, 3, 4, 5, 6])
    batch = {"ids": rows * 10, "features": features, "words": words}, rows, np.full(6, 2, np.float32)
    parts = [group.part(batch, 4) for group in groups]
    inputs = {name: np.concatenate([part[0][name] for part in parts]) for name in batch[0]}
    assert all(len(array) == len(inputs[name]) // SIZE for part in parts for name, array in part[0].items())
    assert inputs["ids"].tolist() == (rows * 10).tolist()
    assert inputs["features"][:8].tolist() == features.tolist()
    assert not inputs["features"][8:].any()
    assert inputs["words"].tolist() == [*words, 11, 11, 11, 11]  # a word that no text holds
    weights = np.concatenate([part[2] for part in parts])
    assert weights.tolist() == [3, 3, 3, 3, 0, 0]  # their mean over six places is that of 2 over four


def test_what_jax_says_of_a_lost_process_becomes_one_error() -> None:
    group = Group(Place(0, 2, together=True), 2)
    for kind in (RuntimeError, ValueError):
        with pytest.raises(ProcessLost, match="process 0 of 2 has lost another one"), group.errors():
            raise kind("UNKNOWN: Gloo all-reduce failed: Connection closed by peer [127.0.0.1]:1234\nand more")
    with pytest.raises(DataError), group.errors():
        raise DataError("the connection to where the table lies was lost")
    with pytest.raises(RuntimeError, match="RESOURCE_EXHAUSTED"), group.errors():
        raise RuntimeError("RESOURCE_EXHAUSTED: out of memory")
    with pytest.raises(RuntimeError), Group().errors():
        raise RuntimeError("Connection closed by peer")


def test_a_process_lost_while_weights_are_restored_is_no_other_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def put_weights(model: object, weights: object) -> None:
        raise ValueError(said)

    monkeypatch.setattr(epochs, "put_weights", put_weights)
    group, state = Group(Place(1, 2, together=True), 2), NetworkState(best={})
    said = "UNAVAILABLE: the peer has gone"
    with pytest.raises(ProcessLost):
        epochs.restored(None, state, group)
    said = "the shapes (3, 4) and (5, 4) differ"
    with pytest.raises(ModelError, match=r"of another network: the shapes"):
        epochs.restored(None, state, group)


def test_jax_sees_few_shapes(monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = {"features": np.ones((300, 8), np.int32), "words": np.arange(300, dtype=np.int32), "ids": np.ones((2, 3))}
    assert shapes.with_few_shapes(inputs) is inputs
    assert {shapes.multiple_for(length) for length in (1, 100, 512)} == {shapes.LADDER}
    monkeypatch.setattr(shapes.keras.backend, "backend", lambda: "jax")
    found = shapes.with_few_shapes(inputs)
    assert found["features"].shape == (384, 8)
    assert not found["features"][300:].any()
    assert set(found["words"][300:]) == {383}
    assert found["ids"] is inputs["ids"]

    def padded(length: int) -> int:
        return -(-length // shapes.multiple_for(length)) * shapes.multiple_for(length)

    assert sorted({padded(length) for length in range(1, 129)}) == [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128]
    assert len({padded(length) for length in range(1, 513)}) == 20
    rows = {len(shapes.with_few_shapes({"features": np.ones((n, 8)), "words": np.ones(n)})["words"]) for n in range(1, 2000)}
    assert sorted(rows) == [256, 384, 512, 768, 1024, 1536, 2048]
