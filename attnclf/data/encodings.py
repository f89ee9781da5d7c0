"""The encoding of a text: by its byte-order mark, else UTF-8 where it is valid, else a guess, which is said, or an error.

A guess is made only where one encoding stands out. Korean, Japanese and Chinese are told by the scripts that the bytes would
give; for others charset-normalizer says how far the letters look like those of a language.
"""

import codecs
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from attnclf.data.sources import Source
from attnclf.errors import DataError

# The longer marks first: that of UTF-32 begins with that of UTF-16.
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    b"\x84\x31\x95\x33": "gb18030",
}
BLOCK = 1 << 20
SAMPLE = 200_000  # bytes that a guess is made on, of lines that are not ASCII
MOSTLY = 0.9  # of the bytes beyond ASCII in valid UTF-8: the text is UTF-8, and damaged
# One encoding a language or group of languages; where texts could be of two, the first is meant.
ALPHABETS = ["cp1252", "cp1250", "cp1251", "koi8_r", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874"]
CHAOS = 0.05  # how much worse charset-normalizer's measure of mess may be than the best
COHERENT = 0.2  # the least likeness to a language
AHEAD = 0.04  # by which the likeness of the best must exceed that of others
ENOUGH = 10  # letters that show that a text is Korean
JAMO = re.compile("[ㄱ-ㅣ]")  # as in ㅋㅋ and ㅠㅠ
RARE = re.compile(
    "[^\x00-\x7f‚ƒ„…†‡‰‹‘’“”•–—™›\xa0-¿×÷€œŒàâäáãåæçèéêëìíîïñòóôöõøùúûüÿßÀÂÄÁÃÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÖÕØÙÚÛÜ]"
)  # in the West
# The first bytes that common characters have in the older encoding of the same family.
COMMON = {"cp949": ("euc_kr", 0xB0, 0xC8), "gb18030": ("gb2312", 0xB0, 0xD7), "big5hkscs": ("big5", 0xA4, 0xC6)}
UTF8_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
UNKNOWN = "name its encoding with `encoding`, such as cp949 for Korean or cp1252 for Western languages"
HIGH = re.compile(rb"[\x80-\xff]")


@dataclass(frozen=True)
class Encoding:
    """An encoding by the name of its codec. `remark` says what was guessed, "" where nothing was."""

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
    seen: list[bytes] = []
    valid = True
    for block in blocks:
        seen.append(block)
        if valid:
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                valid = False
        if b"\0" in block:
            return _wide(b"".join(seen), name)
        if valid:
            seen.clear()
            seen.append(block[-8:])  # a character may be split between two blocks
    if valid:
        try:
            decoder.decode(b"", final=True)
            return Encoding("utf-8")
        except UnicodeDecodeError:
            pass
    return _guessed(b"".join(seen), name)


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
    if found is None or not found._is_text_encoding:
        raise DataError(f"there is no encoding '{name}'", hint="try utf-8, cp949 or latin-1, or leave it out")
    return found.name


def _same(one: str, other: str) -> bool:
    def plain(name: str) -> str:
        name = codecs.lookup(name).name.replace("_", "-")
        return next((family for family in ("utf-8", "utf-16", "utf-32") if name.startswith(family)), name)

    return plain(one) == plain(other)


def _blocks(source: Source) -> Iterator[bytes]:
    with source.open() as stream:
        while block := stream.read(BLOCK):
            yield block


def _wide(data: bytes, name: str) -> Encoding:
    """UTF-16 without its byte-order mark: the NUL bytes are those of characters below U+0100, on one side of each pair."""
    odd, even = data[1::2].count(0), data[::2].count(0)
    for codec, here, there in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if here > 20 * there and _decodes(data[: len(data) // 2 * 2], codec):
            return Encoding(codec, f"read as {codec}, which its bytes show; `encoding` names another")
    line = data.count(b"\n", 0, data.index(b"\0")) + 1
    raise DataError(f"{name}, line {line}: holds a NUL byte", hint="this is not a text, or it is damaged")


def _guessed(data: bytes, name: str) -> Encoding:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        first = error.start
    high = len(HIGH.findall(data))
    in_utf8 = sum(len(sequence) for sequence in UTF8_SEQUENCE.findall(data))
    line = data.count(b"\n", 0, first) + 1
    where = f"{name}, line {line}"
    if in_utf8 >= MOSTLY * high:
        problem = f"{where}: not utf-8 text (byte 0x{data[first]:02x}), as all the rest is"
        raise DataError(problem, hint="the line is damaged: mend it, or take it out")
    sample = b"\n".join(_lines_beyond_ascii(data))
    found = _of_east_asia(sample) or _of_alphabets(sample)
    if len(found) == 1 and _decodes(data, found[0]):
        return Encoding(found[0], f"read as {found[0]}, which is a guess: it is not UTF-8; `encoding` names another")
    several = " or ".join(found[:3])
    what = f"and it could be {several}" if len(found) > 1 else "and nothing shows what else it is"
    hint = f"name the right one with `encoding`{_examples(sample, found[:3])}" if found else UNKNOWN
    raise DataError(f"{where}: not utf-8 text (byte 0x{data[first]:02x}), {what}", hint=hint)


def _lines_beyond_ascii(data: bytes) -> Iterator[bytes]:
    size = 0
    for line in data.split(b"\n"):
        if not line.isascii():
            yield line
            size += len(line)
            if size > SAMPLE:
                return


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _examples(sample: bytes, encodings: list[str]) -> str:
    """How the first line that is not ASCII reads in each."""
    line = sample.split(b"\n", 1)[0][:60]
    return "; its first such line would read " + ", ".join(f"{e}: {line.decode(e, 'ignore').strip()[:30]}" for e in encodings)


def _of_east_asia(sample: bytes) -> list[str]:
    """Those encodings of Korean, Japanese and Chinese whose own script this is written in."""
    found = []
    for name in ("cp949", "cp932", "euc_jp", "gb18030", "big5hkscs"):
        if not _decodes(sample, name):
            continue
        letters = [c for c in sample.decode(name) if c > "\x7f" and unicodedata.category(c)[0] in "LC" and not JAMO.match(c)]
        if letters and _is_written_in(name, letters):
            found.append(name)
            if name == "cp949" and len(letters) >= ENOUGH:
                return found
    return found


def _is_written_in(name: str, letters: list[str]) -> bool:
    def share(belongs: "re.Pattern[str]") -> float:
        return sum(bool(belongs.match(letter)) for letter in letters) / len(letters)

    if name == "cp949":  # Chinese would give Hangul between Chinese characters, and Japanese rare syllables
        return share(re.compile("[가-힣]")) >= 0.95 and _are_common(name, letters)
    if name in ("cp932", "euc_jp"):
        return share(re.compile("[ぁ-ゖ]")) >= 0.2 and share(re.compile("[ぁ-ヿ一-龥々ー]")) >= 0.97
    return share(re.compile("[一-龥]")) >= 0.97 and _are_common(name, letters)


def _are_common(name: str, letters: list[str]) -> bool:
    """Whether nearly all are among the common characters of an encoding, which come first in it."""
    codec, first, last = COMMON[name]
    bytes_ = [(letter.encode(codec, "ignore") or b"\xff")[0] for letter in letters]
    return sum(first <= byte <= last for byte in bytes_) >= 0.95 * len(letters)


def _of_alphabets(sample: bytes) -> list[str]:
    """The encoding in which the text looks most like a language, and those that are no worse; none where none does."""
    from charset_normalizer import from_bytes

    found = list(from_bytes(sample, cp_isolation=ALPHABETS, enable_fallback=False))
    by_text: dict[str, tuple[float, float, str]] = {}  # encodings that give the same text are one
    for match in sorted(found, key=lambda m: ALPHABETS.index(m.encoding)):
        for name in sorted({match.encoding, *match.could_be_from_charset} & set(ALPHABETS), key=ALPHABETS.index)[:1]:
            by_text.setdefault(sample.decode(name, "replace"), (match.chaos, match.coherence, name))
    if not by_text:
        return []
    least = min(chaos for chaos, _, _ in by_text.values())
    likely = [item for item in by_text.values() if item[0] <= least + CHAOS and item[1] >= COHERENT]
    best = max((coherence for _, coherence, _ in likely), default=0.0)
    close = [(coherence, name) for _, coherence, name in likely if coherence > best - AHEAD]
    western = next((text for text, (_, _, name) in by_text.items() if name == ALPHABETS[0]), "")
    if (best, ALPHABETS[0]) in close and not RARE.search(western):  # nothing tells them apart: the commonest is meant
        return [ALPHABETS[0]]
    return [name for _, name in sorted(close, key=lambda pair: ALPHABETS.index(pair[1]))]
