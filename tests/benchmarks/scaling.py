"""What training and predicting cost as a table grows: `python -m tests.benchmarks.scaling [--data TABLE] [--most ROWS]`.

The rows are those of the table over and over, each with a word of its own, so that the words grow with the rows as they do in
life. Every size is measured in a process of its own; the plot and the numbers go to docs/scaling.svg and scaling.json.
"""

import argparse
import csv
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from attnclf.config import Config
from attnclf.data import read_table
from tests.benchmarks.cold_start import once


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.scaling", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", type=Path, default=Path("sample_data/train.csv"))
    parser.add_argument("--most", type=int, default=1_000_000)
    parser.add_argument("--train-most", type=int, default=1_000_000)
    parser.add_argument("-o", "--output", type=Path, default=Path("scaling.json"))
    parser.add_argument("--plot", type=Path, default=Path("docs/scaling.svg"))
    options = parser.parse_args()
    results: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as directory:
        rows = 1_000
        while rows <= options.most:
            results.append(measure(options.data, rows, Path(directory), train=rows <= options.train_most))
            print(results[-1], file=sys.stderr, flush=True)
            options.output.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
            rows *= 10
    plot(results, options.plot)


def measure(data: Path, rows: int, directory: Path, train: bool) -> dict[str, Any]:
    """Seconds and peak MB of one epoch of training (the linear model included) and of predicting all rows."""
    table = grown(data, rows, directory / f"{rows}.csv")
    model = directory / "model"
    attnclf = [sys.executable, "-m", "attnclf"]
    result: dict[str, Any] = {"rows": rows}
    if train:
        options = ["--epochs", "1", "--no-baseline", "--level", "word", "--device", "cpu"]
        result["train seconds"], result["train MB"] = once([*attnclf, "train", str(table), "-m", str(model), *options])
    command = [*attnclf, "predict", "-f", str(table), "-m", str(model), "-o", str(directory / "out.csv")]
    result["predict seconds"], result["predict MB"] = once(command)
    return result


def grown(data: Path, rows: int, target: Path) -> Path:
    table = read_table([data], Config().data)
    with target.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["text", "label"])
        for i in range(rows):
            round_, row = divmod(i, len(table.texts))
            writer.writerow([table.texts[row] + (f" w{i}" if round_ else ""), table.labels[row]])
    return target


def plot(results: list[dict[str, Any]], target: Path) -> None:
    """Seconds and memory over rows, on logarithmic axes: a straight line of slope 1 is linear growth."""
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 2, figsize=(9, 3.5))
    for axis, unit in zip(axes, ("seconds", "MB"), strict=True):
        for what, marker in (("train", "o"), ("predict", "s")):
            points = [(r["rows"], r[f"{what} {unit}"]) for r in results if f"{what} {unit}" in r]
            label = {"train": "train, one epoch", "predict": "predict"}[what]
            axis.loglog(*zip(*points, strict=True), marker=marker, label=label)
        axis.set(xlabel="rows", ylabel={"seconds": "seconds", "MB": "peak memory, MB"}[unit])
        axis.grid(alpha=0.3)
        axis.legend()
    figure.tight_layout()
    figure.savefig(target, metadata={"Date": None})


if __name__ == "__main__":
    main()
