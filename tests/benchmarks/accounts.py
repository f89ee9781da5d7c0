"""`make accounts DATA=DIR`: verdicts on accounts from their posts, beside what a user would try first.

    python -m tests.benchmarks.accounts DIR [--sets NAME …] [--label-col C] [--seeds N] [--ways posts …] [-o FILE]

DIR holds a folder a set, with `train.csv` and `test.csv`, whose column `account` names the account. Each way is trained once a
seed, and judged on the accounts of the test file: macro F1, area under the ROC curve (AUC; the mean over labels, each against
the rest), calibration error, recall of the first label where 1 % of the other accounts are called so, and the AUC after the
first three posts.

posts          attnclf on posts, and its rule for accounts: `--group-col account`
hierarchical   attnclf with `--encoder hierarchical --group-col account`
joined         attnclf on the joined posts of each account
tfidf joined   TF-IDF (characters 1–5) + logistic regression on the joined posts; C by a tenth of the accounts
tfidf posts    the same on posts; the mean log-odds of an account's posts
"""

import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import mean
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table as RichTable

from attnclf.accounts.by_model import by_account_model
from attnclf.accounts.posts import Posts
from attnclf.accounts.rule import account_logits
from attnclf.accounts.thresholds import clopper_pearson
from attnclf.data.accounts import joined
from attnclf.results import softmax
from attnclf.scoring import metrics
from attnclf.served.model import ServedModel
from tests.benchmarks.trainings import Results, finished, jobs_of, parser_of, sets_of, spread, train_file, trained

EARLY = 3  # posts
RATE = 0.01  # of false positives
REGULARISATION = (1.0, 10.0, 100.0)  # C
Accounts = list[list[str]]  # the posts of each account
Judge = Callable[[Accounts], NDArray[np.floating]]  # probabilities (A, K)
WAYS = ("posts", "hierarchical", "joined", "tfidf joined", "tfidf posts")


def main() -> None:
    parser = parser_of("accounts", __doc__)
    parser.add_argument("--label-col", default="label")
    parser.add_argument("--ways", nargs="*", choices=WAYS, default=WAYS)
    options = parser.parse_args()
    sets = options.sets or sets_of(options.data)
    jobs = jobs_of(options.data, sets, options.seeds, options.ways, partial(measure, label_col=options.label_col))
    Console(width=160).print(table(finished(jobs, options.output), sets, options.ways))


def measure(folder: Path, way: str, seed: int, *, label_col: str) -> dict[str, Any]:
    """One way to judge accounts, trained and tested."""
    train, test = (pd.read_csv(file, dtype=str, keep_default_na=False) for file in (train_file(folder), folder / "test.csv"))
    accounts, targets, labels = accounts_of(test, label_col)
    if way.startswith("tfidf"):
        started = perf_counter()
        judge = tfidf(train, label_col, seed, whole=way.endswith("joined"))
        return scores(judge, accounts, targets, labels) | {"seconds": perf_counter() - started}
    with tempfile.TemporaryDirectory() as directory:
        if way == "joined":
            posts, numbers, _ = accounts_of(train, label_col)
            rows = pd.DataFrame({"text": list(map(joined, posts)), label_col: [labels[number] for number in numbers]})
        else:
            rows = train
        rows.to_csv(Path(directory) / "train.csv", index=False)
        options = [] if way == "joined" else ["--group-col", "account"]
        options += ["--encoder", "hierarchical"] if way == "hierarchical" else []
        with trained(Path(directory), seed, ["--label-col", label_col, *options]) as (served, seconds):
            judge = by_rule(served) if way == "posts" else by_joined_posts(served)
            return scores(judge, accounts, targets, labels) | {"seconds": seconds}


def accounts_of(rows: pd.DataFrame, label_col: str) -> tuple[Accounts, NDArray[np.int32], list[str]]:
    """The posts of each account, the number of its label (A,), and the labels."""
    groups = rows.groupby("account", sort=False)
    labels = sorted(rows[label_col].unique())
    targets = groups[label_col].first().map(labels.index).to_numpy(np.int32)
    return [list(texts) for _, texts in groups["text"]], targets, labels


