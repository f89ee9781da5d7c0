"""Labels as Python has them, beside labels as a model has them, which are text: from one to the other and back."""

import warnings
from collections.abc import Iterable, Mapping, Sequence, Set
from math import isnan
from numbers import Real
from typing import Any, TypeAlias

import numpy as np

from attnclf.bundle import Bundle
from attnclf.data.labels import common_type, tidy
from attnclf.errors import DataError, UsageError

Label: TypeAlias = str | int | float | bool
Prior: TypeAlias = Mapping[Label, float]
TYPES = {"bool": bool, "int": int, "float": float, "str": str}


def values_of(y: Any, what: str = "y", one: str = "label") -> list[Label]:
    """The labels in a list, an array, a Series or a frame of one column, as plain Python values; of groups, the accounts.

    `what` and `one` name them in messages, all and each. Raises UsageError for what holds no labels, or one that is no string,
    number or truth value; DataError for a missing one.
    """
    if y is None:
        raise UsageError(
            f"AttentionClassifier requires {what} to be passed, but the target {what} is None",
            hint="pass one label for each text: fit(texts, labels)",
        )
    if hasattr(y, "__array__") and not isinstance(y, Iterable):
        y = np.asarray(y)
    if isinstance(y, str | bytes | Mapping | Set) or not isinstance(y, Iterable) or hasattr(y, "read"):
        raise UsageError(f"{what} is one {type(y).__name__}", hint=f"pass a list with one {one} for each text")
    return [_plain(label, f"{what}[{row}]", one) for row, label in enumerate(_flat(y, what, one))]


def cell_of(value: Any) -> Any:
    """A value as a table has it: NumPy's and Arrow's as Python's, and None for what pandas says is missing."""
    value = value.item() if isinstance(value, np.generic) else value.as_py() if hasattr(value, "as_py") else value
    return None if type(value).__name__ in ("NAType", "NaTType") else value


def _flat(y: Any, what: str, one: str) -> Any:
    """The labels one after the other; a column of them with a warning, as in scikit-learn."""
    shape: tuple[int, ...] = getattr(y, "shape", (0,))
    if len(shape) == 1:
        return y
    if len(shape) == 2 and shape[1] == 1:
        from sklearn.exceptions import DataConversionWarning

        message = f"A column-vector {what} was passed when a 1d array was expected: pass {what}.ravel()"
        warnings.warn(message, DataConversionWarning, stacklevel=5)
        return np.asarray(y).ravel()
    raise UsageError(f"{what} has the shape {tuple(shape)}", hint=f"{what} should be a 1d array: one {one} for each text")


def _plain(label: Any, where: str, one: str) -> Label:
    label = cell_of(label)
    if label is None or (isinstance(label, float) and isnan(label)):
        hint = "give the row a label, or remove it" if one == "label" else f"name its {one}, or remove the row"
        raise DataError(f"{where} is missing", hint=hint)
    for kind in (bool, int, float):
        if isinstance(label, kind):
            return kind(label) + 0.0 if kind is float else kind(label)  # -0.0 and 0.0 are one label
    if isinstance(label, str):
        return str.__str__(label)  # an enumeration's member is its value
    raise UsageError(
        f"{where} is {label!r}, and {'an' if one == 'account' else 'a'} {one} is a string, a number or a truth value"
    )


def as_text(labels: Sequence[Label], what: str = "y") -> tuple[list[str], str]:
    """Each label as text, and the type that all have: "str", "int", "float" or "bool".

    A string stays as it is, so that what is predicted equals what was given. Raises UsageError for labels of several types, and
    DataError for an empty one, one with half a character, only one, or numbers that are no labels.
    """
    kinds = frozenset(type(label).__name__ for label in labels)
    kind = common_type(kinds) if kinds else "str"  # without labels there is nothing to tell
    if not kind:
        raise UsageError(f"{what} has labels of several types: {', '.join(sorted(kinds))}", hint="make them all strings")
    texts = [str(TYPES[kind](label)) for label in labels]
    first: dict[str, int] = {}
    for row, text in enumerate(texts):
        first.setdefault(text, row)
    for text, row in first.items():
        if not tidy(text, f"{what}[{row}]"):
            raise DataError(f"{what}[{row}] is {text!r}, an empty label", hint="give the row a label, or remove it")
    if len(first) == 1:
        raise DataError(f"{what} has one class only, {texts[0]!r}", hint="a classifier needs at least two labels")
    if kind == "float" and 2 * len(first) > len(texts) and not all(float(text).is_integer() for text in first):
        what = f"{what} has {len(first):,} different numbers in {len(texts):,} rows: continuous values, and no labels"
        raise DataError(what, hint="put them into classes, such as numpy.digitize does")
    return texts, kind


def rates_of(prior: Any) -> dict[str, float]:
    """Base rates by label, which is text here: `{1: .02}` → `{"1": 0.02}`. Raises UsageError for what is no such mapping."""
    if prior is None:
        return {}
    if not isinstance(prior, Mapping):
        raise UsageError(f"`prior` is {prior!r:.60}", hint="pass a dictionary, such as {'fake': .02}")
    for label, rate in prior.items():
        if isinstance(rate, bool | np.bool_) or not isinstance(rate, Real):
            raise UsageError(f"`prior` of '{label}' is {rate!r:.60}", hint="a base rate is a number between 0 and 1")
    return {str(label): float(rate) for label, rate in prior.items()}


def in_order(bundle: Bundle) -> tuple[tuple[Label, ...], list[int]]:
    """The labels of a model in their type, sorted, and the column of the model's answers that each has."""
    typed = bundle.typed_labels
    columns = sorted(range(len(typed)), key=lambda column: typed[column])  # numbers by size, not as text
    return tuple(typed[column] for column in columns), columns
