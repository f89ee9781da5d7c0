"""What is installed: what is required, what is missing, what cannot be imported, and which devices there are and why not."""

import sys
from pathlib import Path

import pytest

from attnclf.installation import back_ends, children, drivers, packages
from attnclf.installation.drivers import Driver, gpus_of_driver
from attnclf.results.installed import BackEnd, Installation, Package, repairing

REQUIREMENTS = [
    "rich>=14",
    "numpy>=999; python_version > '3'",
    "no-such-package>=1",
    "gone; python_version < '3'",
    'numpy>=1; extra == "plot"',
    'no-such-package>=2; extra == "serve"',
    'no-such-package; extra == "dev"',
]


def test_what_is_needed_is_told_apart_from_what_is_extra() -> None:
    assert [one.name for one in packages.needed(REQUIREMENTS)] == ["rich", "numpy", "no-such-package"]
    plot, serve = packages.extras_of(REQUIREMENTS)
    assert (plot.name, plot.missing) == ("plot", ())
    assert (serve.missing, serve.command) == (("no-such-package>=2",), "pip install 'attnclf[serve]'")


def test_an_extra_needs_what_its_packages_call_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    inner = ["rich", 'no-such-package>=3; extra == "cuda"', 'not-asked-for; extra == "other"']
    monkeypatch.setattr(packages, "requires", lambda name: inner)
    (gpu,) = packages.extras_of(['numpy[cuda]>=1; extra == "gpu"'])
    assert gpu.missing == ("no-such-package>=3",)


def test_old_and_missing_packages_are_problems() -> None:
    rich, numpy, none = packages.tried(packages.needed(REQUIREMENTS))
    assert (rich.problem, none.version, none.problem) == ("", "", "it is not installed")
    assert rich.version
    assert numpy.problem.endswith("is installed, and attnclf needs >=999")


def test_one_that_kills_its_process_does_not_hide_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, code in {
        "dies": "import os, signal\nos.kill(os.getpid(), signal.SIGILL)",
        "fails": "import no_such_module",
    }.items():
        (tmp_path / f"{name}.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(packages, "MODULES", {"numpy": "dies", "typer": "fails"})
    dies, fails, rich = packages.tried(packages.needed(["numpy", "typer", "rich"]))
    assert dies.problem == "its process ended with SIGILL"
    assert fails.problem == "ModuleNotFoundError: No module named 'no_such_module'"
    assert rich.problem == ""


def test_a_child_that_does_not_answer_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sleeps.py").write_text("import time\ntime.sleep(600)", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    said, how = children.ask(["packages", "json", "sleeps"], patience=1.0)
    assert (said[:1], how) == ([{"module": "json", "problem": ""}], "no answer in 1 s")


def test_a_module_in_the_folder_that_one_stands_in_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "attnclf.py").write_text("raise SystemExit(3)", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path])
    assert children.ask(["packages", "json"]) == ([{"module": "json", "problem": ""}], "")


def test_the_back_end_is_chosen_as_keras_chooses_it(tmp_path: Path) -> None:
    home = {"KERAS_HOME": str(tmp_path)}
    assert back_ends.chosen_back_end(home) == "tensorflow"
    (tmp_path / "keras.json").write_text('{"backend": "torch"}', encoding="utf-8")
    assert back_ends.chosen_back_end(home) == "torch"
    assert back_ends.chosen_back_end(home | {"KERAS_BACKEND": "jax"}) == "jax"
    (tmp_path / "keras.json").write_text("{", encoding="utf-8")
    assert back_ends.chosen_back_end(home) == "tensorflow"


def test_a_back_end_that_is_not_there_is_a_problem_where_it_was_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert back_ends.back_end("openvino", True, Driver()).problem == "attnclf trains on tensorflow, jax, torch"
    monkeypatch.setattr(back_ends, "version", _not_there)
    assert back_ends.back_end("jax", True, Driver()).problem == "it is not installed: pip install 'attnclf[jax]'"
    assert back_ends.back_end("jax", False, Driver()).problem == ""


def _not_there(name: str) -> str:
    raise back_ends.PackageNotFoundError(name)


