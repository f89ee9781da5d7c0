"""`make sanity DATA=DIR`: whether explanations hang on what was learnt, and how much on the seed.

    python -m tests.benchmarks.sanity DIR [--sets NAME …] [--seeds N] [--texts N] [-o sanity.json]

For each set of DIR (a folder with `train.csv` and `test.csv`): models of several seeds, and two trained on labels shuffled in
two ways. Two models are compared by Kendall's τ-b of what a method gives to the words of a text, meaned over texts of the test
file; both explain the first label against the second, whatever they predict.

stability   τ between models of two seeds, meaned over pairs: what a user sees twice
sanity      τ between a model and that of shuffled labels: about 0, or the method shows the text and not the model
            (Adebayo et al. 2018; Jain & Wallace 2019)
noise       τ between the two models of shuffled labels: about 0 too, since they have learnt nothing in common
"""

import itertools
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
import pandas as pd
from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table as RichTable
from scipy.stats import kendalltau

from attnclf.config import Config
from attnclf.data import read_table
from attnclf.explain import evenly_spaced, explain
from tests.benchmarks.trainings import Results, finished, parser_of, sets_of, train_file, trained

METHODS = ("attention", "signed_attention", "evidence", "loo")
BETWEEN = {"stability": "seeds", "sanity": "true and shuffled labels", "noise": "labels shuffled in two ways"}
Scores = list[dict[str, list[float]]]  # of each text, what each method gives to its words


def main() -> None:
    parser = parser_of("sanity", __doc__)
    parser.add_argument("--texts", type=int, default=200)
    options = parser.parse_args()
    sets = options.sets or sets_of(options.data)
    jobs: dict[str, Callable[[], dict[str, Any]]] = {
        name: lambda folder=options.data / name: measure(folder, options.seeds, options.texts) for name in sets
    }
    Console(width=160).print(table(finished(jobs, options.output), sets))


def measure(folder: Path, seeds: int, count: int) -> dict[str, Any]:
    """τ of each method between seeds, and between each seed and the model of shuffled labels."""
    test = read_table([folder / "test.csv"], Config().data)
    texts = evenly_spaced([text for text in test.texts if len(text.split()) > 1], count)
    models = [_scores(folder, seed, texts) for seed in range(seeds)]
    noise = [_of_shuffled_labels(folder, seed, texts) for seed in range(2)]
    pairs = {
        "stability": list(itertools.combinations(models, 2)),
        "sanity": [(model, noise[0]) for model in models],
        "noise": [(noise[0], noise[1])],
    }
    return {
        name: {method: mean(_tau(one, other, method) for one, other in some) for method in METHODS}
        for name, some in pairs.items()
    }


def _of_shuffled_labels(folder: Path, seed: int, texts: list[str]) -> Scores:
    with tempfile.TemporaryDirectory() as directory:
        rows = pd.read_csv(train_file(folder), dtype=str, keep_default_na=False)
        rows["label"] = np.random.default_rng(seed).permutation(rows["label"])
        rows.to_csv(Path(directory) / "train.csv", index=False)
        return _scores(Path(directory), seed, texts)


def _scores(folder: Path, seed: int, texts: list[str]) -> Scores:
    with trained(folder, seed, []) as (served, _):
        first, second = served.labels[:2]
        explained = explain(served, texts, target=first, against=second, methods=METHODS, by="word")
    return [{method: [token.score(method) for token in e.tokens] for method in METHODS} for e in explained]


def _tau(one: Scores, other: Scores, method: str) -> float:
    """Meaned over texts; 0 where one side gives all words the same."""
    taus = [kendalltau(a[method], b[method]).statistic for a, b in zip(one, other, strict=True)]
    return float(np.mean(np.nan_to_num(taus)))


def table(results: Results, sets: list[str]) -> RichTable:
    """One row a set and measure."""
    rich_table = RichTable(box=MARKDOWN)
    for name in ("set", "τ between", *METHODS):
        rich_table.add_column(name)
    for name in sets:
        for measure_, between in BETWEEN.items():
            rich_table.add_row(name, between, *(f"{results[name][measure_][method]:.3f}" for method in METHODS))
    return rich_table


if __name__ == "__main__":
    main()
