"""Training as Python shows it: progress where someone looks, warnings where nobody does."""

import os
import warnings
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Lock

from attnclf.bundle import Bundle
from attnclf.checkpoint import Checkpoints
from attnclf.config import Config
from attnclf.data import Table
from attnclf.results import Event, Note, OnEvent, ignore

_turn = Lock()  # Keras draws its random numbers from one place, so trainings in several threads take turns


def train_shown(
    table: Table,
    valid: Table | None,
    config: Config,
    target: Path,
    verbose: int,
    on_event: OnEvent = ignore,
    hidden: Collection[str] = (),
    checkpoints: Checkpoints | None = None,
    keep_best: bool = False,
) -> Bundle:
    """Trains a model into the directory `target`, and shows what `verbose` asks for, but for notes on the topics `hidden`.

    What nobody saw is warned of, to the caller's caller, when the model is safe: a warning may be made an error. An interrupt
    that training turned into a model is raised then.
    """
    from attnclf.training import train

    unsaid: list[str] = []
    remarks = (*table.remarks, *(valid.remarks if valid else ()))
    with _turn, shown(verbose, unsaid, remarks) as (show, importing):

        def tell(event: Event) -> None:
            on_event(event)
            if not (isinstance(event, Note) and event.topic in hidden):
                show(event)

        try:
            trained = train(table, valid, config, target, tell, importing, checkpoints=checkpoints, keep_best=keep_best)
        except KeyboardInterrupt:
            if checkpoints:
                tell(Note(f"interrupted; {checkpoints.way_on()}", warning=True, topic="interrupted"))
            raise
    for message in unsaid:
        warnings.warn(message, stacklevel=3)
    if trained.interrupted:
        raise KeyboardInterrupt
    return trained.bundle


@contextmanager
def shown(
    verbose: int, unsaid: list[str], remarks: Collection[str] = ()
) -> Iterator[tuple[OnEvent, AbstractContextManager[None]]]:
    """What shows events as `verbose` asks for, and the context in which Keras starts.

    Where nothing is shown, warnings are put into `unsaid`; unless `verbose` is 0, so are `remarks` on the tables, what is
    replaced and what is gone on from.
    """
    from rich.console import Console

    from attnclf.progress import TrainingProgress, without_chatter

    def remember(event: Event) -> None:
        if isinstance(event, Note):
            asked = verbose and (event.topic in ("replaced", "resume") or event.message in remarks)
            if event.warning or asked:
                unsaid.append(event.message)

    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    if verbose >= 2 or (verbose and (console.is_terminal or console.is_jupyter)):
        with TrainingProgress(console, verbose) as progress:
            yield progress, progress.importing()
    else:
        yield remember, without_chatter()


def _renew() -> None:
    """In a forked process: nothing is being trained, whatever the process that it came from was doing."""
    global _turn  # noqa: PLW0603 (there is one for all)
    _turn = Lock()


if hasattr(os, "register_at_fork"):  # not on Windows, which does not fork
    os.register_at_fork(after_in_child=_renew)
