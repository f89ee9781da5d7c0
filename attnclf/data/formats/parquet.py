"""Tables in Parquet files, read and written batch by batch."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any, BinaryIO

from attnclf.config import DataConfig
from attnclf.data.formats.base import FORMATS, Records, Row, Start, Write, opening, refuse_repeated, written_text
from attnclf.data.sources import Source
from attnclf.errors import DataError

BATCH = 4_096  # rows


@FORMATS.register("parquet", "a Parquet file")
@dataclass(frozen=True)
class Parquet:
    """A column is what its schema says. Values that are no text are read as they are, lists and records as JSON."""

    extensions: tuple[str, ...] = (".parquet", ".pq")
    written: tuple[str, ...] = (".parquet", ".pq")
    binary: bool = True  # and so surely recognised by its content

    def recognises(self, start: Start) -> bool:
        return start.data.startswith(b"PAR1")

    @opening()
    def open(self, source: Source, config: DataConfig) -> Iterator[Records]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        with source.open() as stream:
            # Compressed files can only be read forwards, and a Parquet file begins at its end.
            seekable = stream if stream.seekable() else BytesIO(stream.read())
            try:
                file = pq.ParquetFile(seekable)
                header = list(file.schema_arrow.names)
            except (pa.ArrowException, OSError) as error:
                problem = f"{source.name}: a damaged Parquet file ({str(error).split('.', 1)[0]})"
                raise DataError(problem, hint="make or download it again") from error
            refuse_repeated(header, source.name)
            yield Records(header, _rows(file, source), unit="row", types=file.schema_arrow)

    @contextmanager
    def writing(self, stream: BinaryIO, header: Sequence[str], encoding: str, types: Any) -> Iterator[Write]:
        """Columns of `types` keep their type. Others have that of their first values, and are text where it is not one."""
        import pyarrow.parquet as pq

        writer: Any = None
        batch: list[Sequence[Any]] = []

        def flush() -> None:
            nonlocal writer
            columns = list(zip(*batch, strict=True)) if batch else [()] * len(header)
            schema = _schema(header, columns, types) if writer is None else writer.schema
            table = _table(columns, schema)  # before the writer, which would write a file without rows
            writer = writer or pq.ParquetWriter(stream, schema)
            writer.write_table(table)
            batch.clear()

        def write(values: Sequence[Any]) -> None:
            batch.append(values)
            if len(batch) == BATCH:
                flush()

        try:
            yield write
            if batch or writer is None:
                flush()
        finally:
            if writer is not None:
                writer.close()


def _rows(file: Any, source: Source) -> Iterator[Row]:
    import pyarrow as pa

    number = 0
    try:
        for batch in file.iter_batches(batch_size=BATCH):
            for values in batch.to_pylist():
                number += 1
                yield Row(values, number)
    except (pa.ArrowException, OSError, UnicodeDecodeError, OverflowError, ValueError) as error:
        problem = f"{source.name}, after row {number}: a damaged Parquet file ({str(error)[:60]})"
        raise DataError(problem, hint="make or download it again") from error


def _schema(header: Sequence[str], columns: Sequence[Sequence[Any]], types: Any) -> Any:
    import pyarrow as pa

    known = {bool: pa.bool_(), float: pa.float64(), int: pa.int64()}
    fields = []
    for name, values in zip(header, columns, strict=True):
        kinds = {type(value) for value in values if value is not None}
        of_values = known.get(kinds.pop() if len(kinds) == 1 else str, pa.string())
        fields.append((name, types.field(name).type if types is not None and name in types.names else of_values))
    return pa.schema(fields)


def _table(columns: Sequence[Sequence[Any]], schema: Any) -> Any:
    import pyarrow as pa

    arrays = []
    for values, field in zip(columns, schema, strict=True):
        plain = [None if value is None else _whole(value) for value in values] if pa.types.is_string(field.type) else values
        try:
            if pa.types.is_integer(field.type) and any(isinstance(value, float) for value in values):
                raise ValueError("a decimal number")  # which pyarrow would cut
            arrays.append(pa.array(plain, field.type))
        except (pa.ArrowException, OverflowError, TypeError, ValueError) as error:
            problem = f"column '{field.name}' has a value that is not of its type, {field.type} ({str(error)[:60]})"
            raise DataError(problem, hint="write CSV or JSON Lines") from error
    return pa.Table.from_arrays(arrays, schema=schema)


def _whole(value: Any) -> str:
    """A value as text that UTF-8 has: half a character is written as its escape."""
    return written_text(value).encode("utf-8", "backslashreplace").decode()
