"""Writing a directory whole or not at all: beside its place, forced to disk, and then put there in one step."""

import contextlib
import ctypes
import errno
import os
import sys
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from attnclf.bundle.leftovers import is_abandoned, leftovers, remove_leftovers, temporary_directory
from attnclf.bundle.manifest import FILES, MANIFEST
from attnclf.errors import DataError

OLD = "old"  # the name of a model that is on its way out, where it cannot be exchanged in one step
NAMES = frozenset({*FILES, MANIFEST})
AT_FDCWD, RENAME_EXCHANGE = -100, 2  # of Linux
CANNOT_EXCHANGE = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EPERM)  # by the system, or by this file system
PATIENCE = 1.0  # seconds to wait for a writer that is between two renames


def followed(path: Path) -> Path:
    """Where a link leads: writing there leaves the link a link. Raises DataError for a link to itself."""
    found = Path(os.path.realpath(path))
    if os.path.islink(found):  # noqa: PTH114 (which raises for a name that is too long)
        raise DataError(f"cannot write {path}: {os.strerror(errno.ELOOP)}", hint="name another place")
    return found


def model_around(path: Path) -> Path | None:
    """The model directory that a path is, or lies in, wherever links lead; None where there is none."""
    real = Path(os.path.realpath(path))
    return next((folder for folder in (real, *real.parents) if _is_model(folder)), None)


def _is_model(folder: Path) -> bool:
    """Whether a model of any format is there. Others call a file bundle.json, too."""
    return all(os.path.isfile(folder / name) for name in (MANIFEST, "model.onnx"))  # noqa: PTH113 (as above)


@contextlib.contextmanager
def sibling(target: Path) -> Iterator[Path]:
    """A temporary directory next to `target`, removed afterwards. What killed writers left there is removed first.

    Raises DataError where nothing can be written.
    """
    with contextlib.ExitStack() as stack:
        try:
            target.absolute().parent.mkdir(parents=True, exist_ok=True)
            restore(target)
            remove_leftovers(target, NAMES | {OLD})
            temporary = stack.enter_context(temporary_directory(target))
        except OSError as error:
            raise DataError(
                f"cannot write a model at {target}: {error.strerror}", hint="name another place with `model`"
            ) from error
        yield temporary


def make_folder(path: Path) -> None:
    """Makes the folder, and those above it. Raises DataError where a file is in its place, and OSError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise DataError(f"'{path}' is a file, and not a folder", hint="name another folder with -o") from error


def write_through(path: Path, content: bytes) -> None:
    """Writes a new file and forces it to disk. Raises DataError if that fails."""
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        try:
            rest = memoryview(content)
            while rest:
                rest = rest[os.write(number, rest) :]
            os.fsync(number)
        finally:
            os.close(number)
    except OSError as error:
        raise DataError(f"cannot write {path}: {error.strerror}", hint="is the disk full?") from error


def sync_directory(path: Path) -> None:
    """Forces the names in a directory to disk, where the file system can."""
    with contextlib.suppress(OSError):  # not every file system can
        number = os.open(path, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def replace(temporary: Path, target: Path) -> None:
    """Puts `temporary` at `target`. Readers find the old directory or the new one there, and nothing between.

    What was there before is at `temporary` then. Raises DataError, and leaves `target` as it was, where that fails.
    """
    try:
        if not target.exists():
            temporary.rename(target)
        elif exchanged(temporary, target):
            if not {path.name for path in temporary.iterdir()} <= NAMES:  # someone put something there since it was checked
                exchanged(temporary, target)
                raise OSError(errno.ENOTEMPTY, "it holds other files, too")
        else:
            _replace_in_two_steps(temporary, target)
    except OSError as error:
        hint = "the model there is as it was" if target.exists() else "name another place with `model`"
        raise DataError(f"cannot replace {target}: {error.strerror}", hint=hint) from error


def exchanged(one: Path, other: Path) -> bool:
    """Exchanges two directories in one step. False where the system or the file system cannot. Raises OSError."""
    rename = _renameat2()
    if rename is None:
        return False
    if rename(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), RENAME_EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in CANNOT_EXCHANGE:
        return False
    raise OSError(number, os.strerror(number))


@cache
def _renameat2() -> Any:
    """The function of the C library; None where there is none."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        function = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return None
    function.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint]
    return function


def _replace_in_two_steps(temporary: Path, target: Path) -> None:
    """For systems without an exchange. A writer that is killed between the two steps leaves what `restore` puts back."""
    with temporary_directory(target) as aside:
        try:
            target.rename(aside / OLD)
            temporary.rename(target)
        except BaseException:  # an interrupt between the two must not cost both models
            if (aside / OLD).exists():
                (aside / OLD).rename(target)
            raise


def restore(target: Path) -> None:
    """Puts a model back that a killed writer had moved aside, and waits for a writer that is about to put one there."""
    end = time.monotonic() + PATIENCE
    while not os.path.lexists(target) and time.monotonic() < end:
        aside = [path for path in leftovers(target) if (path / OLD / MANIFEST).exists()]
        if not aside:
            return
        for path in aside:
            if is_abandoned(path):
                with contextlib.suppress(OSError):
                    (path / OLD).rename(target)
        time.sleep(0.01)
