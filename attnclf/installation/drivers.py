"""The GPUs that NVIDIA's driver names, whether or not a library can use them."""

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

PATIENCE = 20.0  # seconds in which the driver has to answer
ASKED = ("--query-gpu=name,memory.total,memory.free,driver_version", "--format=csv,noheader")
FIELDS = 4  # that are asked for
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
    except subprocess.TimeoutExpired:
        return Driver(reason=f"nvidia-smi does not answer in {PATIENCE:g} seconds")
    except (OSError, subprocess.SubprocessError) as error:
        told = getattr(error, "stdout", None) or getattr(error, "stderr", None) or ""
        return Driver(reason=f"nvidia-smi: {(told.strip() or str(error)).splitlines()[0]}")
    lines = [line for line in found.stdout.splitlines() if line.strip()]
    gpus = tuple(_in_words(line) for line in lines if line.count(",") == FIELDS - 1)
    if not gpus:
        return Driver(reason=f"nvidia-smi: {lines[0].strip()}" if lines else "nvidia-smi lists no GPU")
    hidden = environment.get(HIDING)
    if hidden is not None and hidden.split(",")[0].strip() in ("", "-1"):  # what follows a device that is none is not read
        return Driver(gpus, f"{HIDING}={hidden} hides them")
    return Driver(gpus)


def _in_words(line: str) -> str:
    name, total, free, driver = (part.strip() for part in line.split(","))
    return f"{name}, {total}, of which {free} are free, driver {driver}"
