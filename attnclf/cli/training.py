"""Training as the command line runs it: with progress on stderr, and Ctrl-C saying how to go on."""

import shlex
from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from attnclf.checkpoint import Checkpoints
from attnclf.cli import screen
from attnclf.cli.curves import curves_in
from attnclf.cli.options import TRAINING, setting
from attnclf.cli.output import open_output
from attnclf.cli.repeated import names_in
from attnclf.cli.spelling import as_options
from attnclf.config import Config
from attnclf.data import FEW_ROWS, Table, read_table
from attnclf.data.columns import ColumnError
from attnclf.data.known_labels import as_in_training
from attnclf.data.sources import check_names
from attnclf.errors import AttnclfError, DataError, UsageError
from attnclf.processes import Place
from attnclf.progress import NORMAL, QUIET, TrainingProgress, without_chatter
from attnclf.render import accounts, terminal
from attnclf.results import Event, Note, Severity

if TYPE_CHECKING:
    from attnclf.training import Trained

Init = Annotated[
    Path | None,
    setting(
        TRAINING,
        "--init",
        "Begin with learned weights, such as those of `attnclf lesson blanks --save FILE`.",
        "random weights",
        "FILE",
    ),
]
Resume = Annotated[
    bool,
    typer.Option(
        "--resume",
        help="Go on where a training with the same data and settings was interrupted; it ends with the same weights.",
        rich_help_panel=TRAINING,
    ),
]
KeepBest = Annotated[
    bool,
    typer.Option("--keep-best", help="When interrupted, write the best epoch so far as the model.", rich_help_panel=TRAINING),
]
Curves = Annotated[
    Path | None,
    typer.Option(
        "--tensorboard",
        metavar="DIR",
        help="Write the curves of each epoch there, for TensorBoard. Needs attnclf[tensorboard].",
        rich_help_panel=TRAINING,
    ),
]


def check_only(
    table: Table,
    valid: Table | None,
    config: Config,
    model: Path,
    verbosity: int,
    strict: Severity | None,
    resume: bool,
) -> None:
    """Checks the data, says what would be done, and stops there; if it is to be quiet, it says warnings only."""
    from attnclf.training import dry_run

    with TrainingProgress(screen.stderr(), max(verbosity, NORMAL), as_options) as progress:

        def tell(event: Event) -> None:
            if verbosity > QUIET or (isinstance(event, Note) and event.warning):
                progress(event)

        prospect = dry_run(table, valid, config, model, tell, strict, Checkpoints(model, resume=resume))
        tell(Note(prospect, topic="dry run"))
        tell(Note("nothing was trained or written", topic="dry run"))


def train_shown(
    table: Table,
    valid: Table | None,
    config: Config,
    model: Path,
    verbosity: int,
    strict: Severity | None,
    resume: bool,
    keep_best: bool,
    place: Place = Place(),  # noqa: B008 (frozen)
    curves: Path | None = None,
    told: Collection[Note] = (),
) -> "Trained":
    """Trains with progress on stderr, and with curves in the folder `curves`. Notes that were `told` before are left out.

    Ctrl-C ends the command, and says what became of the model and how to go on. So does an error after something had been kept.
    With `keep_best` an interrupted training may return a model.
    """
    from attnclf.training import train

    checkpoints = Checkpoints(model, resume=resume)
    try:
        with ExitStack() as stack:
            progress = stack.enter_context(TrainingProgress(screen.stderr(), verbosity, as_options))
            importing = progress.importing()

            def tell(event: Event) -> None:
                if event not in told:
                    progress(event)

            listen = stack.enter_context(curves_in(curves, tell)) if curves else tell
            trained = train(table, valid, config, model, listen, importing, strict, checkpoints, keep_best, place)
    except KeyboardInterrupt:
        kept = f"the model at {model} is as it was" if model.exists() else f"nothing was written to {model}"
        if keep_best and not checkpoints.has_best:
            kept += ", since no epoch had ended"
        screen.show_note(Note(f"interrupted; {kept}; {checkpoints.way_on()}", warning=True))
        raise typer.Exit(130) from None
    except AttnclfError:
        if checkpoints.kept_anything:
            screen.show_note(Note(checkpoints.way_on(), warning=True))
        raise
    if trained.interrupted:
        screen.show_note(Note(f"the model was written to {model}; {checkpoints.way_on()}", warning=True))
    return trained


def read_tables(
    data: list[str], valid: str | None, config: Config, share: float | None, file: Path | None
) -> tuple[Table, Table | None]:
    """The tables to train on and to validate on; None where a `share` of the rows is held out.

    Of a share that only the `file` of settings names beside a table it says that it is not used. Raises UsageError where both
    were asked for by options, and DataError.
    """
    if valid and share is not None:
        what = "--valid names the rows to validate on, and --valid-share a share to hold out"
        raise UsageError(what, hint="leave one of them out")
    check_names([*data, valid])
    tell_unused_share(valid, file)
    table = read_table(data, config.data, keep_others=True, others_until=FEW_ROWS)
    return table, read_alike(valid, config, table) if valid else None


def read_alike(file: str, config: Config, table: Table) -> Table:
    """A table to validate or test on, by the columns of the `table` that is trained on where it has them, and with its labels.

    Raises DataError.
    """
    alike = replace(table.columns, group=config.data.group_col, guessed=())
    try:
        rows = read_table([file], config.for_validation().data, alike)
    except ColumnError as error:  # an option would be for both files
        raise DataError(error.message, hint=f"name its columns as in {table.source}: {alike}") from error
    return as_in_training(rows, table.labels, table.label_type)


def tell_unused_share(valid: str | None, file: Path | None) -> None:
    """Says that the `file` of settings names a share of the rows for nothing, where there are rows to validate on."""
    if valid and "valid_share" in names_in(file):
        screen.show_note(Note(f"valid_share of {file} is not used: --valid names the rows to validate on", topic="split"))


def show_report(trained: "Trained", model: Path) -> None:
    """Prints the validation report, and that on accounts if there is one. Raises DataError where that fails."""
    shows = f"attnclf info -m {shlex.quote(str(model))}"
    with open_output(None, f"the model is written; its scores: {shows}") as stream:
        console = screen.results_console(stream)
        console.print(terminal.report(trained.report, "validation", trained.baseline))
        console.print(accounts.shown(trained.accounts))


def show_trained(trained: "Trained", model: Path, quiet: bool) -> None:
    """Prints the report. Raises Exit where the training was interrupted."""
    show_report(trained, model)
    if not quiet:
        screen.show_note(Note(f'try: attnclf explain "a text" -m {shlex.quote(str(model))}'))
    if trained.interrupted:
        raise typer.Exit(130)


def take_part(table: Table, valid: Table | None, config: Config, place: Place) -> None:
    """Trains with the process that tells and writes, and says nothing unless that fails."""
    from attnclf.training import take_part

    take_part(table, valid, config, place, without_chatter())
