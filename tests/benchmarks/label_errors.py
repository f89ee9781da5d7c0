"""`make label-errors DATA=DIR`: how many wrong labels `check` ranks first, beside cleanlab on TF-IDF + logistic regression.

    python -m tests.benchmarks.label_errors DIR [--sets NAME …] [--seeds N] [--rows N] [-o label_errors.json]

In each set of DIR (a folder with `train.csv`, or `valid.csv` in its place), 3 % of the labels are replaced by another at
random. Both sides judge each row by a fit to other rows and rank the rows by the probability of their label, as cleanlab does.
A number is the share of the replaced labels among as many rows, the first of the ranking. It would be 1 if no label had been
wrong before.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table as RichTable

from attnclf.checking.wrong_labels import judge
from attnclf.config import Config
from attnclf.data import Table, read_table
from tests.benchmarks.trainings import Results, finished, parser_of, spread, train_file

FLIPPED = 0.03  # of the rows
FOLDS = 5
Ranking = NDArray[np.intp]
# TF-IDF as in cleanlab's own tutorials, and with the settings that are the strongest baselines of `make accuracy`.
PEERS = {
    "words 1–2, C 1": ("word", (1, 2), 1.0),
    "words 1–2, C 5": ("word", (1, 2), 5.0),
    "characters 1–5, C 5": ("char_wb", (1, 5), 5.0),
}


def main() -> None:
    parser = parser_of("label_errors", __doc__)
    parser.add_argument("--rows", type=int, default=20_000, help="of each set, the first ones")
    options = parser.parse_args()
    sets = options.sets or sorted(folder.name for folder in options.data.iterdir() if train_file(folder).exists())
    rankings: dict[str, Callable[[Table, int], Ranking]] = {"check": _checked}
    rankings |= {name: partial(_peer, settings) for name, settings in PEERS.items()}
    jobs: dict[str, Callable[[], dict[str, Any]]] = {
        f"{name}/{way}/{seed}": partial(measure, options.data / name, rankings[way], seed, options.rows)
        for name in sets
        for way in rankings
        for seed in range(options.seeds)
    }
    Console(width=160).print(table(finished(jobs, options.output), sets, list(rankings), options.seeds))


def measure(folder: Path, rank: Callable[[Table, int], Ranking], seed: int, rows: int) -> dict[str, Any]:
    """The share of the flipped rows that a ranking finds."""
    whole = read_table([train_file(folder)], Config().data)
    flipped, wrong = with_wrong_labels(whole.rows(range(min(rows, len(whole.texts)))), seed)
    return {"found": len(wrong & set(rank(flipped, seed)[: len(wrong)].tolist())) / len(wrong)}


def with_wrong_labels(table: Table, seed: int) -> tuple[Table, set[int]]:
    """The table with some labels replaced by another one at random, and the rows in which they were."""
    random = np.random.default_rng(seed)
    labels, changed = sorted(set(table.labels)), list(table.labels)
    rows = random.choice(len(changed), round(FLIPPED * len(changed)), replace=False)
    for row, step in zip(rows.tolist(), random.integers(1, len(labels), len(rows)).tolist(), strict=True):
        changed[row] = labels[(labels.index(changed[row]) + step) % len(labels)]
    return replace(table, labels=changed), set(rows.tolist())


def _checked(table: Table, _: int) -> Ranking:
    judged = judge(table, Config().text)
    assert judged is not None
    return judged.order


def _peer(settings: tuple[str, tuple[int, int], float], table: Table, seed: int) -> Ranking:
    from cleanlab.rank import get_label_quality_scores
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline

    analyzer, ngrams, c = settings
    pattern = {"token_pattern": r"(?u)\w+|[^\w\s]"} if analyzer == "word" else {}
    pipeline = make_pipeline(
        TfidfVectorizer(analyzer=analyzer, ngram_range=ngrams, sublinear_tf=True, **pattern),
        LogisticRegression(C=c, max_iter=1000),
    )
    targets = np.unique(table.labels, return_inverse=True)[1]
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    probabilities = cross_val_predict(pipeline, table.texts, targets, cv=folds, method="predict_proba")
    return np.argsort(get_label_quality_scores(targets, probabilities, method="self_confidence"), kind="stable")


def table(results: Results, sets: Sequence[str], ways: Sequence[str], seeds: int) -> RichTable:
    """One row a set; mean and standard deviation over seeds."""
    rich_table = RichTable(box=MARKDOWN)
    for name in ("set", *ways, "check − best other"):
        rich_table.add_column(name)
    for name in sets:
        found = {way: [float(results[f"{name}/{way}/{seed}"]["found"]) for seed in range(seeds)] for way in ways}
        lead = mean(found[ways[0]]) - max(mean(found[way]) for way in ways[1:])
        rich_table.add_row(name, *(spread(found[way]) for way in ways), f"{lead:+.4f}")
    return rich_table


if __name__ == "__main__":
    main()
