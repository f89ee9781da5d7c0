"""Posts of one account as one text, a line each, for models that judge accounts and not posts."""

from collections.abc import Iterable
from dataclasses import replace

from attnclf.data.table import Table
from attnclf.errors import DataError


def joined(posts: Iterable[str]) -> str:
    """The posts, a line each; line ends within a post become spaces."""
    return "\n".join(" ".join(post.split()) for post in posts)


def by_account(table: Table) -> Table:
    """One row for each of the table's groups, in the order in which they are met. Raises DataError when the rows of a group
    have different labels."""
    posts: dict[str, list[str]] = {}
    labels: dict[str, str] = {}
    for number, (text, label, name) in enumerate(zip(table.texts, table.labels, table.groups, strict=True)):
        group = name or f"\0{number}"  # a row of nobody's stands for itself
        posts.setdefault(group, []).append(text)
        if labels.setdefault(group, label) != label:
            raise DataError(
                f"{table.source}: '{group}' in column '{table.columns['group']}' is labelled '{labels[group]}' and '{label}'",
                hint="an account is judged from all its rows, so these need one label; or take another `encoder`",
            )
    return replace(table, texts=list(map(joined, posts.values())), labels=list(labels.values()), groups=[], rationales=())
