"""The house: rooms in an order, each importing only from those before it; no circle within a room; tests in rooms of the same
names."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.conftest import ROOT

ROOMS = [
    "errors",
    "extras",
    "limits",
    "collector",
    "ragged",
    "registry",
    "visible",
    "processes",
    "config",
    "results",
    "upgrades",
    "bundle",
    "data",
    "reading",
    "model",
    "served",
    "scoring",
    "linear",
    "checkpoint",
    "checking",
    "trainable",
    "installation",
    "explain",
    "accounts",
    "training",
    "comparison",
    "tuning",
    "render",
    "progress",
    "classifier",
    "export",
    "cluster",
    "lessons",
    "service",
    "cli",
    "__main__",
]
PACKAGE = ROOT / "attnclf"
MODULES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"): path for path in PACKAGE.rglob("*.py")
}
LONGEST = 250  # lines of a file
LONGEST_LESSON = 200


def imports_of(path: Path) -> set[str]:
    """The modules of attnclf that a module imports, at its top or inside a function, without the package's name."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "attnclf":
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name.removeprefix("attnclf.") in MODULES else node.module for name in names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.split(".")[0] == "attnclf"}
    return {name.removeprefix("attnclf.") for name in found}


def room_of(module: str) -> str:
    return module.split(".", maxsplit=1)[0]


@pytest.mark.parametrize("module", sorted(MODULES.keys() - {"__init__"}))
def test_a_room_imports_only_from_rooms_before_it(module: str) -> None:
    before = ROOMS[: ROOMS.index(room_of(module)) + 1]
    assert {room_of(other) for other in imports_of(MODULES[module])} <= set(before)


def test_only_their_command_imports_lessons() -> None:
    importing = {module for module, path in MODULES.items() if "lessons" in map(room_of, imports_of(path))}
    assert {module for module in importing if room_of(module) != "lessons"} == {"cli.lesson"}


def test_no_circle_within_a_room() -> None:
    graph = {module: imports_of(path) - {module} for module, path in MODULES.items() if module != "__init__"}
    TopologicalSorter(graph).prepare()  # raises CycleError, naming the circle


def test_every_module_stands_in_a_room() -> None:
    assert {room_of(module) for module in MODULES} - {"__init__"} == set(ROOMS)


def test_unit_tests_stand_in_rooms_of_the_package() -> None:
    tests = (ROOT / "tests" / "unit").iterdir()
    names = {path.stem.removeprefix("test_") for path in tests if path.is_dir() or path.name.startswith("test_")}
    assert names - {"__pycache__"} <= set(ROOMS)


def test_no_file_is_long() -> None:
    assert not {module: n for module, path in MODULES.items() if (n := len(path.read_text("utf-8").splitlines())) > LONGEST}


def test_a_lesson_is_read_in_one_go() -> None:
    lessons = {module: path for module, path in MODULES.items() if "LESSONS.register(" in path.read_text("utf-8")}
    assert {f"lessons.{name}" for name in ("addition", "captions", "dates", "focus", "gates", "patches")} <= set(lessons)
    assert not {
        module: n for module, path in lessons.items() if (n := len(path.read_text("utf-8").splitlines())) > LONGEST_LESSON
    }


def test_tensorflow_is_named_in_one_file() -> None:
    assert [module for module, path in MODULES.items() if "import tensorflow" in path.read_text("utf-8")] == [
        "trainable.backend"
    ]
