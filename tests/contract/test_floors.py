"""Imports go down only: each module stands on a floor, and imports nothing above it or beside it."""

import ast
from pathlib import Path

import pytest

from tests.conftest import ROOT

FLOORS = {
    0: ["findings", "errors", "registry", "config", "results"],
    1: [
        "normalizers",
        "mechanisms",
        "encoders",
        "composition",
        "pooling",
        "architecture",
        "attending",
        "reference",
        "reading",
        "sentences",
        "text",
        "batching",
        "lexicon",
        "ngrams",
        "reader",
        "regression",
        "linear",
        "data",
        "split",
        "metrics",
        "baseline",
        "bundle",
    ],
    2: ["nn", "runtime"],
    3: ["prediction", "explain", "evaluation", "training", "comparison"],
    4: ["render", "classifier"],
    5: ["cli", "__main__"],
}
FLOOR_OF = {name: floor for floor, names in FLOORS.items() for name in names}
# Steps between neighbours on one floor, each one way only.
STAIRS = {
    ("config", "errors"),
    ("config", "registry"),
    ("registry", "errors"),
    ("mechanisms", "normalizers"),
    ("architecture", "normalizers"),
    ("pooling", "mechanisms"),
    ("pooling", "composition"),
    ("attending", "pooling"),
    ("attending", "composition"),
    ("attending", "mechanisms"),
    ("attending", "architecture"),
    ("reference", "attending"),
    ("reference", "pooling"),
    ("reference", "composition"),
    ("reference", "mechanisms"),
    ("reference", "architecture"),
    ("reading", "text"),
    ("sentences", "reading"),
    ("sentences", "text"),
    ("reader", "reading"),
    ("reader", "sentences"),
    ("architecture", "encoders"),
    ("architecture", "mechanisms"),
    ("baseline", "metrics"),
    ("lexicon", "ngrams"),
    ("lexicon", "text"),
    ("reader", "lexicon"),
    ("reader", "ngrams"),
    ("reader", "text"),
    ("linear", "metrics"),
    ("linear", "reader"),
    ("linear", "reading"),
    ("linear", "regression"),
    ("linear", "split"),
    ("explain", "prediction"),
    ("training", "explain"),
    ("evaluation", "prediction"),
    ("comparison", "evaluation"),
    ("comparison", "training"),
    ("__main__", "cli"),
}
MODULES = sorted((ROOT / "attnclf").rglob("*.py"))


def part_of(path: Path) -> str:
    return path.relative_to(ROOT / "attnclf").parts[0].removesuffix(".py")


def imports_of(path: Path) -> set[str]:
    """The parts of attnclf that a module imports, at its top or inside a function."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "attnclf":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("attnclf."):
            found.add(node.module.split(".")[1])
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("attnclf.")}
    return found


@pytest.mark.parametrize("path", [p for p in MODULES if part_of(p) != "__init__"], ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_go_down_only(path: Path) -> None:
    part = part_of(path)
    for other in imports_of(path) - {part}:
        down = FLOOR_OF[other] < FLOOR_OF[part]
        assert down or (part, other) in STAIRS, f"{part} (floor {FLOOR_OF[part]}) imports {other} (floor {FLOOR_OF[other]})"


def test_every_module_has_a_floor() -> None:
    assert {part_of(path) for path in MODULES} - {"__init__"} == set(FLOOR_OF)


def test_no_file_is_longer_than_250_lines() -> None:
    long = {path.name: n for path in MODULES if (n := len(path.read_text(encoding="utf-8").splitlines())) > 250}
    assert not long


def test_tensorflow_is_named_in_one_file() -> None:
    naming = [path.name for path in MODULES if "import tensorflow" in path.read_text(encoding="utf-8")]
    assert naming == ["backend.py"]
