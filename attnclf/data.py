"""Tables of texts: CSV and TSV read row by row, with an error that names the line for whatever cannot be read."""

import codecs
import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO, TYPE_CHECKING

from attnclf.config import DataConfig
from attnclf.errors import DataError

TEXT_NAMES: tuple[str, ...] = (
    "text",
    "content",
    "document",
    "sentence",
    "review",
    "post",
    "message",
    "tweet",
    "comment",
    "body",
)
TEXT_NAMES += ("caption", "question", "title", "내용", "본문", "문장", "글", "리뷰", "댓글", "메시지")
LABEL_NAMES = ("label", "class", "target", "category", "sentiment", "labels", "y", "라벨", "레이블", "분류", "감성")
if TYPE_CHECKING:
    import _csv

    import pandas as pd

DELIMITERS = {".tsv": "\t", ".tab": "\t"}  # by extension; everything else is separated by commas


@dataclass(frozen=True)
class Row:
    """One record: its values by column, and the line of the file it ends on (a quoted value may span lines)."""

    values: Mapping[str, str]
    line: int


@dataclass(frozen=True)
class Table:
    """Texts with their labels, row by row; `groups` is empty when no group column was asked for."""

    texts: list[str]
    labels: list[str]
    groups: list[str]
    source: str
    columns: Mapping[str, str]  # role ("text", "label", "group") → column name

    @property
    def empty_texts(self) -> int:
        return sum(not text.strip() for text in self.texts)


def read_table(
    paths: Sequence[Path], config: DataConfig, trained: Mapping[str, str] = MappingProxyType({})
) -> tuple[Table, list[str]]:
    """The rows of all files, one after the other, and what was guessed, in words; `trained` as in `choose_columns`.
    Raises DataError."""
    texts: list[str] = []
    labels: list[str] = []
    groups: list[str] = []
    notes: list[str] = []
    columns: dict[str, str] = {}
    for path in paths:
        with open_text(path, config.encoding) as stream:
            header, rows = read_rows(stream, path)
            columns, guesses = choose_columns(header, config, path, trained)
            notes += [note for note in guesses if note not in notes]
            before = len(texts)
            for row in rows:
                texts.append(row.values[columns["text"]])
                labels.append(_label(row, columns["label"], path))
                groups += [row.values[columns["group"]]] if "group" in columns else []
            if len(texts) == before:
                raise DataError(f"{path} has a header and no rows", hint="add at least one row of text and label")
    return Table(texts, labels, groups, ", ".join(map(str, paths)), columns), notes


def table_of(frame: "pd.DataFrame", config: DataConfig, trained: Mapping[str, str]) -> Table:
    """A pandas DataFrame as a table; a missing text is an empty text, a missing label an error. Raises DataError."""
    source = Path("the DataFrame")
    header = [str(column) for column in frame.columns]
    columns, _ = choose_columns(header, config, source, trained)
    values = {
        role: ["" if missing else str(cell) for cell, missing in zip(frame[name], frame[name].isna(), strict=True)]
        for role, name in columns.items()
    }
    labels = [_label(Row({"label": label}, number), "label", source, "row") for number, label in enumerate(values["label"])]
    if not labels:
        raise DataError(f"{source} has no rows", hint="add at least one row of text and label")
    return Table(values["text"], labels, values.get("group", []), str(source), columns)


def open_text(path: Path, encoding: str, newline: str = "") -> IO[str]:
    """The file opened for `read_rows` (or, with newline "\\n", `read_lines`); DataError when it is not there or no file."""
    try:
        return path.open(encoding="utf-8-sig" if _is_utf8(encoding) else encoding, newline=newline)
    except IsADirectoryError as error:
        raise DataError(f"{path} is a directory, not a table", hint="name a CSV file in it") from error
    except FileNotFoundError as error:
        raise DataError(f"{path} does not exist", hint=_neighbours(path)) from error
    except LookupError as error:
        raise DataError(f"there is no encoding '{encoding}'", hint="try utf-8, cp949 or latin-1") from error
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from error


def _is_utf8(encoding: str) -> bool:
    return codecs.lookup(encoding).name == "utf-8"


def _neighbours(path: Path) -> str:
    if not path.parent.is_dir():
        return f"the directory {path.parent} does not exist either"
    tables = sorted(p.name for p in path.parent.iterdir() if p.suffix in (".csv", ".tsv"))
    return f"tables in {path.parent}: {', '.join(tables[:8])}" if tables else "check the path"


