"""Where the texts of `predict` and `explain` come from: arguments, a table, a file of lines, or standard input."""

import itertools
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, TypeVar, cast

from attnclf.cli.screen import show_note
from attnclf.config import Config, DataConfig
from attnclf.data import choose_columns, columns_in_words, format_of, joined, read_lines
from attnclf.errors import DataError, UsageError
from attnclf.results import Note
from attnclf.served.model import ServedModel
from attnclf.served.prediction import windows

T = TypeVar("T")
BLOCK = 1 << 16  # bytes taken from a pipe at once


@dataclass(frozen=True)
class Item:
    """One text, and its row where it came from a table.

    Where a model classifies accounts, `text` holds all posts of the `account`, and `post` is the row's own text.
    """

    text: str
    row: dict[str, str] | None = None
    account: str = ""
    post: str | None = None


@dataclass(frozen=True)
class Source:
    """Texts in windows that fit in memory; `columns` names a table's columns and is empty for plain texts."""

    windows: Iterator[list[Item]]
    columns: Sequence[str] = ()


def check_source(texts: Sequence[str], file: Path | None) -> None:
    """Raises UsageError when there are no texts, or two sources of them at once; never waits."""
    if texts and file:
        raise UsageError("texts come as arguments or with -f, not both")
    if not texts and not file and (sys.stdin is None or sys.stdin.isatty()):
        raise UsageError("no text given", hint='give one in quotes, a file with -f, or a pipe: attnclf predict "a text"')


@contextmanager
def open_source(texts: Sequence[str], file: Path | None, config: DataConfig, trained: Mapping[str, str]) -> Iterator[Source]:
    """The texts asked for; `trained` names the columns that the model was trained on, taken where the table has them."""
    if texts and list(texts) != ["-"]:
        yield Source(iter([[Item(text) for text in texts]]))
    elif not file or str(file) == "-":
        yield Source([Item(line) for line in lines] for lines in arriving_lines(sys.stdin.buffer))
    else:
        format_ = format_of(file)
        if not format_:
            lines = read_lines(file, config.encoding)
            yield Source(windows(map(Item, require_texts(lines, file)), _characters))
            return
        with format_.open(file, config) as records:
            for remark in records.remarks:
                show_note(Note(f"{file}: {remark}"))
            columns, guessed = choose_columns(records.header, config, file, trained, labelled=False)
            if guessed:
                show_note(Note(f"{file}: {columns_in_words(columns, guessed)}"))
            items: Iterator[Item] = (
                Item(row.values[columns["text"]], dict(row.values)) for row in require_texts(records.rows, file)
            )
            if "group" in trained and "group" not in columns:
                show_note(Note(f"{file}: no column '{trained['group']}'; each row counts as its own account", warning=True))
            if "group" in columns:
                items = _of_accounts(list(items), columns["group"])
            yield Source(windows(items, _characters), records.header)


def _of_accounts(items: list[Item], column: str) -> Iterator[Item]:
    """The same rows in the same order, each with all posts of its account for a text."""
    named = [(item, (item.row or {})[column]) for item in items]  # a row of nobody's stands for itself
    posts: dict[str, list[str]] = {}
    for item, account in named:
        posts.setdefault(account, []).append(item.text)
    texts = {account: joined(some) for account, some in posts.items() if account}
    return (replace(item, text=texts.get(account, item.text), account=account, post=item.text) for item, account in named)


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


def require_texts(things: Iterator[T], path: Path) -> Iterator[T]:
    """The same, or a DataError when there are none."""
    nothing = object()
    first = next(things, nothing)
    if first is nothing:
        raise DataError(f"{path} holds no texts", hint="a file has one text a line, a table a header and rows")
    return itertools.chain([cast(T, first)], things)


def _characters(item: Item) -> int:
    return len(item.text) if item.row is None else sum(map(len, item.row.values()))


def arriving_lines(stream: BinaryIO) -> Iterator[list[str]]:
    """Lines as they arrive, all that are there at once: a person typing is answered at each line, a file at each block."""
    number, rest = 0, b""
    while block := os.read(stream.fileno(), BLOCK):
        *lines, rest = (rest + block).split(b"\n")
        if lines:
            yield [_decoded(line, number + i) for i, line in enumerate(lines, 1)]
            number += len(lines)
    if rest:
        yield [_decoded(rest, number + 1)]


def _decoded(line: bytes, number: int) -> str:
    try:
        text = line.removesuffix(b"\r").decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise DataError(
            f"standard input, line {number}: not utf-8 text (byte 0x{line[error.start]:02x})",
            hint="convert it first: iconv -f cp949 -t utf-8",
        ) from error
    if "\0" in text:
        raise DataError(f"standard input, line {number}: holds a NUL byte", hint="this is not text")
    return text


def trained_columns(served: ServedModel) -> dict[str, str]:
    """Column names by role, as they were in training."""
    data = served.bundle.config.data
    return {"text": data.text_col, "label": data.label_col} | ({"group": data.group_col} if served.classifies_accounts else {})


def data_config(**settings: str) -> DataConfig:
    """How to read a table, by the options that were given. Raises UsageError for what a setting does not allow."""
    return Config().override({"data": {name: value for name, value in settings.items() if value}}).data
