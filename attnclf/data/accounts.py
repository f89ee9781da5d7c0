"""All posts of an account as one text, one per line, for models that classify accounts rather than posts."""

from collections.abc import Iterable
from dataclasses import replace

from attnclf.data.table import Table
from attnclf.errors import DataError


def joined(posts: Iterable[str]) -> str:
    """The posts as one text, one per line. Line ends within a post become spaces."""
    return "\n".join(" ".join(post.split()) for post in posts)


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
