"""Lines as fastText reads them: `__label__spam so good`."""

from collections.abc import Iterator
from dataclasses import dataclass

from attnclf.config import DataConfig
from attnclf.data.encodings import encoding_of
from attnclf.data.formats.base import FORMATS, Records, Row, Start, opening
from attnclf.data.sources import Source
from attnclf.data.texts import read_lines
from attnclf.errors import DataError

PREFIX = "__label__"


@FORMATS.register("fasttext", "lines that begin with __label__")
@dataclass(frozen=True)
class FastText:
    """A line holds a label, after its prefix, and then the text. A line without a label has an empty one."""

    extensions: tuple[str, ...] = (".ft",)

    def recognises(self, start: Start) -> bool:
        return start.text.removeprefix("\ufeff").lstrip().startswith(PREFIX)

    @opening("encoding")
    def open(self, source: Source, config: DataConfig) -> Iterator[Records]:
        encoding = encoding_of(source, config.encoding)
        yield Records(["label", "text"], _rows(source, encoding.name), encoding.remarks, encoding=encoding.name)


def _rows(source: Source, encoding: str) -> Iterator[Row]:
    for number, line in enumerate(read_lines(source, encoding), 1):
        if not line.strip():
            continue
        label, text = "", line.lstrip()
        if text.startswith(PREFIX):
            label, _, text = text.removeprefix(PREFIX).replace("\t", " ").partition(" ")
        if text.lstrip().startswith(PREFIX) or PREFIX in label:
            problem = f"{source.name}, line {number}: more than one label, and a text has one here"
            raise DataError(problem, hint="keep one label a line")
        yield Row({"label": label, "text": text.strip()}, number)
