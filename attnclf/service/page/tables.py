"""A file that was dropped on the page: its texts, and the same file with labels."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from attnclf.config import Config
from attnclf.data import Columns, columns_of, format_of, read_lines
from attnclf.data.columns import TEXT_NAMES
from attnclf.data.encodings import encoding_of
from attnclf.data.formats import FORMATS, Start, WrittenFormat, written_text
from attnclf.data.mistaken import header_again, is_header, table_as_lines, text_as_header, texts_without_values
from attnclf.data.sources import of_stream
from attnclf.errors import DataError
from attnclf.render.records import prediction_cells, prediction_header, renamed_in_words
from attnclf.results import Prediction
from attnclf.service.limits import Limits
from attnclf.service.refusals import Refused

LONGEST_NAME = 200
WITH_MARK = "utf-8-sig"
UNPACKED = 4  # times as large as a body a file may be once it is unpacked
ANY_SIZE = "attnclf predict -f reads a file of any size"


@dataclass(frozen=True)
class Dropped:
    """The rows of a file and the text of each; plain lines are a table of one column. `remarks` say what was guessed."""

    header: Sequence[str]
    rows: Sequence[Sequence[Any]]
    texts: Sequence[str]
    encoding: str
    remarks: Sequence[str]

    def labelled(self, predictions: Sequence[Prediction], names: Mapping[str, str]) -> tuple[bytes, list[str]]:
        """The same rows as CSV with labels and probabilities, and remarks. `names` has what is written for each label."""
        stream = io.BytesIO()
        csv: WrittenFormat = FORMATS.make("csv", {})  # type: ignore[assignment]
        header = prediction_header(self.header, 1)
        encoding, remarks = self._written_as("".join(names.values()))
        remarks += filter(None, [renamed_in_words(header, len(self.header))])
        with csv.writing(stream, header, encoding, None) as write:
            for row, one in zip(self.rows, predictions, strict=True):
                best = Prediction(one.text, one.labels[:1], one.probabilities[:1], one.known, one.truncated)
                write([*row, *prediction_cells(best, names)])
        return stream.getvalue(), remarks

    def _written_as(self, labels: str) -> tuple[str, list[str]]:
        """The encoding of the CSV, and what is to be said of it: that of the file, where it has the `labels`."""
        if not self.encoding:
            return WITH_MARK, []  # what was no text is written so that Excel reads it as UTF-8
        try:
            labels.encode(self.encoding, "backslashreplace" if self.encoding.startswith("utf") else "strict")
        except UnicodeEncodeError as error:
            return WITH_MARK, [f"written as utf-8: {self.encoding}, as the file is, has no {labels[error.start]!r}"]
        return self.encoding, [f"written as {self.encoding}, as the file is"] if self.encoding != "utf-8" else []


def dropped(content: bytes, name: str, trained: Columns, limits: Limits) -> Dropped:
    """What a file of this name holds, in any format that `attnclf predict -f` reads. Raises DataError and Refused."""
    name = name.replace("\\", "/").rpartition("/")[2][:LONGEST_NAME] or "the file"
    reading = Config().data
    columns = TEXT_NAMES | set(trained.text)
    found = of_stream(io.BytesIO(content), name, name, most=UNPACKED * limits.body)
    if len(found) != 1:
        raise DataError(f"{name} holds {len(found)} files", hint="drop them one by one")
    (source,) = found
    format_ = format_of(source, columns=columns)
    if format_ is None:
        encoding = encoding_of(source, reading.encoding)
        lines = list(_bounded(read_lines(source, encoding.name), limits))
        remarks = [*source.remarks, *encoding.remarks, table_as_lines(name, Start.of(source.start), columns, "auto")]
        return _checked(Dropped(["text"], [[line] for line in lines], lines, encoding.name, remarks), name, limits)
    with format_.open(source, reading) as records:
        chosen = columns_of(records, reading, name, trained, labelled=False)
        kept = list(_bounded(records.rows, limits))
        cells = [[written_text(row.values.get(column, "")) for column in records.header] for row in kept]
        texts = [chosen.text_of(row) for row in kept]
        guessed = [f"{name}: {chosen}", text_as_header(name, format_, records.header, chosen)] if chosen.guessed else []
        again = [header_again(name, records.unit, row) for row in kept if is_header(row, records.header)][:1]
        empty = texts_without_values(name, records, chosen)
        remarks = [*source.remarks, *records.remarks, *guessed, *again, empty]
        return _checked(Dropped(records.header, cells, texts, records.encoding, remarks), name, limits)


def _bounded(rows: Any, limits: Limits) -> Any:
    """The rows. Raises Refused for too many, and where their values are too long, as they can be in a workbook."""
    size = 0
    for number, row in enumerate(rows):
        size += len(row) if isinstance(row, str) else sum(len(str(value)) for value in row.values.values())
        if number >= limits.rows:
            raise Refused(413, f"the file has more than {limits.rows:,} rows", hint=ANY_SIZE)
        if size > UNPACKED * limits.body:
            raise Refused(413, f"the file has more than {UNPACKED * limits.body:,} characters", hint=ANY_SIZE)
        yield row


def _checked(found: Dropped, name: str, limits: Limits) -> Dropped:
    if not found.texts:
        raise DataError(f"{name} holds no texts", hint="a file has one text a line, a table a header and rows")
    for number, text in enumerate(found.texts, 1):
        if len(text) > limits.characters:
            raise Refused(422, f"row {number:,} of {name} has {len(text):,} characters", hint=f"{limits.characters:,} at most")
    return found
