"""`doctor` as a user runs it: on this installation, and where libraries cannot be imported."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from attnclf.cli import doctor as command
from attnclf.results.installed import BackEnd, Extra, Installation, Package
from tests.conftest import ROOT


def doctor(*arguments: str, before: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    places = [str(place) for place in (before, ROOT) if place]
    env = {**os.environ, "COLUMNS": "100", "PYTHONPATH": os.pathsep.join(places), **environment}
    return subprocess.run(
        [sys.executable, "-m", "attnclf", "doctor", *arguments], capture_output=True, text=True, env=env, check=False
    )


def test_this_installation_trains_for_real() -> None:
    ended = doctor("--json")
    found = json.loads(ended.stdout)
    assert (ended.returncode, ended.stderr, found["broken"]) == (0, "", [])
    (chosen,) = (one for one in found["back_ends"] if one["chosen"])
    assert "padding changes nothing" in chosen["step"]
    assert {"numpy", "keras", "onnxruntime"} <= {package["name"] for package in found["packages"]}
    assert found["cores"] >= 1


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A folder whose libraries stand before those that are installed."""
    codes = {
        "tensorflow": "raise ImportError('libcudart.so.12: cannot open shared object file')",
        "keras": "raise ImportError('no')",
        "tokenizers": "import os, signal\nos.kill(os.getpid(), signal.SIGILL)",
        "spox": "raise SystemExit('bye')",
    }
    for name, code in codes.items():
        (tmp_path / f"{name}.py").write_text(code, encoding="utf-8")
    return tmp_path


def test_it_works_where_libraries_do_not(broken: Path) -> None:
    ended = doctor(before=broken, KERAS_BACKEND="tensorflow")
    assert ended.returncode == 5
    lines = ended.stdout.splitlines()
    assert "importing tensorflow: ImportError: libcudart.so.12" in " ".join(lines).replace("  ", "")
    assert any(line.startswith("package") and "tokenizers" in line and "SIGILL" in line for line in lines)
    assert any(line.startswith("package") and "spox" in line and "SystemExit: bye" in line for line in lines)
    works = ended.stdout.partition("packages ")[2].partition("package ")[0]
    assert "numpy" in works
    assert "tokenizers" not in works
    assert ended.stderr.startswith(
        "error: attnclf cannot use spox, tokenizers, tensorflow\n  pip install --force-reinstall 'keras"
    )


def test_what_is_broken_is_in_its_json(broken: Path) -> None:
    ended = doctor("--json", before=broken, KERAS_BACKEND="tensorflow")
    assert ended.returncode == 5
    assert json.loads(ended.stdout)["broken"] == ["spox", "tokenizers", "tensorflow"]


def test_a_back_end_that_attnclf_does_not_train_on(broken: Path) -> None:
    ended = doctor(before=broken, KERAS_BACKEND="openvino")
    assert ended.returncode == 5
    assert "openvino (chosen): attnclf trains on tensorflow, jax, torch" in ended.stdout


GOOD = BackEnd("tensorflow", True, True, "2.21", step="cpu, float32", seconds=0.1)


@pytest.mark.parametrize(
    ("back_ends", "hint"),
    [
        ((replace(GOOD, problem="x", step=""), BackEnd("jax", False, True, step="cpu")), "KERAS_BACKEND=jax trains"),
        ((replace(GOOD, name="jax", installed=False, problem="x"),), "pip install 'attnclf[jax]'"),
        ((replace(GOOD, name="openvino", installed=False, problem="x"),), "KERAS_BACKEND=tensorflow is the usual one"),
        ((replace(GOOD, problem="x"),), "pip install --force-reinstall 'keras>=3'"),
    ],
)
def test_one_thing_to_do_is_named(run, monkeypatch: pytest.MonkeyPatch, back_ends: tuple[BackEnd, ...], hint: str) -> None:
    packages = (Package("keras", "keras>=3", "3.15"),)
    extras = (Extra("jax", ("jax",), "pip install 'attnclf[jax]'"),)
    found = Installation("1", "3.11", "here", 1, None, 2e9, ("H100",), "", packages, back_ends, extras)
    monkeypatch.setattr(command, "examine", lambda: found)
    code, out, err = run("doctor")
    assert (code, err.splitlines()[-1]) == (5, f"  {hint}")
    assert "1 core, an unknown amount of memory, 2.0 GB of address space" in out
    assert "gpu       H100" in out
