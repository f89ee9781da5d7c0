"""Which training a checkpoint is of, and what has changed since."""

from dataclasses import replace

import pytest

from attnclf.checkpoint import Identity
from attnclf.checkpoint.identity import changed_machine
from attnclf.config import Config
from attnclf.data import Table
from tests.unit.checkpoint.examples import MACHINE, table


def identity(
    rows: Table | None = None, valid: Table | None = None, held_out: tuple[int, ...] = (1, 4), **settings: object
) -> Identity:
    return Identity.of(Config().override_flat(settings), rows or table(), valid, held_out)


def test_the_same_training_is_known_again() -> None:
    before = Identity.read(identity(valid=table("gh")).values(), identity(valid=table("gh")).parts())
    now = identity(valid=table("gh"))
    assert now.changed_settings(before) == ([], [])
    assert now.changes(before) == ([], [])


def test_each_changed_setting_is_named_with_its_values() -> None:
    strict, free = identity(seed=1, encoder="cnn").changed_settings(identity())
    assert strict == ["`encoder` is 'cnn', and was 'bilstm'", "`seed` is 1, and was 0"]
    assert free == []


@pytest.mark.parametrize("change", [{"max_minutes": 5.0}, {"baseline": False}, {"faithfulness": 0}, {"min_posts": 3}])
def test_what_the_weights_do_not_depend_on_may_change(change: dict[str, object]) -> None:
    strict, free = identity(**change).changed_settings(identity())
    assert strict == []
    assert [what.split("`")[1] for what in free] == list(change)


def test_a_device_counts_by_what_it_is() -> None:
    assert identity(device="cpu", precision="float32").changes(identity()) == ([], [])


def test_a_setting_of_another_version_is_named() -> None:
    before = identity()
    training = {**before.config["training"], "momentum": 0.9}
    old = replace(before, config={**before.config, "training": training})
    assert before.changed_settings(old)[0] == ["`momentum` is unknown, and was 0.9"]


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ("abcdefgh", ["2 rows were added"]),
        ("abcd", ["2 rows were removed"]),
        ("abcdeX", ["1 row has changed"]),
        ("aXcYef", ["2 rows have changed"]),
        ("cbadef", ["the rows come in another order"]),
        ("abXdefgh", ["3 rows were added", "1 row was removed"]),
    ],
)
def test_changed_rows_are_counted(texts: str, said: list[str]) -> None:
    assert identity(table(texts)).changed_rows(identity()) == said
    of_valid = identity(valid=table(texts)).changed_rows(identity(valid=table()))
    assert of_valid == [what.replace("row", "validation row", 1) for what in said]


def test_rows_that_moved_up_are_not_taken_for_changed() -> None:
    now = table("bcdefg", labels=["y", "x", "y", "x", "y", "x"])
    assert identity(now).changed_rows(identity()) == ["1 row was added", "1 row was removed"]


def test_labels_and_groups_are_part_of_a_row() -> None:
    assert identity(table(labels=["y"] * 6)).changed_rows(identity()) == ["3 rows have changed"]
    assert identity(table(groups=["g"] * 6)).changed_rows(identity()) == ["6 rows have changed"]


def test_a_validation_file_that_came_is_seen() -> None:
    assert identity(valid=table("gh")).changed_rows(identity()) == ["2 validation rows were added"]


def test_another_split_of_the_same_rows_is_seen() -> None:
    assert identity(held_out=(1, 5)).changes(identity()) == ([], ["other rows are held out"])
    settings, rows = identity(held_out=(1, 5), seed=3).changes(identity())  # which is why
    assert (len(settings), rows) == (1, [])


def test_another_machine_is_named() -> None:
    before = MACHINE.to_dict()
    assert changed_machine(before, before) == []
    other = replace(MACHINE, device="gpu (T4, by tensorflow)", versions={"keras": "3.16"})
    assert changed_machine(before, other.to_dict()) == [
        "the device is gpu (T4, by tensorflow), and was cpu",
        "the version of keras is 3.16, and was 3.15",
        "the version of attnclf is unknown, and was 0.1.0",
    ]


@pytest.mark.parametrize("part", ["config", "split"])
def test_what_lacks_a_part_is_damaged(part: str) -> None:
    found = identity()
    values = {name: value for name, value in found.values().items() if name != part}
    with pytest.raises(KeyError):
        Identity.read(values, found.parts())
