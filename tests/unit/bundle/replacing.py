"""Replaces a model again and again under readers, and counts their answers.

`python -m tests.unit.bundle.replacing FOLDER N` replaces it N times.
"""

import multiprocessing
import sys
import time
from collections import Counter
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path

from attnclf import bundle as bundles
from attnclf.errors import ModelError
from attnclf.served.model import ServedModel
from tests.models import write_bundle

TEXT = ["좋아요 정말 좋아요 get 1000 followers"]
NAMES = (("a", "b"), ("c", "d", "e"))
Answer = tuple[tuple[str, ...], bytes, bytes]


def two_models(folder: Path) -> dict[str, Answer]:
    """Two models with different labels, weights and answers; what each gives, by its name."""
    answers = {}
    for name, labels, units in (("one", NAMES[0], 6), ("two", NAMES[1], 8)):
        write_bundle(folder / name, labels=labels, units=units)
        answers[name] = answer(folder / name)
    return answers


def answer(path: Path) -> Answer:
    """What the model at `path` says: its labels, its logits, and a part of what is only read when it is asked for."""
    served = ServedModel.load(path)
    weights = served.weights()
    return served.labels, served.logits(TEXT)[0].tobytes(), b"".join(weights[name].tobytes() for name in sorted(weights))


def read_until(
    ready: Barrier, done: Event, path: Path, right: list[Answer], counts: "multiprocessing.Queue[Counter[str]]"
) -> None:
    """Loads the model until `done`, and counts right answers, wrong ones and refusals."""
    found: Counter[str] = Counter()
    ready.wait(60)
    while not done.is_set():
        try:
            found["right" if answer(path) in right else "wrong"] += 1
        except ModelError as error:
            found["refused"] += 1
            sys.stderr.write(f"{error}\n")
    counts.put(found)


def replaced_under_readers(folder: Path, times: int, readers: int = 2) -> Counter[str]:
    """Replaces a model `times` times while `readers` processes load it."""
    right = list(two_models(folder).values())
    models = [bundles.load(folder / name).in_memory() for name in ("one", "two")]
    models[0].copy_to(folder / "m")
    spawn = multiprocessing.get_context("spawn")
    ready, done, counts = spawn.Barrier(readers + 1), spawn.Event(), spawn.Queue()
    arguments = ready, done, folder / "m", right, counts
    processes = [spawn.Process(target=read_until, args=arguments) for _ in range(readers)]
    for process in processes:
        process.start()
    ready.wait(60)
    try:
        for i in range(times):
            models[(i + 1) % 2].copy_to(folder / "m")
    finally:
        done.set()
        total = sum((counts.get(timeout=60) for _ in processes), Counter())
        for process in processes:
            process.join()
    return total


if __name__ == "__main__":
    started = time.monotonic()
    print(dict(replaced_under_readers(Path(sys.argv[1]), int(sys.argv[2]))), f"{time.monotonic() - started:.0f} s")  # noqa: T201
