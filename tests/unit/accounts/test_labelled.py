"""Accounts with several labels, and rows of nobody's."""

import pytest

from attnclf.accounts.labelled import labelled_posts, shares_of, whole_accounts
from attnclf.data import Columns, Table
from attnclf.errors import DataError
from attnclf.results import Event

COLUMNS = Columns(("text",), "label", "who")


def table(*rows: tuple[str, str]) -> Table:
    names, labels = zip(*rows, strict=True)
    return Table(["a"] * len(rows), list(labels), list(names), "t.csv", COLUMNS)


MIXED = table(("1", "x"), ("2", "y"), ("1", "y"), ("1", "y"), ("", "x"), ("3", "x"))


def test_an_account_with_two_labels_is_listed_and_left_out() -> None:
    heard: list[Event] = []
    found = labelled_posts(MIXED, "leave-out", heard.append)
    assert (found.rows, found.accounts) == ([1, 5], ["2", "3"])
    assert found.labels == {"2": "y", "3": "x"}
    assert "t.csv: 1 account has several labels: '1' (y 2, x 1); left out of the rule and of the scores of accounts" in str(
        heard[0]
    )
    assert "1 row names no account in column 'who'" in str(heard[1])


def test_where_accounts_are_read_whole_the_rows_of_one_with_two_labels_are_left_out() -> None:
    heard: list[Event] = []
    found, mixed = whole_accounts(MIXED, "leave-out", heard.append)
    assert (found.groups, mixed) == (["2", "", "3"], 1)
    assert "'1' (y 2, x 1); their rows are left out (`mixed_accounts`)" in str(heard[0])
    assert "1 row names no account in column 'who'; such a row counts as an account of its own" in str(heard[1])


def test_the_majority_decides_where_it_is_asked() -> None:
    heard: list[Event] = []
    found = labelled_posts(MIXED, "majority", heard.append)
    assert found.labels == {"1": "y", "2": "y", "3": "x"}
    assert found.rows == [0, 1, 2, 3, 5]
    assert "commonest label counts" in str(heard[0])


def test_accounts_with_two_labels_can_be_refused() -> None:
    with pytest.raises(DataError, match=r"'1' .*y 2, x 1"):
        labelled_posts(MIXED, "refuse", lambda event: None)


def test_many_are_not_all_named() -> None:
    rows = [(str(number), label) for number in range(9) for label in "xy"]
    heard: list[Event] = []
    labelled_posts(table(*rows), "leave-out", heard.append)
    assert "9 accounts have several labels" in str(heard)
    assert "and 4 more" in str(heard)


def test_accounts_that_were_trained_on_are_left_out() -> None:
    found = labelled_posts(MIXED, "majority", lambda event: None, without=frozenset("1"))
    assert list(found.labels) == ["2", "3"]


def test_shares_are_of_those_found() -> None:
    assert shares_of(["x", "y", "z"], ["x", "y", "x", "x"]) == (0.75, 0.25, 0.0)
