"""Processes begin where process 0 stands, and refuse to train on different rows."""

from dataclasses import replace

import numpy as np
import pytest

from attnclf.checkpoint import Identity, NetworkState, TrainingState
from attnclf.config import Config
from attnclf.data import Columns, Table
from attnclf.errors import DataError
from attnclf.linear.model import LinearModel
from attnclf.processes import Place
from attnclf.trainable.group import Group
from attnclf.training.together import check_same, state_of_first

ORDER = np.random.default_rng(3).bit_generator.state


class Wire(Group):
    """Two processes in one: what the first shares, the other gets."""

    def __init__(self, rank: int, wire: list[bytes]) -> None:
        super().__init__(Place(rank, 2, together=True), 2)
        self.wire = wire

    def share(self, content: bytes = b"") -> bytes:
        if self.leads:
            self.wire.append(content)
        return self.wire[-1]

    def all_same(self, content: bytes) -> list[bool]:
        self.wire.append(content)
        return [one == self.wire[0] for one in self.wire]


def state() -> TrainingState:
    arrays = {name: np.arange(6, dtype=np.float32).reshape(2, 3) * i for i, name in enumerate(("weight.0", "weight.1"), 1)}
    names = ("table", "bias", "logits", "scales", "coefficients")
    linear = LinearModel(**{name: np.full((2, i), i, np.float32) for i, name in enumerate(names)}, c=3.0, choice="so")
    order = {"epoch": ORDER, "now": ORDER, "batches": 2}
    network = NetworkState(
        1,
        2,
        least=0.5,
        best_epoch=1,
        order=order,
        weights=arrays,
        slots={"slot.0": np.ones(2), "slot.1": np.array(3)},
        best=arrays,
    )
    return TrainingState(9.0, 1.0, linear, network, ({"epoch": 1},))


def test_the_others_begin_where_the_first_stands() -> None:
    wire: list[bytes] = []
    first = state()
    assert state_of_first(Wire(0, wire), first) is first
    found = state_of_first(Wire(1, wire), TrainingState())
    assert found.values() == first.values()
    for part, arrays in first.parts().items():
        for name, array in arrays.items():
            assert np.array_equal(found.parts()[part][name], array)
    np.random.default_rng().bit_generator.state = found.network.order["now"]  # type: ignore[union-attr, index]


def test_a_beginning_can_be_shared() -> None:
    wire: list[bytes] = []
    state_of_first(Wire(0, wire), TrainingState())
    assert state_of_first(Wire(1, wire), TrainingState()) == TrainingState()


def test_other_rows_are_refused_and_the_process_is_named() -> None:
    table = Table(["a", "b"], ["x", "y"], [], "t.csv", Columns(("text",), "label"))
    same, other = (Identity.of(Config(), one, None, [1]) for one in (table, replace(table, texts=["a", "c"])))
    for identities, vocabularies in (((same, other), ("", "")), ((same, same), ("v", "w"))):
        wire: list[bytes] = []
        check_same(Wire(0, wire), identities[0], vocabularies[0])
        with pytest.raises(DataError, match="process 1 of 2 has read other rows"):
            check_same(Wire(1, wire), identities[1], vocabularies[1])
    wire = []
    for rank in (0, 1):
        check_same(Wire(rank, wire), same, "v")
