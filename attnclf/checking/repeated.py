"""Findings on texts that stand more than once: within the training rows, and in two tables."""

from collections.abc import Iterator
from itertools import islice

from attnclf.checking.tables import NAMES, Tables, first_rows
from attnclf.data import Table
from attnclf.data.repeats import contradictions_in_words, repeats_of, shared_in_words, shared_rows
from attnclf.results import EXAMPLES, Example, Finding, counted


def repeat_findings(tables: Tables) -> Iterator[Finding]:
    """Repeats and contradictions, and texts and accounts on both sides."""
    table = tables.train
    repeats = repeats_of(table.texts, table.labels)
    if contradictions := contradictions_in_words(repeats):
        advice = "decide on one label for each such text: no model can be right about both"
        examples = first_rows(table, repeats.opposed)
        yield Finding("contradictions", "warning", contradictions, repeats.contradicting, examples, advice)
    if repeats.rows:
        examples = tuple(_repeat(table, row, before) for row, before in repeats.repeated)
        what = f"{counted(repeats.rows, 'row repeats', 'rows repeat')} the text of another"
        advice = (
            "leave repeats out, unless a text should count as often as it stands; equal texts stay on one side of the split"
        )
        yield Finding("repeats", "note", what, repeats.rows, examples, advice)
    pairs = [("train", table, role, other) for role, other in tables.others]
    if tables.valid and tables.test:
        pairs.append(("valid", tables.valid, "test", tables.test))
    for side, first, role, other in pairs:
        yield from _shared_texts(side, first, role, other)
        yield from _shared_accounts(side, first, role, other)


def _repeat(table: Table, row: int, before: int) -> Example:
    return Example(table.place(row), table.texts[row], f"as in {table.place(before)}")


def _shared_texts(side: str, first: Table, role: str, other: Table) -> Iterator[Finding]:
    shared = shared_rows(other.texts, first.texts)
    if not shared:
        return
    message = shared_in_words(len(shared), len(other.texts), NAMES[role])
    if side != "train":
        message = message.replace("training", NAMES[side]).split(";")[0]
    differing = [pair for pair in shared if other.labels[pair[0]] != first.labels[pair[1]]]
    shown = (*differing, *(pair for pair in shared if other.labels[pair[0]] == first.labels[pair[1]]))[:EXAMPLES]
    examples = tuple(
        Example(other.place(row), other.texts[row], f"label {other.labels[row]}; as in {first.place(at)}, {first.labels[at]}")
        for row, at in shown
    )
    if differing:
        message += f"; {counted(len(differing), 'has', 'have')} another label there"
    advice = f"leave these rows out of the {NAMES[role]} file, or out of the {NAMES[side]} rows"
    yield Finding(f"shared-texts-{side}-{role}", "warning", message, len(shared), examples, advice)


def _shared_accounts(side: str, first: Table, role: str, other: Table) -> Iterator[Finding]:
    known = {name: row for row, name in reversed(list(enumerate(first.groups))) if name}
    rows = [row for row, name in enumerate(other.groups) if name in known]
    if not rows:
        return
    accounts = {other.groups[row] for row in rows}
    column = other.columns.group
    what = counted(len(accounts), f"value of '{column}' stands", f"values of '{column}' stand")
    examples = tuple(
        Example(other.place(row), other.groups[row], f"as in {first.place(known[other.groups[row]])}")
        for row in islice({other.groups[row]: row for row in reversed(rows)}.values(), EXAMPLES)
    )
    where = f"in {len(rows):,} of {len(other.texts):,} {NAMES[role]} rows"
    message = f"{what} in both the {NAMES[side]} and the {NAMES[role]} rows, {where}"
    advice = "put all rows of an account in one file: a model knows accounts that it has met"
    yield Finding(f"shared-accounts-{side}-{role}", "warning", message, len(rows), examples, advice)