@pytest.mark.parametrize(
    ("said", "how", "driver", "reason", "problem"),
    [
        ([{"devices": ["H100"], "built": True}], "", Driver(("H100",)), "", ""),
        ([{"devices": [], "built": True}], "", Driver(reason="no driver"), "no driver", ""),
        ([{"devices": [], "built": False}], "", Driver(("H100",)), "this jax was built without CUDA", ""),
        ([{"devices": [], "built": True}], "", Driver(("H100",)), "pip install 'attnclf[gpu]'", ""),
        ([{"doing": "importing keras"}, {"problem": "ImportError: x"}], "", Driver(), "", "importing keras: ImportError: x"),
        ([{"doing": "a step of training"}], "its process ended with SIGSEGV", Driver(), "", "a step of training: its process"),
    ],
)
def test_why_a_back_end_sees_no_gpu_or_fails(
    monkeypatch: pytest.MonkeyPatch, said: children.Said, how: str, driver: Driver, reason: str, problem: str
) -> None:
    monkeypatch.setattr(back_ends, "version", lambda name: "1")
    monkeypatch.setattr(back_ends, "ask", lambda *_: (said, how))
    found = back_ends.back_end("jax", True, driver)
    assert reason in found.reason
    assert bool(reason) == bool(found.reason)
    assert found.problem.startswith(problem)
    assert bool(problem) == bool(found.problem)


def nvidia_smi(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / "nvidia-smi"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_what_the_driver_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nvidia_smi(tmp_path, "echo 'NVIDIA H100, 81559 MiB, 81004 MiB, 550.54'", monkeypatch)
    found = gpus_of_driver({})
    assert found == Driver(("NVIDIA H100, 81559 MiB, of which 81004 MiB are free, driver 550.54",))
    for hiding in ("", "-1"):
        assert gpus_of_driver({drivers.HIDING: hiding}) == Driver(found.gpus, f"CUDA_VISIBLE_DEVICES={hiding} hides them")
    assert gpus_of_driver({drivers.HIDING: "-1,0"}).reason
    for shown in ("0", "1", "11", "GPU-1"):
        assert gpus_of_driver({drivers.HIDING: shown}) == found
    nvidia_smi(tmp_path, "echo 'Driver/library version mismatch'; exit 18", monkeypatch)
    assert gpus_of_driver({}) == Driver(reason="nvidia-smi: Driver/library version mismatch")
    nvidia_smi(tmp_path, "echo 'No devices were found'", monkeypatch)
    assert gpus_of_driver({}) == Driver(reason="nvidia-smi: No devices were found")
    nvidia_smi(tmp_path, "echo; exit 9", monkeypatch)
    assert "exit status 9" in gpus_of_driver({}).reason
    nvidia_smi(tmp_path, "echo started; exec sleep 5", monkeypatch)
    monkeypatch.setattr(drivers, "PATIENCE", 0.3)
    assert gpus_of_driver({}).reason == "nvidia-smi does not answer in 0.3 seconds"
    monkeypatch.undo()
    nvidia_smi(tmp_path, "true", monkeypatch)
    assert gpus_of_driver({}).reason == "nvidia-smi lists no GPU"
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    assert "no driver of NVIDIA" in gpus_of_driver({}).reason


def installation(*packages: Package, chosen: BackEnd) -> Installation:
    others = (BackEnd("torch", False, True, problem="x"),)
    return Installation("1", "3", "here", 1, None, None, (), "", packages, (chosen, *others), ())


def test_broken_is_what_is_needed_and_does_not_work() -> None:
    good, keras = Package("rich", "rich>=1", "2"), Package("keras", "keras>=3", "3")
    works, fails = BackEnd("jax", True, True, step="cpu"), BackEnd("jax", True, True, problem="x")
    spare = Package("torch", "torch", "", "it is not installed")
    assert installation(good, spare, chosen=works).broken == ()
    assert repairing(installation(good, keras, chosen=works)) == ""
    found = installation(good, keras, Package("onnx", "onnx>=1", "0", "old"), chosen=fails)
    assert found.broken == ("onnx", "jax")
    assert repairing(found) == "pip install --force-reinstall 'keras>=3' 'onnx>=1'"
