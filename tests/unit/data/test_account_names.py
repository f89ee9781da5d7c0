"""Names of accounts: counted in constant memory, and told where they are no names or were rounded."""

from typing import Any

import pytest

from attnclf.data import account_names
from attnclf.data.account_names import AccountNames


def test_names_beyond_the_first_are_named_and_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account_names, "MOST", 2)
    names = AccountNames()
    assert [names.name_of(value) for value in ("ann ", "bob", "cyd ", "ann ", "dan ", 7.0, "")] == [
        *("ann", "bob", "cyd", "ann", "dan", "7", "")
    ]
    assert names.nameless == 1
    assert names.remarks[0].startswith("1 account had blanks")
    assert names._tidied <= set(names._rows) == {"ann", "bob"}


def told_of(*values: Any) -> str:
    names = AccountNames()
    for value in values:
        names.name_of(value)
    return "; ".join(names.remarks)


def test_marks_of_missing_values_that_count_as_one_account_are_told() -> None:
    said = "2 rows name the account 'nan', which is how many programs write a missing value: they count as one account"
    assert said in told_of("nan", "ann", "nan")
    assert told_of("nan", "ann", "bob") == ""


@pytest.mark.parametrize(
    "values",
    [
        ("ann", "1.23457E+18", "1.3E+5"),
        ("1.234567890123456e+18",),
        ("1,23457E+18",),
        (float(2**60),),  # of a frame
        (1234567890123456000,),  # of a workbook
        (12345678901234570, 12345678901234580, 12345678901234590, "ann"),
        (1234567890123450, 1234567890123460, 1234567890123470),
    ],
)
def test_rounded_numbers_are_told(values: tuple[Any, ...]) -> None:
    assert "look like long numbers that were rounded, as spreadsheets do; different accounts may have" in told_of(*values)


@pytest.mark.parametrize(
    "values",
    [
        ("ann", "e+18", "12E+5", "1E5", 100_000_000_000_000),
        (12345678901234570, 12345678901234580),  # by chance
        (1234567890123456000, 1212092628029698048),  # the second is exact, also as a float
        tuple(f"12345678901234{n}" for n in range(10, 99)),
    ],
)
def test_numbers_that_are_exact_are_not(values: tuple[Any, ...]) -> None:
    assert told_of(*values) == ""
