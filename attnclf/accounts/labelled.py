"""Whose post each row is, and which label each account has."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from attnclf.config import MixedAccounts
from attnclf.data import Table, nameless_in_words
from attnclf.errors import DataError
from attnclf.results import Note, OnEvent, counted, some_of

NAMED = 5  # accounts in a message
OF_POSTS = "left out of the rule and of the scores of accounts"  # a mixed account, where a model reads posts
OF_WHOLE = "their rows are left out"  # where it reads accounts whole


@dataclass(frozen=True)
class LabelledPosts:
    """The rows of a table that belong to an account with one label.

    `rows` are their numbers in the table, and `accounts` the names of their accounts. `labels` has the label of each account,
    in the order in which they first appear. Left out are so many `nameless` rows, and `mixed` accounts with several labels.
    """

    rows: list[int]
    accounts: list[str]
    labels: dict[str, str]
    nameless: int
    mixed: int


def labelled_posts(
    table: Table,
    mixed: MixedAccounts,
    on_event: OnEvent,
    without: frozenset[str] = frozenset(),
    outcome: str = OF_POSTS,
) -> LabelledPosts:
    """The rows of `table` whose account is known and has one label. What is left out is told, of mixed accounts as `outcome`.

    A row without the name of an account is left out, as are the accounts in `without`. An account with several labels is left
    out too, or has its commonest label (of equally common ones the first) where `mixed` is "majority". Raises DataError where
    it is "refuse" and there is one.
    """
    counts: dict[str, Counter[str]] = {}
    for name, label in zip(table.groups, table.labels, strict=True):
        if name and name not in without:
            counts.setdefault(name, Counter())[label] += 1
    several = [name for name, of_name in counts.items() if len(of_name) > 1]
    _tell_mixed(table, {name: counts[name] for name in several}, mixed, outcome, on_event)
    if nameless := sum(not name for name in table.groups):
        what = f"{table.source}: {nameless_in_words(nameless)} in column '{table.columns.group}'"
        so = "it counts as a post" if nameless == 1 else "they count as posts"
        on_event(Note(f"{what}; {so}, and in no account", warning=True, topic="accounts"))
    left_out = set() if mixed == "majority" else set(several)
    labels = {name: of_name.most_common(1)[0][0] for name, of_name in counts.items() if name not in left_out}
    rows = [row for row, name in enumerate(table.groups) if name in labels]
    return LabelledPosts(rows, [table.groups[row] for row in rows], labels, nameless, len(left_out))


def whole_accounts(table: Table, mixed: MixedAccounts, on_event: OnEvent) -> tuple[Table, int]:
    """The rows of `table` for a model that reads accounts whole, each account with one label, and how many were left out.

    A row without the name of an account stands for itself, which is told. Accounts with several labels are treated, told and
    refused as in `labelled_posts`. Raises DataError where no row is left.
    """
    named = table.rows([row for row, name in enumerate(table.groups) if name])
    found = labelled_posts(named, mixed, on_event, outcome=OF_WHOLE)
    kept = table.rows([row for row, name in enumerate(table.groups) if not name or name in found.labels])
    if not kept.labels:
        raise DataError(f"{table.source}: no account has one label", hint="`mixed_accounts=majority` takes the commonest")
    if nameless := sum(not name for name in kept.groups):
        what = f"{table.source}: {nameless_in_words(nameless)} in column '{table.columns.group}'"
        on_event(Note(f"{what}; such a row counts as an account of its own", warning=True, topic="accounts"))
    labels = [found.labels.get(name, label) for name, label in zip(kept.groups, kept.labels, strict=True)]
    return replace(kept, labels=labels), found.mixed


def _tell_mixed(table: Table, several: dict[str, Counter[str]], mixed: MixedAccounts, outcome: str, on_event: OnEvent) -> None:
    if not several:
        return
    named = some_of([f"'{name}' ({_in_words(of_name)})" for name, of_name in several.items()], NAMED)
    what = f"{table.source}: {counted(len(several), 'account has', 'accounts have')} several labels: {named}"
    if mixed == "refuse":
        raise DataError(what, hint="give all rows of an account one label, or let `mixed_accounts=majority` decide")
    done = "their commonest label counts" if mixed == "majority" else outcome
    on_event(Note(f"{what}; {done} (`mixed_accounts`)", warning=True, topic="accounts"))


def _in_words(labels: Counter[str]) -> str:
    """`fake 3, real 1`."""
    return ", ".join(f"{label} {count:,}" for label, count in labels.most_common())


def shares_of(labels: Sequence[str], found: Sequence[str]) -> tuple[float, ...]:
    """The share of each of the `labels` among those `found`, of which there is at least one."""
    counts = Counter(found)
    return tuple(counts[label] / len(found) for label in labels)
