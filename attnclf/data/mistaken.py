"""What of a file may have been meant otherwise: a table that was read as lines, a text as a header, formulas as texts."""

import re
from collections.abc import Collection, Sequence
from operator import eq
from pathlib import PurePosixPath

from attnclf.data.columns import FORMULAS, LABEL_NAMES, TEXT_NAMES, Columns
from attnclf.data.formats import Format, Records, Row, Start
from attnclf.data.formats.delimited import LINE_END, Delimited, header_of
from attnclf.data.formats.workbook import Workbook
from attnclf.data.sources import Source
from attnclf.results import listed

PART = re.compile(r"(?<![a-z])(train|test|val|dev)(?:ing|id|idation)?(?![a-z])")  # of a split, in the name of a file


def table_as_lines(name: str, start: Start, columns: Collection[str], wanted: str) -> str:
    """Says of what is read as lines that it, or its first line, looks like a table; "" where it does not.

    `columns` are the names of columns of texts; `wanted` is the format that was asked for.
    """
    separator, header, behind = header_of(start)
    names, texts = {name.strip().lower() for name in header}, {column.lower() for column in columns}
    if len(names) > 1 and (names & texts or (names & LABEL_NAMES and _has_as_many(behind, separator, len(header)))):
        form = "tsv" if separator == "\t" else "csv"
        return f"{name}: read as one text a line, the first line too; `input_format={form}` reads a table"
    if names & texts and any(line.strip() for line in behind):
        return f"{name}: its first line, '{header[0].strip()}', was read as a text; take it out if it is a header"
    values = _values_by_tabs(start) if wanted == "auto" else 0
    if values > 1:
        return f"{name}: each line has {values} values separated by tabs, read as one text; `input_format=tsv` reads a table"
    return ""


def _has_as_many(lines: Sequence[str], separator: str, values: int) -> bool:
    """Whether the first of these lines that is not blank has so many values, as the one after a header has."""
    return len(header_of(Start(b"", "\n".join(lines)), separator)[1]) == values


def _values_by_tabs(start: Start) -> int:
    """How many values tabs separate in each line that is not blank; 0 where lines differ."""
    lines = LINE_END.split(start.text)
    values = {line.count("\t") + 1 for line in lines[:-1] or lines if line.strip()}  # the last line may be cut
    return values.pop() if len(values) == 1 else 0


def text_as_header(name: str, format_: Format, header: Sequence[str], columns: Columns) -> str:
    """Says of a table of one column, whose name is none of a column of texts, that its first line may be a text; else ""."""
    lone = isinstance(format_, Delimited | Workbook) and len(header) == 1 and "text" in columns.guessed
    if not lone or header[0].strip().lower() in TEXT_NAMES:
        return ""
    if isinstance(format_, Workbook):
        return f"{name}: its first row was read as a header; if it is a text, put a row with the word text above it"
    return f"{name}: its first line was read as a header; `input_format=lines` reads all lines as texts"


def parts_together(sources: Sequence[Source]) -> list[str]:
    """Says of files that are read as one table that their names are those of the parts of a split; nothing of others."""
    found: dict[str, Source] = {}
    for source in sources:
        if part := PART.search(PurePosixPath(source.member or source.name).stem.lower()):
            found.setdefault(part[1], source)
    names, parts = listed(source.name for source in found.values()), list(found.values())
    advice = apart(parts[0], parts[-1], "name only those that are meant") if parts else ""
    return [f"{names} are read as one table, and by their names are parts of a split: {advice}"] if len(parts) > 1 else []


def apart(one: Source, other: Source, advice: str) -> str:
    """The `advice` to name these two in another way, which those of one archive cannot be as long as they are in it."""
    return f"unpack the archive first, and {advice}" if one.member and one.copy is other.copy else advice


def is_header(row: Row, names: Collection[str]) -> bool:
    """Whether a row repeats the header in these columns, as it does where files were joined to one."""
    return all(map(eq, map(row.values.get, names), names))  # without a generator, which is slow to make for each of many rows


def header_again(name: str, unit: str, row: Row) -> str:
    """Says of a row that it repeats the header, where each row has its answer."""
    return f"{name}, {unit} {row.number:,}: repeats the header, and is read as a text; take such rows out"


def texts_without_values(name: str, records: Records, columns: Columns) -> str:
    """Says of a workbook that none of its texts has a value; else ""."""
    return f"{name}: every text is empty; {FORMULAS}" if {*columns.text} <= {*records.empty} else ""
