"""Findings on single texts: missing or empty, with characters that hide, or over several lines."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

from attnclf.checking.tables import NAMES, Tables, first_rows, percent
from attnclf.data import Table
from attnclf.data.labels import FEWEST_MISSING, says_missing
from attnclf.results import EXAMPLES, Example, Finding, counted
from attnclf.visible import JOINERS, UNSAFE, escape

LINE_ENDS = re.compile("[\n\r]")
CHARACTERS_NAMED = 3  # in messages
FLAGS = re.compile("\U0001f3f4[\U000e0020-\U000e007f]+")  # of Scotland, for instance: its letters belong to the emoji
SHOWN_SPACES = set("\n\r\t")  # they hide nothing


def text_findings(tables: Tables) -> Iterator[Finding]:
    """All findings on single texts, of each table."""
    for role, table in tables:
        yield from _empty(role, table)
        yield from _missing(role, table)
        yield from _hidden(role, table)
        yield from _spanning(role, table)


def _kind(kind: str, role: str) -> str:
    return kind if role == "train" else f"{kind}-{role}"


def _where(role: str) -> str:
    """What a message says of texts that are not trained on."""
    return "" if role == "train" else f"{NAMES[role]} "


def _empty(role: str, table: Table) -> Iterator[Finding]:
    rows = [row for row, text in enumerate(table.texts) if not text.strip()]
    if rows:
        what = counted(len(rows), f"{_where(role)}text is", f"{_where(role)}texts are")
        every = role == "train" and len(rows) == len(table.texts)
        yield Finding(
            _kind("empty-texts", role),
            "error" if every else "warning",
            f"{what} empty: kept, and read as one unknown token",
            len(rows),
            first_rows(table, rows),
            "name another column with `text_col`" if every else "leave such rows out, unless an empty text means something",
        )


def _missing(role: str, table: Table) -> Iterator[Finding]:
    rows = [row for row, text in enumerate(table.texts) if says_missing(text)]
    if len(rows) >= FEWEST_MISSING:
        words = Counter(table.texts[row].strip() for row in rows)
        what = counted(len(rows), f"{_where(role)}text looks", f"{_where(role)}texts look")
        examples = ", ".join(f"'{word}'" for word, _ in words.most_common(CHARACTERS_NAMED))
        message = f"{what} like a mark of a missing value ({examples}): read as a word"
        advice = "write missing texts as empty values, or leave such rows out"
        yield Finding(_kind("missing-texts", role), "warning", message, len(rows), first_rows(table, rows), advice)


def _hidden(role: str, table: Table) -> Iterator[Finding]:
    found: Counter[str] = Counter()
    rows = []
    for row, text in enumerate(table.texts):
        characters = set() if text.isascii() and text.isprintable() else _hidden_in(text)
        if characters:
            found.update(sorted(characters))
            rows.append(row)
    if rows:
        examples = tuple(
            Example(table.place(row), table.texts[row], f"label {table.labels[row]}; {_codes(table.texts[row])}")
            for row in rows[:EXAMPLES]
        )
        what = counted(len(rows), f"{_where(role)}text holds", f"{_where(role)}texts hold")
        named = ", ".join(f"{_named(c)} ({n:,})" for c, n in found.most_common(CHARACTERS_NAMED))
        more = f" and {len(found) - CHARACTERS_NAMED} more" if len(found) > CHARACTERS_NAMED else ""
        yield Finding(
            _kind("hidden-characters", role),
            "warning",
            f"{what} characters that hide, reorder or have no meaning: {named}{more}",
            len(rows),
            examples,
            "remove them, unless they are what tells the labels apart; a word with one inside is another word",
        )


def _hidden_in(text: str) -> set[str]:
    return set(UNSAFE.findall(FLAGS.sub("", text))) - SHOWN_SPACES | set(JOINERS.findall(text))


def _codes(text: str) -> str:
    return ", ".join(f"U+{ord(character):04X}" for character in sorted(_hidden_in(text)))


def _named(character: str) -> str:
    """`U+200B zero width space`."""
    name = unicodedata.name(character, "").lower()
    return f"U+{ord(character):04X} {name}".strip() if name else escape(character)


def _spanning(role: str, table: Table) -> Iterator[Finding]:
    rows = [row for row, text in enumerate(table.texts) if LINE_ENDS.search(text)]
    if rows:
        lines = [len(table.texts[row].splitlines()) for row in rows]
        longest = max(range(len(rows)), key=lines.__getitem__)
        rows = [rows[longest], *(row for row in rows if row != rows[longest])]
        what = counted(len(rows), f"{_where(role)}text spans", f"{_where(role)}texts span")
        share = percent(len(rows), len(table.texts))
        message = f"{what} several lines ({share}), the longest {max(lines):,}"
        advice = "fine for real paragraphs; if rows are swallowed by a quote, read quotes as letters with `quoting=letters`"
        yield Finding(_kind("values-over-lines", role), "note", message, len(rows), first_rows(table, rows), advice)
