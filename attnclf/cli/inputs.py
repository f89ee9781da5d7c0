"""Where the texts of `predict` and `explain` come from: arguments, tables, files of lines, or standard input."""

import itertools
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar, cast

from attnclf.cli.account_column import no_group
from attnclf.cli.mistaken import rows_told, tell_file_names, tell_mistaken
from attnclf.cli.pipes import arriving_lines, asks_for_table, head_of, holds_lines
from attnclf.cli.screen import show_note
from attnclf.config import Config, DataConfig
from attnclf.data import (
    AccountNames,
    Columns,
    account_name,
    columns_of,
    format_of,
    read_lines,
    sources_of,
    stand_together,
    texts_of_accounts,
)
from attnclf.data.columns import TEXT_NAMES
from attnclf.data.encodings import encoding_of
from attnclf.data.formats import Format, Records, Row, Start, with_folders
from attnclf.data.mistaken import apart, table_as_lines, text_as_header, texts_without_values
from attnclf.data.sources import STANDARD_INPUT, Source, standard_input
from attnclf.errors import DataError, UsageError
from attnclf.results import Note
from attnclf.served.model import ServedModel
from attnclf.served.prediction import windows

T = TypeVar("T")
Tables = Sequence[tuple[Source, Format]]
OF_TABLES = ("text_col", "group_col", "delimiter", "quoting")  # settings


@dataclass(frozen=True, slots=True)
class Item:
    """One text, and its row where it came from a table.

    Where a model classifies accounts, `text` holds all posts of the `account`, and `post` is the row's own text.
    """

    text: str
    row: Mapping[str, Any] | None = None
    account: str = ""
    post: str | None = None


@dataclass(frozen=True)
class Incoming:
    """Texts in windows that fit in memory.

    `columns` names a table's columns and is empty for plain texts; `encoding` and `types` are those of the table's `Records`.
    `group` is the column of accounts, "" where there is none, and `names` has what was read of it. `together` reads the tables
    again, and says whether the rows of each account stand one after another.
    """

    windows: Iterator[list[Item]]
    columns: Sequence[str] = ()
    encoding: str = ""
    types: Any = None
    group: str = ""
    together: Callable[[], bool] = lambda: False
    names: AccountNames = field(default_factory=AccountNames)


def check_source(texts: Sequence[str], files: Sequence[str]) -> None:
    """Raises UsageError when there are no texts, or two sources of them at once; never waits."""
    if texts and files:
        raise UsageError("texts come as arguments or with -f, not both")
    if "-" in texts and len(texts) > 1:
        raise UsageError("- is standard input, and other texts stand beside it", hint="name it alone, or put all in a file")
    if not texts and not files and (sys.stdin is None or sys.stdin.isatty()):
        raise UsageError("no text given", hint='give one in quotes, a file with -f, or a pipe: attnclf predict "a text"')


@contextmanager
def open_source(
    texts: Sequence[str],
    files: Sequence[str],
    config: DataConfig,
    trained: Columns,
    *,
    whole: bool = True,
    required: bool = False,
) -> Iterator[Incoming]:
    """The texts asked for; `trained` names the columns that the model was trained on, taken where the table has them.

    `whole` says that a model which knows accounts reads all posts of an account as one text. A table without the column of
    accounts is told, unless they are `required`: it is then refused with `no_accounts`.
    """
    if texts and list(texts) != ["-"]:
        how = (*OF_TABLES, "input_format", "encoding")
        _refuse(config, how, "texts come as arguments", "leave it out, or name a table with -f")
        tell_file_names(texts)
        yield Incoming(iter([[Item(text) for text in texts]]))
        return
    if config.input_format == "lines":
        _refuse(config, OF_TABLES, "lines have no columns", "leave it out, or `input_format=lines`")
    columns = TEXT_NAMES | {*trained.text, *config.text_col}
    if files and list(files) != ["-"]:
        found = sources_of(files)
    elif sys.stdin is None:
        found = standard_input()  # which says that it is closed
    else:
        head = head_of(sys.stdin.buffer, columns)
        if holds_lines(head, config, columns):
            tell_mistaken(table_as_lines(STANDARD_INPUT, Start.of(head), columns, config.input_format))
            lines = require_texts(arriving_lines(sys.stdin.buffer, head, config.encoding), STANDARD_INPUT)
            yield Incoming([Item(line) for line in some] for some in lines)
            return
        found = standard_input(head)
    found = with_folders(found, config.input_format, columns)
    formats = [_format_of(source, config, columns) for source in found]
    tables = [(source, format_) for source, format_ in zip(found, formats, strict=True) if format_]
    if not tables:
        for source in found:
            tell_mistaken(table_as_lines(source.name, Start.of(source.start), columns, config.input_format))
        items = map(Item, itertools.chain.from_iterable(_lines(source, config) for source in found))
        yield Incoming(windows(require_texts(items, found[0].name), characters))
    elif len(tables) < len(found):
        table, other = tables[0][0], next(source for source, format_ in zip(found, formats, strict=True) if not format_)
        hint = apart(table, other, "name them in two commands")
        raise DataError(f"{table.name} is a table and {other.name} is not", hint=hint)
    else:
        with ExitStack() as stack:
            yield _of_tables(tables, config, trained, stack, whole=whole, required=required)


