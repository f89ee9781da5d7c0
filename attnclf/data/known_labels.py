"""The labels of a table beside those of training: numbers are read alike however they are written, near ones are told."""

from collections import Counter
from collections.abc import Collection
from dataclasses import replace

from attnclf.data.labels import NEARLY, NUMBER, nearly_equal
from attnclf.data.table import Table
from attnclf.results import counted

TRUTH_VALUES = {"true": "True", "false": "False"}
AS_NUMBERS = {"true": "1", "false": "0"}


def differs(unknown: Counter[str], known: Collection[str]) -> str:
    """`'FAKE' differs from 'fake' in case only`; "" where no unknown label is nearly a known one."""
    rows = dict.fromkeys(known, 0) | dict(unknown)
    pairs = [
        (label, next(one for one in group if one in known))
        for group in nearly_equal(rows)
        for label in group
        if label in unknown and any(one in known for one in group)
    ]
    if not pairs:
        return ""
    (label, same), more = pairs[0], f" (and {len(pairs) - 1:,} more such)" if len(pairs) > 1 else ""
    return f"'{label}' differs from '{same}' in {'case' if label.casefold() == same.casefold() else NEARLY} only{more}"


def as_in_training(table: Table, labels: Collection[str], label_type: str) -> Table:
    """The table with truth values and numbers written as the `labels` of training are, which are of this type; a remark tells
    of numbers that were not."""
    known = set(labels)
    kind = _written_as(known) if label_type == "str" else label_type  # CSV knows no numbers
    if kind == "bool":  # which tables write as `true` too
        return replace(table, labels=[TRUTH_VALUES.get(label.casefold(), label) for label in table.labels])
    if kind not in ("int", "float"):
        return table
    written = {label: _number(label, kind) for label in set(table.labels) - known}
    written = {label: number for label, number in written.items() if number in known}
    if not (rows := sum(label in written for label in table.labels)):
        return table
    first = min(written)
    what = f"{counted(rows, 'label is', 'labels are')} read as in training, such as '{first}' as {written[first]}"
    return replace(
        table,
        labels=[written.get(label, label) for label in table.labels],
        remarks=(*table.remarks, f"{table.source}: {what}"),
    )


def _written_as(labels: Collection[str]) -> str:
    """The type of numbers that these labels are, if all are written as whole numbers or all as decimals; "str" for others."""
    if not all(map(NUMBER.fullmatch, labels)):
        return "str"
    decimal = {"." in label for label in labels}
    return "str" if len(decimal) > 1 else "float" if True in decimal else "int"


def _number(label: str, kind: str) -> str:
    """A number or truth value as labels of this type are written: `1.0` and `True` as the integer 1; others as they are."""
    number = AS_NUMBERS.get(label.casefold(), label)
    if not NUMBER.fullmatch(number):
        return label
    whole, _, fraction = number.partition(".")
    if kind == "int":
        return str(int(whole)) if not fraction.strip("0") else label
    return str(float(number) + 0.0)  # -0.0 is 0.0
