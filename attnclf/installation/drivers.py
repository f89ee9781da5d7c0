"""The GPUs that NVIDIA's driver names, whether or not a library can use them."""

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

PATIENCE = 20.0  # seconds in which the driver has to answer
ASKED = ("--query-gpu=name,memory.total,memory.free,driver_version", "--format=csv,noheader")
HIDING = "CUDA_VISIBLE_DEVICES"


@dataclass(frozen=True)
class Driver:
    """The `gpus` that the driver names, with their memory; the `reason` where it names none, or where they are hidden."""

    gpus: tuple[str, ...] = ()
    reason: str = ""


def gpus_of_driver(environment: Mapping[str, str]) -> Driver:
    """What `nvidia-smi` says."""
    command = shutil.which("nvidia-smi")
    if command is None:
        return Driver(reason="there is no nvidia-smi, so no driver of NVIDIA")
    try:
        found = subprocess.run([command, *ASKED], capture_output=True, text=True, timeout=PATIENCE, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        told = getattr(error, "stdout", None) or getattr(error, "stderr", None) or str(error)
        return Driver(reason=f"nvidia-smi: {str(told).strip().splitlines()[0]}")
    gpus = tuple(_in_words(line) for line in found.stdout.splitlines() if line.strip())
    hidden = environment.get(HIDING)
    if gpus and hidden is not None and not hidden.strip("-1 "):
        return Driver(gpus, f"{HIDING}={hidden} hides them")
    return Driver(gpus, "" if gpus else "nvidia-smi lists no GPU")


def _in_words(line: str) -> str:
    name, total, free, driver = (part.strip() for part in line.split(","))
    return f"{name}, {total}, of which {free} are free, driver {driver}"
