"""Findings on texts that stand more than once: within the training rows, and in two tables."""

from collections.abc import Iterator

from attnclf.checking.tables import NAMES, Tables, first_rows
from attnclf.data import Table
from attnclf.data.repeats import contradictions_in_words, repeats_of, shared_in_words, shared_rows
from attnclf.results import EXAMPLES, Example, Finding, counted


def repeat_findings(tables: Tables) -> Iterator[Finding]:
    """Repeats and contradictions, and texts on both sides."""
    table = tables.train
    repeats = repeats_of(table.texts, table.labels)
    if contradictions := contradictions_in_words(repeats):
        advice = "decide on one label for each such text: no model can be right about both"
        examples = first_rows(table, repeats.opposed)
        yield Finding("contradictions", "warning", contradictions, repeats.contradicting, examples, advice)
    if repeats.rows:
        examples = tuple(_repeat(table, row, before) for row, before in repeats.repeated)
        what = f"{counted(repeats.rows, 'row repeats', 'rows repeat')} the text of another"
        advice = "leave repeats out, unless a text should count as often as it stands; equal texts "
        advice += "of two accounts may stand on both sides of the split" if table.groups else "stay on one side of the split"
        yield Finding("repeats", "note", what, repeats.rows, examples, advice)
    for side, first, role, other in tables.pairs:
        yield from _shared_texts(side, first, role, other)


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
