"""The Dockerfile of the documentation: a linter has nothing to say, and what it copies and calls is there."""

import shutil
import subprocess
import tomllib

import pytest

from tests.conftest import ROOT

DOCKERFILE = ROOT / "docs" / "Dockerfile"
IGNORED = ROOT / "docs" / "Dockerfile.dockerignore"


def test_a_linter_has_nothing_to_say() -> None:
    linter = shutil.which("hadolint")
    if linter is None:
        pytest.skip("needs hadolint: `make test-extras` runs it")
    ended = subprocess.run([linter, "--no-color", str(DOCKERFILE)], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, "")


def test_it_installs_with_the_pins_and_runs_as_nobody_special() -> None:
    text = DOCKERFILE.read_text(encoding="utf-8")
    assert "--constraint constraints.txt" in text
    assert (ROOT / "constraints.txt").exists()
    user = next(line.split()[1] for line in text.splitlines() if line.startswith("USER"))
    assert user != "0"
    assert f"--uid {user}" in text


def test_it_copies_what_is_installed_and_nothing_else() -> None:
    lines = [line for line in IGNORED.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert lines[0] == "*"
    copied = {line[1:] for line in lines if line.startswith("!")}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = {project["readme"], *project["license-files"], project["name"], "constraints.txt", "pyproject.toml"}
    assert copied == named
    assert all((ROOT / name).exists() for name in copied)
