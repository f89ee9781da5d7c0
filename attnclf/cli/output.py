"""Where results go: standard output, or a file that is replaced only when everything went well."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import typer

from attnclf.errors import DataError

NAME_ANOTHER = "name another file with -o"


@contextlib.contextmanager
def open_output(path: Path | None) -> Iterator[TextIO]:
    """A stream for results. A file appears whole or not at all; a device such as /dev/null is written as it is.

    Raises DataError when it cannot be written; ends the command quietly when the reader of a pipe went away.
    """
    try:
        with _stream(path) as stream:
            yield stream
            stream.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # so that the interpreter's last flush fails no more
        raise typer.Exit() from None
    except OSError as error:
        raise DataError(f"cannot write {path or 'standard output'}: {error.strerror}", hint=NAME_ANOTHER) from error


def _stream(path: Path | None) -> contextlib.AbstractContextManager[TextIO]:
    if path is None:
        if sys.stdout is None:
            raise DataError("standard output is closed", hint="write to a file with -o")
        return contextlib.nullcontext(sys.stdout)
    if path.is_dir() or not path.name:
        raise DataError(f"cannot write '{path}': it is a directory", hint="name a file with -o")
    if path.exists() and not path.is_file():
        return path.open("w", encoding="utf-8", errors="backslashreplace", newline="")
    return _replacing(path.resolve())  # a link to a file stays a link


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[TextIO]:
    number, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(number, "w", encoding="utf-8", errors="backslashreplace", newline="") as stream:
            yield stream
        temporary.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
