"""What those benchmarks share that train on every set of a folder, over seeds: options, sets, trainings, results kept."""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import mean, stdev
from typing import Any, TypeVar

from attnclf.served.model import ServedModel

T = TypeVar("T")
Results = dict[str, dict[str, Any]]  # such as "set/seed 0" → numbers


def parser_of(name: str, document: str | None) -> argparse.ArgumentParser:
    """The options that all of them have; `document` is the benchmark's own docstring."""
    parser = argparse.ArgumentParser(prog=f"python -m tests.benchmarks.{name}", description=(document or "").split("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="*", help="folders of DATA; all that can be trained and tested on when not given")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("-o", "--output", type=Path, default=Path(f"{name}.json"))
    return parser


def sets_of(folder: Path) -> list[str]:
    """The folders of `folder` that hold rows to train on and to test on."""
    return sorted(path.parent.name for path in folder.glob("*/test.csv") if train_file(path.parent).exists())


def train_file(folder: Path) -> Path:
    """`train.csv`, or `valid.csv` in its place where there is none."""
    return next((file for file in (folder / "train.csv", folder / "valid.csv") if file.exists()), folder / "train.csv")


def jobs_of(
    data: Path, sets: Sequence[str], seeds: int, choices: Sequence[T], measure: Callable[[Path, T, int], dict[str, Any]]
) -> dict[str, Callable[[], dict[str, Any]]]:
    """A job for each set, seed and choice, such as "sst2/local/0": `measure` of the set's folder, the choice and the seed."""
    return {
        f"{name}/{choice:g}/{seed}" if isinstance(choice, float) else f"{name}/{choice}/{seed}": partial(
            measure, data / name, choice, seed
        )
        for name in sets
        for seed in range(seeds)
        for choice in choices
    }


def finished(jobs: Mapping[str, Callable[[], dict[str, Any]]], file: Path) -> Results:
    """The results of all jobs: those that `file` has not yet are run, and each is written there as it ends."""
    results: Results = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    for number, (key, job) in enumerate(jobs.items(), 1):
        if key not in results:
            print(f"{number} of {len(jobs)}: {key}", file=sys.stderr, flush=True)
            results[key] = job()
            file.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return results


@contextmanager
def trained(folder: Path, seed: int, train_options: Sequence[str]) -> Iterator[tuple[ServedModel, float]]:
    """`attnclf train train.csv` with its defaults or what is given, and the seconds that it took."""
    with tempfile.TemporaryDirectory() as directory:
        model = Path(directory) / "model"
        command = [sys.executable, "-m", "attnclf", "train", str(train_file(folder)), "-m", str(model)]
        started = time.perf_counter()
        subprocess.run([*command, "--seed", str(seed), "--no-baseline", *train_options], check=True, stderr=subprocess.DEVNULL)
        yield ServedModel.load(model), time.perf_counter() - started


def spread(values: list[float]) -> str:
    return f"{mean(values):.4f} ± {stdev(values) if len(values) > 1 else 0:.4f}"
