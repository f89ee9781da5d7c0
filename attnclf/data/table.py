"""A labelled table in memory, and how it is read from files."""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from attnclf.config import DataConfig
from attnclf.data.account_names import AccountNames
from attnclf.data.columns import LABEL_NAMES, TEXT_NAMES, Columns, columns_of
from attnclf.data.formats import Records, Row, labelled_format, with_folders
from attnclf.data.labels import common_type, tidied_in_words, tidy
from attnclf.data.mistaken import is_header, parts_together
from attnclf.data.sources import sources_of
from attnclf.data.stored import TextCollector, taken
from attnclf.errors import DataError
from attnclf.results import Place, counted, some_of

T = TypeVar("T")
RATIONALE = "rationale"
FILES_NAMED, ROWS_NAMED = 3, 3  # in messages
FEW_ROWS = 100_000  # whose other columns take little memory; of a larger table, training looks at none


@dataclass(frozen=True)
class Table:
    """Texts with their labels, row by row.

    `columns` are those that were read; a text from several columns has their values one after the other. `groups` is empty when
    no group column was asked for; `rationales` holds the cells of a column `rationale`, where every file has one. `remarks`
    says which files have other columns than the first, and how many labels were tidied. `label_type` is the type that all
    labels had, "int", "float" or "bool"; else it is "str". `files` are the names of the files; none for a DataFrame. `lines`
    has the number of each row in its file, and `file_of` the number of that file; both are empty where a row is not one record.
    `others` holds the columns without a role, where they were asked for and every file has them. `unlabelled` has the places
    and texts of rows that are left out because their label is empty, where that was asked for.
    """

    texts: Sequence[str]
    labels: list[str]
    groups: list[str]
    source: str
    columns: Columns
    rationales: Sequence[str] = ()
    remarks: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    label_type: str = "str"
    lines: Sequence[int] = ()
    file_of: Sequence[int] = ()
    others: Mapping[str, Sequence[str]] = field(default_factory=dict)
    unlabelled: Sequence[tuple[Place, str]] = ()

    def place(self, row: int) -> Place:
        """Where a row stands; line 0 if that is not known."""
        file = self.files[self.file_of[row]] if self.file_of else self.source
        return Place(file, self.lines[row] if self.lines else 0)

    @property
    def empty_texts(self) -> int:
        return sum(not text.strip() for text in self.texts)

    def rows(self, numbers: Sequence[int]) -> "Table":
        """The table with these rows only."""

        def of(values: Sequence[T]) -> list[T]:
            return [values[number] for number in numbers] if values else []

        return replace(
            self,
            texts=taken(self.texts, numbers),
            labels=of(self.labels),
            groups=of(self.groups),
            rationales=of(self.rationales),
            lines=of(self.lines),
            file_of=of(self.file_of),
            others={name: of(values) for name, values in self.others.items()},
        )


def read_table(
    paths: Sequence[str | Path],
    config: DataConfig,
    trained: Columns | None = None,
    *,
    keep_others: bool = False,
    others_until: float = float("inf"),
    labelled: bool = True,
) -> Table:
    """The rows of all tables that these paths, globs and addresses name, one after the other; `trained` as in `choose_columns`.

    Raises DataError. `keep_others` keeps the columns without a role too; where there are more rows than `others_until` it keeps
    none, and a remark says so. An empty label is an error; if `labelled` is false, its row is one of `Table.unlabelled`.
    """
    texts = TextCollector()
    labels, accounts = _Labels(), AccountNames()
    groups: list[str] = []
    rationales: list[str] = []
    lines, file_of = array("q"), array("q")
    others: dict[str, list[str]] = {}
    unlabelled: list[tuple[Place, str]] = []
    first: Columns | None = None
    sources = with_folders(sources_of(paths), config.input_format, TEXT_NAMES | LABEL_NAMES)
    remarks = parts_together(sources)
    for number, source in enumerate(sources):
        with labelled_format(source, config.input_format, TEXT_NAMES | LABEL_NAMES).open(source, config) as records:
            remarks += [f"{source.name}: {remark}" for remark in (*source.remarks, *records.remarks)]
            columns = columns_of(records, config, source.name, trained)
            first = first or columns
            _check_groups(columns.group, first.group, source.name, sources[0].name)
            if columns != first:
                remarks.append(f"{source.name}: {columns}")
            kept = [name for name in records.header if keep_others and name not in (*columns.named, RATIONALE)]
            for row in _filled(records, columns, source.name, remarks):
                if not labels.add(row, columns.label, source.name, records.unit):
                    unlabelled.append((Place(source.name, row.number), columns.text_of(row)))
                    continue
                texts.append(columns.text_of(row))
                if columns.group:
                    groups.append(accounts.name_of(row.values.get(columns.group)))
                rationales += [row.text(RATIONALE)] if RATIONALE in row.values else []
                lines.append(row.number)
                file_of.append(number)
                for name in kept if len(texts) <= others_until else ():  # else the columns are dropped below
                    others.setdefault(name, []).append(row.text(name))
            if labelled and unlabelled:
                advice = ["attnclf check shows more of them"] if len(unlabelled) > 1 else []
                where = f"{source.name}, {records.unit} {unlabelled[0][0].line}"
                raise without_label(where, columns.label, len(unlabelled), (*advice, *records.remarks))
    if any(len(values) == others_until < len(texts) for values in others.values()):
        remarks.append(f"other columns were not looked at (more than {others_until:,} rows); attnclf check does")
    names = tuple(source.name for source in sources)
    if not len(texts):
        problem = f"{_source(names)}: column '{columns.label}' is empty in every row"
        raise DataError(problem, hint="give the rows labels, or name another column with `label_col`")
    return Table(
        texts.texts(),
        of_one_type(labels.values, labels.types),
        groups,
        _source(names),
        first or Columns(),
        rationales if len(rationales) == len(texts) else (),
        (*remarks, *tidied_in_words(labels.tidied), *accounts.remarks, *types_in_words(labels.types)),
        names,
        one_of(labels.types),
        lines,
        file_of,
        {name: values for name, values in others.items() if len(values) == len(texts)},
        unlabelled,
    )


