"""The encoding of a text: by its byte-order mark, else UTF-8 where it is valid, else a guess, which is said, or an error.

A guess is made only where one encoding stands out, see `attnclf.data.guesses`.
"""

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from attnclf.data.guesses import decodes, goes_on, likely_encodings
from attnclf.data.sources import Source
from attnclf.errors import DataError

MARK_OF_GB18030 = b"\x84\x31\x95\x33"
# The longer marks first: that of UTF-32 begins with that of UTF-16.
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    MARK_OF_GB18030: "gb18030",
}
BLOCK = 1 << 20
SAMPLE = 200_000  # bytes that a guess is made on, of lines that are not ASCII
MOSTLY = 0.9  # of the bytes beyond ASCII in valid UTF-8: the text is UTF-8, and damaged
FEWEST = 10  # bytes beyond ASCII, by which a second encoding is told
UTF8_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
UNKNOWN = "name its encoding with `encoding`, such as cp949 for Korean or cp1252 for Western languages"
ASCII = bytes(range(128))


@dataclass(frozen=True)
class Encoding:
    """An encoding by the name of its codec. `remark` says what was guessed or looks wrong, "" where nothing does."""

    name: str
    remark: str = ""

    @property
    def remarks(self) -> tuple[str, ...]:
        return (self.remark,) if self.remark else ()


def encoding_of(source: Source, wanted: str) -> Encoding:
    """The encoding of a source: `wanted`, or for "auto" what its bytes show. Raises DataError where they show nothing sure.

    A byte-order mark counts more than what is wanted, since it is part of no text.
    """
    wanted = wanted if wanted == "auto" else checked_encoding(wanted)
    marked = by_mark(source.start)
    if wanted != "auto":
        if marked and not _same(marked, wanted):
            return Encoding(marked, f"read as {marked}, since it begins with that byte-order mark, and not as {wanted}")
        if not _same(wanted, "utf-8") and _is_utf8(source):
            return Encoding(wanted, f"the whole file is valid utf-8, and is read as {wanted}, as asked")
        return Encoding(marked or wanted)
    if marked:
        return Encoding(marked)
    return by_content(_blocks(source), source.name)


def by_mark(start: bytes) -> str:
    """The encoding whose byte-order mark begins this; "" for none."""
    return next((name for mark, name in MARKS.items() if start.startswith(mark)), "")


