"""Compressed files: which compression one has, by its first bytes, and how to read and write it."""

import io
import lzma
import math
import sys
import zipfile
import zlib
from importlib import import_module
from typing import Any, BinaryIO, cast

from attnclf.errors import DataError

MAGIC = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz", b"\x28\xb5\x2f\xfd": "zstd"}
ZIP = b"PK\x03\x04"  # an archive of files, of which workbooks are some
SUFFIXES = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".zst": "zstd", ".zip": "zip"}
BLOCK = 1 << 18


class TooLarge(DataError):
    """A file holds more, once it is unpacked, than its reader takes."""


def compression_of(start: bytes) -> str:
    """The compression of what begins with these bytes; "" for none. A zip archive is no compression, since it holds files."""
    return next((name for magic, name in MAGIC.items() if start.startswith(magic)), "")


def decompressed(stream: BinaryIO, compression: str, name: str, most: float = math.inf) -> BinaryIO:
    """What a compressed stream holds. Reading raises DataError where it is damaged, and TooLarge after `most` bytes; `name` is
    for that."""
    inner = _reader(stream, compression)
    checked = _Checked(inner, stream, f"{name}: the {compression} data is damaged or cut short", most, name)
    return io.BufferedReader(checked, BLOCK)


def too_large(name: str, most: float) -> TooLarge:
    """The error for a file that holds more than `most` bytes."""
    return TooLarge(f"{name} holds more than {most / 1e6:,.0f} MB unpacked", hint="split it")


def member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> BinaryIO:
    """A file of a zip archive, which stays open. DataError says that it is damaged or locked; `name` is for that."""
    if info.flag_bits & 1:
        raise DataError(f"{name}: locked with a password", hint="unpack the archive first")
    try:
        stream = cast(BinaryIO, archive.open(info))
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise DataError(f"{name}: {error}", hint="unpack the archive first") from error
    return io.BufferedReader(_Checked(stream, stream, f"{name}: the zip archive is damaged"), BLOCK)


def compressing(stream: BinaryIO, compression: str) -> BinaryIO:
    """A stream that writes into `stream`, compressed. Closing it finishes the data and leaves `stream` open."""
    import bz2
    import gzip

    if compression == "gzip":
        return cast(BinaryIO, gzip.GzipFile(fileobj=stream, mode="wb", mtime=0))
    if compression == "bzip2":
        return cast(BinaryIO, bz2.BZ2File(stream, "wb"))
    if compression == "xz":
        return cast(BinaryIO, lzma.LZMAFile(stream, "wb"))
    return cast(BinaryIO, _zstd().ZstdFile(stream, "wb"))


def _reader(stream: BinaryIO, compression: str) -> BinaryIO:
    import bz2
    import gzip

    if compression == "gzip":
        return cast(BinaryIO, gzip.GzipFile(fileobj=stream))
    if compression == "bzip2":
        return cast(BinaryIO, bz2.BZ2File(stream))
    if compression == "xz":
        return cast(BinaryIO, lzma.LZMAFile(stream))
    return cast(BinaryIO, _zstd().ZstdFile(stream))


def _zstd() -> Any:
    """The module that Python has from 3.14 on."""
    return import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")


class _Checked(io.RawIOBase):
    """A stream whose errors of decompression are DataErrors. Closing it closes the file below, too."""

    def __init__(self, stream: BinaryIO, below: BinaryIO, problem: str, most: float = math.inf, name: str = "") -> None:
        self._stream, self._below, self._problem = stream, below, problem
        self._left, self._most, self._name = most, most, name

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        try:
            block = self._stream.read(len(buffer))
        except (EOFError, OSError, zlib.error, lzma.LZMAError, zipfile.BadZipFile) as error:
            raise DataError(self._problem, hint="make or download it again") from error
        except Exception as error:
            if type(error).__name__ == "ZstdError":  # whose module is imported only where it is needed
                raise DataError(self._problem, hint="make or download it again") from error
            raise
        self._left -= len(block)
        if self._left < 0:
            raise too_large(self._name, self._most)
        buffer[: len(block)] = block
        return len(block)

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
            self._below.close()
        super().close()
