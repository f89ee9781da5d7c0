"""Which files and folders the names of tables name: paths, globs, and addresses of this machine."""

import errno
import glob
import os
from collections.abc import Hashable
from pathlib import Path

from attnclf.data.compression import SUFFIXES
from attnclf.errors import DataError, UsageError


def paths_of(name: str) -> list[str]:
    """The files and folders that a glob matches; the name itself where it is none, or where it matches nothing.

    Raises UsageError and DataError for a name that can name nothing.
    """
    path = Path(name)
    if not name:
        raise UsageError("the name of a file is empty", hint="name a file, or leave the option out")
    _check_name(path)
    if name.startswith("file://"):
        import fsspec

        return paths_of(os.fspath(fsspec.core.url_to_fs(name)[1]))
    if name == "-" or "://" in name or path.exists() or not glob.has_magic(name):
        return [name]
    return sorted(glob.glob(name, recursive=True)) or [name]  # noqa: PTH207 - relative and absolute alike


def place_of(name: str) -> Hashable:
    """What two names of one thing share: links to one file are one place."""
    if name == "-" or "://" in name:
        return name
    path = Path(name)
    if path.is_file():
        found = path.stat()
        return found.st_dev, found.st_ino
    return os.path.realpath(name)


def _check_name(path: Path) -> None:
    """Raises DataError for a name that can lead nowhere: one that is too long, a link to itself, or one with a NUL."""
    try:
        path.lstat()
        path.stat()
    except ValueError as error:
        raise DataError(f"cannot read {path}: {error}", hint="check the path") from error
    except OSError as error:
        if error.errno in (errno.ENAMETOOLONG, errno.ELOOP):
            raise DataError(f"cannot read {path}: {error.strerror}", hint="check the path") from error


def neighbours(path: Path) -> str:
    """What there is beside a path that is not there, for a hint."""
    if not path.parent.is_dir():
        return f"the directory {path.parent} does not exist either" if not glob.has_magic(str(path.parent)) else "check it"
    known = (".csv", ".tsv", ".jsonl", ".parquet", ".xlsx", *SUFFIXES)
    tables = sorted(p.name for p in path.parent.iterdir() if p.suffix.lower() in known)
    more = f" and {len(tables) - 8} more" if len(tables) > 8 else ""
    return f"tables in {path.parent}: {', '.join(tables[:8])}{more}" if tables else "check the path"
