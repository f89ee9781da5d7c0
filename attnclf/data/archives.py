"""Zip archives: the names of their files as they were written, and what archives hold that are documents.

A name says that it is UTF-8, or else is in code page 437. Windows writes names as its language has them, and macOS writes
UTF-8, both without saying so. Where code page 437 gives other than Latin letters, the encoding of all names of an archive
together is guessed.
"""

import unicodedata
import zipfile
from pathlib import Path, PurePosixPath

from attnclf.data.guesses import decodes, likely_encodings
from attnclf.errors import DataError

WORKBOOKS = ("xl/workbook", "content.xml")  # in archives that are workbooks of Excel or OpenDocument
OFFICE = {"word/document.xml": "a Word document", "ppt/presentation.xml": "a presentation"}
SAID_UTF8 = 0x800  # the flag of a name that says so
STANDARD = "cp437"


def opened(path: Path, name: str) -> tuple[zipfile.ZipFile, str]:
    """The archive, and a remark on how the names of its files are read; "" where they say it. Raises DataError."""
    try:
        archive = zipfile.ZipFile(path)
        infos = [info for info in archive.infolist() if not info.flag_bits & SAID_UTF8]
        encoding = _encoding_of(b"\n".join(info.orig_filename.encode(STANDARD) for info in infos))
        if encoding == STANDARD:
            return archive, ""
        archive.close()
        remark = f"names in the archive are read as {encoding}, by their bytes: unpack it first if they look wrong"
        return zipfile.ZipFile(path, metadata_encoding=encoding), remark
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
        raise DataError(f"{name}: the zip archive is damaged or cut short", hint="make or download it again") from error


def is_workbook(archive: zipfile.ZipFile) -> bool:
    """Whether the archive is a workbook."""
    return any(name.startswith(WORKBOOKS) for name in archive.namelist())


def files_of(archive: zipfile.ZipFile, name: str) -> list[zipfile.ZipInfo]:
    """The files of its owner, sorted by their names. Raises DataError where there are none, and for other documents."""
    for inner, what in OFFICE.items():
        if inner in archive.namelist():
            raise DataError(f"{name} is {what}", hint="save its table as CSV or as a workbook")
    files = [info for info in archive.infolist() if not info.is_dir() and not _is_chaff(info.filename)]
    if not files:
        raise DataError(f"{name}: the zip archive holds no files", hint="put a table into it, or name another")
    return sorted(files, key=lambda info: info.filename)


def _encoding_of(names: bytes) -> str:
    if names.isascii():
        return STANDARD
    if decodes(names, "utf-8"):
        return "utf-8"
    if all("LATIN" in unicodedata.name(letter, "") for letter in names.decode(STANDARD) if letter > "\x7f"):
        return STANDARD
    likely = [encoding for encoding in likely_encodings(names) if decodes(names, encoding)]
    return likely[0] if likely else STANDARD


def _is_chaff(name: str) -> bool:
    """What systems put into archives beside the files of their owner."""
    return (
        name.startswith("__MACOSX/") or PurePosixPath(name).name.startswith(".") or name.endswith(("Thumbs.db", "desktop.ini"))
    )
