"""Every recipe of docs/development.md, tried as it stands there: its files go into a copy of the package, which then has the
part. Keras is left out: the contract tests say of every part that it reads an equation as the others do.
"""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.contract.test_house import ROOMS, imports_of, room_of
from tests.docs.markdown import Page

PAGE = Page(ROOT / "docs" / "development.md")
RECIPES = [words for level, words in PAGE.headings if level == 3 and words.startswith("Add ")]
SURVIVES = "tests/contract/test_parity.py::test_a_model_of_every_part_survives_saving_and_loading"
TEXTS = ["좋아요 정말 좋아요", "", "get 1000 followers, DM me", "e\u0301te\u0301 zzz 🔥"]
LAWS = """
import json, sys
from pathlib import Path

import numpy as np

from attnclf.explain import explain
from attnclf.model.reference import reference
from attnclf.served.model import ServedModel
from tests.models import write_bundle

parts, texts = map(json.loads, sys.argv[1:])
served = ServedModel.load(write_bundle(Path("attnclf-model"), labels=("fake", "real"), **parts).path)
ids, _ = served.reader.ids(texts)
plain = reference(served.architecture, served.weights(), served.reader.batch(ids, 8))
for i, scored in enumerate(served.scored(texts)):
    length = len(scored.attention)
    assert abs(scored.attention.sum() - 1) <= 1e-5
    assert (plain.attention[i, length:] == 0).all()
    assert np.abs(scored.attention - plain.attention[i, :length]).max() <= 1e-5
    assert np.abs(scored.contributions - plain.contributions[i, :length]).max() <= 1e-5
    assert np.abs(scored.logits - plain.logits[i]).max() <= 1e-5
for explanation in explain(served, texts):
    assert abs(sum(token.evidence for token in explanation.tokens) - explanation.log_odds) <= 1e-5
"""
READ = """
import json, sys
from pathlib import Path

from attnclf.config import DataConfig
from attnclf.data import read_table

table = read_table([Path(sys.argv[1])], DataConfig())
print(json.dumps([table.texts, table.labels]))
"""


class House:
    """A copy of the package and of its tests, in which a recipe was followed."""

    def __init__(self, folder: Path, recipe: str) -> None:
        self.folder = folder
        left_out = shutil.ignore_patterns("__pycache__", "benchmarks")
        for name in ("attnclf", "tests"):
            shutil.copytree(ROOT / name, folder / name, ignore=left_out)
        shutil.copy(ROOT / "pyproject.toml", folder)
        for fence in PAGE.section(recipe):
            first, code = f"{fence.code}\n".split("\n", maxsplit=1)
            path = folder / fence.path
            if first.endswith("(add)"):
                path.write_text(f"{path.read_text(encoding='utf-8')}\n\n{code}", encoding="utf-8")
            else:
                assert not path.exists(), f"{fence.path} is there already: the recipe needs another name"
                path.write_text(code, encoding="utf-8")
                self.check_file(path)

    def check_file(self, path: Path) -> None:
        """A new file is as clean as the others, and imports only from its own room and the rooms before it."""
        self.run("ruff", "check", "--no-cache", str(path))
        self.run("ruff", "format", "--no-cache", "--check", str(path))
        room = path.relative_to(self.folder / "attnclf").parts[0]
        assert {room_of(module) for module in imports_of(path)} <= set(ROOMS[: ROOMS.index(room) + 1])

    def run(self, *arguments: str) -> str:
        """What `python -m` with these arguments prints."""
        return self._python("-m", *arguments)

    def script(self, code: str, *arguments: str) -> str:
        return self._python("-c", code, *arguments)

    def test(self, chosen: str, *tests: str) -> None:
        """Runs those of the tests that are `chosen` by name; there must be some."""
        self.run("pytest", "-q", "-p", "no:cacheprovider", "-k", chosen, *tests)

    def _python(self, *arguments: str) -> str:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ATTNCLF", "PYTEST", "COV_"))}
        environment = kept | {"PYTHONPATH": str(self.folder), "COLUMNS": "100"}
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def try_mechanism(house: House, bundle: Path) -> None:
    assert re.search(r"^ +cosine +5 cos\(q, h\)", house.run("attnclf", "train", "--help"), re.MULTILINE)
    house.test("cosine and not keras", "tests/contract/test_mechanisms.py", SURVIVES)
    keeps_the_laws(house, attention="cosine")


def try_encoder(house: House, bundle: Path) -> None:
    assert re.search(r"^ +average +the token", house.run("attnclf", "train", "--help"), re.MULTILINE)
    house.test("average and not keras", "tests/contract/test_encoders.py", SURVIVES)
    keeps_the_laws(house, encoder="average", values="states")


def keeps_the_laws(house: House, **parts: str) -> None:
    """A model of these parts, with random weights, loads and predicts; ONNX says what NumPy says."""
    house.script(LAWS, json.dumps(parts), json.dumps(TEXTS))
    assert re.match(r"(fake|real) +[01]\.\d+ +get 1000", house.run("attnclf", "predict", "get 1000 followers"))


def try_format(house: House, bundle: Path) -> None:
    table = house.folder / "posts.sections"
    table.write_text("".join(f"=== {label}\n{text}\n" for label, text in zip("ab", TEXTS, strict=False)), encoding="utf-8")
    assert json.loads(house.script(READ, "posts.sections")) == [TEXTS[:2], ["a", "b"]]
    header, *rows = csv.reader(house.run("attnclf", "predict", "-f", "posts.sections", "-m", str(bundle)).splitlines())
    assert header[:2] == ["label", "text"]
    assert [row[:2] for row in rows] == [["a", TEXTS[0]], ["b", TEXTS[1]]]
    table.write_text("no label\n", encoding="utf-8")
    with pytest.raises(AssertionError, match=r"posts.sections, line 1: a text without a label"):
        house.script(READ, "posts.sections")


def try_method(house: House, bundle: Path) -> None:
    assert "alone" in house.run("attnclf", "explain", "--help")
    command = ("attnclf", "explain", "--method", "alone", "-m", str(bundle), "DM me")
    assert "each alone" in house.run(*command)
    assert all("alone" in token for token in json.loads(house.run(*command, "--format", "jsonl"))["tokens"])
    house.test("alone", "tests/cli/test_explaining.py")


def try_lesson(house: House, bundle: Path) -> None:
    assert re.search(r"^largest +attention learns to be a maximum +1$", house.run("attnclf", "lesson"), re.MULTILINE)


def try_command(house: House, bundle: Path) -> None:
    assert re.search(r"^ +labels +List the labels", house.run("attnclf", "--help"), re.MULTILINE)
    assert house.run("attnclf", "labels", "-m", str(bundle)) == "fake\nreal\nshop\n"


TRIED: dict[str, Callable[[House, Path], None]] = {
    "Add an attention mechanism": try_mechanism,
    "Add an encoder": try_encoder,
    "Add a data format": try_format,
    "Add an explanation method": try_method,
    "Add a lesson": try_lesson,
    "Add a command": try_command,
}


def test_every_recipe_is_tried() -> None:
    assert list(TRIED) == RECIPES


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_does_what_it_says(recipe: str, tmp_path: Path, bundle_path: Path) -> None:
    TRIED[recipe](House(tmp_path / "house", recipe), bundle_path)


def test_the_recipe_of_a_lesson_teaches_for_real(tmp_path: Path) -> None:
    result = json.loads(House(tmp_path / "house", "Add a lesson").run("attnclf", "lesson", "largest", "--quick", "--json"))
    assert result["held"], result["answers"]
