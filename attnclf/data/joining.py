"""Texts that stand in several columns of a frame: their values become one text, in the order of the columns."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

BETWEEN = " ␞ "  # the values of a text, and the names of its columns


def joined_columns(frame: "pd.DataFrame", names: Sequence[str]) -> list[str]:
    """Each row's values in these columns as one text. A missing value is empty, and a row without any value is empty."""
    columns = [
        ["" if missing else str(cell) for cell, missing in zip(frame[name], frame[name].isna(), strict=True)] for name in names
    ]
    return [BETWEEN.join(cells) if any(map(str.strip, cells)) else "" for cells in zip(*columns, strict=True)]


def joined_name(names: Sequence[str]) -> str:
    """The columns as one name, which the model directory keeps; `names_joined` takes it apart."""
    return BETWEEN.join(names)


def names_joined(name: str) -> list[str]:
    """The columns of a name that `joined_name` made; one column is itself."""
    return name.split(BETWEEN)
