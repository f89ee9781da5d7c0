"""What is shown beside results: notes, errors, which columns were guessed, which texts could not be read in full."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rich.console import Console

from attnclf.cli.consoles import results_console, show_error, stderr
from attnclf.cli.spelling import as_options
from attnclf.data import Table
from attnclf.reading.windows import ReadingLimits
from attnclf.render import terminal
from attnclf.results import Event, Note
from attnclf.served.unread import Unread

__all__ = ["given", "has_colour", "results_console", "show_columns", "show_error", "show_note", "show_unread", "stderr"]


def given(values: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Of options by section and setting, those that were given."""
    return {section: {k: v for k, v in settings.items() if v not in (None, "", [])} for section, settings in values.items()}


def show_columns(table: Table) -> None:
    """Which columns of a table were guessed, and which of its files have others."""
    guesses = [f"{table.source}: {table.columns}"] if table.columns.guessed else []
    for message in (*guesses, *table.remarks):
        show_note(Note(message))


def has_colour(console: Console) -> bool:
    """Whether the colours of explanations will be seen; 16 colours cannot tell five steps of two hues apart."""
    return console.color_system in ("256", "truecolor") and not console.no_color


def show_note(event: Event, console: Console | None = None) -> None:
    """A decision or a warning, on stderr; on `console`, where a live line is shown there."""
    if isinstance(event, Note):
        note = replace(event, message=as_options(event.message))
        (console or stderr()).print(terminal.note(note), soft_wrap=True)


def show_unread(unread: Unread, limits: ReadingLimits) -> None:
    """What is to be said of texts that the model could not read in full. `limits` is how much it reads of a text."""
    for note in unread.notes(limits):
        show_note(note)
