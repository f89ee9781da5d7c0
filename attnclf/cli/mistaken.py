"""What may have been meant otherwise is told: a file's name read as a text."""

from collections.abc import Sequence
from pathlib import Path

from attnclf.cli.screen import show_note
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


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # too long for a name, or a character that no name has
        return False
