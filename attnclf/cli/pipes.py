"""Lines on standard input, answered as they arrive; what holds a table is told by how it begins."""

import codecs
import io
import os
from collections.abc import Collection, Iterator
from typing import BinaryIO

from attnclf.cli.screen import show_note
from attnclf.config import DataConfig
from attnclf.data import format_of
from attnclf.data.compression import ZIP, compression_of
from attnclf.data.encodings import by_content, by_mark
from attnclf.data.formats import Start
from attnclf.data.formats.delimited import header_of
from attnclf.data.guesses import goes_on
from attnclf.data.sources import STANDARD_INPUT, START, Source
from attnclf.errors import DataError
from attnclf.results import Note

BLOCK = 1 << 16  # bytes taken from a pipe at once
LONGEST_LINE = 64 << 20  # bytes


def head_of(stream: BinaryIO, columns: Collection[str]) -> bytes:
    """The first bytes of a pipe: its first line that is not blank, and the next where it may name the columns of a table."""
    head = b""
    while len(head) < START and (block := os.read(stream.fileno(), BLOCK)):
        head += block
        whole, ended, _ = head.rpartition(b"\n")
        if not ended:
            continue
        _, names, behind = header_of(Start.of(whole))
        may_be_header = bool({name.lower() for name in names} & {name.lower() for name in columns})
        if behind or (names and not may_be_header):
            break
    return head


def asks_for_table(config: DataConfig) -> bool:
    """Whether a setting says how a table is read, so that what looks like lines is one all the same."""
    return config.input_format == "auto" and bool(
        config.text_col or config.group_col or config.delimiter or config.quoting != "auto"
    )


def holds_lines(head: bytes, config: DataConfig, columns: Collection[str]) -> bool:
    """Whether a pipe that begins so holds plain lines that can be read one by one. What holds no text raises DataError."""
    if config.input_format not in ("auto", "lines") or compression_of(head) or head.startswith(ZIP):
        return False
    if by_mark(head).startswith(("utf-16", "utf-32")) or b"\0" in head or not _has_ascii_lines(config.encoding):
        return False
    if asks_for_table(config):
        return False
    return format_of(Source(STANDARD_INPUT, stream=lambda: io.BytesIO(head)), config.input_format, columns) is None


def arriving_lines(stream: BinaryIO, head: bytes, encoding: str) -> Iterator[list[str]]:
    """Lines as they arrive, all that are there at once: a person typing is answered at each line, a file at each block.

    Where nothing says the encoding, and UTF-8 does not fit after lines of ASCII only, the rest is read to its end to guess it.
    """
    codec = "utf-8" if encoding == "auto" else codecs.lookup(encoding).name
    guess, number = encoding == "auto", 0
    rest, size = [b""], 0  # the begun line in the pieces that arrived: joined once, so that a long one takes no longer
    head = head.removeprefix(codecs.BOM_UTF8)
    while block := head or os.read(stream.fileno(), BLOCK):
        head = b""
        if guess and not block.isascii():
            begun = b"".join(rest)
            if not goes_on(begun + block, "utf-8"):
                whole = begun + block + stream.read()
                found = by_content([whole], STANDARD_INPUT)
                for remark in found.remarks:
                    show_note(Note(f"{STANDARD_INPUT}: {remark}"))
                codec, block, rest, size = found.name, whole, [], 0
            guess = False
        first, ended, after = block.partition(b"\n")
        rest.append(first)
        size += len(first)
        if ended:
            *lines, last = [b"".join(rest), *after.split(b"\n")]
            yield [_decoded(line, number + i, codec) for i, line in enumerate(lines, 1)]
            number += len(lines)
            rest, size = [last], len(last)
        if size > LONGEST_LINE:
            raise DataError(
                f"{STANDARD_INPUT}, line {number + 1}: longer than {LONGEST_LINE >> 20} MB, and still without an end",
                hint="one line is one text: is this a text file?",
            )
    if size:
        yield [_decoded(b"".join(rest), number + 1, codec)]


def _has_ascii_lines(encoding: str) -> bool:
    """Whether a line end is the same byte as in ASCII. An encoding that does not exist is an error later."""
    try:
        return encoding == "auto" or "\n".encode(encoding) == b"\n"
    except LookupError:
        return False


def _decoded(line: bytes, number: int, codec: str) -> str:
    where = f"{STANDARD_INPUT}, line {number}"
    try:
        text = line.removesuffix(b"\r").decode(codec)
    except UnicodeDecodeError as error:
        problem = f"{where}: not {codec} text (byte 0x{line[error.start]:02x})"
        raise DataError(
            problem, hint="the line is damaged, or the lines before were in another encoding: put them in a file"
        ) from error
    if "\0" in text:
        raise DataError(f"{where}: holds a NUL byte", hint="this is not text")
    return text
