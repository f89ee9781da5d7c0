"""Names of accounts as they are read: two that look the same are one, and what is changed, nearly equal or no name is told."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from attnclf.data.formats.base import text_of
from attnclf.data.labels import FEWEST_MISSING, as_seen, nearly_equal_in_words, says_missing, tidied_in_words
from attnclf.results import counted

EXACT = 2**53  # whole numbers below are exact as floats
SCIENTIFIC = re.compile(r"\d([.,]\d+)?[eE]\+\d+", re.ASCII)  # as Excel shows, and saves as CSV, a number of 12 digits or more
LONG = re.compile(r"\d{16,}", re.ASCII)  # Excel keeps 15 digits of a number
KEPT = 16  # digits that the libraries which write workbooks keep
FEWEST_ZEROS = 3  # at the ends of all long names together: a single one may stand there by chance
MOST = 100_000  # names that are counted and compared, so that a stream of any length needs constant memory


def account_name(value: Any) -> str:
    """The name that the cell of a table gives an account, as a reader sees it; "" for none.

    A whole float is an integer: 7.0 and 7 are one account. Parquet and pandas have floats where a column of integers has a gap.
    """
    return as_seen(_written(value))


def without_accounts(group: str, source: str, so: str = "", remedy: str = "") -> str:
    """The note that the table `source` has no column `group`, the one of accounts in training.

    `so` is what follows from it, and `remedy` what helps where accounts have a column of another name.
    """
    so = so or "each row counts as its own account"
    remedy = remedy or f"rename that column to '{group}'"
    return f"no column '{group}' in {source}; {so}; if its accounts stand under another name, {remedy}"


def nameless_in_words(rows: int) -> str:
    """`1 row names no account` or `1,200 rows name no account`."""
    return f"{counted(rows, 'row names', 'rows name')} no account"


class AccountNames:
    """Names the accounts of rows, one after another, and counts what is to be told of them."""

    def __init__(self) -> None:
        self.nameless = 0
        self._rows: Counter[str] = Counter()  # of the first MOST names
        self._tidied: set[str] = set()
        self._of_float = ""

    def name_of(self, value: Any) -> str:
        """The account that a cell names, as `account_name` has it."""
        name = as_seen(written := _written(value))
        if not name:
            self.nameless += 1
            return name
        if name in self._rows or len(self._rows) < MOST:
            self._rows[name] += 1
        if name != written and name in self._rows:
            self._tidied.add(name)
        if isinstance(value, float) and not self._of_float and written != text_of(value):
            self._of_float = f"{text_of(value)} is {name}"
        return name

    @property
    def remarks(self) -> list[str]:
        """What is to be told of the names: each once, however many rows have it."""
        found = tidied_in_words(len(self._tidied), "account")
        if self._of_float:
            found.append(f"accounts that came as floats are named as integers: {self._of_float}")
        if near := nearly_equal_in_words(self._rows):
            found.append(f"accounts {near}; they are kept apart")
        for name, rows in self._rows.items():
            if rows >= FEWEST_MISSING and says_missing(name):
                what = f"{rows:,} rows name the account '{name}', which is how many programs write a missing value"
                found.append(f"{what}: they count as one account; an empty cell names none")
        if rounded := _rounded(self._rows):
            what = f"accounts such as {rounded} look like long numbers that were rounded, as spreadsheets do"
            found.append(f"{what}; different accounts may have become one: store the column as text")
        return found


def _rounded(names: Iterable[str]) -> str:
    """The first name that seems to be a rounded number; "" where there is none.

    Whole numbers are told by the zeros in which all of them end: what was rounded in a workbook comes as text in a CSV.
    """
    zeros: dict[str, int] = {}
    for name in names:
        if SCIENTIFIC.fullmatch(name):
            return name
        if LONG.fullmatch(name):
            zeros[name] = max(1, len(name) - KEPT)
    rounded = sum(zeros.values()) >= FEWEST_ZEROS and all(name.endswith("0" * count) for name, count in zeros.items())
    return next(iter(zeros)) if rounded else ""


def _written(value: Any) -> str:
    whole = isinstance(value, float) and value.is_integer() and abs(value) < EXACT
    return str(int(value)) if whole else text_of(value)
