"""A pandas DataFrame as a table."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from attnclf.config import DataConfig
from attnclf.data.account_names import AccountNames
from attnclf.data.columns import Columns, choose_columns, joined_columns
from attnclf.data.formats import Row, refuse_repeated
from attnclf.data.labels import tidied_in_words
from attnclf.data.table import Table, label_of, of_one_type, one_of, types_in_words, without_label
from attnclf.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

SOURCE = "the DataFrame"


def table_of(frame: "pd.DataFrame", config: DataConfig, trained: Columns | None = None) -> Table:
    """A pandas DataFrame as a table. A missing text is an empty text.

    Raises DataError for a missing label, for a text that is no string, and for a column that is named and stands twice.
    """
    names = [str(column) for column in frame.columns]  # a column's name may be a number
    columns = choose_columns(names, config, SOURCE, trained)
    refuse_repeated([name for name in names if name in columns.named], SOURCE)
    named = dict(zip(names, frame.columns, strict=True))
    if not len(frame):
        raise DataError(f"{SOURCE} has no rows", hint="add at least one row of text and label")
    texts = joined_texts([_texts(frame[named[name]], name) for name in columns.text])
    given = [_plain(cell) for cell in filled(frame[named[columns.label]])]
    labels = [label_of(Row({columns.label: cell}, number), columns.label, SOURCE, "row") for number, cell in enumerate(given)]
    if empty := [number for number, label in enumerate(labels) if not label]:
        raise without_label(f"{SOURCE}, row {empty[0]}", columns.label, len(empty))
    accounts = AccountNames()
    groups = [accounts.name_of(_plain(cell)) for cell in filled(frame[named[columns.group]])] if columns.group else []
    tidied = sum(label != before for label, before in zip(labels, given, strict=True) if isinstance(before, str))
    types = set(map(type, given))
    return Table(
        texts,
        of_one_type(labels, types),
        groups,
        SOURCE,
        columns,
        remarks=(*tidied_in_words(tidied), *accounts.remarks, *types_in_words(types)),
        label_type=one_of(types),
        lines=range(len(labels)),
    )


def filled(series: "pd.Series[Any]") -> list[Any]:
    """The values of a column, "" where one is missing."""
    return ["" if missing else cell for cell, missing in zip(series, series.isna(), strict=True)]


def joined_texts(columns: Sequence[list[str]]) -> list[str]:
    """The texts of several columns row by row, as `Columns.text_of` has those of a row."""
    return columns[0] if len(columns) == 1 else list(map(joined_columns, zip(*columns, strict=True)))


def _texts(series: "pd.Series[Any]", name: str) -> list[str]:
    texts = filled(series)
    for row, text in enumerate(texts):
        if not isinstance(text, str):
            problem = f"{SOURCE}, row {row}: column '{name}' holds {text!r:.60}, and a text is a string"
            hint = "decode bytes with .decode()" if isinstance(text, bytes) else "make each text a string"
            raise DataError(problem, hint=hint)
    return texts


def _plain(cell: Any) -> Any:
    """NumPy's numbers as Python's."""
    return cell.item() if hasattr(cell, "item") else cell
