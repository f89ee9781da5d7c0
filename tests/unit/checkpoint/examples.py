"""A training that has come some way, made up."""

from dataclasses import replace

import numpy as np

from attnclf.checkpoint import Machine, NetworkState, TrainingState
from attnclf.data import Columns, Table
from attnclf.linear.model import LinearModel

MACHINE = Machine("cpu", "float32", "tensorflow", {"keras": "3.15", "attnclf": "0.1.0"})
ORDER = {
    "epoch": np.random.default_rng(1).bit_generator.state,
    "now": np.random.default_rng(2).bit_generator.state,
    "batches": 3,
}


def table(texts: str = "abcdef", **changes: object) -> Table:
    """A row for each letter."""
    labels = ["x", "y"] * (len(texts) // 2) + ["x"] * (len(texts) % 2)
    return replace(Table(list(texts), labels, [], "t", Columns(("text",), "label")), **changes)  # type: ignore[arg-type]


def linear(seed: int = 0) -> LinearModel:
    rng = np.random.default_rng(seed)
    table, logits = rng.normal(size=(5, 3)).astype(np.float32), rng.normal(size=(4, 2))
    bias, scales = rng.normal(size=2).astype(np.float32), rng.normal(size=5).astype(np.float32)
    return LinearModel(table, bias, logits, scales, 3.0, f"C {seed}", rng.normal(size=(6, 1)).astype(np.float32))


def network(epoch: int = 2, step: int = 0, **more: object) -> NetworkState:
    """After some epochs, of which the first was the best."""
    arrays = {name: {f"{name}.0": np.full((3, 2), epoch + step, np.float32)} for name in ("weights", "slots")}
    best = {"weights.0": np.ones((3, 2), np.float32)}
    return NetworkState(epoch, step, False, 0.5, 1, ORDER, arrays["weights"], arrays["slots"], best, **more)  # type: ignore[arg-type]


def state() -> TrainingState:
    return TrainingState(61.5, 2.5, linear(), network(), ({"epoch": 1, "loss": 0.25}, {"epoch": 2, "loss": 0.125}))


def same(one: TrainingState, other: TrainingState) -> bool:
    """Whether two are equal to the bit."""
    parts, others = one.parts(), other.parts()
    arrays = {(part, name): array for part, found in parts.items() for name, array in found.items()}
    rest = {(part, name): array for part, found in others.items() for name, array in found.items()}
    equal = arrays.keys() == rest.keys() and all(
        array.dtype == rest[key].dtype and array.tobytes() == rest[key].tobytes() for key, array in arrays.items()
    )
    return equal and one.values() == other.values()
