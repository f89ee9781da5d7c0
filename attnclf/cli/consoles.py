"""The two consoles: results on stdout, everything else on stderr. Colour follows the terminal, NO_COLOR and FORCE_COLOR."""

from typing import TextIO

from rich.console import Console
from rich.text import Text

from attnclf.cli.spelling import as_options
from attnclf.errors import AttnclfError
from attnclf.visible import visible

WIDTH = 80


class ResultsConsole(Console):
    """A console that raises BrokenPipeError when its reader goes away, as any stream does. Rich would exit with code 1."""

    def on_broken_pipe(self) -> None:
        raise  # noqa: PLE0704 (called while the BrokenPipeError is handled)


def results_console(stream: TextIO) -> Console:
    """The console for results on `stream`."""
    return _with_room(ResultsConsole(file=stream, highlight=False, markup=False, emoji=False))


def stderr() -> Console:
    """The console for progress, decisions and errors."""
    return _with_room(Console(stderr=True, highlight=False, markup=False, emoji=False))


def _with_room(console: Console) -> Console:
    """The console; with the usual width where `COLUMNS=0` leaves none, in which nothing would be shown."""
    if console.width < 1:
        console.width = WIDTH
    return console


def show_error(error: AttnclfError) -> None:
    """One error: what and where in red, what to do below it."""
    console = stderr()
    console.print(
        Text("error: ", style="bold red").append(Text(visible(as_options(error.message)), style="not bold")), soft_wrap=True
    )
    if error.hint:
        console.print(Text(f"  {visible(as_options(error.hint))}"), soft_wrap=True)