def by_content(blocks: Iterable[bytes], name: str) -> Encoding:
    """The encoding of a whole text without a byte-order mark, in blocks. `name` is for errors."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines = beyond = 0  # line ends, and bytes beyond ASCII, of the blocks that are valid UTF-8
    blocks = iter(blocks)
    begun = b""  # the character that a block ends in
    for read in blocks:
        block = begun + read
        if b"\0" in block:
            return _wide(block, name, lines)
        try:
            decoder.decode(read)
        except UnicodeDecodeError:
            return _guessed(block + b"".join(blocks), name, lines, beyond)
        begun = decoder.getstate()[0]
        lines += block.count(b"\n")
        beyond += _beyond_ascii(block) - len(begun)
    return _guessed(begun, name, lines, beyond) if begun else Encoding("utf-8")


def what_else(source: Source, tried: str) -> str:
    """What to do where a source is not in the encoding that was asked for; each advice has been checked to work."""
    try:
        found = encoding_of(source, "auto").name
    except DataError:
        return "the text is damaged there, or in several encodings: mend that line"
    return f"leave `encoding` out: it is {found}" if not _same(found, tried) else "the text is damaged there: mend that line"


def checked_encoding(name: str) -> str:
    """An encoding by the name of its codec. Raises DataError where there is none."""
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        found = None
    if found is None or not found._is_text_encoding or not _goes_there_and_back(found.name):
        raise DataError(f"there is no encoding '{name}'", hint="try utf-8, cp949 or latin-1, or leave it out")
    return found.name


def _goes_there_and_back(name: str) -> bool:
    """Some codecs are for other things than texts, such as names of hosts."""
    try:
        return "text, a\n".encode(name).decode(name) == "text, a\n"
    except UnicodeError:
        return False


def _same(one: str, other: str) -> bool:
    def plain(name: str) -> str:
        name = codecs.lookup(name).name.replace("_", "-")
        return next((family for family in ("utf-8", "utf-16", "utf-32") if name.startswith(family)), name)

    return plain(one) == plain(other)


def _blocks(source: Source) -> Iterator[bytes]:
    with source.open() as stream:
        while block := stream.read(BLOCK):
            yield block


def _is_utf8(source: Source) -> bool:
    """Whether it is valid UTF-8, and not ASCII only."""
    decoder, ascii_only = codecs.getincrementaldecoder("utf-8")(), True
    try:
        for block in _blocks(source):
            ascii_only &= block.isascii()
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return not ascii_only


def _wide(data: bytes, name: str, lines: int) -> Encoding:
    """UTF-16 without its byte-order mark: the NUL bytes are those of characters below U+0100, on one side of each pair."""
    sample = data[: BLOCK // 16 * 2]
    first, second = sample[::2], sample[1::2]
    letters = sum(9 <= a < 127 and 9 <= b < 127 for a, b in zip(first, second, strict=False))  # two, in any other encoding
    for codec, zeros, others in (
        ("utf-16-le", second.count(0), first.count(0)),
        ("utf-16-be", first.count(0), second.count(0)),
    ):
        if zeros > max(20 * others, letters) and goes_on(data, codec):
            return Encoding(codec, f"read as {codec}, which its bytes show; `encoding` names another")
    line = lines + data.count(b"\n", 0, data.index(b"\0")) + 1
    raise DataError(f"{name}, line {line}: holds a NUL byte", hint="this is not a text, or it is damaged")


def _guessed(data: bytes, name: str, lines: int, beyond: int) -> Encoding:
    """A guess from the block in which UTF-8 ends to the last. `lines` and `beyond` are counts of what is before it."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        first = error.start
    in_utf8 = beyond + sum(len(sequence[0]) for sequence in UTF8_SEQUENCE.finditer(data))
    line = lines + data.count(b"\n", 0, first) + 1
    where = f"{name}, line {line}"
    start = data.rfind(b"\n", 0, first) + 1  # of the line; bytes before the problem in it may be valid by chance
    if beyond + _beyond_ascii(data[:start]) >= FEWEST and (other := _of_joined(data[start:])):
        problem = f"{name}: utf-8 up to line {line - 1}, and {other} from line {line} on"
        raise DataError(problem, hint="two files seem to be joined: name both instead, or save one as the other is")
    if in_utf8 >= MOSTLY * (beyond + _beyond_ascii(data)):
        problem = f"{where}: not utf-8 text (byte 0x{data[first]:02x}), as all the rest is"
        raise DataError(problem, hint="the line is damaged: mend it, or take it out")
    sample = b"\n".join(_lines_beyond_ascii(data))
    found = likely_encodings(sample)
    if len(found) == 1 and decodes(data, found[0]):
        return Encoding(found[0], f"read as {found[0]}, which is a guess: it is not UTF-8; `encoding` names another")
    several = " or ".join(found[:3])
    what = f"and it could be {several}" if len(found) > 1 else "and nothing shows what else it is"
    hint = f"name the right one with `encoding`{_examples(sample, found[:3])}" if found else UNKNOWN
    raise DataError(f"{where}: not utf-8 text (byte 0x{data[first]:02x}), {what}", hint=hint)


def _of_joined(rest: bytes) -> str:
    """The one encoding that the lines behind those in UTF-8 are likely in; "" where they are few, or mostly UTF-8 too."""
    size, in_utf8 = _beyond_ascii(rest), sum(len(sequence[0]) for sequence in UTF8_SEQUENCE.finditer(rest))
    if size < FEWEST or in_utf8 > size / 2:
        return ""
    found = likely_encodings(b"\n".join(_lines_beyond_ascii(rest)))
    return found[0] if len(found) == 1 and decodes(rest, found[0]) else ""


def _beyond_ascii(data: bytes) -> int:
    """How many bytes are not ASCII."""
    return 0 if data.isascii() else len(data.translate(None, ASCII))


def _lines_beyond_ascii(data: bytes) -> Iterator[bytes]:
    size = 0
    for line in data.split(b"\n"):
        if not line.isascii():
            yield line
            size += len(line)
            if size > SAMPLE:
                return


def _examples(sample: bytes, encodings: list[str]) -> str:
    """How the first line that does not read the same in all of these reads in each."""
    for line in sample.split(b"\n"):
        readings = {encoding: line.decode(encoding, "ignore").strip()[:30] for encoding in encodings}
        if len(set(readings.values())) > 1:
            return "; one line reads " + ", and ".join(f"“{text}” in {encoding}" for encoding, text in readings.items())
    return ""
