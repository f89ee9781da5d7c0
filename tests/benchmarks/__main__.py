"""`make bench`: speed and size as ratios measured in one run, since seconds of a shared machine mean little.

    python -m tests.benchmarks [--data TABLE] [--rows N] [--level word|char] [-o bench.json] [--before bench.json]

trains the default model for one epoch, then measures
  cold start   `attnclf predict "one text"` from a new process, beside a process that loads the same weights in Keras
  encode       texts to numbers, beside the time that scikit-learn takes to vectorise them
  predict      many texts, beside Keras on the same weights, scikit-learn and fastText
  train        an epoch with length-bucketed batches, beside padding to the longest text, the baselines and PyTorch's LSTM
  parts        a training step and serving of each mechanism and encoder, beside additive attention of a BiLSTM
  explain      texts with their evidence, beside plain prediction, leaving words out and LIME
Only ratios are compared with an earlier run (`--before`).
"""

import argparse
import json
import tempfile
from dataclasses import replace
from pathlib import Path

from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table as RichTable

from attnclf.config import Config, Level
from attnclf.data import Table, read_table
from tests.benchmarks import cold_start

Results = dict[str, dict[str, float]]
RATIO = ("times", "share")  # names of what does not hang on the machine; the rest is printed, never compared


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", type=Path, default=Path("sample_data/train.csv"), help="CSV with columns text and label")
    parser.add_argument("--rows", type=int, default=20_000, help="rows used of it, at most")
    parser.add_argument("-o", "--output", type=Path, default=Path("bench.json"))
    parser.add_argument("--before", type=Path, help="JSON of an earlier run, to compare ratios with")
    parser.add_argument("--level", choices=["char", "word"], default="word")
    options = parser.parse_args()
    before: Results = json.loads(options.before.read_text(encoding="utf-8"))["results"] if options.before else {}
    table = read_table([options.data], Config().data)
    rows = min(options.rows, len(table.texts))
    table = replace(table, texts=table.texts[:rows], labels=table.labels[:rows])
    with tempfile.TemporaryDirectory() as directory:
        model = cold_start.train(options.data, Path(directory) / "model", options.level)
        results = measure(table, model, options.level)
    title = f"{options.data.name}, {rows:,} rows, level {options.level}"
    options.output.write_text(json.dumps({"data": title, "results": results}, indent=2) + "\n", encoding="utf-8")
    Console(width=160).print(as_table(title, results, before))


def measure(table: Table, model: Path, level: Level) -> Results:
    """Every number by group and name."""
    cold = cold_start.measure(model, table.texts[0] or "text")  # first: a child's memory counts from its parent's
    from attnclf.served.model import ServedModel
    from attnclf.training.preparation import labels_of
    from attnclf.training.splitting import targets_of
    from tests.benchmarks import explainers, parts, peers, throughput

    targets = targets_of(table, labels_of(table))
    classical = peers.measure_classical(table.texts, targets)
    predict = throughput.measure_prediction(model, table.texts)
    train = throughput.measure_training(table, level)
    training, serving = parts.measure_parts(table, level)
    for name, seconds in classical.items():
        predict[f"as fast as {name}, times"] = predict[throughput.FIRST] * seconds["predict"] / len(table.texts)
        train[f"an epoch as fast as {name} trains, times"] = train["texts a second, bucketed"] * seconds["train"] / len(targets)
    return {
        "cold start": cold,
        "encode": throughput.measure_encoding(model, table.texts),
        "predict": predict,
        "explain": throughput.measure_explaining(model, table.texts)
        | explainers.measure_explainers(ServedModel.load(model), table.texts),
        "parts: training step": training,
        "parts: serving": serving,
        "train": train | peers.measure_lstm(throughput.some_batches(table, level), *throughput.lstm_sizes(level)),
    }


def as_table(title: str, results: Results, before: Results) -> RichTable:
    """One number a line, ratios in bold and beside those of the earlier run."""
    rich_table = RichTable(title=title, box=MARKDOWN)
    for name in ("group", "measure", "value", *(["before"] if before else [])):
        rich_table.add_column(name, justify="left" if name in ("group", "measure") else "right")
    for group, values in results.items():
        for name, value in values.items():
            ratio = any(word in name for word in RATIO)
            earlier = before.get(group, {}).get(name) if ratio else None
            cells = [group, name, f"{value:,.2f}", *([f"{earlier:,.2f}" if earlier else ""] if before else [])]
            rich_table.add_row(*cells, style="bold" if ratio else "")
    return rich_table


if __name__ == "__main__":
    main()
