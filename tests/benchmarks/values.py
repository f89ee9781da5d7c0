"""`make values DATA=DIR`: what attention should pool, by accuracy and by the faithfulness of what it explains.

    python -m tests.benchmarks.values DIR [--sets NAME …] [--values states local both] [--seeds N] [--texts N] [-o values.json]

DIR holds a folder a set, with `train.csv` and `test.csv`. For each set, kind of values and seed one training with defaults:
accuracy on the test file, and on some of its texts the comprehensiveness of attention, evidence, leaving one out and
integrated gradients, beside random orders. What is finished is kept in the JSON file, and a second call goes on from there.
"""

from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table as RichTable

from attnclf.config import Config
from attnclf.data import read_table
from attnclf.explain import check_additivity, measure_faithfulness, sample
from attnclf.results import RANDOM
from attnclf.training.splitting import targets_of
from tests.benchmarks.trainings import Results, finished, jobs_of, parser_of, sets_of, spread, trained

METHODS = ("attention", "evidence", "loo")


def main() -> None:
    parser = parser_of("values", __doc__)
    parser.add_argument("--values", nargs="*", default=["states", "local", "both"])
    parser.add_argument("--texts", type=int, default=200, help="of each test file, to measure explanations on")
    parser.add_argument("--fewer", type=int, default=40, help="of these, for integrated gradients, which take long")
    options = parser.parse_args()
    sets = options.sets or sets_of(options.data)

    def measured(folder: Path, values: str, seed: int) -> dict[str, Any]:
        return measure(folder, values, seed, options.texts, options.fewer)

    jobs = jobs_of(options.data, sets, options.seeds, options.values, measured)
    Console(width=200).print(table(finished(jobs, options.output), sets, options.values))


def measure(folder: Path, values: str, seed: int, count: int, fewer: int) -> dict[str, Any]:
    """One training: accuracy on the test file, and each method's comprehensiveness and sufficiency on `count` of its texts;
    beside integrated gradients on `fewer`."""
    test = read_table([folder / "test.csv"], Config().data)
    with trained(folder, seed, ["--values", values]) as (served, seconds):
        answers = served.logits(test.texts)[0].argmax(axis=1)
        texts = sample.evenly_spaced([text for text in test.texts if text.strip()], count)
        faithfulness = measure_faithfulness(served, texts, methods=METHODS)
        beside_ig = measure_faithfulness(served, sample.evenly_spaced(texts, fewer), methods=("evidence", "ig"))
        return {
            "accuracy": float(np.mean(answers == targets_of(test, served.labels))),
            "seconds": seconds,
            "level": served.bundle.config.text.level,
            "additivity": check_additivity(served, test.texts),
            "comprehensiveness": {m.method: m.comprehensiveness.mean for m in faithfulness.methods},
            "beside_ig": {m.method: m.comprehensiveness.mean for m in beside_ig.methods},
            "sufficiency": {m.method: m.sufficiency.mean for m in faithfulness.methods},
        }


def table(results: Results, sets: Sequence[str], kinds: Sequence[str]) -> RichTable:
    """One row a set and kind of values: means over seeds; evidence as a share of leaving one out."""
    rich_table = RichTable(box=MARKDOWN)
    for name in ("set", "values", "accuracy", *METHODS, RANDOM, "evidence / loo", "evidence / ig"):
        rich_table.add_column(name)
    for name in sets:
        for kind in kinds:
            runs = [run for key, run in results.items() if key.startswith(f"{name}/{kind}/")]
            found = {method: mean(run["comprehensiveness"][method] for run in runs) for method in (*METHODS, RANDOM)}
            figures = [f"{found[method]:.3f}" for method in (*METHODS, RANDOM)]
            beside = {method: mean(run["beside_ig"][method] for run in runs) for method in ("evidence", "ig")}
            shares = (found["evidence"] / found["loo"], beside["evidence"] / beside["ig"])
            rich_table.add_row(name, kind, spread([run["accuracy"] for run in runs]), *figures, *(f"{s:.2f}" for s in shares))
    return rich_table


if __name__ == "__main__":
    main()
