"""The files of a model as they were when it was opened, whatever becomes of its directory afterwards.

All files are opened together, through the directory that was found first. A model that replaces this one meanwhile is another
directory, so its files are never mixed with these. A file is checked by the bytes that are used, each time it is read.
"""

import hashlib
import os
import stat
from pathlib import Path

from attnclf.bundle.manifest import checksum_of
from attnclf.errors import ModelError
from attnclf.upgrades import TRAIN_AGAIN

BLOCK = 1 << 20
SMALL = 1 << 20  # a file of up to so many bytes stays in memory, a larger one stays open
RELATIVE = os.open in os.supports_dir_fd  # not on Windows


class Kept:
    """One file of a model. `size` and `checksum` are what the manifest says of it; None where it does not say the size."""

    def __init__(self, path: Path, size: int | None, checksum: str, directory: int | None = None) -> None:
        """Opens the file. `directory` is the open directory that holds it. Raises ModelError."""
        self._path, self._checksum = path, checksum
        self._number = -1
        self._content: bytes | None = None
        self._once = False  # whether the content is let go of when it was read
        try:
            number = opened(path, directory)
            found = os.fstat(number).st_size
        except OSError as error:
            raise _unreadable(path, error) from error
        self._number = number
        if size is not None and found != size:
            raise ModelError(f"{path} was altered or cut short: it has {found:,} bytes in place of {size:,}", hint=TRAIN_AGAIN)
        self._size = found

    @classmethod
    def of(cls, path: Path, content: bytes) -> "Kept":
        """A file that was read already."""
        kept = cls.__new__(cls)
        kept._path, kept._checksum, kept._size = path, "", len(content)
        kept._number, kept._content, kept._once = -1, content, False
        return kept

    def verify(self, keep: bool) -> None:
        """Checks the content. With `keep` the next `read` takes these bytes. Raises ModelError."""
        if keep or self._size <= SMALL:
            self._content, self._once = self._checked(), self._size > SMALL
            if not self._once:
                self.close()
            return
        digest, start = hashlib.sha256(), 0
        try:
            while block := _at(self._number, BLOCK, start):
                digest.update(block)
                start += len(block)
        except OSError as error:
            raise _unreadable(self._path, error) from error
        self._compare(f"sha256:{digest.hexdigest()}")

    def read(self) -> bytes:
        """The checked content. Raises ModelError."""
        if self._content is None:
            return self._checked()
        content = self._content
        if self._once:  # large, and whoever needs it again is rare
            self._content = None
        return content

    def close(self) -> None:
        """Lets go of the file; what is in memory stays."""
        number, self._number = self._number, -1
        if number >= 0:
            os.close(number)

    def __del__(self) -> None:
        self.close()

    def _checked(self) -> bytes:
        try:
            content = whole(self._number, self._size)
        except OSError as error:
            raise _unreadable(self._path, error) from error
        self._compare(checksum_of(content))
        return content

    def _compare(self, found: str) -> None:
        if found != self._checksum:
            raise ModelError(f"{self._path} was altered or cut short: its checksum does not match", hint=TRAIN_AGAIN)


def content_of(path: Path, most: int, directory: int | None = None) -> bytes:
    """The content of a regular file: up to `most` bytes and one more, by which a larger one is told.

    `directory` is the open directory that holds it. Raises OSError as `opened` does.
    """
    number = opened(path, directory)
    try:
        return whole(number, most)
    finally:
        os.close(number)


def opened(path: Path, directory: int | None) -> int:
    """The descriptor of a regular file. Raises OSError, also for a pipe, a device or a directory, which is never opened."""
    name = path if directory is None else path.name
    _check_regular(os.stat(name, dir_fd=directory))
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    number = os.open(name, flags, dir_fd=directory)
    try:
        _check_regular(os.fstat(number))
    except BaseException:
        os.close(number)
        raise
    return number


def whole(number: int, most: int) -> bytes:
    """The content of an open file: up to `most` bytes and one more, by which a file that grew is told."""
    blocks, start = [], 0
    while start <= most and (block := _at(number, min(max(most, 1) + 1 - start, 1 << 30), start)):
        blocks.append(block)
        start += len(block)
    return blocks[0] if len(blocks) == 1 else b"".join(blocks)


def _at(number: int, size: int, start: int) -> bytes:
    """Bytes from a place in a file. Threads and forked processes may read one descriptor at the same time."""
    if hasattr(os, "pread"):
        return os.pread(number, size, start)
    os.lseek(number, start, os.SEEK_SET)
    return os.read(number, size)


def _check_regular(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise OSError(0, "it is not a regular file")


def _unreadable(path: Path, error: OSError) -> ModelError:
    return ModelError(f"{path} cannot be read: {error.strerror}", hint=TRAIN_AGAIN)
