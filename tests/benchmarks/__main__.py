"""`make bench`: speed and size as ratios measured in one run, since seconds of a shared machine mean little.

    python -m tests.benchmarks [--data TABLE] [--rows N] [--level word|char] [-o bench.json]

trains the default model for one epoch, then measures
  cold start   `attnclf predict "one text"` from a new process, beside a process that loads the same weights in Keras
  predict      many texts through ONNX Runtime, beside Keras on the same weights and texts
  train        an epoch with length-bucketed batches, beside the same model on batches padded to the longest text
"""

import argparse
import json
import tempfile
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table as RichTable

from attnclf.config import Config
from attnclf.data import Table, read_table
from tests.benchmarks import cold_start


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", type=Path, default=Path("sample_data/train.csv"), help="CSV with columns text and label")
    parser.add_argument("--rows", type=int, default=20_000, help="rows used of it, at most")
    parser.add_argument("-o", "--output", type=Path, default=Path("bench.json"))
    parser.add_argument("--level", choices=["char", "word"], default="word")
    options = parser.parse_args()
    table, _ = read_table([options.data], Config().data)
    rows = min(options.rows, len(table.texts))
    table = replace(table, texts=table.texts[:rows], labels=table.labels[:rows])
    with tempfile.TemporaryDirectory() as directory:
        model = cold_start.train(options.data, Path(directory) / "model", options.level)
        results = measure(table, model, options.level)
    results = {"data": f"{options.data.name}, level {options.level}", "rows": rows} | results
    options.output.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    show(results)


def measure(table: Table, model: Path, level: str) -> dict[str, dict[str, float]]:
    """Every number by group and name."""
    cold = cold_start.measure(model, table.texts[0] or "text")  # first: a child's memory counts from its parent's
    from tests.benchmarks import throughput

    return {
        "cold start": cold,
        "predict": throughput.measure_prediction(model, table.texts),
        "train": throughput.measure_training(table, level),
    }


def show(results: dict[str, dict[str, float]]) -> None:
    """The numbers as a table, ratios in bold."""
    rich_table = RichTable(title=f"{results.pop('data')}, {results.pop('rows'):,} rows")
    for name in ("group", "measure", "value"):
        rich_table.add_column(name, justify="right" if name == "value" else "left")
    for group, values in results.items():
        for name, value in values.items():
            style = "bold" if "times" in name else ""
            rich_table.add_row(group, name, f"{value:,.2f}", style=style)
    Console().print(rich_table)


if __name__ == "__main__":
    main()
