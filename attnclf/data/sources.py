"""Where tables come from: files, folders, archives, globs, pipes, standard input and what fsspec can read.

Each becomes a `Source`, which can be read from its start as often as wanted: what lies elsewhere or comes once is copied into a
temporary file first.
"""

import glob
import math
import os
import shutil
import sys
import tempfile
import weakref
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path, PurePosixPath
from typing import IO, Any, BinaryIO

from attnclf.data import archives
from attnclf.data.addresses import masked
from attnclf.data.compression import SUFFIXES, ZIP, compression_of, decompressed, member, too_large
from attnclf.data.paths import neighbours, paths_of, place_of
from attnclf.errors import DataError, UsageError
from attnclf.results import listed

START = 65_536  # bytes by which a format recognises a file
STANDARD_INPUT = "standard input"


@dataclass(frozen=True)
class Source:
    """One table's bytes.

    `name` is for messages, `suffix` the lower-case ending of its file name without that of a compression, `directory` the
    folder where the source is one. `stream` opens its bytes, decompressed. `member` is its path in the archive that it comes
    from, "" for none; `files` are those of an archive that is read as one folder. `remarks` are on the archive, at its first
    file.
    """

    name: str
    suffix: str = ""
    stream: Callable[[], BinaryIO] | None = None
    directory: Path | None = None
    copy: Any = field(default=None, repr=False, compare=False)  # keeps a temporary copy alive
    member: str = ""
    files: "tuple[Source, ...]" = field(default=(), repr=False)
    remarks: tuple[str, ...] = field(default=(), compare=False)

    def open(self) -> BinaryIO:
        """The bytes from the start. Raises DataError where they cannot be read."""
        if self.stream is None:
            raise DataError(f"{self.name} is a directory, not a table", hint="name a file in it")
        try:
            return self.stream()
        except OSError as error:
            raise DataError(
                f"cannot read {self.name}: {error.strerror}", hint="check that it is whole, and yours to read"
            ) from error

    @cached_property
    def start(self) -> bytes:
        """The first bytes; none of a folder."""
        if self.stream is None:
            return b""
        with self.open() as stream:
            return stream.read(START)


def sources_of(names: Sequence[str | Path]) -> list[Source]:
    """The sources that these paths, globs and addresses name, in order; `-` is standard input. Raises DataError.

    What is named more than once, be it by several names, is read as often, and a remark says so.
    """
    check_names(names)
    paths = [path for name in names for path in paths_of(str(name))]
    named: dict[Hashable, list[str]] = {}  # by what they name
    for path in paths:
        named.setdefault(place_of(path), []).append(path)
    told = {first: _again(first, others) for first, *others in named.values() if others}
    found = []
    for path in paths:
        sources = list(_sources(path))
        if again := told.pop(path, ""):
            sources[:1] = [replace(one, remarks=(again, *one.remarks)) for one in sources[:1]]
        found += sources
    return found


def _again(path: str, others: Sequence[str]) -> str:
    """The remark on a path that is named again, be it by other names."""
    times, names = 1 + len(others), listed(dict.fromkeys(name for name in others if name != path))
    kind = "folder" if Path(path).is_dir() else "file"
    what = f"the same {kind} as {names}" if names else f"named {times} times"
    return f"{what}, and each of its rows is read {times} times"


def check_names(names: Sequence[str | Path | None]) -> None:
    """Raises UsageError where standard input is named twice, as by a table and the rows to validate on."""
    if sum(str(name) in ("-", "/dev/stdin", "/dev/fd/0") for name in names) > 1:
        raise UsageError(f"{STANDARD_INPUT} is named twice, and can be read once", hint="name it once")


def standard_input(head: bytes = b"") -> list[Source]:
    """The rest of standard input, after `head`, which was taken from it already."""
    if sys.stdin is None:
        raise DataError(f"{STANDARD_INPUT} is closed", hint="name a file")
    return of_stream(sys.stdin.buffer, STANDARD_INPUT, "", head)