def _format_of(source: Source, config: DataConfig, columns: Collection[str]) -> Format | None:
    """The format of a table; None for lines."""
    found = format_of(source, config.input_format, columns)
    return format_of(source, "csv") if found is None and asks_for_table(config) else found


def _refuse(config: DataConfig, settings: Sequence[str], why: str, hint: str) -> None:
    """Raises UsageError for one of these settings of tables that is given, with the reason."""
    for name in settings:
        if getattr(config, name) != getattr(DataConfig(), name):
            raise UsageError(f"`{name}` is for tables, and {why}", hint=hint)


def _lines(source: Source, config: DataConfig) -> Iterator[str]:
    encoding = encoding_of(source, config.encoding)
    for remark in (*source.remarks, *encoding.remarks):
        show_note(Note(f"{source.name}: {remark}"))
    return read_lines(source, encoding.name)


def _of_tables(
    tables: Tables, config: DataConfig, trained: Columns, stack: ExitStack, *, whole: bool, required: bool
) -> Incoming:
    (source, format_), *more = tables
    if source.name == STANDARD_INPUT and config.input_format == "auto":
        show_note(Note(f"{source.name}: read as a table; `input_format=lines` reads one text a line"))
    records = stack.enter_context(format_.open(source, config))
    columns = columns_of(records, config, source.name, trained, labelled=False)
    records = _remarked(records, source)
    if columns.guessed:
        show_note(Note(f"{source.name}: {columns}"))
        tell_mistaken(text_as_header(source.name, format_, records.header, columns))
    tell_mistaken(texts_without_values(source.name, records, columns))
    rows = itertools.chain(records.rows, _rows_of(more, records.header, source, config, stack))
    items: Iterator[Item] = (Item(columns.text_of(row), row.values) for row in require_texts(rows, source.name))
    if trained.group and not columns.group and not required:
        show_note(no_group(trained.group, source.name, "" if whole else "posts are judged, and no accounts"))
    names = AccountNames()
    if columns.group:
        items = _named(items, columns.group, names)
        items = _of_accounts(list(items)) if whole else items
    types = records.types
    if types is not None and not all(_types_of(*table, config) == types for table in more):
        show_note(Note("the tables have columns of different types: they are written as text"))
        types = None
    together = partial(_stand_together, tables, config, columns.group)
    return Incoming(windows(items, characters), records.header, records.encoding, types, columns.group, together, names)


def _types_of(source: Source, format_: Format, config: DataConfig) -> Any:
    with format_.open(source, config) as records:
        return records.types


def _stand_together(tables: Tables, config: DataConfig, column: str) -> bool:
    def accounts() -> Iterator[str]:
        for source, format_ in tables:
            with format_.open(source, config) as records:
                yield from (account_name(row.values.get(column)) for row in records.rows)

    return stand_together(accounts())


def _remarked(records: Records, source: Source) -> Records:
    """The records of an opened table, of which the remarks are shown."""
    for remark in (*source.remarks, *records.remarks):
        show_note(Note(f"{source.name}: {remark}"))
    return replace(records, rows=rows_told(records, source.name))


def _rows_of(tables: Tables, header: Sequence[str], first: Source, config: DataConfig, stack: ExitStack) -> Iterator[Row]:
    """The rows of further tables, which must have the columns of the first, in any order."""
    for source, format_ in tables:
        records = _remarked(stack.enter_context(format_.open(source, config)), source)
        if set(records.header) != set(header):
            problem = f"{source.name} has the columns {', '.join(records.header)}, and {first.name} has {', '.join(header)}"
            hint = apart(first, source, "name tables with the same columns, or one at a time")
            raise DataError(problem, hint=hint)
        yield from records.rows


def _of_accounts(items: list[Item]) -> Iterator[Item]:
    """The same rows in the same order, each with all posts of its account for a text; a row of nobody's stands for itself."""
    texts = texts_of_accounts([item.text for item in items], [item.account for item in items])
    return (replace(item, text=text, post=item.text) for item, text in zip(items, texts, strict=True))


def _named(items: Iterator[Item], column: str, names: AccountNames) -> Iterator[Item]:
    """The same rows, each with the name of its account."""
    return (replace(item, account=names.name_of((item.row or {})[column])) for item in items)


def require_texts(things: Iterator[T], name: str) -> Iterator[T]:
    """The same, or a DataError when there are none."""
    nothing = object()
    first = next(things, nothing)
    if first is nothing:
        raise DataError(f"{name} holds no texts", hint="a file has one text a line, a table a header and rows")
    return itertools.chain([cast(T, first)], things)


def characters(item: Item) -> int:
    """How many characters a text and its row hold, for windows that fit in memory."""
    return len(item.text) if item.row is None else sum(len(value) for value in item.row.values() if isinstance(value, str))


def trained_columns(served: ServedModel) -> Columns:
    """The columns that a model was trained on."""
    return Columns.of(served.bundle.config.data, grouped=served.knows_accounts)


def data_config(**settings: str | list[str] | None) -> DataConfig:
    """How to read a table, by the options that were given. Raises UsageError for what a setting does not allow."""
    return Config().override({"data": {name: value for name, value in settings.items() if value}}).data
