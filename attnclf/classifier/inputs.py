"""What is taken for texts and for a table: it is read, or refused with a hint, and never walked as something else."""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np

from attnclf.classifier.columns import text_columns
from attnclf.classifier.labels import Label, as_text, cell_of, values_of
from attnclf.config import DataConfig
from attnclf.data import (
    FEW_ROWS,
    AccountNames,
    Columns,
    Table,
    account_name,
    filled,
    joined_texts,
    read_table,
    table_of,
    without_accounts,
)
from attnclf.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    Data: TypeAlias = str | Path | Sequence[str | Path] | pd.DataFrame
    Texts: TypeAlias = Iterable[str] | pd.DataFrame
    Labels: TypeAlias = Sequence[Label] | np.ndarray[Any, Any] | pd.Series[Any]

TEXT, LABEL, GROUP = "text", "label", "group"  # the columns of texts, labels and groups that come without a name


def texts_of(texts: "Texts", trained: Sequence[str] = ()) -> list[str]:
    """The texts, of a frame those in the columns that the model was `trained` on. Raises UsageError for what is no text."""
    return _in_columns(_frame(texts), trained, "on which the model was trained") if is_frame(texts) else strings_of(texts)


def strings_of(texts: Any, what: str = "texts", *, gaps: bool = False) -> list[str]:
    """The texts of a list, an array, a Series, or anything else that holds them one after the other; messages say `what` it is.

    A value that is missing in a Series, or in a column of a frame, is an empty text, and elsewhere where there may be `gaps`.
    """
    kind = type(texts).__name__
    if hasattr(texts, "__array__") and not isinstance(texts, Iterable):
        texts = np.asarray(texts)
    if isinstance(texts, str | bytes) or not isinstance(texts, Iterable) or getattr(texts, "shape", None) == ():
        raise UsageError(f"{what} is one {kind}", hint="pass a list: [text]")
    if isinstance(texts, Mapping):
        raise UsageError(f"{what} is a {kind}, and its keys are not texts", hint="pass its values: list(texts.values())")
    if isinstance(texts, set | frozenset):
        raise UsageError(f"{what} is a {kind}, which has no order", hint="pass a list: list(texts)")
    if hasattr(texts, "read"):
        raise UsageError(f"{what} is an open file ({kind})", hint="pass its lines: file.read().splitlines()")
    shape: tuple[int, ...] = getattr(texts, "shape", None) or (0,)
    if len(shape) > 1:
        if len(shape) > 2 or shape[1] != 1:
            hint = "pass one text for each row, or a DataFrame, whose columns have names"
            raise UsageError(f"{what} has the shape {tuple(shape)}", hint=hint)
        texts = cast(Any, texts).ravel()
    found = filled(cast(Any, texts)) if hasattr(texts, "isna") else list(texts)
    for row, given in enumerate(found):
        if not isinstance(given, str):
            text = cell_of(given)
            missing = text is None or (isinstance(text, float) and isnan(text))
            if not (isinstance(text, str) or (missing and gaps)):
                hint = "replace what is missing by ''" if missing else "pass strings"
                raise UsageError(f"{what}[{row}] is {given!r:.60}, not a string", hint=hint)
            found[row] = "" if missing else text
    return found


def one_text(text: Any) -> str:
    """The text. Raises UsageError for anything else, such as a list of texts."""
    if not isinstance(text, str):
        what = f"text is {text!r:.60}, not a string"
        raise UsageError(what, hint="pass one text; of several: [model.explain(text) for text in texts]")
    return text


def table_given(x: "Texts", y: "Labels", groups: Any, config: DataConfig) -> Table:
    """Texts, labels and groups as a table, with the names of their columns where they have some.

    Of a frame the texts are in the columns that `config` names, or else in those of strings, joined. Warns, to the caller's
    caller, of the columns where there was a choice, and of names of groups that were made one or are nearly equal. Raises
    UsageError for what is no text or no label, and DataError for a label or a group that is missing.
    """
    labels, kind = as_text(values_of(y))
    found, remarks = _groups(x, groups, config.group_col)
    if is_frame(x):
        frame, names, told = _frame(x), config.text_col, ""
        if not names:
            names, told = text_columns(frame, config.group_col, y, labels, groups, found)
        texts = _in_columns(frame, names, "which `text_col` names")
        remarks = [told, *remarks] if told else remarks
    else:
        texts = strings_of(x)
        names = (str(getattr(x, "name", None) or TEXT),)
    if not texts:
        raise UsageError(
            "X has no texts: 0 sample(s) while a minimum of 1 is required", hint="pass at least one text of each label"
        )
    if len(labels) != len(texts):
        raise UsageError(f"X has {len(texts):,} texts and y {len(labels):,} labels", hint="pass one label for each text")
    if found and len(found) != len(texts):
        raise UsageError(f"X has {len(texts):,} texts and groups {len(found):,} values", hint="pass one group for each text")
    for remark in remarks:
        warnings.warn(remark, stacklevel=3)
    group = config.group_col or getattr(groups, "name", None) or GROUP
    columns = Columns(names, str(getattr(y, "name", None) or LABEL), str(group) if found else "")
    return Table(texts, labels, found, "X", columns, label_type=kind)


