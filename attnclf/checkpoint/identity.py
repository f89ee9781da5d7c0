"""Which training a checkpoint is of: its settings, its rows and its machine; and what has changed since, in words."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnclf.checkpoint.states import Arrays
from attnclf.config import Config
from attnclf.data import Table
from attnclf.results import counted

# Settings of what is done after the weights are found, and of how long that may take: a training with other ones is the same.
FREE = {"training": ("max_minutes", "faithfulness", "baseline"), "accounts": tuple(Config().to_dict()["accounts"])}
BY_MACHINE = ("device", "precision")  # what they lead to on this machine is what counts
HASH_BYTES = 8


@dataclass(frozen=True)
class Machine:
    """What computes: "cpu" or the name of a GPU, the number format, Keras' back end, the versions of libraries."""

    device: str
    precision: str
    backend: str
    versions: Mapping[str, str]

    def to_dict(self) -> dict[str, str]:
        """By their names in words."""
        found = {"the device": self.device, "the precision": self.precision, "Keras' back end": self.backend}
        return found | {f"the version of {name}": number for name, number in self.versions.items()}


@dataclass(frozen=True)
class Identity:
    """The settings as they were given, the hash of each row in its order, the rows to validate on, and a hash of the split."""

    config: Mapping[str, Mapping[str, Any]]
    rows: NDArray[np.uint64]
    valid_rows: NDArray[np.uint64]
    split: str

    @classmethod
    def of(cls, config: Config, table: Table, valid: Table | None, held_out: Sequence[int]) -> "Identity":
        """Of the tables as they were read. `held_out` are the numbers of the rows that are validated on."""
        split = hashlib.sha256(np.array(held_out, "<i8").tobytes()).hexdigest()
        return cls(config.to_dict(), hashes_of(table), hashes_of(valid) if valid else np.zeros(0, np.uint64), split)

    def values(self) -> dict[str, Any]:
        """All but the arrays, as JSON holds it."""
        return {"config": self.config, "split": self.split}

    def parts(self) -> dict[str, Arrays]:
        """The arrays."""
        return {"rows": {"train": self.rows, "valid": self.valid_rows}}

    @classmethod
    def read(cls, values: Mapping[str, Any], parts: Mapping[str, Arrays]) -> "Identity":
        """Reads back what `values` and `parts` gave. Raises KeyError, TypeError or ValueError for anything else."""
        rows = parts["rows"]
        if any(rows[name].dtype != np.uint64 or rows[name].ndim != 1 for name in ("train", "valid")):
            raise ValueError("hashes of rows of another type")
        config = {name: dict(section) for name, section in values["config"].items()}
        return cls(config, rows["train"], rows["valid"], str(values["split"]))

    def changed_settings(self, before: "Identity") -> tuple[list[str], list[str]]:
        """Which settings are others than before, in words: those that make another training, and those that do not."""
        strict: list[str] = []
        free: list[str] = []
        for section in sorted({*self.config, *before.config}):
            now, old = self.config.get(section, {}), before.config.get(section, {})
            for name in sorted({*now, *old} - set(BY_MACHINE)):
                if now.get(name) != old.get(name):
                    what = f"`{name}` is {_shown(now.get(name))}, and was {_shown(old.get(name))}"
                    (free if name in FREE.get(section, ()) else strict).append(what)
        return strict, free

    def changed_rows(self, before: "Identity") -> list[str]:
        """How the rows differ from those before, in words."""
        found = _changes(before.rows, self.rows, "row", "rows")
        return found + _changes(before.valid_rows, self.valid_rows, "validation row", "validation rows")

    def changes(self, before: "Identity") -> tuple[list[str], list[str]]:
        """What makes another training of it, in words: settings, and rows."""
        settings, rows = self.changed_settings(before)[0], self.changed_rows(before)
        if not settings and not rows and self.split != before.split:
            rows = ["other rows are held out"]
        return settings, rows


def changed_machine(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What of a `Machine` is another than before, in words."""
    changed = [name for name in {**now, **before} if now.get(name) != before.get(name)]
    return [f"{name} is {now.get(name) or 'unknown'}, and was {before.get(name) or 'unknown'}" for name in changed]


def hashes_of(table: Table) -> NDArray[np.uint64]:
    """A hash (N,) of the text, label and group of each row."""
    groups = table.groups or [""] * len(table.texts)
    rows = zip(table.texts, table.labels, groups, strict=True)
    content = b"".join(
        hashlib.blake2b("\0".join(row).encode("utf-8", "surrogatepass"), digest_size=HASH_BYTES).digest() for row in rows
    )
    return np.frombuffer(content, "<u8").astype(np.uint64)


def _changes(before: NDArray[np.uint64], now: NDArray[np.uint64], one: str, many: str) -> list[str]:
    if np.array_equal(before, now):
        return []
    old, new = Counter(before.tolist()), Counter(now.tolist())
    added, removed = (new - old).total(), (old - new).total()
    if not added and not removed:
        return [f"the {many} come in another order"]
    if len(before) == len(now) and int((before != now).sum()) == added:
        return [f"{counted(added, f'{one} has', f'{many} have')} changed"]
    counts = ((added, "added"), (removed, "removed"))
    return [f"{counted(n, f'{one} was', f'{many} were')} {what}" for n, what in counts if n]


def _shown(value: Any) -> str:
    return "unknown" if value is None else repr(value)
