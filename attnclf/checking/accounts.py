"""Findings on accounts: those with several labels, rows that name none, and accounts in two tables.

There are none without a column of accounts. One that the training rows have and another table lacks is a finding too.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import islice

from attnclf.checking.tables import NAMES, Tables, first_rows
from attnclf.data import Table
from attnclf.results import EXAMPLES, Example, Finding, counted


def account_findings(tables: Tables) -> Iterator[Finding]:
    """All findings on accounts, of each table and between two."""
    for role, table in tables:
        yield from _mixed(role, table)
        yield from _nameless(role, table)
        if tables.train.groups and not table.groups:
            yield _without_column(role, table, tables.train.columns.group)
    for side, first, role, other in tables.pairs:
        yield from _shared(side, first, role, other)


def _of(kind: str, role: str) -> str:
    return kind if role == "train" else f"{kind}-{role}"


def _mixed(role: str, table: Table) -> Iterator[Finding]:
    labels: dict[str, Counter[str]] = {}
    first: dict[str, int] = {}
    for row, name in enumerate(table.groups):
        if name:
            labels.setdefault(name, Counter())[table.labels[row]] += 1
            first.setdefault(name, row)
    several = [name for name, counts in labels.items() if len(counts) > 1]
    if several:
        of = "" if role == "train" else f" of the {NAMES[role]} rows"
        message = f"{counted(len(several), f'account{of} has', f'accounts{of} have')} several labels, such as '{several[0]}'"
        examples = tuple(
            Example(table.place(first[name]), name, ", ".join(f"{label} {n:,}" for label, n in labels[name].most_common()))
            for name in several[:EXAMPLES]
        )
        advice = "give all rows of an account one label; `mixed_accounts` says what training does with others"
        rows = sum(labels[name].total() for name in several)
        yield Finding(_of("mixed-accounts", role), "warning", message, rows, examples, advice)


def _nameless(role: str, table: Table) -> Iterator[Finding]:
    rows = [row for row, name in enumerate(table.groups) if not name]
    if rows:
        of = "" if role == "train" else f"{NAMES[role]} "
        message = f"{counted(len(rows), f'{of}row names', f'{of}rows name')} no account in column '{table.columns.group}'"
        advice = "name the account of each row: one without a name stands for itself, and gets no verdict"
        yield Finding(_of("rows-without-account", role), "warning", message, len(rows), first_rows(table, rows), advice)


def _without_column(role: str, table: Table, column: str) -> Finding:
    message = f"{table.source} has no column '{column}': its accounts are not compared"
    advice = "give the file the column of accounts: a model knows accounts that it has met"
    return Finding(f"accounts-not-compared-{role}", "warning", message, len(table.texts), (), advice)


def _shared(side: str, first: Table, role: str, other: Table) -> Iterator[Finding]:
    known = {name: row for row, name in reversed(list(enumerate(first.groups))) if name}
    rows = [row for row, name in enumerate(other.groups) if name in known]
    if not rows:
        return
    accounts = {other.groups[row] for row in rows}
    column = other.columns.group
    what = counted(len(accounts), f"value of '{column}' stands", f"values of '{column}' stand")
    examples = tuple(
        Example(other.place(row), other.groups[row], f"as in {first.place(known[other.groups[row]])}")
        for row in islice({other.groups[row]: row for row in reversed(rows)}.values(), EXAMPLES)
    )
    where = f"in {len(rows):,} of {len(other.texts):,} {NAMES[role]} rows"
    message = f"{what} in both the {NAMES[side]} and the {NAMES[role]} rows, {where}"
    advice = "put all rows of an account in one file: a model knows accounts that it has met"
    yield Finding(f"shared-accounts-{side}-{role}", "warning", message, len(rows), examples, advice)
