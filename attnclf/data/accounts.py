"""Rows of accounts: all posts of one as one text, for models that classify accounts, and whether they stand together."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from attnclf.data.table import Table
from attnclf.errors import DataError

FIRST_LOOK = 1_024  # accounts, after which it is first looked whether one came back; then after twice as many, and so on


def joined(posts: Iterable[str]) -> str:
    """The posts as one text, one per line. Line ends within a post become spaces."""
    return "\n".join(" ".join(post.split()) for post in posts)


def texts_of_accounts(posts: Sequence[str], accounts: Sequence[str]) -> list[str]:
    """For each post all posts of its account as one text; a post of nobody's, whose account is "", is an account by itself."""
    of_accounts: dict[str, list[str]] = {}
    for post, account in zip(posts, accounts, strict=True):
        of_accounts.setdefault(account, []).append(post)
    texts = {account: joined(some) for account, some in of_accounts.items() if account}
    return [texts.get(account) or joined([post]) for post, account in zip(posts, accounts, strict=True)]


def by_account(table: Table) -> Table:
    """A table with one row for each group of `table`, in the order of first appearance.

    Raises DataError when the rows of a group have different labels.
    """
    posts: dict[str, list[str]] = {}
    labels: dict[str, str] = {}
    for number, (text, label, name) in enumerate(zip(table.texts, table.labels, table.groups, strict=True)):
        group = name or f"\0{number}"  # a row without a group is a group by itself
        posts.setdefault(group, []).append(text)
        if labels.setdefault(group, label) != label:
            raise DataError(
                f"{table.source}: '{group}' in column '{table.columns.group}' is labelled '{labels[group]}' and '{label}'",
                hint="give all rows of an account one label, or use another `encoder`",
            )
    joined_posts = list(map(joined, posts.values()))
    return replace(
        table, texts=joined_posts, labels=list(labels.values()), groups=[], rationales=(), lines=(), file_of=(), others={}
    )


def stand_together(accounts: Iterable[str]) -> bool:
    """Whether the rows of each account stand one after another, by the account of each row; "" is nobody's.

    This keeps the hash of each account, which is eight bytes. Should two accounts have the same, they count as one that came
    back: the answer True is never wrong.
    """
    begun, before, look = array("q"), "", FIRST_LOOK
    for account in accounts:
        if account and account != before:
            begun.append(hash(account))
            if len(begun) == look:
                if _repeats(begun):
                    return False
                look *= 2
        before = account
    return not _repeats(begun)


def _repeats(numbers: "array[int]") -> bool:
    return len(np.unique(np.array(numbers, np.int64))) < len(numbers)
