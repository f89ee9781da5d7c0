"""The command line: `attnclf train`, `eval`, `predict`, `explain`. The only floor that prints, exits or knows a terminal."""

import os
import sys

from attnclf.cli.interrupts import Interrupts
from attnclf.cli.streams import standard_streams
from attnclf.errors import AttnclfError


def main() -> None:
    """The console script. Exit codes: see `attnclf.errors`; 2 for usage, 1 for a bug of ours, 128 + its number for a signal."""
    with Interrupts() as interrupts, standard_streams():
        from attnclf.cli.app import app

        interrupts.in_order()
        try:
            app(prog_name="attnclf")
        except AttnclfError as error:
            sys.exit(interrupts.exit_code(_shown(error)))
        except SystemExit as ended:
            if not interrupts:
                raise
            sys.exit(interrupts.exit_code(ended.code if isinstance(ended.code, int) else 1))
        except BaseException:
            if not interrupts:  # else a library that was interrupted has made another error of it
                raise
            sys.exit(interrupts.exit_code(1))


def _shown(error: AttnclfError) -> int:
    """Shows an error, and returns its exit code."""
    from attnclf.cli.consoles import show_error

    if isinstance(error.__cause__, MemoryError):  # then neither Rich nor Python's own way out can be relied on
        os.write(2, f"error: {error}\n".encode())
        os._exit(error.exit_code)
    show_error(error)
    return error.exit_code
