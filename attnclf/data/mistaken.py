"""What of a file may have been meant otherwise: a header that was read as a text, or a text as a header."""

from collections.abc import Collection, Sequence

from attnclf.data.columns import TEXT_NAMES, Columns
from attnclf.data.formats import Format, Start
from attnclf.data.formats.delimited import Delimited, header_of


def header_as_text(name: str, start: Start, columns: Collection[str]) -> str:
    """Says of what is read as lines that its first line may be the header of a table; "" where it is none."""
    names = {name.strip().lower() for name in header_of(start)[1]}
    if len(names) > 1 and names & {column.lower() for column in columns}:
        return f"{name}: read as one text a line, the first line too; `input_format=csv` reads a table"
    return ""


def text_as_header(name: str, format_: Format, header: Sequence[str], columns: Columns) -> str:
    """Says of a table of one column, whose name is none of a column of texts, that its first line may be a text; else ""."""
    lone = isinstance(format_, Delimited) and len(header) == 1 and "text" in columns.guessed
    if lone and header[0].strip().lower() not in TEXT_NAMES:
        return f"{name}: its first line was read as a header; `input_format=lines` reads all lines as texts"
    return ""
