"""Findings on labels that are perhaps no labels: marks of missing values, several labels in a cell, measurements and ids."""

import re
from collections.abc import Iterator, Mapping, Set

from attnclf.checking.columns import is_number
from attnclf.checking.tables import first_rows, named, rows_with
from attnclf.data import Table
from attnclf.data.labels import says_missing
from attnclf.results import Finding, Severity, counted

MEANT = {"none", "없음", "missing", "na", "-"}  # marks of missing values that may well be labels; NA is North America
SEPARATORS = ",|;"
LISTED = re.compile(r"\[.*[,'\"].*\]|[({]['\"].*[)}]", re.DOTALL)  # as Python and JSON write several values
DATE = re.compile(r"(\d{4}\s?[-./년]\s?\d{1,2}\s?[-./월]\s?\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{4})(\D.*)?", re.DOTALL)
MANY = 20  # labels; measurements have more
NEARLY_EACH = 0.5  # of the rows has a label of its own


def missing_labels(table: Table, counts: Mapping[str, int]) -> Iterator[Finding]:
    """Labels that are how programs write a missing value."""
    missing = [label for label in counts if says_missing(label)]
    certain = [label for label in missing if label.casefold() not in MEANT]
    if labels := sorted(certain or missing):
        rows = list(rows_with(table, set(labels)))
        what = counted(len(rows), "row has a label that looks", "rows have a label that looks")
        message = f"{what} like a mark of a missing value ({named(labels)}): read as a label like others"
        advice = "label these rows, or leave them out" + ("" if certain else ", unless such a label is meant")
        severity: Severity = "warning" if certain else "note"
        yield Finding("missing-labels", severity, message, len(rows), first_rows(table, rows), advice)


def several_labels(table: Table, counts: Mapping[str, int]) -> Iterator[Finding]:
    """Labels that are made of others, or look like lists."""
    if several := sorted(_several(counts.keys())):
        rows = list(rows_with(table, set(several)))
        what = counted(len(several), "label looks like several in one cell", "labels look like several in one cell")
        message = f"{what}: {named(several)}; each cell counts as one label, which has nothing in common with others"
        advice = "give each row one label; where several hold of a text, train a model for each, on yes and no"
        yield Finding("several-labels", "warning", message, len(rows), first_rows(table, rows), advice)


def _several(labels: Set[str]) -> Set[str]:
    """Those that are written as a list, or with a separator of labels: one label, all of whose parts are labels, shows it."""
    found = {label for label in labels if LISTED.fullmatch(label)}
    for separator in SEPARATORS:
        parts = {label: {part.strip() for part in label.split(separator)} for label in labels if separator in label}
        if any(some <= labels for some in parts.values()):
            found |= {label for label, some in parts.items() if some & labels}
    return found


def measured_labels(table: Table, counts: Mapping[str, int]) -> Iterator[Finding]:
    """Labels that are numbers on a scale or dates, and such as are nearly all different."""
    kind = "labels-like-measurements"
    if len(counts) <= MANY:
        return
    if all(map(is_number, counts)) and not all(float(label).is_integer() for label in counts):
        what = "are all numbers, and not all whole"
    elif all(map(DATE.fullmatch, counts)):
        what = "are all dates"
    elif len(counts) > NEARLY_EACH * len(table.labels):
        kind, what = "labels-like-ids", f"stand in {len(table.labels):,} rows, as names or ids do"
    else:
        return
    message = f"{len(counts):,} labels {what}: {named(list(counts))}; a classifier treats each as a label of its own"
    advice = "group them into classes, or name another column with `label_col`"
    yield Finding(kind, "warning", message, len(table.labels), first_rows(table, range(len(table.labels))), advice)