def by_rule(served: ServedModel) -> Judge:
    """The verdicts of a model that was trained on posts."""
    rule = served.bundle.accounts
    assert rule is not None

    def judge(accounts: Accounts) -> NDArray[np.floating]:
        names = [str(number) for number, posts in enumerate(accounts) for _ in posts]
        texts = [text for posts in accounts for text in posts]
        posts = Posts.of(texts, served.logits(texts)[0], names, by_account_model(served))
        return softmax(account_logits(rule, posts))

    return judge


def by_joined_posts(served: ServedModel) -> Judge:
    """The answers of a model that reads all posts of an account as one text."""
    return lambda accounts: softmax(served.logits(list(map(joined, accounts)))[0])


def tfidf(train: pd.DataFrame, label_col: str, seed: int, *, whole: bool) -> Judge:
    """TF-IDF and logistic regression, on `whole` accounts or on posts, whose log-probabilities are meaned."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    accounts, targets, _ = accounts_of(train, label_col)
    held_out = np.random.default_rng(seed).random(len(accounts)) < 0.1

    def fit(c: float, chosen: NDArray[np.bool_]) -> Judge:
        some = [accounts[number] for number in np.flatnonzero(chosen)]
        counts = [1 if whole else len(posts) for posts in some]
        texts = list(map(joined, some)) if whole else [text for posts in some for text in posts]
        vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 5), sublinear_tf=True, min_df=2)
        pipeline = make_pipeline(vectorizer, LogisticRegression(C=c, max_iter=500))
        pipeline.fit(texts, np.repeat(targets[chosen], counts))

        def judge(more: Accounts) -> NDArray[np.floating]:
            if whole:
                return np.asarray(pipeline.predict_proba(list(map(joined, more))))
            logs = pipeline.predict_log_proba([text for posts in more for text in posts])
            ends = np.cumsum([len(posts) for posts in more])[:-1]
            return softmax(np.array([part.mean(axis=0) for part in np.split(logs, ends)]))

        return judge

    def right(c: float) -> float:
        held = [accounts[number] for number in np.flatnonzero(held_out)]
        return metrics.macro_f1(targets[held_out], fit(c, ~held_out)(held))

    return fit(max(REGULARISATION, key=right), np.ones(len(accounts), bool))


def scores(judge: Judge, accounts: Accounts, targets: NDArray[np.int32], labels: Sequence[str]) -> dict[str, Any]:
    """How well the accounts are judged, whose label numbers are `targets` (A,)."""
    p = judge(accounts)
    early = judge([posts[:EARLY] for posts in accounts])
    positive, first = targets == 0, p[:, 0]
    above = first > np.quantile(first[~positive], 1 - RATE)
    interval = clopper_pearson(int((above & positive).sum()), int(positive.sum()))
    return {
        "accuracy": float((p.argmax(axis=1) == targets).mean()),
        "macro F1": metrics.macro_f1(targets, p),
        "AUC": auc(targets, p),
        "calibration error": metrics.calibration_error(targets, p),
        "log loss": metrics.log_loss(targets, p),
        "recall at 1 %": interval.mean,
        "recall at 1 %, interval": [interval.low, interval.high],
        "AUC after three": auc(targets, early),
        "labels": list(labels),
    }


def auc(targets: NDArray[np.int32], p: NDArray[np.floating]) -> float:
    """The area under the ROC curve, each label against the rest, meaned over labels."""
    from sklearn.metrics import roc_auc_score

    return mean(float(roc_auc_score(targets == number, column)) for number, column in enumerate(p.T))


def table(results: Results, sets: Sequence[str], ways: Sequence[str]) -> RichTable:
    """One row a set and way, with means over seeds."""
    rich_table = RichTable(box=MARKDOWN)
    columns = ("accuracy", "macro F1", "AUC", "calibration error", "log loss", "recall at 1 %", "AUC after three")
    for name in ("set", "way", *columns, "seconds"):
        rich_table.add_column(name)
    for name in sets:
        for way in ways:
            runs = [run for key, run in results.items() if key.startswith(f"{name}/{way}/")]
            cells = [spread([run[column] for run in runs]) for column in columns]
            rich_table.add_row(name, way, *cells, f"{mean(run['seconds'] for run in runs):.0f}")
    return rich_table


if __name__ == "__main__":
    main()
