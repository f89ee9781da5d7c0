"""Where results go: standard output, or a file that is replaced only when everything went well."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from attnclf.errors import DataError


@contextlib.contextmanager
def open_output(path: Path | None) -> Iterator[TextIO]:
    """A stream for results. A file appears whole or not at all; a device such as /dev/null is written as it is."""
    if path is None:
        yield sys.stdout
        sys.stdout.flush()
    elif path.exists() and not path.is_file() and not path.is_dir():
        with path.open("w", encoding="utf-8", newline="") as stream:
            yield stream
    else:
        with _temporary(path) as stream:
            yield stream


@contextlib.contextmanager
def _temporary(path: Path) -> Iterator[TextIO]:
    if path.is_dir():
        raise DataError(f"cannot write {path}: it is a directory", hint="name a file with -o")
    try:
        number, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.absolute().parent)
    except OSError as error:
        raise DataError(f"cannot write {path}: {error.strerror}", hint="name another file with -o") from error
    temporary = Path(name)
    try:
        with os.fdopen(number, "w", encoding="utf-8", newline="", errors="surrogatepass") as stream:
            yield stream
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
