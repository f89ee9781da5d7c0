"""Names of accounts, counted in constant memory."""

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
