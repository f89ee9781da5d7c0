"""Rows in windows of whole accounts: as they arrive where each account's rows stand together, else from memory."""

import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice

from attnclf.cli.inputs import Incoming, Item, characters
from attnclf.cli.screen import show_note
from attnclf.data import nameless_in_words
from attnclf.errors import DataError
from attnclf.results import Note
from attnclf.served.prediction import WINDOW, WINDOW_CHARACTERS

ITEM = 200  # bytes of an item without its texts, and of its place in a list


def rows_of_accounts(source: Incoming) -> Iterator[list[Item]]:
    """The items in their order, in windows with all rows of an account.

    Where an account's rows do not stand together there is one window. It is in memory, which is told.
    """
    yield from _whole(source, source.windows, lambda held: iter([held]))


def posts_of_accounts(source: Incoming) -> Iterator[dict[str, list[str]]]:
    """The posts of each account by its name, in the order in which accounts first appear, in windows of whole accounts.

    Only texts are kept. Where an account's rows do not stand together, all are held in memory, which is told. Rows that name no
    account are told at the end. Raises DataError where all are such.
    """
    lean = ([Item(item.text, account=item.account) for item in window] for window in source.windows)
    nameless = named = 0
    for window in _whole(source, lean, lambda held: _between_accounts(_sorted(held))):
        posts: dict[str, list[str]] = {}
        for item in window:
            posts.setdefault(item.account, []).append(item.text)
        nameless += len(posts.pop("", ()))
        named += len(posts)
        if posts:
            yield posts
    tell_nameless(named, nameless)


def one_per_account(windows: Iterable[list[Item]]) -> Iterator[list[Item]]:
    """The windows with one item for each account; items that are of none are all kept."""
    met: set[str] = set()
    for window in windows:
        kept = []
        for item in window:
            if not item.account or item.account not in met:
                kept.append(item)
                met.add(item.account)
        if kept:
            yield kept


def tell_nameless(named: int, nameless: int) -> None:
    """Tells how many rows are `nameless`, if any are. Raises DataError where no account or row is `named`."""
    if not named:
        raise DataError("no row names an account", hint="leave `accounts` out to judge each post")
    if nameless:
        show_note(Note(f"{nameless_in_words(nameless)}, and count{'s' if nameless == 1 else ''} in none", warning=True))


def tell_names(source: Incoming, nameless: str = "") -> None:
    """Tells at the end which names of accounts were changed or differ in little. `nameless` says what becomes of rows that name
    none: "" tells nothing of them."""
    for remark in source.names.remarks:
        show_note(Note(remark))
    if nameless and (rows := source.names.nameless):
        show_note(Note(f"{nameless_in_words(rows)}: {nameless}", warning=True))


def _whole(
    source: Incoming, windows: Iterator[list[Item]], of_held: Callable[[list[Item]], Iterator[list[Item]]]
) -> Iterator[list[Item]]:
    """Windows of whole accounts. `of_held` makes them of all items, which are in memory, where these stand in another order."""
    begun = list(islice(windows, 2))
    if len(begun) < 2:
        return iter(begun)
    items = chain.from_iterable(chain(begun, windows))
    return _between_accounts(items) if source.together() else of_held(_held(items, source.group))


def _between_accounts(items: Iterable[Item]) -> Iterator[list[Item]]:
    """The items in windows that end only where an account does; its items stand together."""
    window: list[Item] = []
    account, held = "", 0
    for item in items:
        if item.account != account or not account:
            if len(window) >= WINDOW or held >= WINDOW_CHARACTERS:
                yield window
                window, held = [], 0
            account = item.account
        window.append(item)
        held += characters(item)
    if window:
        yield window


def _sorted(items: Iterable[Item]) -> Iterator[Item]:
    """Account by account, in the order in which they first appear."""
    found: dict[str, list[Item]] = {}
    for item in items:
        found.setdefault(item.account, []).append(item)
    return chain.from_iterable(found.values())


def _held(items: Iterable[Item], column: str) -> list[Item]:
    held = list(items)
    values = (item.row.values() if item.row else (item.text, item.account) for item in held)
    megabytes = sum(ITEM + sum(map(sys.getsizeof, some)) for some in values) / 1e6
    what = f"the rows of an account do not stand together: all {len(held):,} rows are in memory, about {megabytes:,.0f} MB"
    show_note(Note(f"{what}; a table sorted by '{column}' is read bit by bit"))
    return held
