"""Equal texts in a table: how many rows repeat one, which come with different labels, and which stand in two places."""

import hashlib
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

import numpy as np

from attnclf.data.split import normalised, numbered
from attnclf.results import EXAMPLES, counted
from attnclf.visible import visible

HASH_BYTES = 8  # among a million texts, the odds that two share one are 1 to 37 million
ACCOUNT = b"account"  # keeps the hash of a name apart from that of an equal text
SHOWN = 60  # characters of an example


@dataclass(frozen=True)
class Repeats:
    """Rows whose text, as a reader sees it, is that of an earlier row; empty texts are not counted.

    `contradicting` rows have a text that has several labels, of which there are `contradictions`; `example` is one of these
    texts, with two of its labels. `repeated` are the numbers of the first rows that repeat another, each with the number of the
    row that it repeats; `opposed` are those of the first rows of the example, one for each label.
    """

    rows: int
    contradicting: int
    contradictions: int
    example: tuple[str, str, str] | None
    repeated: tuple[tuple[int, int], ...] = ()
    opposed: tuple[int, ...] = ()


def repeats_of(texts: Sequence[str], labels: Sequence[str]) -> Repeats:
    """The repeats in a table."""
    keys, names = numbered(texts), {label: number for number, label in enumerate(dict.fromkeys(labels))}
    rows = np.flatnonzero(np.fromiter((bool(text.strip()) for text in texts), bool, len(texts)))
    if not len(rows):
        return Repeats(0, 0, 0, None)
    keys, targets = keys[rows], np.array([names[labels[row]] for row in rows.tolist()], np.int64)
    first = np.full(int(keys.max()) + 1, len(texts))
    np.minimum.at(first, keys, rows)
    later = np.flatnonzero(first[keys] != rows)
    labels_of = np.bincount(np.unique(keys * len(names) + targets) // len(names), minlength=len(first))
    contradictions = np.flatnonzero(labels_of > 1)
    example: tuple[str, str, str] | None = None
    opposed: dict[str, int] = {}
    if len(contradictions):
        for row in rows[keys == contradictions[0]].tolist():
            opposed.setdefault(labels[row], row)
        one, other, *_ = opposed
        example = texts[opposed[one]], one, other
    return Repeats(
        rows=len(later),
        contradicting=int(np.count_nonzero(labels_of[keys] > 1)),
        contradictions=len(contradictions),
        example=example,
        repeated=tuple((int(rows[i]), int(first[keys[i]])) for i in later[:EXAMPLES]),
        opposed=tuple(opposed.values())[:EXAMPLES],
    )


def fingerprints_of(texts: Iterable[str], accounts: Iterable[str] = ()) -> bytes:
    """Hashes of the texts as a reader sees them, and of the names of `accounts`: 8 bytes each, in rising order, none twice;
    what is empty has none.

    A hash does not give its text away, but whoever has a text can tell whether it is among them.
    """
    hashes = {_fingerprint(key) for key in set(map(normalised, texts)) - {""}}
    hashes |= {_fingerprint(name, ACCOUNT) for name in set(accounts) - {""}}
    return b"".join(sorted(hashes))


def rows_met(texts: Sequence[str], fingerprints: bytes) -> int:
    """How many of the texts are among those of `fingerprints_of`."""
    known = _each(fingerprints)
    return sum(bool(key) and _fingerprint(key) in known for key in map(normalised, texts))


def accounts_met(names: Set[str], fingerprints: bytes) -> int:
    """How many of the names of accounts are among those of `fingerprints_of`."""
    known = _each(fingerprints)
    return sum(_fingerprint(name, ACCOUNT) in known for name in names)


def _each(fingerprints: bytes) -> set[bytes]:
    return {fingerprints[i : i + HASH_BYTES] for i in range(0, len(fingerprints), HASH_BYTES)}


def _fingerprint(key: str, kind: bytes = b"") -> bytes:
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=HASH_BYTES, person=kind).digest()


def shared_rows(texts: Sequence[str], others: Sequence[str]) -> list[tuple[int, int]]:
    """The rows of `texts` that are equal to one of the `others`, as a reader sees them, each with the number of the first such
    row; empty texts are not counted."""
    known: dict[str, int] = {}
    for row, text in enumerate(others):
        known.setdefault(normalised(text), row)
    known.pop("", None)
    return [(row, known[key]) for row, key in enumerate(map(normalised, texts)) if key in known]


def shared_in_words(shared: int, rows: int, kind: str = "validation") -> str:
    """`3 of 40 validation rows have a text that stands in the training rows too; scores on them flatter`."""
    have = "has" if shared == 1 else "have"
    return f"{shared:,} of {rows:,} {kind} rows {have} a text that stands in the training rows too; scores on them flatter"


def contradictions_in_words(repeats: Repeats) -> str:
    """`3 texts come with different labels, in 8 rows, such as “so good”: 'fake' and 'real'`; "" where there are none."""
    if repeats.example is None:
        return ""
    text, one, other = map(visible, repeats.example)
    shown = text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
    many = counted(repeats.contradictions, "text comes", "texts come")
    return f"{many} with different labels, in {repeats.contradicting:,} rows, such as “{shown}”: '{one}' and '{other}'"
