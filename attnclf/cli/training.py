"""Training as the command line runs it: with progress on stderr, and Ctrl-C leaving what was there."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from attnclf.cli import screen
from attnclf.cli.spelling import as_options
from attnclf.config import Config
from attnclf.data import Table
from attnclf.progress import TrainingProgress
from attnclf.results import Note, Severity

if TYPE_CHECKING:
    from attnclf.training import Trained


def check_only(table: Table, valid: Table | None, config: Config, model: Path, verbosity: int, strict: Severity | None) -> None:
    """Checks the data, says what would be done, and stops there."""
    from attnclf.training import dry_run

    with TrainingProgress(screen.stderr(), verbosity, as_options) as progress:
        dry_run(table, valid, config, model, progress, strict)
        progress(Note("nothing was trained or written", topic="dry run"))


def train_shown(
    table: Table, valid: Table | None, config: Config, model: Path, verbosity: int, strict: Severity | None
) -> "Trained":
    """Trains with progress on stderr. Ctrl-C ends the command and says what became of the model."""
    from attnclf.training import train

    try:
        with TrainingProgress(screen.stderr(), verbosity, as_options) as progress:
            return train(table, valid, config, model, progress, importing=progress.importing(), strict=strict)
    except KeyboardInterrupt:
        kept = f"the model at {model} is as it was" if model.exists() else f"nothing was written to {model}"
        screen.show_note(Note(f"interrupted; {kept}", warning=True))
        raise typer.Exit(130) from None
