"""The command line: `attnclf train`, `eval`, `predict`, `explain`. The only floor that prints, exits or knows a terminal."""

import io
import os
import sys

from attnclf.errors import AttnclfError


def main() -> None:
    """The console script. Exit codes: see `attnclf.errors`; 2 for usage, 130 when interrupted, 1 for a bug of ours."""
    from attnclf.cli.app import app
    from attnclf.cli.screen import show_error

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        app(prog_name="attnclf")
    except AttnclfError as error:
        if isinstance(error.__cause__, MemoryError):  # then neither Rich nor Python's own way out can be relied on
            os.write(2, f"error: {error}\n".encode())
            os._exit(error.exit_code)
        show_error(error)
        sys.exit(error.exit_code)
