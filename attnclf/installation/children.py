"""A library tried in a process of its own, which says line by line how far it came."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

PATIENCE = 300.0  # seconds after which a library counts as one that does not answer
# The child finds modules where this process finds them, and not in the folder that it happens to start in.
START = "import json, sys; sys.path[:] = json.loads(sys.argv.pop(1)); from attnclf.installation.probe import main; main()"

Said = list[dict[str, Any]]


def ask(arguments: Sequence[str], environment: Mapping[str, str] = {}, patience: float = PATIENCE) -> tuple[Said, str]:
    """What `attnclf.installation.probe` says, called with these arguments, and how its process ended: "" if as it should."""
    command = [sys.executable, "-c", START, json.dumps(sys.path), *arguments]
    try:
        ended = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            env={**os.environ, **environment},
            timeout=patience,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        said = error.stdout or b""
        return _lines(said.decode(errors="replace") if isinstance(said, bytes) else said), f"no answer in {patience:.0f} s"
    except OSError as error:
        return [], f"cannot start {sys.executable}: {error.strerror}"
    return _lines(ended.stdout), _how(ended.returncode, ended.stderr)


def _lines(text: str) -> Said:
    """The lines that are JSON objects; a library may print others."""
    found: Said = []
    for line in text.splitlines():
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict):
            found.append(value)
    return found


def _how(code: int, told: str) -> str:
    if code == 0:
        return ""
    last = (told.strip().splitlines() or [""])[-1][:300]
    how = f"exit code {code}"
    if code < 0:
        try:
            how = signal.Signals(-code).name
        except ValueError:
            how = f"signal {-code}"
    return f"its process ended with {how}" + (f": {last}" if last else "")
