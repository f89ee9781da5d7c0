"""Tables of JSON Lines: a JSON object on each line."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

from attnclf.config import DataConfig
from attnclf.data.encodings import encoding_of
from attnclf.data.formats.base import FORMATS, Records, Row, Start, Write, opening
from attnclf.data.objects import BROKEN, DECODER, in_words, refuse_document
from attnclf.data.sources import Source
from attnclf.data.texts import read_lines
from attnclf.errors import DataError

ONE_EACH = "each line holds one JSON object; `input_format=lines` reads plain lines"
ONE_OBJECT = 'a line holds an object such as {"text": "so good", "label": "x"}'


@FORMATS.register("jsonl", "a JSON object on each line")
@dataclass(frozen=True)
class JsonLines:
    """Each object is a row. Its columns are the names in any of the objects; what an object lacks, or has as null, is empty."""

    extensions: tuple[str, ...] = (".jsonl", ".ndjson")
    written: tuple[str, ...] = (".jsonl", ".ndjson")

    def recognises(self, start: Start) -> bool:
        first = start.text.removeprefix("\ufeff").lstrip().split("\n", 1)[0].strip()
        if first == "{":  # of an object of several lines, which opening the source refuses, or of code
            return start.text.partition("{")[2].lstrip().startswith('"')
        return first.startswith("{") and (first.endswith("}") or len(start.text) == len(first)) and '"' in first

    @opening("encoding")
    def open(self, source: Source, config: DataConfig) -> Iterator[Records]:
        encoding = encoding_of(source, config.encoding)
        names: dict[str, None] = {}
        count = 0
        for _, record in _objects(source, encoding.name):
            names.update(dict.fromkeys(record))
            count += 1
        if not names:
            raise DataError(f"{source.name} is empty", hint=ONE_OBJECT)
        if count == 1:
            refuse_document(source, encoding.name)
        empty = dict.fromkeys(names)
        rows = (Row(empty | record, line) for line, record in _objects(source, encoding.name))
        yield Records(list(names), rows, encoding.remarks, encoding=encoding.name)

    @contextmanager
    def writing(self, stream: BinaryIO, header: Sequence[str], encoding: str, types: Any) -> Iterator[Write]:
        def write(values: Sequence[Any]) -> None:
            record = dict(zip(header, values, strict=True))
            stream.write((json.dumps(record, ensure_ascii=False, default=str) + "\n").encode("utf-8", "backslashreplace"))

        yield write


def _objects(source: Source, encoding: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects with the numbers of their lines. Raises DataError for a line that is no object."""
    first = True
    for number, line in enumerate(read_lines(source, encoding), 1):
        if not line.strip():
            continue
        where = f"{source.name}, line {number}"
        try:
            record = DECODER.decode(line)
        except BROKEN as error:
            if first:
                refuse_document(source, encoding)
            problem, advice = in_words(error)
            raise DataError(f"{where}: {problem}", hint=advice or ONE_EACH) from error
        if not isinstance(record, dict):
            if first:
                refuse_document(source, encoding)
            raise DataError(f"{where}: not a JSON object: {line[:40]}", hint=ONE_EACH)
        first = False
        yield number, record
