"""The tables that are checked together, and the examples that findings take from them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice

from attnclf.data import Table
from attnclf.results import EXAMPLES, Example, some_of

NAMES = {"train": "training", "valid": "validation", "test": "test"}
LABELS_NAMED = 5  # in messages


@dataclass(frozen=True)
class Tables:
    """What is trained on, and what is validated and tested on, where that is known."""

    train: Table
    valid: Table | None = None
    test: Table | None = None

    def __iter__(self) -> Iterator[tuple[str, Table]]:
        """Each table after its role."""
        return ((role, table) for role in NAMES if (table := getattr(self, role)) is not None)

    @property
    def accounts(self) -> frozenset[str]:
        """The names of all accounts."""
        return frozenset(name for _, table in self for name in table.groups if name)

    @property
    def others(self) -> list[tuple[str, Table]]:
        """The tables that are not trained on, each after its role."""
        return [(role, table) for role, table in self if role != "train"]

    @property
    def pairs(self) -> list[tuple[str, Table, str, Table]]:
        """Each two tables, each after its role; what the second has in common with the first flatters scores on it."""
        return [(*one, *other) for one, other in combinations(self, 2)]


def first_rows(table: Table, rows: Iterable[int]) -> tuple[Example, ...]:
    """The texts of the first few rows, each with its label."""
    return tuple(Example(table.place(row), table.texts[row], f"label {table.labels[row]}") for row in islice(rows, EXAMPLES))


def rows_with(table: Table, labels: set[str]) -> Iterator[int]:
    """The numbers of the rows that have one of these labels."""
    return (row for row, label in enumerate(table.labels) if label in labels)


def named(labels: Sequence[str]) -> str:
    """The first few labels in quotes."""
    return some_of([f"'{label}'" for label in labels], LABELS_NAMED)


def percent(part: int, whole: int) -> str:
    """`3.1 %`, with more digits where there would be none."""
    value = 100 * part / max(1, whole)
    return f"{value:.1f} %" if value >= 1 or not part else f"{value:.2g} %"
