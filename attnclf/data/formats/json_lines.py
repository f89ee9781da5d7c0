"""Tables of JSON Lines: a JSON object on each line."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attnclf.config import DataConfig
from attnclf.data.files import read_lines
from attnclf.data.formats.base import FORMATS, Records, Row
from attnclf.errors import DataError


@FORMATS.register("jsonl", "a JSON object on each line")
@dataclass(frozen=True)
class JsonLines:
    """Each object is a row. Its columns are the names in any of the objects; what an object lacks, or has as null, is empty."""

    extensions: tuple[str, ...] = (".jsonl", ".ndjson")

    def recognises(self, start: bytes) -> bool:
        first = start.removeprefix(b"\xef\xbb\xbf").lstrip().split(b"\n", 1)[0].strip()
        return first.startswith(b"{") and (len(start) == len(first) or first.endswith(b"}"))

    @contextmanager
    def open(self, path: Path, config: DataConfig) -> Iterator[Records]:
        names: dict[str, None] = {}
        for _, record in _objects(path, config.encoding):
            names.update(dict.fromkeys(record))
        if not names:
            raise DataError(f"{path} is empty", hint='a line holds an object such as {"text": "so good", "label": "x"}')
        empty = dict.fromkeys(names, "")
        rows = (
            Row(empty | {name: _cell(value) for name, value in record.items()}, line)
            for line, record in _objects(path, config.encoding)
        )
        yield Records(list(names), rows)


def _objects(path: Path, encoding: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The objects with the numbers of their lines. Raises DataError for a line that is no object."""
    for number, line in enumerate(read_lines(path, encoding), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            why = getattr(error, "msg", "nested too deeply")
            raise DataError(f"{path}, line {number}: not JSON ({why})", hint="each line holds one JSON object") from error
        if not isinstance(record, dict):
            raise DataError(f"{path}, line {number}: not a JSON object: {line[:40]}", hint="each line holds one JSON object")
        yield number, record


def _cell(value: Any) -> str:
    """A value as text: strings as they are, null empty, everything else in JSON."""
    return value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)
