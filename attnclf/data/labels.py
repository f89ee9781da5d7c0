"""Labels and accounts as a reader sees them: two that look the same are one, and what only nearly looks the same is told."""

import re
import unicodedata
from collections.abc import Mapping, Set
from fractions import Fraction
from functools import lru_cache

from attnclf.errors import DataError
from attnclf.results import counted

HIDDEN = dict.fromkeys(map(ord, "\u00ad\u180e\u200b\u2060\ufeff"))  # show nothing, wherever they stand
ENDS = "\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # show nothing at an end
NUMBERS = ("float", "int", "bool")  # types of labels, each of which holds those behind it
NUMBER = re.compile(r"[+-]?\d{1,300}(\.\d*)?", re.ASCII)
NEARLY = "case, width, blanks or the writing of a number"
SHOWN = 3  # groups of labels in a message
MISSING = {"nan", "null", "none", "n/a", "#n/a", "na", "<na>", "nat", "nil", "missing", "undefined", "결측", "없음", "-"}
LONGEST_MISSING = max(map(len, MISSING))
FEWEST_MISSING = 2  # rows; one review may really say "none"


def tidy(label: str, where: str) -> str:
    """The label composed (NFC), without characters that show nothing, and without blanks at its ends.

    `where` names its place in error messages. Raises DataError for half a character, which no file could hold.
    """
    label = as_seen(label)
    if any("\ud800" <= character <= "\udfff" for character in label):
        raise DataError(
            f"{where}: the label {label!r} holds half a character", hint="write the whole character, or leave it out"
        )
    return label


@lru_cache(maxsize=1 << 16)
def as_seen(name: str) -> str:
    """The name of a label or an account composed (NFC), without characters that show nothing and blanks at its ends: two that
    look the same are one.
    """
    name = unicodedata.normalize("NFC", name.translate(HIDDEN))
    while (stripped := name.strip().strip(ENDS)) != name:
        name = stripped
    return name


def says_missing(value: str) -> bool:
    """Whether a label, a text or the name of an account is how many programs write a missing value."""
    return len(value) <= LONGEST_MISSING + 4 and value.strip().casefold() in MISSING


def common_type(names: Set[str]) -> str:
    """The type that labels of these types have together, by name: "str" for text, the widest of numbers and truth values.

    Truth values are the numbers 0 and 1. "" where they have none.
    """
    if names <= set(NUMBERS):
        return next((name for name in NUMBERS if name in names), "")
    return "str" if names == {"str"} else ""


def nearly_equal(labels: Mapping[str, int]) -> list[list[str]]:
    """Groups of labels that differ in case, width, blanks or the writing of a number only, the most frequent of each first.

    `labels` has the number of rows of each.
    """
    groups: dict[str | Fraction, list[str]] = {}
    for label in labels:
        key = "".join(unicodedata.normalize("NFKC", label).casefold().split())
        groups.setdefault(Fraction(key) if NUMBER.fullmatch(key) else key, []).append(label)  # long ids need all digits
    return [sorted(group, key=lambda label: (-labels[label], label)) for group in groups.values() if len(group) > 1]


def nearly_equal_in_words(labels: Mapping[str, int]) -> str:
    """`'spam' (40 rows) and 'Spam' (3 rows) differ in case, width, blanks or the writing of a number only`."""
    groups = nearly_equal(labels)
    named = [
        " and ".join(f"'{label}' ({counted(labels[label], 'row', 'rows')})" for label in group) for group in groups[:SHOWN]
    ]
    more = f", and {len(groups) - SHOWN} more groups" if len(groups) > SHOWN else ""
    return f"{'; '.join(named)}{more} differ in {NEARLY} only" if groups else ""


def tidied_in_words(count: int, what_is: str = "label") -> list[str]:
    """What to tell of so many labels or accounts that `as_seen` changed; nothing of none."""
    what = "had blanks or hidden characters around it, or was not composed"
    many = what.replace("it, or was", "them, or were")
    return [f"{counted(count, f'{what_is} {what}', f'{what_is}s {many}')}; what it looks like is what counts"] if count else []
