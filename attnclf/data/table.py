"""A labelled table in memory, from files or from a pandas DataFrame."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from attnclf.config import DataConfig
from attnclf.data.columns import choose_columns, columns_in_words
from attnclf.data.formats import Row, format_of
from attnclf.data.formats.delimited import CommaSeparated
from attnclf.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

RATIONALE = "rationale"
FILES_NAMED = 3  # in messages


@dataclass(frozen=True)
class Table:
    """Texts with their labels, row by row.

    `columns` has the column's name for each role ("text", "label", "group"); `guessed` has the roles whose column is a guess.
    `groups` is empty when no group column was asked for; `rationales` holds the cells of a column `rationale`, where every file
    has one. `remarks` says which files have other columns than the first. `paths` are the files; none for a
    DataFrame.
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

    @property
    def empty_texts(self) -> int:
        return sum(not text.strip() for text in self.texts)

    @property
    def columns_in_words(self) -> str:
        """Which columns were read, and which of them are a guess."""
        return columns_in_words(self.columns, self.guessed)


def read_table(paths: Sequence[Path], config: DataConfig, trained: Mapping[str, str] = MappingProxyType({})) -> Table:
    """The rows of all files, one after the other; `trained` as in `choose_columns`. Raises DataError."""
    texts: list[str] = []
    labels: list[str] = []
    groups: list[str] = []
    rationales: list[str] = []
    remarks: list[str] = []
    first: dict[str, str] = {}
    first_guessed: tuple[str, ...] = ()
    for path in paths:
        format_ = format_of(path) or CommaSeparated()
        with format_.open(path, config.encoding) as (header, rows):
            columns, guessed = choose_columns(header, config, path, trained)
            if not first:
                first, first_guessed = columns, guessed
            elif (columns, guessed) != (first, first_guessed):
                remarks.append(f"{path}: {columns_in_words(columns, guessed)}")
            before = len(texts)
            for row in rows:
                texts.append(row.values[columns["text"]])
                labels.append(_label(row, columns["label"], path))
                groups += [row.values[columns["group"]]] if "group" in columns else []
                rationales += [row.values[RATIONALE]] if RATIONALE in row.values else []
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
        tuple(remarks),
        tuple(paths),
    )


def _source(paths: Sequence[Path]) -> str:
    """The files in words, of many only the first few."""
    names = ", ".join(map(str, paths[:FILES_NAMED]))
    return names if len(paths) <= FILES_NAMED else f"{names} and {len(paths) - FILES_NAMED:,} more files"


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
    return Table(values["text"], labels, values.get("group", []), str(source), columns, guessed=guessed)


def _label(row: Row, column: str, path: Path, unit: str = "line") -> str:
    label = row.values[column].strip()
    if not label:
        raise DataError(f"{path}, {unit} {row.line}: column '{column}' is empty", hint="give the row a label, or remove it")
    return label
