"""How hard `sample_data` is for classical classifiers, by posts and by accounts: the table of its README.

    python -m tests.benchmarks.sample [FOLDER]

TF-IDF with logistic regression. C is the better of two on a tenth of the training accounts, and then all of them are fitted.
An account is judged by the mean log-odds of its posts, or by all its posts read as one text.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnclf.config import Config
from attnclf.data import read_table
from attnclf.data.split import split
from tests.benchmarks.baselines import REGULARISATION, pipeline

FEATURES = {"characters 1–5": ("char_wb", (1, 5)), "words 1–2": ("word", (1, 2))}
FIRST = (1, 3, 10)  # posts of each account, to see how much more of them say
FAKE = 1

Posts = dict[str, list[str]]  # by account, in the order of the table
Targets = NDArray[np.int32]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("sample_data"))
    folder: Path = parser.parse_args().folder
    columns = ["posts", "accounts, joined posts", "accounts, mean log-odds", *(f"after {n}" for n in FIRST)]
    print(f"| TF-IDF | {' | '.join(columns)} |\n|{'---|' * (len(columns) + 1)}")
    for name, (analyzer, ngrams) in FEATURES.items():
        accuracies = measure(read(folder / "train.csv"), read(folder / "test.csv"), analyzer, ngrams)
        print(f"| {name} | {' | '.join(f'{accuracy:.3f}' for accuracy in accuracies)} |")


def read(file: Path) -> tuple[Posts, Targets]:
    """The posts of each account, and its target."""
    table = read_table([file], Config().override_flat({"group_col": "account"}).data)
    posts: Posts = {}
    for account, text in zip(table.groups, table.texts, strict=True):
        posts.setdefault(account, []).append(text)
    labels = dict(zip(table.groups, table.labels, strict=True))
    return posts, np.array([FAKE if labels[account] == "fake" else 1 - FAKE for account in posts], np.int32)


def measure(train: tuple[Posts, Targets], test: tuple[Posts, Targets], analyzer: str, ngrams: tuple[int, int]) -> list[float]:
    """Accuracies, one for each column."""
    posts, joined = (_fitted(*_rows(*train, together), analyzer, ngrams) for together in (False, True))
    texts, targets = _rows(*test, False)[:2]
    log_odds = np.split(posts.decision_function(texts), np.cumsum([len(own) for own in test[0].values()])[:-1])
    whole, whole_targets = _rows(*test, True)[:2]
    means = [np.array([own[:n].mean() for own in log_odds]) for n in (None, *FIRST)]
    answers = [np.concatenate(log_odds), joined.decision_function(whole), *means]
    truths = [targets, *[whole_targets] * (len(answers) - 1)]
    return [float(np.mean((answer > 0) == (truth == FAKE))) for answer, truth in zip(answers, truths, strict=True)]


def _rows(posts: Posts, targets: Targets, together: bool) -> tuple[list[str], Targets, list[str]]:
    """Texts, targets and accounts: a row for each account, or for each post."""
    if together:
        return ["\n".join(own) for own in posts.values()], targets, list(posts)
    sizes = [len(own) for own in posts.values()]
    accounts = [account for account, own in posts.items() for _ in own]
    return [post for own in posts.values() for post in own], np.repeat(targets, sizes), accounts


def _fitted(texts: list[str], targets: Targets, accounts: Sequence[str], analyzer: str, ngrams: tuple[int, int]) -> Any:
    fitted, held_out = split(targets, accounts, 0.1, 0)

    def score(c: float) -> float:
        model = pipeline(analyzer, ngrams, c).fit([texts[i] for i in fitted], targets[fitted])
        return float(np.mean(model.predict([texts[i] for i in held_out]) == targets[held_out]))

    return pipeline(analyzer, ngrams, max(REGULARISATION, key=score)).fit(texts, targets)


if __name__ == "__main__":
    main()
