"""Tables as one JSON array of objects, read piece by piece."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from attnclf.config import DataConfig
from attnclf.data.encodings import encoding_of
from attnclf.data.formats.base import FORMATS, Records, Row, Start
from attnclf.data.sources import Source
from attnclf.data.texts import open_text
from attnclf.errors import DataError

SHAPE = 'the file holds an array such as [{"text": "so good", "label": "x"}, …]'


@FORMATS.register("json", "a JSON array of objects")
@dataclass(frozen=True)
class JsonArray:
    """Each object is a row, as in JSON Lines."""

    extensions: tuple[str, ...] = (".json",)

    def recognises(self, start: Start) -> bool:
        first = start.text.removeprefix("\ufeff").lstrip()
        return first.startswith("[") and first[1:].lstrip()[:1] == "{"

    @contextmanager
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
    import ijson

    if not JsonArray().recognises(Start.of(source.start)):
        raise DataError(f"{source.name} is not a JSON array of objects", hint=SHAPE)
    number = 0
    with open_text(source, encoding) as stream:
        try:
            for number, record in enumerate(ijson.items(_Utf8(stream), "item", use_float=True), 1):
                if not isinstance(record, dict):
                    raise DataError(f"{source.name}, item {number}: not an object: {str(record)[:40]}", hint=SHAPE)
                yield number, record
        except (ijson.JSONError, UnicodeError) as error:
            said = error.args[0] if error.args and isinstance(error, ijson.JSONError) else str(error)
            problem = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
            problem = problem.split("\n", 1)[0].strip()
            raise DataError(f"{source.name}, after item {number}: not JSON ({problem})", hint=SHAPE) from error


class _Utf8:
    """A text read as UTF-8 bytes, whatever its encoding is."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def read(self, size: int) -> bytes:
        """The next characters, as bytes; half characters, which JSON can hold by mistake, as they are."""
        return str(self._stream.read(size // 4 or 1) if size else "").encode("utf-8", "surrogatepass")
