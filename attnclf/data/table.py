"""A labelled table in memory, and how it is read from files."""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from attnclf.config import DataConfig
from attnclf.data.columns import LABEL_NAMES, TEXT_NAMES, Columns, choose_columns
from attnclf.data.formats import Row, labelled_format, with_folders
from attnclf.data.labels import as_seen, common_type, tidy
from attnclf.data.sources import sources_of
from attnclf.data.stored import TextCollector, taken
from attnclf.errors import DataError
from attnclf.results import Place, counted

T = TypeVar("T")
RATIONALE = "rationale"
FILES_NAMED = 3  # in messages


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
    labelled: bool = True,
) -> Table:
    """The rows of all tables that these paths, globs and addresses name, one after the other; `trained` as in `choose_columns`.

    Raises DataError. `keep_others` keeps the columns without a role too. An empty label is an error; if `labelled` is false,
    its row is one of `Table.unlabelled`.
    """
    texts = TextCollector()
    labels: list[str] = []
    groups: list[str] = []
    rationales: list[str] = []
    lines, file_of = array("q"), array("q")
    others: dict[str, list[str]] = {}
    unlabelled: list[tuple[Place, str]] = []
    remarks: list[str] = []
    types: set[type] = set()
    known: dict[str, str] = {}  # labels that were tidied before
    tidied = renamed = 0
    first: Columns | None = None
    sources = with_folders(sources_of(paths), config.input_format, TEXT_NAMES | LABEL_NAMES)
    for number, source in enumerate(sources):
        with labelled_format(source, config.input_format, TEXT_NAMES | LABEL_NAMES).open(source, config) as records:
            remarks += [f"{source.name}: {remark}" for remark in records.remarks]
            columns = choose_columns(records.header, config, source.name, trained)
            first = first or columns
            if bool(columns.group) != bool(first.group):
                lacking, group = (source if first.group else sources[0]).name, first.group or columns.group
                what = f"{lacking} has no column '{group}', which other files have"
                raise DataError(what, hint="add the column, or name these files one at a time")
            if columns != first:
                remarks.append(f"{source.name}: {columns}")
            before = len(texts) + len(unlabelled)
            kept = [name for name in records.header if keep_others and name not in (*columns.named, RATIONALE)]
            for row in records.rows:
                given = row.values[columns.label]
                label = known.get(given) if isinstance(given, str) else None
                if label is None:
                    label = label_of(row, columns.label, source.name, records.unit, required=labelled)
                if not label:
                    unlabelled.append((Place(source.name, row.number), columns.text_of(row)))
                    continue
                texts.append(columns.text_of(row))
                if isinstance(given, str):
                    known[given] = label
                    tidied += label != given
                labels.append(label)
                types.add(type(given))
                if columns.group:
                    groups.append(as_seen(written := row.text(columns.group)))
                    renamed += groups[-1] != written
                rationales += [row.text(RATIONALE)] if RATIONALE in row.values else []
                lines.append(row.number)
                file_of.append(number)
                for name in kept:
                    others.setdefault(name, []).append(row.text(name))
            if len(texts) + len(unlabelled) == before:
                raise DataError(f"{source.name} has a header and no rows", hint="add at least one row of text and label")
    names = tuple(source.name for source in sources)
    if not len(texts):
        problem = f"{_source(names)}: column '{columns.label}' is empty in every row"
        raise DataError(problem, hint="give the rows labels, or name another column with `label_col`")
    return Table(
        texts.texts(),
        of_one_type(labels, types),
        groups,
        _source(names),
        first or Columns(),
        rationales if len(rationales) == len(texts) else (),
        (*remarks, *tidied_in_words(tidied), *tidied_in_words(renamed, "account"), *types_in_words(types)),
        names,
        one_of(types),
        lines,
        file_of,
        {name: values for name, values in others.items() if len(values) == len(texts)},
        unlabelled,
    )


def _source(names: Sequence[str]) -> str:
    """The files in words, of many only the first few."""
    first = ", ".join(names[:FILES_NAMED])
    return first if len(names) <= FILES_NAMED else f"{first} and {len(names) - FILES_NAMED:,} more files"


def tidied_in_words(count: int, what_is: str = "label") -> list[str]:
    what = "had blanks or hidden characters around it, or was not composed"
    many = what.replace("it, or was", "them, or were")
    return [f"{counted(count, f'{what_is} {what}', f'{what_is}s {many}')}; what it looks like is what counts"] if count else []


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


def label_of(row: Row, column: str, source: str, unit: str, *, required: bool = True) -> str:
    where = f"{source}, {unit} {row.number}"
    if isinstance(row.values[column], list | tuple | dict | set | bytes):
        problem = f"{where}: column '{column}' holds {row.values[column]!r:.60}, and a row has one label"
        raise DataError(problem, hint="give each row one label, a text or a number")
    label = tidy(row.text(column), where)
    if required and not label:
        raise DataError(f"{where}: column '{column}' is empty", hint="give the row a label, or remove it")
    return label
