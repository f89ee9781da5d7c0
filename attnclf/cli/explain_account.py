"""`explain --account` and `--accounts`: accounts, each from all its posts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from attnclf.accounts.explained import explain_account, explained_posts
from attnclf.accounts.verdicts import rule_of
from attnclf.bundle.atomic import write_through
from attnclf.cli import forms, screen
from attnclf.cli.account_column import no_accounts
from attnclf.cli.folders import Pages, open_folder
from attnclf.cli.inputs import Incoming, Item
from attnclf.cli.output import is_device, open_output
from attnclf.cli.whole_accounts import posts_of_accounts, tell_nameless
from attnclf.data.compression import SUFFIXES
from attnclf.data.labels import as_seen
from attnclf.errors import DataError, UsageError
from attnclf.registry import nearest
from attnclf.render import account_explained, account_pages, html
from attnclf.render.account_pages import Listed
from attnclf.results import AccountExplanation, Explanation, Faithfulness, Note, counted
from attnclf.served.model import ServedModel
from attnclf.served.unread import Unread

COLOURED = 3  # posts, in a terminal and on a page
PAGES = Pages(account_pages.INDEX, account_pages.MARK, account_pages.is_page)
Written = Iterable[tuple[Listed, Iterable[str]]]
"""Accounts, each with the pieces of its page."""


@dataclass(frozen=True)
class Asked:
    """The accounts to explain: those with these `names`, or `every` one."""

    names: tuple[str, ...] = ()
    every: bool = False

    @classmethod
    def of(cls, names: Sequence[str], every: bool, *, labels: bool) -> "Asked":
        """Those of the options. Raises UsageError for options that do not go together; `labels` says that some are named."""
        if names and every:
            raise UsageError("--accounts explains every account, and --account names some", hint="leave one of them out")
        asked = cls(tuple(dict.fromkeys(map(as_seen, names))), every)
        if asked and labels:
            raise UsageError("an account's verdict is explained, without --target or --against", hint="leave them out")
        return asked

    def __bool__(self) -> bool:
        return self.every or bool(self.names)

    @property
    def several(self) -> bool:
        """Whether there may be more than one account."""
        return self.every or len(self.names) > 1

    def form(self, wanted: str, output: Path | None) -> str:
        """The form that is `wanted` or named by the output, which is told where it may have been meant as a folder.

        Raises UsageError where it is one.
        """
        form = forms.form_by_ending(wanted, output, forms.PAGES)
        if self.several and output and not (wanted or output.suffix):
            if output.is_dir():
                hint = "--format html writes a folder of pages; or name a file"
                raise UsageError(f"-o {output} is a folder, and {form} is one file", hint=hint)
            if not is_device(output):
                what = f"{output} is written as one file of {form}; --format html makes it a folder of pages"
                screen.show_note(Note(what))
        return form

    def folder(self, format_: str, output: Path | None) -> Path | None:
        """Where pages go, one for each account; None where all goes to one stream. Raises UsageError for no such place."""
        if format_ != "html" or not self.several:
            return None
        if output is None:
            raise UsageError("several accounts are a folder of pages", hint="name the folder with -o")
        if output.suffix.lower() in (".html", ".htm", *SUFFIXES):
            raise UsageError(f"-o is '{output}', and several accounts are a folder of pages", hint="name a folder with -o")
        return output


def check_asked(asked: Asked, source: Incoming, served: ServedModel) -> None:
    """Raises UsageError where the model has no rule for accounts and needs one, and where the texts have no accounts."""
    if asked and not served.classifies_accounts:
        rule_of(served)
    if asked and not source.group:
        option = "--accounts" if asked.every else "--account"
        raise no_accounts(source.columns, f"{option} needs", served.bundle.config.data.group_col)


def only_asked(windows: Iterator[list[Item]], asked: Asked, column: str) -> Iterator[list[Item]]:
    """The windows with the items of the accounts asked for; all items where none were. With `--accounts`, rows that name no
    account are left out, and their number is told.

    Raises DataError for a name that no account has, before it gives anything, and where no row names an account.
    """
    if not asked:
        yield from windows
        return
    if asked.every:
        named = nameless = 0
        for window in windows:
            of_accounts = [item for item in window if item.account]
            named += len(of_accounts)
            nameless += len(window) - len(of_accounts)
            yield of_accounts
        tell_nameless(named, nameless)
        return
    kept: list[Item] = []
    met: dict[str, None] = {}
    for window in windows:
        met.update(dict.fromkeys(item.account for item in window if item.account))
        kept += [item for item in window if item.account in asked.names]
    if missing := [name for name in asked.names if name not in met]:
        raise DataError(f"column '{column}' has no account '{missing[0]}'", hint=nearest(missing[0], met))
    yield kept


def explain_by_rule(
    served: ServedModel,
    source: Incoming,
    asked: Asked,
    rates: Mapping[str, float],
    methods: tuple[str, ...],
    by: str,
    format_: str,
    output: Path | None,
    unread: Unread,
) -> None:
    """Writes the accounts by the model's rule, in the order in which they first appear.

    `unread` counts the posts that were not read.
    """
    rule = rule_of(served)
    most = 0 if format_ == "jsonl" else COLOURED  # JSON has all posts, which are explained while it is written
    found = (
        explain_account(served, rule, name, texts, rates, unread, methods=methods, by=by, most=most)
        for name, texts in _posts(source, asked)
    )
    if folder := asked.folder(format_, output):
        write_pages(folder, _pages_of(found, methods), served)
        return
    with open_output(output) as stream:
        if format_ == "jsonl":
            for one in found:
                stream.writelines(account_explained.record(one, explained_posts(served, rule, one, methods=methods, by=by)))
        else:
            _write(found, methods, format_, stream)


def _posts(source: Incoming, asked: Asked) -> Iterator[tuple[str, list[str]]]:
    """Name and posts of the accounts asked for."""
    if asked.every:
        for window in posts_of_accounts(source):
            yield from window.items()
        return
    posts: dict[str, list[str]] = {}
    for items in only_asked(source.windows, asked, source.group):
        for item in items:
            posts.setdefault(item.account, []).append(item.text)
    yield from posts.items()


def _write(found: Iterable[AccountExplanation], methods: tuple[str, ...], format_: str, stream: TextIO) -> None:
    """Writes accounts one after another."""
    for number, one in enumerate(found):
        if format_ == "html":
            stream.writelines(account_explained.page(one, methods))
        else:
            console = screen.results_console(stream)
            if number:
                console.rule(style="dim")
            shown = account_explained.shown(one, methods, colour=screen.has_colour(console), width=console.width)
            console.print(shown, soft_wrap=not console.is_terminal)


def _pages_of(found: Iterable[AccountExplanation], methods: tuple[str, ...]) -> Written:
    """The pages of accounts by the model's rule."""
    for one in found:
        body = account_explained.body(one, methods)
        yield Listed.of(one.verdict), account_pages.account_page(one.verdict.account, body)


