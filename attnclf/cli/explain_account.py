"""`explain --account`: one account, from all its posts."""

from collections.abc import Iterator, Mapping
from typing import TextIO

from attnclf.accounts.explained import explain_account
from attnclf.cli import screen
from attnclf.cli.inputs import Incoming, Item
from attnclf.errors import DataError, UsageError
from attnclf.registry import nearest
from attnclf.render import account_explained
from attnclf.served.model import ServedModel

COLOURED = 3  # posts, in a terminal and on a page


def check_account(source: Incoming, column: str) -> None:
    """Raises UsageError where the texts have no accounts."""
    if not source.group:
        what = f"--account needs a table with the column '{column}'" if column else "this model was trained without accounts"
        raise UsageError(what, hint="pass a table with -f" if column else "train it with `group_col`")


def posts_of(source: Incoming, account: str) -> Iterator[list[Item]]:
    """The windows with the rows of one account only. Raises DataError where there are none."""
    names: dict[str, None] = {}
    for window in source.windows:
        names.update(dict.fromkeys(item.account for item in window if item.account))
        if kept := [item for item in window if item.account == account]:
            yield kept
    if account not in names:
        raise DataError(f"column '{source.group}' has no account '{account}'", hint=nearest(account, names))


def write_account(
    served: ServedModel,
    source: Incoming,
    account: str,
    rates: Mapping[str, float],
    methods: tuple[str, ...],
    by: str,
    format_: str,
    stream: TextIO,
) -> None:
    """Writes the explanation of one account by the model's rule. Raises UsageError where it has none."""
    if (rule := served.bundle.accounts) is None:
        raise UsageError("this model has no rule for accounts", hint="train it with `group_col`")
    texts = [item.text for window in posts_of(source, account) for item in window]
    most = None if format_ == "jsonl" else COLOURED
    found = explain_account(served, rule, account, texts, rates, methods=methods, by=by, most=most)
    if format_ == "jsonl":
        stream.write(account_explained.record(found) + "\n")
    elif format_ == "html":
        stream.writelines(account_explained.page(found, methods))
    else:
        console = screen.results_console(stream)
        shown = account_explained.shown(found, methods, colour=screen.has_colour(console))
        console.print(shown, soft_wrap=not console.is_terminal)
