"""The command line: `attnclf train`, `eval`, `predict`, `explain`. The only floor that prints, exits or knows a terminal."""

import io
import sys

from attnclf.errors import AttnclfError


def main() -> None:
    """The console script. Exit codes: see `attnclf.errors`; 2 for usage, 130 when interrupted, 1 for a bug of ours."""
    from attnclf.cli.app import app

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        app(prog_name="attnclf")
    except AttnclfError as error:
        from attnclf.cli.screen import show_error

        show_error(error)
        sys.exit(error.exit_code)