def _sources(name: str) -> Iterator[Source]:
    path = Path(name)
    if name == "-":
        yield from standard_input()
    elif "://" in name:
        yield from _remote(name)
    elif path.is_dir():
        yield Source(name, directory=path)
    elif path.is_file():
        yield from _unpacked(name, path.name, partial(_open, path), path)
    elif path.exists():  # a pipe, which can be read only once
        with _open(path) as stream:
            yield from of_stream(stream, name, path.suffix.lower())
    else:
        what = "matches no file" if glob.has_magic(name) else "does not exist"
        raise DataError(f"{name} {what}", hint=neighbours(path))


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}", hint="check that it is whole, and yours to read") from error


def _unpacked(
    name: str,
    file_name: str,
    stream: Callable[[], BinaryIO],
    path: Path | None,
    copy: Any = None,
    path_inside: str = "",
    most: float = math.inf,
) -> Iterator[Source]:
    """The file, or what a compressed file or an archive holds. `path` is where its bytes lie as they are, if anywhere.

    What holds more than `most` bytes once it is unpacked raises TooLarge, at the latest when it is read.
    """
    suffix = PurePosixPath(file_name).suffix.lower()
    source = Source(name, suffix, stream, copy=copy, member=path_inside)
    if compression := compression_of(source.start):
        inner = file_name[: -len(suffix)] if suffix in SUFFIXES else file_name
        yield from _unpacked(
            name, inner, lambda: decompressed(stream(), compression, name, most), None, copy, path_inside, most
        )
    elif source.start.startswith(ZIP):
        yield from _of_archive(source, path, most)
    else:
        yield source


def _of_archive(source: Source, path: Path | None, most: float) -> Iterator[Source]:
    """The files of a zip archive; the archive itself where it is a workbook."""
    if path is None:  # inside another: a zip archive can only be read where one can go back and forth
        with source.open() as stream:
            copy = _Copy(stream, source.name)
        path, source = copy.path, Source(source.name, source.suffix, partial(_open, copy.path), copy=copy)
    archive, remark = archives.opened(path, source.name)
    if sum(info.file_size for info in archive.infolist()) > most:
        raise too_large(source.name, most)
    if archives.is_workbook(archive):
        yield source
        return
    kept = (source.copy, archive)  # one object, by which the files of an archive are told from those of others
    for info in archives.files_of(archive, source.name):
        name = f"{source.name}: {info.filename}"
        for found in _unpacked(name, info.filename, partial(member, archive, info, name), None, kept, info.filename, most):
            yield replace(found, remarks=(remark, *found.remarks)) if remark else found
            remark = ""


def of_stream(
    stream: "BinaryIO | IO[bytes]", name: str, file_name: str, head: bytes = b"", most: float = math.inf
) -> list[Source]:
    """What a stream holds that can be read only once, by way of a temporary file.

    Of what unpacks to more than `most` bytes no more is read. Raises TooLarge.
    """
    copy = _Copy(stream, name, head)
    return list(_unpacked(name, file_name, partial(_open, copy.path), copy.path, copy, most=most))


class _Copy:
    """A temporary file with what a stream holds; it is removed with this object, at the latest when Python ends."""

    def __init__(self, stream: "BinaryIO | IO[bytes]", name: str, head: bytes = b"") -> None:
        number, path = tempfile.mkstemp(prefix="attnclf-")
        self.path = Path(path)
        weakref.finalize(self, Path.unlink, self.path, missing_ok=True)
        with os.fdopen(number, "wb") as file:
            try:
                file.write(head)
                shutil.copyfileobj(stream, file)
            except OSError as error:
                raise DataError(
                    f"cannot read {name}: {error.strerror or error}", hint="try again, or put it in a file"
                ) from error


def _remote(address: str) -> Iterator[Source]:
    import fsspec

    shown = masked(address)
    try:
        files = fsspec.open_files(address, "rb")
        if not files:
            raise DataError(f"{shown} matches no file", hint="check the address")
        for file in files:
            name = shown if len(files) == 1 else masked(str(file.full_name), address)
            with file as stream:
                yield from of_stream(stream, name, PurePosixPath(str(file.path).split("?")[0]).name)
    except DataError:
        raise
    except ImportError as error:
        raise DataError(
            masked(f"{address}: {error}", address), hint="install what it names, or download the file first"
        ) from error
    except ValueError as error:
        raise DataError(masked(f"{address}: {error}", address), hint="check the address") from error
    except Exception as error:  # each file system of fsspec has errors of its own
        what = masked(f"cannot read {address}: {error or type(error).__name__}", address)
        raise DataError(what, hint="check the address") from error