def read_rows(stream: IO[str], path: Path) -> tuple[list[str], Iterator[Row]]:
    """The header and an iterator over the rows that follow. Both raise DataError, naming the line."""
    csv.field_size_limit(2**31 - 1)  # a text may be a megabyte; the library's own limit is 128 KiB
    reader = csv.reader(_checked_lines(stream, path), delimiter=DELIMITERS.get(path.suffix.lower(), ","), strict=True)
    try:
        header = next(reader)
    except StopIteration:
        raise DataError(f"{path} is empty", hint="the first line must name the columns") from None
    except csv.Error as error:
        raise DataError(f"{path}, line {reader.line_num}: {error}") from error
    if len(header) == 1 and (separator := next((c for c in ";\t|" if c in header[0]), "")):
        kind = "tabs" if separator == "\t" else f"'{separator}'"
        raise DataError(f"{path}: its columns are separated by {kind}", hint="save it with commas, or with tabs as .tsv")
    repeated = sorted({name for name in header if header.count(name) > 1})
    if repeated:
        raise DataError(f"{path}: column '{repeated[0]}' stands more than once in the header", hint="rename one of them")
    return header, _rows(reader, header, path)


def _rows(reader: "_csv.Reader", header: list[str], path: Path) -> Iterator[Row]:
    while True:
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise DataError(
                f"{path}, line {reader.line_num}: {error}", hint="a quote in a value must be doubled, and a quoted value closed"
            ) from error
        if not values and len(header) > 1:
            continue  # a blank line, as at the end of many files
        values = values or [""]
        if len(values) != len(header):
            raise DataError(
                f"{path}, line {reader.line_num}: {len(values)} values where the header names {len(header)} columns",
                hint="put quotes around a value that holds a comma"
                if len(values) > len(header)
                else "the row is cut short, or a quote before it was not closed",
            )
        yield Row(dict(zip(header, values, strict=True)), reader.line_num)


def read_lines(stream: IO[str], path: Path) -> Iterator[str]:
    """The lines of a plain text file, without their ends. Raises DataError, naming the line."""
    return (line.removesuffix("\n").removesuffix("\r") for line in _checked_lines(stream, path))


def _checked_lines(stream: IO[str], path: Path) -> Iterator[str]:
    number = 0
    while True:
        number += 1
        try:
            line = next(stream)
        except StopIteration:
            return
        except UnicodeDecodeError as error:
            at = _line_of_first_error(path, error.encoding) or number
            raise DataError(
                f"{path}, line {at}: not {error.encoding} text (byte 0x{error.object[error.start]:02x})",
                hint="name its encoding: --encoding cp949 for Korean Windows files, --encoding latin-1 for Western ones",
            ) from error
        except UnicodeError as error:  # utf-16 without its byte-order mark, for one
            raise DataError(f"{path}: {error}", hint="name the file's encoding with --encoding") from error
        if "\0" in line:
            raise DataError(f"{path}, line {number}: holds a NUL byte", hint="this is not a text file, or it is damaged")
        yield line


def _line_of_first_error(path: Path, encoding: str) -> int:
    """Streams decode in blocks, so only a second look tells the line; 0 where the file cannot be read twice."""
    try:
        path.read_bytes().decode(encoding)
    except UnicodeDecodeError as error:
        return error.object.count(b"\n", 0, error.start) + 1
    except OSError:
        return 0
    return 0


def choose_columns(
    header: Sequence[str],
    config: DataConfig,
    path: Path,
    trained: Mapping[str, str] = MappingProxyType({}),
    *,
    labelled: bool = True,
) -> tuple[dict[str, str], list[str]]:
    """Column name by role, and the guesses made, in words: the column that `config` names, else the one that the model was
    `trained` on if it is there, else the only one whose name fits. `labelled=False` looks for the text column alone."""
    columns: dict[str, str] = {}
    notes: list[str] = []
    roles = [("text", config.text_col, TEXT_NAMES)] + ([("label", config.label_col, LABEL_NAMES)] if labelled else [])
    for role, wanted, names in roles:
        known = trained.get(role, "") if trained.get(role) in header else ""
        columns[role] = wanted or known or _guess(header, names, role, path)
        if not (wanted or known):
            notes.append(f"{path}: {role} column '{columns[role]}' (guessed; --{role}-col names another)")
    if labelled and config.group_col:
        columns["group"] = config.group_col
    for role, name in columns.items():
        if name not in header:
            raise DataError(
                f"{path}: there is no column '{name}' (found: {', '.join(header)})", hint=f"name it with --{role}-col"
            )
    if len(set(columns.values())) < len(columns):
        raise DataError(
            f"{path}: one column cannot be two of {', '.join(columns)}", hint="--text-col, --label-col, --group-col"
        )
    return columns, notes


def _guess(header: Sequence[str], names: Sequence[str], role: str, path: Path) -> str:
    if len(header) == 1 and role == "text":
        return header[0]
    found = [column for column in header if column.strip().lower() in names]
    if len(found) == 1:
        return found[0]
    problem = f"'{found[0]}' and '{found[1]}' could both be" if found else "none is named like"
    raise DataError(
        f"{path}: which column holds the {role}? {problem} it (found: {', '.join(header)})", hint=f"name it with --{role}-col"
    )


def _label(row: Row, column: str, path: Path, unit: str = "line") -> str:
    label = row.values[column].strip()
    if not label:
        raise DataError(f"{path}, {unit} {row.line}: column '{column}' is empty", hint="give the row a label, or remove it")
    return label
