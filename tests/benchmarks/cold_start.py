"""Whole processes from a cold shell: wall time and resident memory."""

import os
import subprocess
import sys
import time
from pathlib import Path

REPEATS = 5

IN_KERAS = """
import sys
from pathlib import Path
from attnclf.served.model import ServedModel
from tests.benchmarks.throughput import in_keras
served = ServedModel.load(Path(sys.argv[1]))
print(in_keras(served).predict_on_batch(served.reader.batch(served.reader.ids([sys.argv[2]])[0])))
"""


def train(data: Path, model: Path, level: str) -> Path:
    """A model of the default size after one epoch; how well it does is of no matter here."""
    options = ["--level", level, "--epochs", "1", "--no-baseline", "--device", "cpu"]
    command = [sys.executable, "-m", "attnclf", "train", str(data), "-m", str(model), *options]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return model


def measure(model: Path, text: str) -> dict[str, float]:
    """Best of some runs, each in a new process."""
    attnclf = [sys.executable, "-m", "attnclf"]
    help_seconds, _ = best([*attnclf, "--help"])
    seconds, megabytes = best([*attnclf, "predict", text, "-m", str(model)])
    keras_seconds, keras_megabytes = best([sys.executable, "-c", IN_KERAS, str(model), text], repeats=2)
    return {
        "--help, seconds": help_seconds,
        "predict one text, seconds": seconds,
        "predict one text, MB resident": megabytes,
        "the same weights in Keras, MB resident": keras_megabytes,
        "faster than Keras, times": keras_seconds / seconds,
    }


def best(command: list[str], repeats: int = REPEATS) -> tuple[float, float]:
    """The shortest wall time in seconds and the least peak memory in MB of `repeats` runs."""
    runs = [once(command) for _ in range(repeats)]
    return min(seconds for seconds, _ in runs), min(megabytes for _, megabytes in runs)


def once(command: list[str]) -> tuple[float, float]:
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return seconds, usage.ru_maxrss / 1024
