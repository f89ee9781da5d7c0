"""A labelled table in memory, from files or from a pandas DataFrame."""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from attnclf.config import DataConfig
from attnclf.data.columns import choose_columns, columns_in_words
from attnclf.data.formats import Row, format_of
from attnclf.data.formats.delimited import CommaSeparated
from attnclf.data.labels import tidy
from attnclf.errors import DataError
from attnclf.results import Place, counted

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")
RATIONALE = "rationale"
FILES_NAMED = 3  # in messages


@dataclass(frozen=True)
class Table:
    """Texts with their labels, row by row.

    `columns` has the column's name for each role ("text", "label", "group"); `guessed` has the roles whose column is a guess.
    `groups` is empty when no group column was asked for; `rationales` holds the cells of a column `rationale`, where every file
    has one. `remarks` says which files have other columns than the first, and how many labels were tidied. `label_type` is the
    type that the labels had: of a DataFrame "int", "float", "bool" or "str", of a file always "str". `paths` are the files;
    none for a DataFrame. `lines` has the line of each row, and `files` the number of its path; both are empty where a row is
    not one record. `others` holds the columns without a role, where they were asked for and every file has them.
    """

    texts: list[str]
    labels: list[str]
    groups: list[str]
    source: str
    columns: Mapping[str, str]
    rationales: Sequence[str] = ()
    guessed: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    paths: tuple[Path, ...] = ()
    label_type: str = "str"
    lines: Sequence[int] = ()
    files: Sequence[int] = ()
    others: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def place(self, row: int) -> Place:
        """Where a row stands; line 0 if that is not known."""
        file = self.paths[self.files[row]] if self.files else self.source
        return Place(str(file), self.lines[row] if self.lines else 0)

    @property
    def empty_texts(self) -> int:
        return sum(not text.strip() for text in self.texts)

    def rows(self, numbers: Sequence[int]) -> "Table":
        """The table with these rows only."""

        def of(values: Sequence[T]) -> list[T]:
            return [values[number] for number in numbers] if values else []

        return replace(
            self,
            texts=of(self.texts),
            labels=of(self.labels),
            groups=of(self.groups),
            rationales=of(self.rationales),
            lines=of(self.lines),
            files=of(self.files),
            others={name: of(values) for name, values in self.others.items()},
        )

    @property
    def columns_in_words(self) -> str:
        """Which columns were read, and which of them are a guess."""
        return columns_in_words(self.columns, self.guessed)


def read_table(
    paths: Sequence[Path],
    config: DataConfig,
    trained: Mapping[str, str] = MappingProxyType({}),
    *,
    keep_others: bool = False,
) -> Table:
    """The rows of all files, one after the other; `trained` as in `choose_columns`. Raises DataError.

    `keep_others` keeps the columns without a role too.
    """
    texts: list[str] = []
    labels: list[str] = []
    groups: list[str] = []
    rationales: list[str] = []
    lines, files = array("q"), array("q")
    others: dict[str, list[str]] = {}
    remarks: list[str] = []
    tidied = 0
    first: dict[str, str] = {}
    first_guessed: tuple[str, ...] = ()
    for number, path in enumerate(paths):
        format_ = format_of(path) or CommaSeparated()
        with format_.open(path, config) as records:
            remarks += [f"{path}: {remark}" for remark in records.remarks]
            columns, guessed = choose_columns(records.header, config, path, trained)
            if not first:
                first, first_guessed = columns, guessed
            elif (columns, guessed) != (first, first_guessed):
                remarks.append(f"{path}: {columns_in_words(columns, guessed)}")
            before = len(texts)
            kept = [name for name in records.header if keep_others and name not in (*columns.values(), RATIONALE)]
            for row in records.rows:
                texts.append(row.values[columns["text"]])
                labels.append(_label(row, columns["label"], path))
                tidied += labels[-1] != row.values[columns["label"]]
                groups += [row.values[columns["group"]]] if "group" in columns else []
                rationales += [row.values[RATIONALE]] if RATIONALE in row.values else []
                lines.append(row.line)
                files.append(number)
                for name in kept:
                    others.setdefault(name, []).append(row.values[name])
            if len(texts) == before:
                raise DataError(f"{path} has a header and no rows", hint="add at least one row of text and label")
    return Table(
        texts,
        labels,
        groups if len(groups) == len(texts) else [],
        _source(paths),
        first,
        rationales if len(rationales) == len(texts) else (),
        first_guessed,
        (*remarks, *_tidied_in_words(tidied)),
        tuple(paths),
        lines=lines,
        files=files,
        others={name: values for name, values in others.items() if len(values) == len(texts)},
    )


def _source(paths: Sequence[Path]) -> str:
    """The files in words, of many only the first few."""
    names = ", ".join(map(str, paths[:FILES_NAMED]))
    return names if len(paths) <= FILES_NAMED else f"{names} and {len(paths) - FILES_NAMED:,} more files"


def _tidied_in_words(count: int) -> list[str]:
    what = "had blanks or hidden characters around it, or was not composed"
    many = what.replace("it, or was", "them, or were")
    return [f"{counted(count, f'label {what}', f'labels {many}')}; what it looks like is what counts"] if count else []


def table_of(frame: "pd.DataFrame", config: DataConfig, trained: Mapping[str, str]) -> Table:
    """A pandas DataFrame as a table. A missing text is an empty text; a missing label raises DataError."""
    source = Path("the DataFrame")
    header = [str(column) for column in frame.columns]
    columns, guessed = choose_columns(header, config, source, trained)
    values = {
        role: ["" if missing else str(cell) for cell, missing in zip(frame[name], frame[name].isna(), strict=True)]
        for role, name in columns.items()
    }
    labels = [_label(Row({"label": label}, number), "label", source, "row") for number, label in enumerate(values["label"])]
    if not labels:
        raise DataError(f"{source} has no rows", hint="add at least one row of text and label")
    tidied = sum(label != before for label, before in zip(labels, values["label"], strict=True))
    return Table(
        values["text"],
        labels,
        values.get("group", []),
        str(source),
        columns,
        guessed=guessed,
        remarks=tuple(_tidied_in_words(tidied)),
        label_type=_type_of(list(frame[columns["label"]])),
        lines=range(len(labels)),
    )


def _type_of(labels: Sequence[object]) -> str:
    """The type that all labels have; "str" where they have several. NumPy's types are as Python's."""
    types = {type(label.item() if hasattr(label, "item") else label).__name__ for label in labels}
    found = types.pop() if len(types) == 1 else "str"
    return found if found in ("int", "float", "bool") else "str"


def _label(row: Row, column: str, path: Path, unit: str = "line") -> str:
    label = tidy(row.values[column], f"{path}, {unit} {row.line}")
    if not label:
        raise DataError(f"{path}, {unit} {row.line}: column '{column}' is empty", hint="give the row a label, or remove it")
    return label
