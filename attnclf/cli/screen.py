"""What is shown beside results: notes, errors, which columns were guessed, which texts could not be read in full."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rich.console import Console

from attnclf.cli.consoles import results_console, show_error, stderr
from attnclf.cli.spelling import as_options
from attnclf.data import Table
from attnclf.reading.windows import ReadingLimits
from attnclf.render import terminal
from attnclf.results import Event, Note, Prediction
from attnclf.served.prediction import reading_warnings

__all__ = ["UnreadTexts", "given", "has_colour", "results_console", "show_columns", "show_error", "show_note", "stderr"]


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


class UnreadTexts:
    """Counts texts, and those that the model could not read in full, and says so once at the end."""

    def __init__(self) -> None:
        self.texts = self.unknown = 0
        self.left_out: Counter[int] = Counter()

    def count(self, predictions: Iterable[Prediction]) -> None:
        """Adds these to the count."""
        for prediction in predictions:
            self.add(prediction.known, prediction.left_out)

    def add(self, known: float, left_out: int) -> None:
        """Counts one more text: the share of it that is `known`, and what was left out of it."""
        self.texts += 1
        self.unknown += known == 0
        self.left_out[left_out] += 1

    def add_all(self, texts: Sequence[str], known: Sequence[float], left_out: Sequence[int]) -> None:
        """Counts so many `texts` more."""
        for _, share, cut in zip(texts, known, left_out, strict=True):
            self.add(share, cut)

    def show(self, limits: ReadingLimits) -> None:
        """The warnings, if there are any. `limits` is how much the model reads of a text."""
        for note in reading_warnings(self.unknown, self.left_out, limits):
            show_note(note)
