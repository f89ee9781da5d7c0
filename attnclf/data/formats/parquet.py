"""Tables in Parquet files, read and written batch by batch."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any, BinaryIO

from attnclf.config import DataConfig
from attnclf.data.formats.base import FORMATS, Records, Row, Start, Write, text_of
from attnclf.data.sources import Source
from attnclf.errors import DataError

BATCH = 4_096  # rows


@FORMATS.register("parquet", "a Parquet file")
@dataclass(frozen=True)
class Parquet:
    """A column is what its schema says. Values that are no text are read as they are, lists and records as JSON."""

    extensions: tuple[str, ...] = (".parquet", ".pq")
    written: tuple[str, ...] = (".parquet", ".pq")

    def recognises(self, start: Start) -> bool:
        return start.data.startswith(b"PAR1")

    @contextmanager
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
            repeated = next((name for name in header if header.count(name) > 1), None)
            if repeated is not None:
                raise DataError(f"{source.name}: it has two columns '{repeated}'", hint="rename one of them")
            yield Records(header, _rows(file, source), unit="row", types=file.schema_arrow)

    @contextmanager
    def writing(self, stream: BinaryIO, header: Sequence[str], encoding: str, types: Any) -> Iterator[Write]:
        """Columns of `types` keep their type; numbers and truth values in others are told by the first batch."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        writer: Any = None
        batch: list[Sequence[Any]] = []

        def flush() -> None:
            nonlocal writer
            columns = list(zip(*batch, strict=True)) if batch else [()] * len(header)
            if writer is None:
                schema = pa.schema([(name, _type(name, values, types)) for name, values in zip(header, columns, strict=True)])
                writer = pq.ParquetWriter(stream, schema)
            arrays = [_array(values, field) for values, field in zip(columns, writer.schema, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=writer.schema))
            batch.clear()

        def write(values: Sequence[Any]) -> None:
            batch.append(values)
            if len(batch) == BATCH:
                flush()

        yield write
        if batch or writer is None:
            flush()
        writer.close()


def _rows(file: Any, source: Source) -> Iterator[Row]:
    import pyarrow as pa

    number = 0
    try:
        for batch in file.iter_batches(batch_size=BATCH):
            for values in batch.to_pylist():
                number += 1
                yield Row(values, number)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        problem = f"{source.name}, after row {number}: a damaged Parquet file ({str(error)[:60]})"
        raise DataError(problem, hint="make or download it again") from error


def _type(name: str, values: Sequence[Any], types: Any) -> Any:
    import pyarrow as pa

    if types is not None and name in types.names:
        return types.field(name).type
    kinds = {type(value) for value in values}
    return {bool: pa.bool_(), float: pa.float64(), int: pa.int64()}.get(kinds.pop() if len(kinds) == 1 else str, pa.string())


def _array(values: Sequence[Any], field: Any) -> Any:
    import pyarrow as pa

    if pa.types.is_string(field.type):
        return pa.array([None if value is None else text_of(value) for value in values], field.type)
    return pa.array(values, field.type)
