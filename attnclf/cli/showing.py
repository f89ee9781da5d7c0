"""What several commands do with what they found: a table on a terminal and Markdown elsewhere, JSON, a picture in a file."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import RenderableType

from attnclf.cli.consoles import results_console
from attnclf.cli.output import open_bytes, open_output
from attnclf.render.records import to_json
from attnclf.results import Note


def show_json(found: Any, output: Path | None = None) -> None:
    """Plain values as one JSON object, on standard output or in a file."""
    with open_output(output) as stream:
        stream.write(to_json(found, indent=1) + "\n")


def show_table(table: Callable[[int], RenderableType], markdown: Callable[[], str]) -> None:
    """The `table` for a terminal of so many columns, or the same as Markdown where standard output is something else."""
    with open_output(None) as stream:
        if stream.isatty():
            console = results_console(stream)
            console.print(table(console.width))
        else:
            stream.write(markdown())


@contextmanager
def with_picture(path: Path | None, draw: Callable[[str], bytes]) -> Iterator[None]:
    """Writes the picture, if it has a path, when the block has shown the results, and also where that fails."""
    try:
        yield
    finally:
        if path:
            _write_picture(path, draw)


def _write_picture(path: Path, draw: Callable[[str], bytes]) -> None:
    """What `draw` makes for the format that the path's suffix names. Raises DataError where it cannot be written."""
    from attnclf.cli.screen import show_note  # which reads texts: `doctor` works where the libraries for that do not

    drawn = draw(path.suffix.lower().removeprefix("."))
    with open_bytes(path, "name another file with --plot") as stream:
        stream.write(drawn)
    show_note(Note(str(path), topic="plot"))
