"""Temporary files and directories beside their destination, and what killed writers left of them.

A writer holds a lock on its own for as long as it lives, and the system frees the lock when the writer dies. So what bears our
name and is not locked is left over, and the next writer removes it. Where nothing can be locked, nothing is removed.
"""

import contextlib
import hashlib
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

try:
    import fcntl
except ImportError:  # on Windows
    fcntl = None  # type: ignore[assignment]

LOCKS = fcntl is not None
SUFFIX = ".attnclf"
LONGEST_NAME = 80  # bytes of the destination's name in the temporary one: a name has a limit


@contextlib.contextmanager
def temporary_directory(target: Path) -> Iterator[Path]:
    """A new directory beside `target`. It is removed afterwards, if it is still there. Raises OSError."""
    while True:
        path = _name(target)
        path.mkdir(0o755)
        try:
            try:
                number = locked(path)
            except OSError:  # not every file system can lock
                number = -1
            if number is None:  # a writer that cleans up found it first
                continue
            try:
                yield path
            finally:
                shutil.rmtree(path, ignore_errors=True)
                release(number)
            return
        except BaseException:
            shutil.rmtree(path, ignore_errors=True)
            raise


@contextlib.contextmanager
def temporary_file(target: Path) -> Iterator[tuple[Path, int]]:
    """A new file beside `target`, open for writing. It is removed afterwards, if it is still there. Raises OSError.

    Where there are no locks (on Windows), the caller closes it, since an open file cannot be renamed there.
    """
    while True:
        path = _name(target)
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
        try:
            number = os.open(path, flags, 0o600)
        except KeyboardInterrupt:  # it can come when the file is there, and before its number is known here
            with contextlib.suppress(OSError):
                path.unlink()
            raise
        try:
            with contextlib.suppress(OSError):  # not every file system can lock
                if not _lock(number) or not _is_at(number, path):
                    continue
            yield path, number
            return
        finally:
            with contextlib.suppress(OSError):
                path.unlink()
            if LOCKS:
                release(number)


def remove_leftovers(target: Path, names: frozenset[str] = frozenset()) -> None:
    """Removes what killed writers of `target` left beside it: files, and directories that hold nothing but `names`."""
    for path in leftovers(target):
        with contextlib.suppress(OSError):
            if path.is_dir() and not {child.name for child in path.iterdir()} <= names:
                continue
            number = locked(path)
            if number is None:
                continue
            try:
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink()
            finally:
                release(number)


def leftovers(target: Path) -> list[Path]:
    """Temporary files and directories of `target` that are this user's own, whether their writer lives or not."""
    start, found = start_of(target), []
    with contextlib.suppress(OSError), os.scandir(target.absolute().parent) as entries:
        for entry in entries:
            if entry.name.startswith(start) and entry.name.endswith(SUFFIX) and not entry.is_symlink():
                status = entry.stat(follow_symlinks=False)
                plain = stat.S_ISDIR(status.st_mode) or stat.S_ISREG(status.st_mode)
                if plain and (not hasattr(os, "geteuid") or status.st_uid == os.geteuid()):
                    found.append(Path(entry.path))
    return found


def is_abandoned(path: Path) -> bool:
    """Whether no living writer holds this temporary directory."""
    with contextlib.suppress(OSError):
        number = locked(path)
        if number is not None:
            release(number)
            return LOCKS
    return False


def _name(target: Path) -> Path:
    return target.absolute().parent / f"{start_of(target)}{secrets.token_hex(4)}{SUFFIX}"


def start_of(target: Path) -> str:
    """How the hidden names beside a destination begin; a long name is cut, and a hash tells it from others."""
    name = os.fsencode(target.name)
    if len(name) <= LONGEST_NAME:
        return f".{target.name}."
    return f".{name[:40].decode(errors='ignore')}-{hashlib.sha256(name).hexdigest()[:16]}."


def locked(path: Path) -> int | None:
    """A descriptor that holds the lock of `path`, None where another process holds it. -1 without locks. Raises OSError where
    this file system cannot lock."""
    if fcntl is None:
        return -1
    number = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    if _lock(number) and _is_at(number, path):
        return number
    os.close(number)
    return None


def _lock(number: int) -> bool:
    if fcntl is None:
        return True
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_at(number: int, path: Path) -> bool:
    """Whether the open file is still the one at `path`."""
    try:
        return os.path.samestat(os.fstat(number), path.lstat())
    except FileNotFoundError:
        return False


def release(number: int) -> None:
    """Gives back a lock that `locked` took."""
    if number >= 0:
        with contextlib.suppress(OSError):
            os.close(number)