def pages_of_whole(found: Iterable[tuple[str, Explanation]], methods: tuple[str, ...], trust: Faithfulness | None) -> Written:
    """The pages of accounts that a model reads whole."""
    for name, result in found:
        body = [html.article(result, methods), html.closing(methods, trust)]
        yield Listed.of_whole(name, result.prediction), account_pages.account_page(name, body)


def write_pages(folder: Path, pages: Written, served: ServedModel) -> None:
    """Writes the pages of accounts, of which there is one at least, and the index that leads to them."""
    listed: list[Listed] = []
    with open_folder(folder, PAGES) as place:
        for one, pieces in pages:
            write_through(place / account_pages.page_name(one.account), _encoded(pieces))
            listed.append(one)
        rule, rates = served.bundle.accounts, listed[0].base_rates
        thresholds = rule.thresholds if rule else ()
        shares = [rates[label] for label in served.labels] if rates else rule.shares if rule else served.bundle.shares
        label = account_pages.first_label(served.labels, shares, thresholds)
        write_through(place / account_pages.INDEX, _encoded(account_pages.index_page(listed, label, thresholds)))
    screen.show_note(Note(f"{counted(len(listed), 'account', 'accounts')} in {folder / account_pages.INDEX}"))


def _encoded(pieces: Iterable[str]) -> bytes:
    return "".join(pieces).encode("utf-8", "backslashreplace")
