"""Findings on labels: empty, too few, nearly equal, rare, unknown to the training rows, or perhaps no labels."""

from collections import Counter
from collections.abc import Iterator, Mapping

from attnclf.checking.label_values import measured_labels, missing_labels, several_labels
from attnclf.checking.tables import NAMES, Tables, first_rows, named, rows_with
from attnclf.data import Table
from attnclf.data.known_labels import differs
from attnclf.data.labels import nearly_equal, nearly_equal_in_words
from attnclf.results import EXAMPLES, Example, Finding, Severity, counted

RARE = 10  # rows; a label with fewer can hardly be learnt


def label_findings(tables: Tables) -> Iterator[Finding]:
    """All findings on labels."""
    table, counts = tables.train, Counter(tables.train.labels)
    for role, one in tables:
        yield from _empty(role, one)
    yield from _single_label(table, counts)
    yield from _nearly_equal(table, counts)
    yield from missing_labels(table, counts)
    yield from several_labels(table, counts)
    measured = list(measured_labels(table, counts))
    # More rows of a measurement would not help.
    yield from measured or _rare(table, counts, split_later=tables.valid is None)
    for role, other in tables.others:
        yield from _unknown(role, other, counts)
        yield from _missing(role, other, counts)


def _empty(role: str, table: Table) -> Iterator[Finding]:
    if table.unlabelled:
        of = "" if role == "train" else f"{NAMES[role]} "
        what = counted(len(table.unlabelled), f"{of}row has no label, and is", f"{of}rows have no label, and are")
        examples = tuple(Example(place, text, "no label") for place, text in table.unlabelled[:EXAMPLES])
        stops = "evaluation" if role == "test" else "training"
        yield Finding(
            "empty-labels" if role == "train" else f"empty-labels-{role}",
            "error",
            f"{what} left out of all other counts",
            len(table.unlabelled),
            examples,
            f"give each such row a label, or remove it: {stops} stops at the first",
        )


def _single_label(table: Table, counts: Mapping[str, int]) -> Iterator[Finding]:
    if len(counts) == 1:
        what = f"every row has the label '{next(iter(counts))}'"
        advice = "add rows of another label, or name another column with `label_col`"
        yield Finding("single-label", "error", what, len(table.labels), first_rows(table, range(len(table.labels))), advice)


def _nearly_equal(table: Table, counts: Mapping[str, int]) -> Iterator[Finding]:
    rarer = {label for group in nearly_equal(counts) for label in group[1:]}
    if rarer:
        yield Finding(
            "near-equal-labels",
            "warning",
            f"{nearly_equal_in_words(counts)}; they are kept apart",
            sum(counts[label] for label in rarer),
            first_rows(table, rows_with(table, rarer)),
            "write each label in one way, unless they mean different things",
        )


def _rare(table: Table, counts: Mapping[str, int], *, split_later: bool) -> Iterator[Finding]:
    single = sorted(label for label, n in counts.items() if n == 1)
    few = sorted(label for label, n in counts.items() if 1 < n < RARE)
    if single:
        what = f"{counted(len(single), 'label has', 'labels have')} a single row"
        what += ", which is trained on and not validated" if split_later else " to train on"
        examples = first_rows(table, rows_with(table, set(single)))
        advice = "add rows of them; `min_rows=2` leaves such labels out"
        yield Finding("single-row-labels", "warning", f"{what}: {named(single)}", len(single), examples, advice)
    if few:
        what = f"{counted(len(few), 'label has', 'labels have')} fewer than {RARE} rows: {named(few)}"
        examples = first_rows(table, rows_with(table, set(few)))
        advice = f"add rows of them; `min_rows={RARE}` leaves such labels out"
        yield Finding("rare-labels", "note", what, sum(counts[label] for label in few), examples, advice)


def _unknown(role: str, other: Table, counts: Mapping[str, int]) -> Iterator[Finding]:
    if rows_of := Counter(label for label in other.labels if label not in counts):
        unknown, near = sorted(rows_of), differs(rows_of, counts.keys())
        rows = list(rows_with(other, set(unknown)))
        many = counted(len(rows), f"{NAMES[role]} row has a label", f"{NAMES[role]} rows have labels")
        yield Finding(
            f"unknown-labels-{role}",
            "error" if role == "valid" else "warning",
            f"{many} that no training row has: {named(unknown)}{f'; {near}' if near else ''}",
            len(rows),
            first_rows(other, rows),
            "add training rows of these labels, or leave these rows out",
        )


def _missing(role: str, other: Table, counts: Mapping[str, int]) -> Iterator[Finding]:
    """Labels of which `other` has no row: nothing is measured of them. Where it has no row of any, `_unknown` says why."""
    missing = sorted(set(counts) - set(other.labels))
    if len(missing) < len(counts) and missing:
        what = f"{counted(len(missing), 'label has', 'labels have')} no {NAMES[role]} row: {named(missing)}"
        advice = f"add {NAMES[role]} rows of these labels: no score tells how well they are recognised"
        severity: Severity = "warning" if role == "valid" else "note"
        yield Finding(f"missing-labels-{role}", severity, what, len(missing), (), advice)
