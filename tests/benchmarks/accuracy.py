"""`make accuracy DATA=DIR`: the defaults on every set of a folder, over seeds, beside four classical baselines.

    python -m tests.benchmarks.accuracy DIR [--sets NAME …] [--seeds N] [-o accuracy.json] [--train OPTION …]

DIR holds a folder a set, with `train.csv` (or `valid.csv` in its place) and `test.csv`. Every run is `attnclf train` in a
process of its own and one look at the test file. What is finished is kept in the JSON file, and another call goes on there.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table as RichTable

from attnclf.config import Config
from attnclf.data import read_table
from attnclf.data.split import split
from attnclf.results import softmax
from attnclf.scoring import metrics
from attnclf.training.splitting import targets_of
from tests.benchmarks.baselines import candidates
from tests.benchmarks.throughput import timed
from tests.benchmarks.trainings import Results, finished, parser_of, sets_of, spread, train_file, trained


def main() -> None:
    parser = parser_of("accuracy", __doc__)
    parser.add_argument("--train", nargs=argparse.REMAINDER, default=[], help="further options of `attnclf train`")
    options = parser.parse_args()
    sets = options.sets or sets_of(options.data)
    jobs: dict[str, Callable[[], dict[str, Any]]] = {}
    for name in sets:
        jobs[f"{name}/baselines"] = lambda folder=options.data / name: measure_baselines(folder)
        for seed in range(options.seeds):
            key = " ".join([f"{name}/seed {seed}", *options.train])
            jobs[key] = lambda folder=options.data / name, seed=seed: measure(folder, seed, options.train)
    Console(width=200).print(table(finished(jobs, options.output), sets))


def measure(folder: Path, seed: int, train_options: Sequence[str]) -> dict[str, Any]:
    """One training with defaults, judged on the test file."""
    test = read_table([folder / "test.csv"], Config().data)
    with trained(folder, seed, train_options) as (served, seconds):
        targets = targets_of(test, served.labels)
        report = metrics.report(served.labels, targets, softmax(served.logits(test.texts)[0]))
        return {
            "accuracy": report.accuracy,
            "macro_f1": report.macro_f1,
            "calibration_error": report.calibration_error,
            "validation_accuracy": served.bundle.scores["validation"]["accuracy"],
            "seconds": seconds,
            "texts_per_second": len(test.texts) / timed(lambda: served.logits(test.texts)),
            "level": served.bundle.config.text.level,
            "history": served.bundle.history(),
        }


def measure_baselines(folder: Path) -> dict[str, Any]:
    """Each of the four: settings chosen on a tenth of the training rows, then fitted to all of them and judged on the test
    file. `validation` is the accuracy on that tenth, the same rows that `attnclf train --seed 0` holds out."""
    tables = [read_table([file], Config().data) for file in (train_file(folder), folder / "test.csv")]
    labels = sorted(set(tables[0].labels))
    train_targets, test_targets = (targets_of(table, labels) for table in tables)
    fitted, held_out = split(train_targets, [], 0.1, 0)
    texts = tables[0].texts
    results = {}
    for name, settings in candidates().items():
        scores = []
        for fit in settings:
            predict = fit([texts[i] for i in fitted], train_targets[fitted])
            scores.append(float(np.mean(predict([texts[i] for i in held_out]) == train_targets[held_out])))
        started = time.perf_counter()
        predict = settings[int(np.argmax(scores))](texts, train_targets)
        seconds = time.perf_counter() - started
        answers = predict(tables[1].texts)
        results[name] = {
            "accuracy": float(np.mean(answers == test_targets)),
            "macro_f1": metrics.macro_f1(test_targets, np.eye(len(labels))[answers]),
            "validation": max(scores),
            "seconds": seconds,
        }
    return results


def seconds_to_match(run: dict[str, Any], validation: float) -> float | None:
    """Seconds of training until the validation accuracy reached that of the best baseline on the same rows, None when never."""
    return next((epoch["seconds"] for epoch in run["history"] if epoch["accuracy"] >= validation), None)


def table(results: Results, sets: list[str]) -> RichTable:
    """One row a set: test accuracy, mean ± standard deviation over seeds, beside the best baseline on the test file."""
    rich_table = RichTable(box=MARKDOWN)
    for name in ("set", "accuracy", "macro F1", "best baseline", "its accuracy", "won", "train, s", "to match, s", "texts/s"):
        rich_table.add_column(name)
    for name in sets:
        runs = [run for key, run in results.items() if key.startswith(f"{name}/seed")]
        baselines = results[f"{name}/baselines"]
        best = max(baselines, key=lambda baseline: baselines[baseline]["accuracy"])
        accuracy = [run["accuracy"] for run in runs]
        matched = seconds_to_match(runs[0], max(b["validation"] for b in baselines.values()))  # seed 0 holds out the same rows
        ahead = mean(accuracy) - baselines[best]["accuracy"]
        rich_table.add_row(
            name,
            spread(accuracy),
            spread([run["macro_f1"] for run in runs]),
            best,
            f"{baselines[best]['accuracy']:.4f}",
            f"{'won' if ahead > 0 else 'lost'} by {abs(ahead):.4f}",
            f"{mean(run['seconds'] for run in runs):.0f}",
            f"{matched:.0f}" if matched is not None else "never",
            f"{mean(run['texts_per_second'] for run in runs):,.0f}",
        )
    return rich_table


if __name__ == "__main__":
    main()
