"""Tables as one JSON array of objects, read piece by piece."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from attnclf.config import DataConfig
from attnclf.data.encodings import encoding_of
from attnclf.data.formats.base import FORMATS, Records, Row, Start, opening, text_of
from attnclf.data.objects import BROKEN, DECODER, in_words, may_go_on, refuse_document
from attnclf.data.sources import Source
from attnclf.data.texts import no_text, open_text
from attnclf.errors import DataError

SHAPE = 'the file holds an array such as [{"text": "so good", "label": "x"}, …]'
SIGN = re.compile("[ \t\n\r]*(.?)[ \t\n\r]*", re.DOTALL)
BETWEEN = re.compile(r"\}[ \t\n\r]*(,)[ \t\n\r]*\{")  # two objects
BLOCK = 1 << 16  # characters read at once


@FORMATS.register("json", "a JSON array of objects")
@dataclass(frozen=True)
class JsonArray:
    """Each object is a row, as in JSON Lines."""

    extensions: tuple[str, ...] = (".json",)

    def recognises(self, start: Start) -> bool:
        first = start.text.removeprefix("\ufeff").lstrip()
        return first.startswith("[") and first[1:].lstrip()[:1] == "{"

    @opening("encoding")
    def open(self, source: Source, config: DataConfig) -> Iterator[Records]:
        encoding = encoding_of(source, config.encoding)
        names: dict[str, None] = {}
        for _, record in _objects(source, encoding.name):
            names.update(dict.fromkeys(record))
        if not names:
            raise DataError(f"{source.name} holds no objects", hint=SHAPE)
        empty = dict.fromkeys(names)
        rows = (Row(empty | record, number) for number, record in _objects(source, encoding.name))
        yield Records(list(names), rows, encoding.remarks, unit="item", encoding=encoding.name)


def _objects(source: Source, encoding: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects with their numbers from 1. Raises DataError for what is no array of objects."""
    if not JsonArray().recognises(Start.of(source.start)):
        refuse_document(source, encoding)
        raise DataError(f"{source.name} is not a JSON array of objects", hint=SHAPE)
    with open_text(source, encoding) as stream:
        try:
            for number, record in enumerate(_values(_Rest(stream), source.name), 1):
                if not isinstance(record, dict):
                    raise DataError(f"{source.name}, item {number}: not an object: {text_of(record)[:40]}", hint=SHAPE)
                yield number, record
        except UnicodeError as error:
            raise no_text(source, error) from error


def _values(rest: "_Rest", name: str) -> Iterator[Any]:
    """The values of the array. Raises DataError for one that is not JSON, and where the array does not end as it should."""
    number, sign = 0, rest.take()  # "[", as the file was recognised by
    while sign != "]":
        try:
            values = rest.whole_values() or [rest.value()]
        except UnicodeError:  # of the bytes, which comes with reading on
            raise
        except BROKEN as error:
            problem, advice = in_words(error)
            where = f"{name}, item {number + 1}, line {rest.line_of(error)}"
            raise DataError(f"{where}: {problem}", hint=advice or SHAPE) from error
        yield from values
        number += len(values)
        sign = rest.take()
        if sign not in ("]", ","):
            found = f"{sign!r} where a comma or the end of the array should be" if sign else "the array is not closed"
            raise DataError(f"{name}, after item {number}, line {rest.line}: not JSON ({found})", hint=SHAPE)
    if more := rest.take():
        raise DataError(f"{name}, line {rest.line}: not JSON ({more!r} after the end of the array)", hint=SHAPE)


class _Rest:
    """What is left of a text, read in blocks: only as much is held as the next value needs."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream, self._text, self._at, self._lines, self._fresh = stream, "", 0, 1, False

    @property
    def line(self) -> int:
        """The number of the line up to which the text was taken."""
        return self._lines + self._text.count("\n", 0, self._at)

    def line_of(self, error: Exception) -> int:
        """The line on which the next value goes wrong; that on which it begins, where nothing else is known."""
        return self.line + self._text.count("\n", self._at, getattr(error, "pos", self._at))

    def take(self) -> str:
        """The next character that is no blank, taken with all blanks around it; "" at the end."""
        while True:
            found = SIGN.match(self._text, self._at)
            if found and (found.end() < len(self._text) or not self._read()):
                self._at = found.end()
                return found[1]

    def whole_values(self) -> list[Any]:
        """All values but the last of a block that was just read: decoded at once, which is fast. None where that fails."""
        ends = [found.start(1) for found in BETWEEN.finditer(self._text, self._at)] if self._fresh else []
        self._fresh = False
        try:
            values: list[Any] = DECODER.decode(f"[{self._text[self._at : ends[-1]]}]") if ends else []
        except BROKEN:  # which `value` tells with its place; or the last end is in a text, or deeper
            return []
        self._at = ends[-1] if ends else self._at
        return values

    def value(self) -> Any:
        """The next value. Raises what the decoder does."""
        while True:
            try:
                value, self._at = DECODER.raw_decode(self._text, self._at)
            except BROKEN as error:
                if not (may_go_on(error, self._text) and self._read()):
                    raise
            else:
                return value

    def _read(self) -> bool:
        """Reads on; each time at least as much as is held, so that a long value is not decoded from its start too often."""
        if block := self._stream.read(max(BLOCK, len(self._text) - self._at)):
            self._lines, self._text, self._at, self._fresh = self.line, self._text[self._at :] + block, 0, True
        return bool(block)
