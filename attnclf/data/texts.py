"""Reads sources as text: content that is no text is an error that names its line."""

import io
from collections.abc import Iterator
from typing import IO

from attnclf.data.encodings import MARK_OF_GB18030, what_else
from attnclf.data.sources import Source
from attnclf.errors import DataError


def open_text(source: Source, encoding: str, newline: str = "") -> IO[str]:
    """The source, opened for reading in an encoding that exists, without its byte-order mark."""
    stream = io.TextIOWrapper(source.open(), "utf-8-sig" if encoding == "utf-8" else encoding, newline=newline)
    if encoding == "gb18030" and source.start.startswith(MARK_OF_GB18030):  # the only codec that leaves the mark
        stream.read(1)
    return stream


def read_lines(source: Source, encoding: str) -> Iterator[str]:
    """The lines of a text without their line ends. Raises DataError with the line that is not text."""
    with open_text(source, encoding, newline="\n") as stream:
        for line in checked_lines(stream, source):
            yield line.removesuffix("\n").removesuffix("\r")


def checked_lines(stream: IO[str], source: Source) -> Iterator[str]:
    """The lines of an opened source. Raises DataError for bytes that its encoding does not allow, and for NUL bytes."""
    number = 0
    while True:
        number += 1
        try:
            line = next(stream)
        except StopIteration:
            return
        except UnicodeError as error:
            raise no_text(source, error, number) from error
        if "\0" in line:
            raise DataError(f"{source.name}, line {number}: holds a NUL byte", hint="this is not a text file, or it is damaged")
        yield line


def no_text(source: Source, error: UnicodeError, line: int = 0) -> DataError:
    """The error for bytes that an encoding does not allow, which names their line; `line` is where reading stopped."""
    if not isinstance(error, UnicodeDecodeError):  # for example utf-16 without its byte-order mark
        return DataError(f"{source.name}: {error}", hint=what_else(source, "utf-16"))
    at, byte = _first_error(source, error.encoding)
    where = f"{source.name}, line {at or line}" if at or line else source.name
    problem = f"{where}: not {error.encoding} text" + (f" (byte 0x{byte:02x})" if at else "")
    return DataError(problem, hint=what_else(source, error.encoding))


def _first_error(source: Source, encoding: str) -> tuple[int, int]:
    """The line of the first byte that cannot be decoded, and the byte; streams decode in blocks, so that they do not say."""
    with source.open() as stream:
        data = stream.read()
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding, "ignore")
        return max(before.count("\n"), before.count("\r")) + 1, data[error.start]
    return 0, 0
