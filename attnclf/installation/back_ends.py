"""The libraries that Keras can train with: which one it will take, and whether each can make a step of training."""

import json
import os
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from attnclf.errors import InstallationError
from attnclf.installation.children import ask
from attnclf.installation.drivers import Driver
from attnclf.results.installed import BackEnd

BACK_ENDS = ("tensorflow", "jax", "torch")
EXTRAS = {"jax": "jax", "torch": "torch"}  # tensorflow comes with attnclf
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3"}


def chosen_back_end(environment: Mapping[str, str]) -> str:
    """The back end that Keras will take: from KERAS_BACKEND, else from its configuration file, else TensorFlow."""
    if asked := environment.get("KERAS_BACKEND"):
        return asked
    home = Path(environment.get("KERAS_HOME") or Path("~").expanduser() / ".keras")
    try:
        found = json.loads((home / "keras.json").read_text(encoding="utf-8"))
        return str(found["backend"])
    except (OSError, ValueError, KeyError, TypeError):
        return "tensorflow"


def check_back_end() -> None:
    """Raises InstallationError where the back end that Keras will take is not installed, or is none that attnclf trains on.

    If Keras is running, it has its back end already.
    """
    name = chosen_back_end(os.environ)
    if "keras" in sys.modules or (name in BACK_ENDS and find_spec(name)):
        return
    asked = "KERAS_BACKEND" if os.environ.get("KERAS_BACKEND") else "keras.json"
    if name not in BACK_ENDS:
        what = f"{asked} names the back end '{name}', and attnclf trains on {', '.join(BACK_ENDS)}"
        raise InstallationError(what, hint="KERAS_BACKEND=tensorflow is the usual one")
    if name in EXTRAS:
        what = f"{asked} names the back end '{name}', which is not installed"
        raise InstallationError(what, hint=f"{_install(name)}, or KERAS_BACKEND=tensorflow")
    raise InstallationError(f"{name} is not installed", hint=_install(name))


def _install(name: str) -> str:
    return f"pip install 'attnclf[{EXTRAS[name]}]'" if name in EXTRAS else f"pip install {name}"


def back_end(name: str, chosen: bool, driver: Driver) -> BackEnd:
    """What becomes of it: a process of its own imports it, looks for GPUs and trains a small network for one step."""
    if name not in BACK_ENDS:
        return BackEnd(name, chosen, False, problem=f"attnclf trains on {', '.join(BACK_ENDS)}")
    try:
        found = version(name)
    except PackageNotFoundError:
        return BackEnd(name, chosen, False, problem=f"it is not installed: {_install(name)}" if chosen else "")
    said, how = ask(["back-end", name], {**QUIET, "KERAS_BACKEND": name})
    told = {key: value for line in said for key, value in line.items()}
    devices = tuple(map(str, told.get("devices", ())))
    problem = str(told.get("problem", "")) or how
    if problem and "doing" in told:
        problem = f"{told['doing']}: {problem}"
    reason = "" if devices or "built" not in told else _why_none(name, bool(told["built"]), driver)
    return BackEnd(
        name,
        chosen,
        True,
        found,
        devices,
        reason,
        str(told.get("step", "")),
        float(told.get("seconds", 0.0)),
        problem,
    )


def _why_none(name: str, built: bool, driver: Driver) -> str:
    """Why a back end sees no GPU, as far as that can be told."""
    if driver.reason:
        return driver.reason
    if not built:
        return f"the driver names a GPU, and this {name} was built without CUDA"
    return f"the driver names a GPU, and {name} does not find the libraries of CUDA: pip install 'attnclf[gpu]'"
