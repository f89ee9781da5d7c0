"""Findings on scripts and languages: which ones the texts are written in, and which of them training does not meet."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from attnclf.checking.languages import language_of
from attnclf.checking.tables import NAMES, Tables, first_rows
from attnclf.data import Table
from attnclf.results import Finding, counted

RowsOf = Callable[[Table, str], Iterator[int]]  # the rows of a script or a language

# The first word of a character's name is its script, but for these.
SCRIPTS = {"CJK": "Han", "HIRAGANA": "kana", "KATAKANA": "kana", "KATAKANA-HIRAGANA": "kana", "HALFWIDTH": "kana"}
WIDE = "FULLWIDTH"  # of Latin letters
NO_SCRIPTS = {"MICRO", "FEMININE", "MASCULINE", "MODIFIER", "MATHEMATICAL", "SCRIPT", "DOUBLE-STRUCK", "KELVIN"}
LEAST = 0.01  # of the letters: a script with less is not worth a line
LEAST_TEXTS = 0.03  # of the texts: fewer may be told to be in a language by mistake
UNMET = 0.001  # of the letters: a script with less is as good as unknown
LANGUAGE_TEXTS = 5_000  # a sample that tells languages


def script_of(letter: str) -> str:
    """The script of a letter, such as "Latin"; "" for a letter of none."""
    first, *rest = unicodedata.name(letter, "").split()[:2] or [""]
    if first == WIDE:
        first = rest[0] if rest else ""
    if first in NO_SCRIPTS:
        return ""
    return SCRIPTS.get(first, first.capitalize())


def script_shares(texts: Sequence[str]) -> dict[str, float]:
    """The share of the letters that each script has, the largest first."""
    letters: Counter[str] = Counter()
    for text in texts:
        letters.update(text)
    scripts: Counter[str] = Counter()
    for letter, n in letters.items():
        if letter.isalpha() and (script := script_of(letter)):
            scripts[script] += n
    total = sum(scripts.values())
    return {script: n / total for script, n in scripts.most_common()}


def language_shares(texts: Sequence[str]) -> dict[str, float]:
    """The share of the texts that are in each language, of a sample, the largest first. The rest of 1 are texts whose language
    cannot be told, such as short ones."""
    sample = texts[:: max(1, len(texts) // LANGUAGE_TEXTS)]
    found = Counter(language for text in sample if (language := language_of(text)))
    return {language: n / len(sample) for language, n in found.most_common()}


def script_findings(
    tables: Tables, shares: Mapping[str, Mapping[str, float]], languages: Mapping[str, float]
) -> Iterator[Finding]:
    """The findings. `shares` has the scripts of each table, `languages` the languages of the training rows."""
    train = shares["train"]
    japanese = train.get("kana", 0.0) >= LEAST  # which is written in kana and Han together
    apart = {script: share for script, share in train.items() if not (japanese and script == "Han")}
    yield from _mixed("mixed-scripts", "letters are", apart, tables.train, script_rows)
    for finding in _mixed("mixed-languages", "texts are in", languages, tables.train, _language_rows, LEAST_TEXTS):
        untold = 1 - sum(languages.values())
        more = f"; the language of {untold:.0%} cannot be told" if untold >= LEAST_TEXTS else ""
        yield replace(finding, message=finding.message + more)
    yield from _mixed_words(tables.train)
    for role, table in tables.others:
        for script, share in shares[role].items():
            if share >= LEAST and train.get(script, 0.0) < UNMET:
                rows = list(script_rows(table, script))
                what = f"{share:.1%} of the letters of the {NAMES[role]} rows are {script}, which the training rows hardly have"
                advice = "add training rows in this script, or score such rows by themselves"
                yield Finding(f"unmet-script-{role}", "warning", what, len(rows), first_rows(table, rows), advice)


def script_rows(table: Table, script: str) -> Iterator[int]:
    """The rows that hold a letter of a script."""
    known: dict[str, bool] = {}
    for row, text in enumerate(table.texts):
        for character in set(text):
            if character not in known:
                known[character] = character.isalpha() and script_of(character) == script
            if known[character]:
                yield row
                break


def _language_rows(table: Table, language: str) -> Iterator[int]:
    return (row for row, text in enumerate(table.texts) if language_of(text) == language)


def _mixed(
    kind: str, what: str, shares: Mapping[str, float], table: Table, rows_of: RowsOf, least: float = LEAST
) -> Iterator[Finding]:
    named = {name: share for name, share in shares.items() if share >= least}
    if len(named) < 2:
        return
    first, second, *_ = named
    rows = list(rows_of(table, second))
    message = f"{what} " + ", ".join(f"{name} ({share:.0%})" for name, share in named.items())
    advice = f"no harm in itself; look at the scores of {first} and of {second} texts apart, since one score hides the other"
    yield Finding(kind, "note", message, len(rows), first_rows(table, rows), advice)


# Cyrillic and Greek letters that look like Latin ones, beside Latin letters: that hides a word from a filter.
ALIKE = "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0455\u0456\u0458"  # Cyrillic, small
ALIKE += "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425"  # Cyrillic, capital
ALIKE += "\u03bf\u03b1\u03bd\u03c1\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7"  # Greek
LOOKALIKE = re.compile(f"[A-Za-z][{ALIKE}]|[{ALIKE}][A-Za-z]")


def _mixed_words(table: Table) -> Iterator[Finding]:
    rows = [row for row, text in enumerate(table.texts) if not text.isascii() and LOOKALIKE.search(text)]
    if rows:
        what = counted(len(rows), "text has", "texts have")
        message = f"{what} a word of Latin letters and of Cyrillic or Greek ones that look like them"
        advice = "write such words in one script, unless they are what tells the labels apart"
        yield Finding("lookalike-letters", "warning", message, len(rows), first_rows(table, rows), advice)
