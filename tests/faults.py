"""A disk that fails: of all that a program does to the files of a folder, one call fails, or does half of what it was asked.

Python's own file objects call the system past `os`, where nothing can be counted. So `Faults` also watches, with an audit hook,
that every file of the folder is opened through `os.open`, and every name changed through `os`: code that writes in another way
is an error here, and cannot slip past.
"""

import builtins
import errno
import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from attnclf.bundle import atomic

SHORT = "short"
KINDS: dict[str, tuple[int | str, ...]] = {
    "open": (errno.EACCES, errno.EIO),
    "create": (errno.ENOSPC, errno.EACCES, errno.EIO),
    "mkdir": (errno.ENOSPC, errno.EACCES),
    "write": (errno.ENOSPC, errno.EIO, SHORT),
    "fsync": (errno.EIO, errno.ENOSPC),
    "rename": (errno.EIO, errno.EACCES, errno.ENOSPC),
    "read": (errno.EIO, SHORT),
}
_ACTIVE: "list[Faults]" = []


@dataclass
class Faults:
    """Counts calls below `folder`. The one with the number `at` fails with `kind`; with -1 none does."""

    folder: Path
    at: int = -1
    kind: int | str = 0
    calls: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    _numbers: set[int] = field(default_factory=set)
    _inside: bool = False

    def due(self, name: str) -> bool:
        """Counts a call. True where it is to do half of its work; raises OSError where it is to fail."""
        self.calls.append(name)
        if len(self.calls) - 1 != self.at:
            return False
        if self.kind == SHORT:
            return True
        assert isinstance(self.kind, int)
        raise OSError(self.kind, os.strerror(self.kind))

    def holds(self, path: Any) -> bool:
        return not isinstance(path, int) and os.fspath(path) and str(self.folder) in os.fsdecode(path)

    @contextmanager
    def seen(self) -> Iterator[None]:
        before, self._inside = self._inside, True
        try:
            yield
        finally:
            self._inside = before

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._inside and event in ("open", "os.rename", "os.mkdir", "os.link", "os.symlink", "os.truncate"):
            path = arguments[0]
            if self.holds(path):
                self.unseen.append(f"{event} {path}")


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    for faults in _ACTIVE:
        faults.audit(event, arguments)


_HOOKED: list[bool] = []


@contextmanager
def disk(folder: Path, at: int = -1, kind: int | str = 0) -> Iterator[Faults]:
    """A disk whose call number `at` fails. What is left open, and what went past the count, is an error at the end."""
    if not _HOOKED:
        sys.addaudithook(_audit)  # for good: it does nothing where no disk fails
        _HOOKED.append(True)
    faults = Faults(folder, at, kind)
    with pytest.MonkeyPatch.context() as patch:
        _patch(patch, faults)
        _ACTIVE.append(faults)
        try:
            yield faults
        finally:
            _ACTIVE.remove(faults)
    assert not faults.unseen, f"not through `os`, where no test sees it: {faults.unseen}"


def _patch(patch: pytest.MonkeyPatch, faults: Faults) -> None:
    open_, close, fdopen, numbers = os.open, os.close, os.fdopen, faults._numbers

    def opened(path: Any, flags: int, *arguments: Any, **more: Any) -> int:
        ours = faults.holds(path) or more.get("dir_fd") in numbers
        if ours:
            faults.due("create" if flags & os.O_CREAT else "open")
        with faults.seen():
            number = open_(path, flags, *arguments, **more)
        numbers.discard(number)
        if ours:
            numbers.add(number)
        return number

    def closed(number: int) -> None:
        numbers.discard(number)
        close(number)

    def counted(name: str, real: Callable[..., Any], half: Callable[..., Any] | None = None) -> Callable[..., Any]:
        def call(number: int, *arguments: Any) -> Any:
            if number in numbers and faults.due(name):
                assert half
                return half(number, *arguments)
            return real(number, *arguments)

        return call

    def named(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Any, *arguments: Any, **more: Any) -> Any:
            if faults.holds(path):
                faults.due(name)
            with faults.seen():
                return real(path, *arguments, **more)

        return call

    def exchange(real: Callable[..., int] | None) -> Callable[..., Any] | None:
        def call(*arguments: Any) -> int:
            try:
                faults.due("rename")
            except OSError as error:
                import ctypes

                ctypes.set_errno(error.errno or 0)
                return -1
            return real(*arguments) if real else -1

        return call if real else None

    def stream(number: int, *arguments: Any, closefd: bool = True, **more: Any) -> Any:
        if number in numbers:
            return io.BufferedWriter(_Raw(number, closefd))
        return fdopen(number, *arguments, closefd=closefd, **more)

    write, read, pread = os.write, os.read, os.pread
    patch.setattr(os, "open", opened)
    patch.setattr(os, "close", closed)
    patch.setattr(os, "fdopen", stream)
    patch.setattr(os, "write", counted("write", write, lambda number, data: write(number, data[: len(data) // 2])))
    patch.setattr(os, "read", counted("read", read, lambda number, size: read(number, max(1, size // 2))))
    patch.setattr(os, "pread", counted("read", pread, lambda number, size, at: pread(number, max(1, min(size, 4) // 2), at)))
    patch.setattr(os, "fsync", counted("fsync", lambda number: None))  # what is not cut off needs no real one
    for name in ("rename", "replace"):
        patch.setattr(os, name, named("rename", getattr(os, name)))
    patch.setattr(os, "mkdir", named("mkdir", os.mkdir))
    found = exchange(atomic._renameat2())
    patch.setattr(atomic, "_renameat2", lambda: found)
    assert builtins.open is io.open  # which the audit hook sees


class _Raw(io.RawIOBase):
    """A file that is open already, written through `os.write`."""

    def __init__(self, number: int, closes: bool) -> None:
        self._number, self._closes = number, closes

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return os.lseek(self._number, offset, whence)

    def fileno(self) -> int:
        return self._number

    def write(self, data: Any) -> int:
        return os.write(self._number, data)

    def close(self) -> None:
        if self._closes and not self.closed:
            os.close(self._number)
        super().close()
