"""Where results go: standard output, or a file that is replaced only when everything went well."""

import contextlib
import glob
import io
import itertools
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, TextIO

from attnclf.bundle.atomic import followed, model_around, sync_directory
from attnclf.bundle.leftovers import LOCKS, remove_leftovers, temporary_file
from attnclf.data.compression import SUFFIXES, compressing
from attnclf.errors import DataError, UsageError

NAME_ANOTHER = "name another file with -o"


def check_outputs(read: Iterable[str | Path | None], model: Path | None = None, **outputs: Path | None) -> None:
    """Says before the work what would be said, or lost, after it. The outputs have the names of their options; results that
    go to no `output` are for standard output.

    Raises UsageError where two outputs are one file, where one is a file that `read` (paths and globs) names: it would be
    replaced, and where one lies in a model directory, or in `model`. Raises DataError for one that cannot be written.
    """
    if not outputs.get("output"):
        _standard_output("" if "output" in outputs else "leave it open")
    given = {f"--{option.replace('_', '-')}": path for option, path in outputs.items() if path}
    for option, path in given.items():
        check_outside_models(option, path, model)
        _check_writable(option, path)
    for (one, path), (other, another) in itertools.combinations(given.items(), 2):
        if path.resolve() == another.resolve() and not is_device(path):
            raise UsageError(f"{one} and {other} are both {path}", hint="name two files")
    there = {option: path for option, path in given.items() if path.is_file()}
    for name in [one for one in read if one] if there else []:
        found = [name] if os.path.lexists(name) else glob.glob(str(name), recursive=True)  # noqa: PTH207
        for option, path in there.items():
            # Of os.path and not of Path, which raises an error for a name that is too long.
            if any(os.path.isfile(source) and os.path.samefile(source, path) for source in found):  # noqa: PTH113, PTH121
                raise UsageError(f"{option} {path} would replace the file that is read", hint="name another file")


def check_outside_models(option: str, path: Path, model: Path | None = None) -> None:
    """Raises UsageError for an output that is, or lies in, a model directory, or `model`, which is to become one.

    With anything else in it, a model is not loaded.
    """
    real, place = Path(os.path.realpath(path)), Path(os.path.realpath(model)) if model else None
    if around := place if place in (real, *real.parents) else model_around(real):
        what = f"{option} {path} {'is' if real == around else 'lies in'} the model directory {around}"
        raise UsageError(what, hint=f"it holds nothing but its model: name another place with {option}")


def check_folder(option: str, path: Path, model: Path | None = None) -> None:
    """The same for a folder that need not be there yet; nothing is made. Raises UsageError and DataError."""
    check_outside_models(option, path, model)
    hint = f"name another folder with {option}"
    with said_where_it_fails(path, hint):
        place = followed(path)
        there = next(folder for folder in (place, *place.parents) if folder.exists())
        if not there.is_dir():
            raise DataError(f"'{path if there == place else there}' is a file, and not a folder", hint=hint)
        with temporary_file(there / "new"):
            pass


def _check_writable(option: str, path: Path) -> None:
    hint = f"name another file with {option}"
    with said_where_it_fails(path, hint):
        if path.is_dir():
            raise DataError(f"cannot write '{path}': it is a directory", hint=hint)
        _compression(path)
        if not path.absolute().parent.is_dir():
            raise DataError(f"cannot write '{path}': there is no folder {path.parent}", hint=hint)
        if not is_device(path):
            with temporary_file(followed(path)):
                pass


def is_device(path: Path) -> bool:
    """Whether it is there and no file: it is written as it is."""
    return path.exists() and not path.is_file()


@contextlib.contextmanager
def open_output(path: Path | None, hint: str = "") -> Iterator[TextIO]:
    """A stream for results in UTF-8. A file appears whole or not at all; a device such as /dev/null is written as it is.

    A name such as `page.html.gz` is compressed. Raises DataError when it cannot be written, with the `hint` if there is one.
    When the reader of a pipe went away, the block ends there, and what follows it goes on: other files, and the exit code.
    """
    if path is None:
        with said_where_it_fails(path, hint or NAME_ANOTHER), _standard_output(hint) as stream:
            yield stream
            stream.flush()
        return
    with open_bytes(path, hint or NAME_ANOTHER) as stream_of_bytes:
        text = io.TextIOWrapper(stream_of_bytes, "utf-8", errors="backslashreplace", newline="", write_through=True)
        yield text
        text.flush()
        text.detach()


@contextlib.contextmanager
def open_bytes(path: Path | None, hint: str = NAME_ANOTHER) -> Iterator[BinaryIO]:
    """The same for bytes; standard output as it is, a file compressed where its name says so."""
    with said_where_it_fails(path, hint):
        if path is None:
            with _standard_output() as text:
                text.flush()
                yield text.buffer
                text.buffer.flush()
            return
        with _stream(path) as stream:
            if compression := _compression(path):
                with compressing(stream, compression) as inner:
                    yield inner
            else:
                yield stream
            stream.flush()


def _compression(path: Path) -> str:
    """How a file of this name is compressed; empty where it is not. Raises DataError for a zip archive."""
    compression = SUFFIXES.get(path.suffix.lower(), "")
    if compression == "zip":
        raise DataError(f"cannot write '{path}': zip archives are not written", hint="name it .gz, .bz2, .xz or .zst")
    return compression


@contextlib.contextmanager
def said_where_it_fails(path: Path | None, hint: str = NAME_ANOTHER) -> Iterator[None]:
    """Raises DataError where the block cannot write there. Where the reader of a pipe went away, the block ends."""
    try:
        yield
    except BrokenPipeError:
        # The command goes on with the rest. Nothing more is written there, not even by the interpreter's last flush.
        if path is None:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    except OSError as error:
        raise DataError(f"cannot write {path or 'standard output'}: {error.strerror}", hint=hint) from error


def _standard_output(hint: str = "") -> contextlib.AbstractContextManager[TextIO]:
    if sys.stdout is None:
        raise DataError("standard output is closed", hint=hint or "write to a file with -o")
    return contextlib.nullcontext(sys.stdout)


def _stream(path: Path) -> contextlib.AbstractContextManager[BinaryIO]:
    if path.is_dir() or not path.name:
        raise DataError(f"cannot write '{path}': it is a directory", hint="name a file with -o")
    if is_device(path):
        return path.open("wb")
    return _replacing(followed(path))  # a link to a file stays a link


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    remove_leftovers(path)
    with temporary_file(path) as (temporary, number):
        with os.fdopen(number, "wb", closefd=not LOCKS) as stream:
            yield stream
            stream.flush()
            os.fsync(number)
        temporary.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        temporary.replace(path)
    sync_directory(path.parent)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
