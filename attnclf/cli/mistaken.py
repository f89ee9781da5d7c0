"""What may have been meant otherwise is told: a file's name or a header read as a text."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from attnclf.cli.screen import show_note
from attnclf.data.formats import Records, Row
from attnclf.data.mistaken import header_again, is_header
from attnclf.results import Note


def tell_mistaken(what: str) -> None:
    """Warns of what `attnclf.data.mistaken` found; nothing where that is ""."""
    if what:
        show_note(Note(what, warning=True))


def tell_file_names(texts: Sequence[str]) -> None:
    """Says of texts that are the names of files that their names are read, and not what is in them."""
    for text in texts:
        if _is_file(text):
            show_note(Note(f"the text '{text}' is the name of a file, and its name is read; -f reads the file", warning=True))


def rows_told(records: Records, name: str) -> Iterator[Row]:
    """The rows; the first of them that repeats the header is told."""
    told = False
    for row in records.rows:
        if not told and is_header(row, records.header):
            tell_mistaken(header_again(name, records.unit, row))
            told = True
        yield row


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # too long for a name, or a character that no name has
        return False
