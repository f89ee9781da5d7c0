"""Opens text files and checks them: content that is not text is an error that names its line."""

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from attnclf.errors import DataError


def open_text(path: Path, encoding: str, newline: str = "") -> IO[str]:
    """The file, opened for reading without its byte-order mark.

    Raises DataError when it does not exist, is a directory or cannot be read, or when there is no such encoding.
    """
    try:
        return path.open(encoding="utf-8-sig" if _is_utf8(encoding) else encoding, newline=newline)
    except IsADirectoryError as error:
        raise DataError(f"{path} is a directory, not a table", hint="name a CSV file in it") from error
    except FileNotFoundError as error:
        raise DataError(f"{path} does not exist", hint=_neighbours(path)) from error
    except LookupError as error:
        raise DataError(f"there is no encoding '{encoding}'", hint="try utf-8, cp949 or latin-1") from error
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from error


def _is_utf8(encoding: str) -> bool:
    return codecs.lookup(encoding).name == "utf-8"


def _neighbours(path: Path) -> str:
    if not path.parent.is_dir():
        return f"the directory {path.parent} does not exist either"
    tables = sorted(p.name for p in path.parent.iterdir() if p.suffix in (".csv", ".tsv"))
    return f"tables in {path.parent}: {', '.join(tables[:8])}" if tables else "check the path"


def read_lines(path: Path, encoding: str) -> Iterator[str]:
    """The lines of a text file without their line ends. Raises DataError with the line that is not text."""
    with open_text(path, encoding, newline="\n") as stream:
        for line in checked_lines(stream, path):
            yield line.removesuffix("\n").removesuffix("\r")


def checked_lines(stream: IO[str], path: Path) -> Iterator[str]:
    """The lines of a stream. Raises DataError for bytes that its encoding does not allow, and for NUL bytes."""
    number = 0
    while True:
        number += 1
        try:
            line = next(stream)
        except StopIteration:
            return
        except UnicodeDecodeError as error:
            at = _line_of_first_error(path, error.encoding) or number
            raise DataError(
                f"{path}, line {at}: not {error.encoding} text (byte 0x{error.object[error.start]:02x})",
                hint="name its encoding: `encoding=cp949` for Korean Windows files, `encoding=latin-1` for Western ones",
            ) from error
        except UnicodeError as error:  # for example utf-16 without its byte-order mark
            raise DataError(f"{path}: {error}", hint="name the file's encoding with `encoding`") from error
        if "\0" in line:
            raise DataError(f"{path}, line {number}: holds a NUL byte", hint="this is not a text file, or it is damaged")
        yield line


def _line_of_first_error(path: Path, encoding: str) -> int:
    """The line of the first byte that cannot be decoded; 0 where the file cannot be read twice.

    Streams decode in blocks, so the line is only known after a second look.
    """
    try:
        path.read_bytes().decode(encoding)
    except UnicodeDecodeError as error:
        return error.object.count(b"\n", 0, error.start) + 1
    except OSError:
        return 0
    return 0
