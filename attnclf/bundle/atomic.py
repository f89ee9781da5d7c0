"""Writing a directory whole or not at all: beside its place, forced to disk, and then renamed."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from attnclf.errors import DataError


@contextlib.contextmanager
def sibling(target: Path) -> Iterator[Path]:
    """A temporary directory next to `target`. It is removed afterwards if it was not renamed."""
    parent = target.absolute().parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=parent))
    except OSError as error:
        raise DataError(
            f"cannot write a model at {target}: {error.strerror}", hint="name another place with `model`"
        ) from error
    try:
        temporary.chmod(0o755)  # mkdtemp makes it private, and a model is shared like any other file
        yield temporary
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def write_through(path: Path, content: bytes) -> None:
    """Writes a file and forces it to disk. Raises DataError if that fails."""
    try:
        with path.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
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
    """Renames `temporary` to `target`. What was there before goes only when the new one is in place."""
    if not target.exists():
        temporary.rename(target)
        return
    with sibling(target) as aside:
        try:
            target.rename(aside / "old")
            temporary.rename(target)
        except BaseException as error:  # an interrupt between the two must not cost both models
            if (aside / "old").exists():
                (aside / "old").rename(target)
            if isinstance(error, OSError):
                raise DataError(f"cannot replace {target}: {error.strerror}", hint="the model there is as it was") from error
            raise
