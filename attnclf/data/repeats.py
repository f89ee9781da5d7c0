"""Equal texts in a table: how many rows repeat one, which come with different labels, and which stand in two places."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from attnclf.data.split import normalised
from attnclf.results import counted
from attnclf.visible import visible

HASH_BYTES = 8  # among a million texts, the odds that two share one are 1 to 37 million
SHOWN = 60  # characters of an example


@dataclass(frozen=True)
class Repeats:
    """Rows whose text, as a reader sees it, is that of an earlier row; empty texts are not counted.

    `contradicting` rows have a text that has several labels, of which there are `contradictions`; `example` is one of these
    texts, with two of its labels.
    """

    rows: int
    contradicting: int
    contradictions: int
    example: tuple[str, str, str] | None


def repeats_of(texts: Sequence[str], labels: Sequence[str]) -> Repeats:
    """The repeats in a table."""
    labels_of: dict[str, dict[str, int]] = {}
    first: dict[str, str] = {}
    for text, label in zip(texts, labels, strict=True):
        if key := normalised(text):
            counts = labels_of.setdefault(key, {})
            counts[label] = counts.get(label, 0) + 1
            first.setdefault(key, text)
    contradictions = [key for key, counts in labels_of.items() if len(counts) > 1]
    example = None
    if contradictions:
        one, other, *_ = labels_of[contradictions[0]]
        example = first[contradictions[0]], one, other
    return Repeats(
        rows=sum(sum(counts.values()) - 1 for counts in labels_of.values()),
        contradicting=sum(sum(labels_of[key].values()) for key in contradictions),
        contradictions=len(contradictions),
        example=example,
    )


def fingerprints_of(texts: Sequence[str]) -> bytes:
    """Hashes of the texts as a reader sees them: 8 bytes each, in rising order, none twice; empty texts have none.

    A hash does not give its text away, but whoever has a text can tell whether it is among them.
    """
    hashes = {_fingerprint(key) for key in set(map(normalised, texts)) - {""}}
    return b"".join(sorted(hashes))


def rows_met(texts: Sequence[str], fingerprints: bytes) -> int:
    """How many of the texts are among those of `fingerprints_of`."""
    known = {fingerprints[i : i + HASH_BYTES] for i in range(0, len(fingerprints), HASH_BYTES)}
    return sum(bool(key) and _fingerprint(key) in known for key in map(normalised, texts))


def _fingerprint(key: str) -> bytes:
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=HASH_BYTES).digest()


def rows_shared(texts: Sequence[str], others: Sequence[str]) -> int:
    """How many of `texts` are equal to one of the `others`, as a reader sees them; empty texts are not counted."""
    known = set(map(normalised, others)) - {""}
    return sum(normalised(text) in known for text in texts)


def contradictions_in_words(repeats: Repeats) -> str:
    """`3 texts come with different labels, in 8 rows, such as “so good”: 'fake' and 'real'`; "" where there are none."""
    if repeats.example is None:
        return ""
    text, one, other = map(visible, repeats.example)
    shown = text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
    many = counted(repeats.contradictions, "text comes", "texts come")
    return f"{many} with different labels, in {repeats.contradicting:,} rows, such as “{shown}”: '{one}' and '{other}'"
