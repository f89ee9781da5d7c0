"""A bar that lives as long as what it tells of, on a terminal only."""

from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import Progress, ProgressColumn


class LiveBar:
    """A context in which a bar of these columns is shown, and after which nothing is left of it. Elsewhere there is none."""

    def __init__(self, console: Console, *columns: str | ProgressColumn, **more: Any) -> None:
        self._console = console
        self._progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal, **more)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._progress.stop()
