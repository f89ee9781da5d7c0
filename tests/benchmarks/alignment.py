"""`make alignment DATA=DIR`: what alignment does to attention, and what it costs.

    python -m tests.benchmarks.alignment DIR [--sets NAME …] [--seeds N] [--texts N] [--rows N] [--align 0 0.3] [-o FILE]

DIR holds a folder a set, with `train.csv` (or `valid.csv` in its place) and `test.csv`. For each set and seed, one training
with each weight of alignment, one after the other: accuracy on the test file, and on some of its texts the faithfulness of
attention, of attention with its side, of |evidence|, evidence and leaving one out; and agreement with people where the test
file has a column of rationales. What is finished is kept in the JSON file, and a second call goes on from there.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
import pandas as pd
from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table as RichTable

from attnclf.config import Config
from attnclf.data import Table, read_table
from attnclf.explain import evenly_spaced, measure_faithfulness, measure_plausibility, rationale_of
from attnclf.served.model import ServedModel
from attnclf.training.splitting import targets_of
from tests.benchmarks.trainings import Results, finished, jobs_of, parser_of, sets_of, spread, train_file, trained

PEOPLE = ("attention", "signed_attention", "evidence")


def main() -> None:
    parser = parser_of("alignment", __doc__)
    parser.add_argument("--texts", type=int, default=200, help="of each test file, to measure explanations on")
    parser.add_argument("--rows", type=int, default=20_000, help="of each training file, at most")
    parser.add_argument("--align", type=float, nargs="*", default=[0.0, Config().training.align])
    options = parser.parse_args()
    sets = options.sets or sets_of(options.data)

    def measured(folder: Path, align: float, seed: int) -> dict[str, Any]:
        return measure(folder, align, seed, options.texts, options.rows)

    jobs = jobs_of(options.data, sets, options.seeds, options.align, measured)
    Console(width=200).print(table(finished(jobs, options.output), sets, options.align))


def measure(folder: Path, align: float, seed: int, count: int, most_rows: int) -> dict[str, Any]:
    """One training: accuracy on the test file, and the faithfulness of methods on `count` of its texts."""
    test = read_table([folder / "test.csv"], Config().data)
    with tempfile.TemporaryDirectory() as directory:
        rows = pd.read_csv(train_file(folder), dtype=str, keep_default_na=False)
        rows.sample(min(len(rows), most_rows), random_state=0).to_csv(Path(directory) / "train.csv", index=False)
        with trained(Path(directory), seed, ["--align", str(align)]) as (served, _):
            answers = served.logits(test.texts)[0].argmax(axis=1)
            texts = evenly_spaced([text for text in test.texts if text.strip()], count)
            measured = measure_faithfulness(served, texts).methods
            history = served.bundle.history()
            on_validation = served.bundle.faithfulness
            return {
                "accuracy": float(np.mean(answers == targets_of(test, served.labels))),
                "validation_log_loss": min(line["log_loss"] for line in history),
                "validation_shares": on_validation.attention_shares if on_validation else None,
                "seconds_per_epoch": (history[-1]["seconds"] - history[0]["seconds"]) / (len(history) - 1),
                "comprehensiveness": {m.method: m.comprehensiveness.mean for m in measured},
                "tau": {m.method: m.tau.mean for m in measured if m.tau},
                "people": _people(served, test, count),
            }


def _people(served: ServedModel, test: Table, count: int) -> dict[str, float]:
    """AUPRC of methods against people's rationales; empty for a table without them."""
    if not test.rationales:
        return {}
    spans = [rationale_of(cell, text, "a rationale") for cell, text in zip(test.rationales, test.texts, strict=True)]
    found = measure_plausibility(served, test.texts, spans, 3 * count, PEOPLE)
    return {m.method: m.auprc.mean for m in found.methods} if found else {}


def table(results: Results, sets: Sequence[str], weights: Sequence[float]) -> RichTable:
    """One row a set and weight of alignment: means over seeds, and shares of what is possible."""
    rich_table = RichTable(box=MARKDOWN)
    header = (
        "set",
        "align",
        "accuracy",
        "attention",
        "|evidence|",
        "share",
        "±attention",
        "evidence",
        "share",
        "ev. / loo",
        "τ",
    )
    for name in (*header, "people: attention", "evidence"):
        rich_table.add_column(name)
    for name in sets:
        for align in weights:
            runs = [run for key, run in results.items() if key.startswith(f"{name}/{align:g}/")]
            found = {m: mean(run["comprehensiveness"][m] for run in runs) for m in runs[0]["comprehensiveness"]}
            people = {m: f"{mean(run['people'][m] for run in runs):.3f}" for m in runs[0]["people"]}
            rich_table.add_row(
                name,
                f"{align:g}",
                spread([run["accuracy"] for run in runs]),
                f"{found['attention']:.3f}",
                f"{found['evidence_size']:.3f}",
                f"{found['attention'] / found['evidence_size']:.2f}",
                f"{found['signed_attention']:.3f}",
                f"{found['evidence']:.3f}",
                f"{found['signed_attention'] / found['evidence']:.2f}",
                f"{found['evidence'] / found['loo']:.2f}",
                f"{mean(run['tau']['attention'] for run in runs):.2f}",
                people.get("attention", ""),
                people.get("evidence", ""),
            )
    return rich_table


if __name__ == "__main__":
    main()