def column_of(x: "Texts", name: str) -> Any:
    """The column of this name, where `x` is a frame that has it; else None."""
    return _frame(x)[name] if is_frame(x) and name in _frame(x).columns else None


def table_from(data: "Data", config: DataConfig, trained: Columns | None = None) -> Table:
    """A labelled table from files or a frame; `trained` has the columns that a model was trained on."""
    if isinstance(data, str | Path):
        data = [data]
    kind = type(data).__name__
    if isinstance(data, Sequence) and not isinstance(data, bytes) and data:
        for one in data:
            if not isinstance(one, str | Path):
                what = f"data is a {kind} that holds one {type(one).__name__}"
                raise UsageError(what, hint="pass paths; pandas.concat joins DataFrames")
        return read_table(data, config, trained, keep_others=trained is None, others_until=FEW_ROWS)
    if is_frame(data):
        return table_of(cast("pd.DataFrame", data), config, trained)
    empty = isinstance(data, Sequence) and not data
    how = ", such as data.to_pandas()" if hasattr(data, "to_pandas") else ""
    hint = f"pass a path, a list of paths, or a pandas DataFrame{how}"
    raise UsageError(f"data is an empty {kind}" if empty else f"data is one {kind}", hint=hint)


def table_to_score(data: "Data", config: DataConfig, trained: Columns, *, of_accounts: bool = False) -> Table:
    """The same. Warns, to the caller's caller, of what was guessed of a file or replaced, and of a column that is not there.

    Raises UsageError where accounts are to be scored, and their column is not there.
    """
    table = table_from(data, config, trained)
    if of_accounts and not table.groups:
        remedy = "if accounts stand under another name, pass it as `group_col`"
        raise UsageError(f"no column '{config.group_col or trained.group}' of accounts in {table.source}", hint=remedy)
    missing = [without_accounts(trained.group, table.source)] if trained.group and not table.groups else []
    for message in [*table.remarks, *missing]:
        warnings.warn(message, stacklevel=3)
    return table


def is_frame(thing: Any) -> bool:
    """Whether it is a DataFrame."""
    return hasattr(thing, "columns") and hasattr(thing, "isna")


def _frame(thing: Any) -> "pd.DataFrame":
    """The frame with text for names of its columns."""
    return cast("pd.DataFrame", thing.set_axis([str(column) for column in thing.columns], axis=1))


def _in_columns(frame: "pd.DataFrame", names: Sequence[str], why: str) -> list[str]:
    found = list(frame.columns)
    for name in names:
        if name not in found:
            raise UsageError(
                f"texts is a DataFrame without the column '{name}', {why} (found: {', '.join(found)})",
                hint=f"pass the column that holds the texts, such as frame['{found[0] if len(found) == 1 else TEXT}']",
            )
        if found.count(name) > 1:
            raise UsageError(f"texts is a DataFrame with several columns '{name}'", hint="rename or drop all but one")
    return joined_texts([strings_of(frame[name]) for name in names])


def _groups(x: Any, groups: Any, group_col: str) -> tuple[list[str], list[str]]:
    """The account of each row, none where no groups were asked for; and what is to be told of their names."""
    there = column_of(x, group_col) if group_col else None
    if groups is None and group_col and there is None:
        raise UsageError(
            f"`group_col` is '{group_col}', and X has no such column",
            hint="pass X as a DataFrame with it, or groups, or leave `group_col` out",
        )
    given = there if groups is None else groups
    names = AccountNames()
    found = [] if given is None else [names.name_of(value) for value in values_of(given, "groups", "account")]
    if groups is not None and there is not None and found != [account_name(cell_of(value)) for value in there]:
        what = f"groups are given, and X has the column '{group_col}', which `group_col` names, with other values"
        raise UsageError(what, hint="leave one of them out")
    return found, names.remarks
