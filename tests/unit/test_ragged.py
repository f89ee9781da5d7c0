"""Rows of different lengths in one array behave as a list of arrays."""

import numpy as np
import pytest

from attnclf.ragged import Ragged, ranges

ROWS = [np.array(row, np.int32) for row in ([3, 1, 2], [7], [], [5, 5])]


@pytest.fixture
def ragged() -> Ragged:
    return Ragged.of(ROWS)


def lists(rows: Ragged) -> list[list[int]]:
    return [row.tolist() for row in rows]


def test_it_is_read_as_a_list_of_arrays(ragged: Ragged) -> None:
    assert lists(ragged) == [row.tolist() for row in ROWS]
    assert [ragged[i].tolist() for i in (0, -1, 2)] == [[3, 1, 2], [5, 5], []]
    assert lists(ragged[1:3]) == [[7], []]
    assert lists(ragged[::3]) == [[3, 1, 2], [5, 5]]
    assert len(ragged) == 4
    with pytest.raises(IndexError, match="row 4 of 4"):
        ragged[4]


def test_a_row_is_a_view(ragged: Ragged) -> None:
    ragged[3][0] = 9
    assert ragged.flat.tolist() == [3, 1, 2, 7, 9, 5]
    assert Ragged.of(ragged) is ragged


def test_rows_are_taken_in_any_order_and_joined(ragged: Ragged) -> None:
    assert lists(ragged.take(np.array([3, 0, 3]))) == [[5, 5], [3, 1, 2], [5, 5]]
    assert lists(Ragged.joined([ragged, ragged.take([1])])) == [[3, 1, 2], [7], [], [5, 5], [7]]


def test_rows_are_padded(ragged: Ragged) -> None:
    assert ragged.padded().tolist() == [[3, 1, 2], [7, 0, 0], [0, 0, 0], [5, 5, 0]]
    assert ragged.padded(4).shape == (4, 4)
    assert ragged.like(np.ones((6, 2))).padded().shape == (4, 3, 2)


def test_elements_know_their_rows(ragged: Ragged) -> None:
    assert ragged.lengths.tolist() == [3, 1, 0, 2]
    assert ragged.owners.tolist() == [0, 0, 0, 1, 3, 3]
    assert ragged.take([0, 1, 3]).means().tolist() == [2, 7, 5]


def test_ranges_follow_each_other() -> None:
    assert ranges(np.array([5, 0, 9]), np.array([2, 0, 3])).tolist() == [5, 6, 9, 10, 11]
