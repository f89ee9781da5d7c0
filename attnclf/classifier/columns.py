"""Which columns of a DataFrame are its texts, where a fit is not told: all of strings but those of labels and groups."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from attnclf.data import account_name, filled
from attnclf.errors import UsageError
from attnclf.results import listed

if TYPE_CHECKING:
    import pandas as pd

NAME_THEM = "name the columns of texts with `text_col`"


def text_columns(
    frame: "pd.DataFrame", group_col: str, y: Any, labels: Sequence[str], groups: Any, accounts: Sequence[str]
) -> tuple[tuple[str, ...], str]:
    """The names of the columns of strings but for `group_col`, and what is to be warned of: "" where there was no choice.

    A column that says the same as `labels` or `accounts` would give the answer away, and is left out. So is one with the name
    of `y` or `groups`, if its values repeat. If they do not, it holds the texts that `y` was made of: a Series keeps its name.
    Raises UsageError for a column with strings and other values, and where no column is left.
    """
    free = [place for place, name in enumerate(frame.columns) if name != group_col]
    names, given = [], []
    for place in free:
        name, column = frame.columns[place], frame.iloc[:, place]
        if not any(isinstance(cell, str) for cell in column):
            continue
        cells = filled(column)
        if len(free) > 1 and _same(y, name, cells, labels):
            given.append(f"column '{name}' is left out, with the name or the values of y")
        elif len(free) > 1 and _same(groups, name, cells, accounts, account_name):
            given.append(f"column '{name}' is left out, with the name or the values of groups")
        else:
            _check(cells, name)
            names.append(name)
    if not names:
        found = "; ".join([f"found: {', '.join(frame.columns)}", *given])
        raise UsageError(f"X is a DataFrame without a column of strings ({found})", hint=NAME_THEM if given else "")
    one = f"a text is the column '{names[0]}'"
    several = f"a text is all columns of strings, in order: {listed(map(repr, names))}"
    told = "; ".join([one if len(names) == 1 else several, *given, "`text_col` names others"])
    return tuple(names), told if len(free) > 1 else ""


def _named(given: Any, name: str) -> bool:
    """Whether what is given has the name of a column. Numbers are no names: pandas counts columns that have none."""
    own = getattr(given, "name", None)
    return isinstance(own, str) and own == name


def _same(
    given: Any, name: str, cells: Sequence[Any], values: Sequence[str], read: Callable[[Any], Any] = lambda cell: cell
) -> bool:
    """Whether a column says what was `given`, of which the `values` are text.

    It has the same values, once they are `read`; or they repeat, and stand one to one for the values, or under the same name.
    """
    if [read(cell) for cell in cells] == values:
        return True
    try:
        distinct = len(set(cells))
        pairs = len(set(zip(cells, values, strict=False)))
    except TypeError:  # a cell is a list, or something else that has no hash
        return False
    if not values or 2 * distinct > len(cells):
        return False
    return _named(given, name) or pairs == distinct == len(set(values))


def _check(cells: Sequence[Any], name: str) -> None:
    for row, cell in enumerate(cells):
        if not isinstance(cell, str):
            what = f"X, row {row}: column '{name}' holds {cell!r:.60}, and a text is a string"
            raise UsageError(what, hint=f"make each text a string, or {NAME_THEM}")
