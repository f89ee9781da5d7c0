"""What may have been meant otherwise is told: a header read as a text or the other way round, a file's name read as a text."""

from collections.abc import Collection, Sequence
from pathlib import Path

from attnclf.cli.screen import show_note
from attnclf.data import Columns
from attnclf.data.columns import TEXT_NAMES
from attnclf.data.formats import Format, Start
from attnclf.data.formats.delimited import Delimited, header_of
from attnclf.results import Note


def tell_header(name: str, start: Start, columns: Collection[str]) -> None:
    """Says of what is read as lines that its first line may be the header of a table."""
    names = {name.strip().lower() for name in header_of(start)[1]}
    if len(names) > 1 and names & {column.lower() for column in columns}:
        show_note(Note(f"{name}: read as one text a line, the first line too; `input_format=csv` reads a table", warning=True))


def tell_lone_column(name: str, format_: Format, header: Sequence[str], columns: Columns) -> None:
    """Says of a table of one column, whose name is none of a column of texts, that its first line may be a text."""
    lone = isinstance(format_, Delimited) and len(header) == 1 and "text" in columns.guessed
    if lone and header[0].strip().lower() not in TEXT_NAMES:
        what = "its first line was read as a header; `input_format=lines` reads all lines as texts"
        show_note(Note(f"{name}: {what}", warning=True))


def tell_file_names(texts: Sequence[str]) -> None:
    """Says of texts that are the names of files that their names are read, and not what is in them."""
    for text in texts:
        if _is_file(text):
            show_note(Note(f"the text '{text}' is the name of a file, and its name is read; -f reads the file", warning=True))


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # too long for a name, or a character that no name has
        return False