def _filled(records: Records, columns: Columns, name: str, remarks: list[str]) -> Iterator[Row]:
    """The rows that hold something, and not the header again, as in files that were joined; `remarks` get what is left out.

    Raises DataError where no row is left.
    """
    blank, headers, filled, named = 0, [], 0, columns.named
    for row in records.rows:
        if row.is_blank:
            blank += 1
        elif is_header(row, named):
            headers.append(f"{row.number:,}")
        else:
            filled += 1
            yield row
    if not filled:
        what = "no row but blank ones" if blank else "a header and no rows"
        raise DataError(f"{name} has {what}", hint="add at least one row of text and label")
    remarks += [f"{name}: {counted(blank, 'blank row is', 'blank rows are')} left out"] if blank else []
    units = records.unit if len(headers) == 1 else f"{records.unit}s"
    again = f"{name}: the header stands again, and is left out, in {units} {some_of(headers, ROWS_NAMED)}"
    remarks += [again] if headers else []


class _Labels:
    """The labels of rows as they are read: their types, and how many had to be tidied."""

    def __init__(self) -> None:
        self.values: list[str] = []
        self.types: set[type] = set()
        self.tidied = 0
        self._known: dict[str, str] = {}  # those that were tidied before

    def add(self, row: Row, column: str, source: str, unit: str) -> bool:
        """Adds that of a row; False where it is empty."""
        given = row.values[column]
        label = self._known.get(given) if isinstance(given, str) else None
        if label is None:
            label = label_of(row, column, source, unit)
        if not label:
            return False
        if isinstance(given, str):
            self._known[given] = label
            self.tidied += label != given
        self.values.append(label)
        self.types.add(type(given))
        return True


def _check_groups(group: str, of_first: str, name: str, first: str) -> None:
    """Raises DataError where of two files one has a column of accounts and the other has none."""
    if bool(group) != bool(of_first):
        what = f"{name if of_first else first} has no column '{of_first or group}', which other files have"
        raise DataError(what, hint="add the column, or name these files one at a time")


def _source(names: Sequence[str]) -> str:
    """The files in words, of many only the first few."""
    return some_of(names, FILES_NAMED, "more files")


def one_of(types: set[type]) -> str:
    """The type that all labels have; "str" where they have none in common, or one that labels do not come back in."""
    return common_type({kind.__name__ for kind in types}) or "str"


def types_in_words(types: set[type]) -> list[str]:
    names = " and ".join(sorted(kind.__name__ for kind in types))
    return [f"labels come in several types ({names}), and count as {one_of(types)}"] if len(types) > 1 else []


def of_one_type(labels: list[str], types: set[type]) -> list[str]:
    """The labels as text of their common type: without this, 1 and 1.0 would be two labels."""
    kind = one_of(types)
    if len(types) == 1 or kind == "str":
        return labels
    numbers = [{"True": 1.0, "False": 0.0}.get(label) for label in labels]
    values = [float(label) if number is None else number for label, number in zip(labels, numbers, strict=True)]
    return [str(value if kind == "float" else int(value)) for value in values]


def label_of(row: Row, column: str, source: str, unit: str) -> str:
    where = f"{source}, {unit} {row.number}"
    if isinstance(row.values[column], list | tuple | dict | set | bytes):
        problem = f"{where}: column '{column}' holds {row.values[column]!r:.60}, and a row has one label"
        raise DataError(problem, hint="give each row one label, a text or a number")
    return tidy(row.text(column), where)


def without_label(where: str, column: str, rows: int, advice: Sequence[str] = ()) -> DataError:
    """The error of so many rows whose label is empty, the first of them at `where`."""
    more = f", as it is in {counted(rows - 1, 'more row', 'more rows')}" if rows > 1 else ""
    hint = f"give {'each such row' if more else 'the row'} a label, or remove it"
    return DataError(f"{where}: column '{column}' is empty{more}", hint="; ".join((hint, *advice)))
