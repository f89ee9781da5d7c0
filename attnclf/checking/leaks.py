"""Findings on what gives the label away: another column, the order of the rows, or one word of the text.

A model that learns such a thing has high scores here and none where the column, the order or the word is missing.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from attnclf.checking.tables import Tables, first_rows, percent
from attnclf.data import Table
from attnclf.reading.tokens import plain_words
from attnclf.results import EXAMPLES, Example, Finding, counted

NEARLY_ALL = 0.95  # of the errors of always guessing the commonest label, which a column would avoid
FEWEST = 20  # rows, to judge by
BINS = 20  # of a column of numbers
SORTED = 0.5  # of the changes of label from row to row that rows in random order would have
SAMPLE = 30_000  # rows, whose words are counted
IN_LABEL, IN_OTHERS = 0.9, 0.01  # shares of the texts that hold a word which gives the label away
NAME_IN_LABEL, NAME_RATIO = 0.2, 10.0  # the same of a label's own name: it may stand in fewer texts
SHORTEST_NAME = 3  # characters; "no" and "1" are words like others
LABELS_COMPARED = 50  # word by word, the commonest


def leak_findings(tables: Tables) -> Iterator[Finding]:
    """All findings on what gives the label away."""
    table = tables.train
    if len(set(table.labels)) < 2 or len(table.labels) < FEWEST:
        return
    for name, values in table.others.items():
        yield from _column(table, name, values)
    yield from _order(table)
    yield from _words(table)


def _column(table: Table, name: str, values: Sequence[str]) -> Iterator[Finding]:
    """A column whose values, the ranges of whose numbers, or whose gaps tell the label."""
    missing = ["" if not value.strip() else "filled" for value in values]
    ways = (
        ("its values tell", values),
        ("whether it is empty tells", missing),
        ("the size of its numbers tells", _bins(values)),
    )
    for how, keys in ways:
        if keys and (right := _right_by(keys, table.labels)) is not None:
            share = percent(right, len(values))
            message = f"column '{name}' gives the label away: {how} it in {share} of the rows"
            advice = "attnclf does not read this column; if its values repeat, such as an account's, name it with `group_col`"
            examples = tuple(
                Example(table.place(row), values[row], f"label {table.labels[row]}")
                for row in {label: row for row, label in reversed(list(enumerate(table.labels)))}.values()
            )
            yield Finding("column-gives-label", "warning", message, right, examples[:EXAMPLES], advice)
            return


def _right_by(keys: Sequence[str], labels: Sequence[str]) -> int | None:
    """In how many rows the other rows of the same key tell the label; None unless that is nearly always so."""
    of_key: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for key, label in zip(keys, labels, strict=True):
        of_key[key][label] += 1
    # A row is right if its label is the commonest of its key even without it, and the key has other rows.
    right = sum(most for counts in of_key.values() for most in [max(counts.values())] if most > 1)
    guessed = max(Counter(labels).values())
    return right if right - guessed >= NEARLY_ALL * (len(labels) - guessed) else None


def _bins(values: Sequence[str]) -> list[str]:
    """The number of the bin of each value, bins having about as many rows; empty unless all values are numbers."""
    try:
        numbers = [float(value) for value in values]
    except ValueError:
        return []
    edges = sorted(numbers)[:: max(1, len(numbers) // BINS)]
    return [str(bisect_right(edges, number)) for number in numbers]


def _order(table: Table) -> Iterator[Finding]:
    first = [row for row in range(len(table.labels)) if not row or not _same_group(table, row)]  # of each group in a row
    labels = [table.labels[row] for row in first]
    changes = [row for row, before in zip(first[1:], first, strict=False) if table.labels[row] != table.labels[before]]
    expected = (len(labels) - 1) * (1 - sum((n / len(labels)) ** 2 for n in Counter(labels).values()))
    if len(changes) < SORTED * expected:
        what = f"the rows are in the order of their labels, in part: the label changes {len(changes):,} times"
        message = f"{what}, and about {expected:,.0f} times in random order"
        advice = "shuffle the rows before you take the first ones of the file; training shuffles by itself"
        yield Finding("rows-in-order-of-labels", "note", message, len(table.labels), first_rows(table, changes), advice)


def _same_group(table: Table, row: int) -> bool:
    return bool(table.groups) and table.groups[row] != "" and table.groups[row] == table.groups[row - 1]


def _words(table: Table) -> Iterator[Finding]:
    """Words that alone tell a label from all others, and labels whose name stands in their texts."""
    rows = range(0, len(table.texts), max(1, len(table.texts) // SAMPLE))
    texts = Counter(table.labels[row] for row in rows)
    held: Counter[tuple[str, str]] = Counter()
    holding: Counter[str] = Counter()
    for row in rows:
        words = set(_words_of(table.texts[row]))
        holding.update(words)
        held.update((table.labels[row], word) for word in words)
    often: defaultdict[str, list[str]] = defaultdict(list)
    for (label, word), n in held.items():
        if n >= IN_LABEL * texts[label] and holding[word] - n <= IN_OTHERS * (len(rows) - texts[label]):
            often[label].append(word)
    for label, size in texts.most_common(LABELS_COMPARED):
        others = len(rows) - size
        if size < FEWEST or others < FEWEST:
            continue
        name, found = label.casefold(), often[label]
        named = held[label, name] if len(name) >= SHORTEST_NAME and not name.isdigit() else 0
        if (
            name not in found
            and named >= NAME_IN_LABEL * size
            and named / size >= NAME_RATIO * (holding[name] - named) / others
        ):
            found.append(name)
        for word in sorted(found, key=lambda word: (-held[label, word], word))[:1]:
            yield _word_finding(table, label, word, held[label, word] / size, (holding[word] - held[label, word]) / others)


def _word_finding(table: Table, label: str, word: str, share: float, others: float) -> Finding:
    rows = [row for row, text in enumerate(table.texts) if table.labels[row] == label and word in _words_of(text)]
    where = f"stands in {share:.1%} of its texts and {others:.1%} of the others"
    message = f"the word '{word}' gives the label '{label}' away: it {where}"
    if share < IN_LABEL:
        message = f"the name of the label '{label}' {where}"
    what = counted(len(rows), "text", "texts")
    advice = f"if later texts will not have it, remove the word from the {what}, so that a model learns from the rest"
    return Finding("word-gives-label", "warning", message, len(rows), first_rows(table, rows), advice)


def _words_of(text: str) -> list[str]:
    words = plain_words(text)
    return [word.casefold() for word in (text.split() if words is None else words)]
