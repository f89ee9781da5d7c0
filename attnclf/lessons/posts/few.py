"""Classifiers of `attnclf train` from few labelled posts: what do learned weights to begin with change?"""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from attnclf.config import Config
from attnclf.data import Columns, Table
from attnclf.lessons.posts.accounts import all_accounts
from attnclf.results import Event, Note, OnEvent, StageStarted

COLUMNS = Columns(("text",), "label")


def sample() -> tuple[Table, Table]:
    """The posts of the sample with their labels: those to learn from, and those of other accounts."""
    accounts = all_accounts()
    found = (accounts[part] for part in ("train", "test"))
    rows = ([(post, one.label) for one in part for post in one.posts] for part in found)
    train, test = (Table([post for post, _ in part], [label for _, label in part], [], "sample", COLUMNS) for part in rows)
    return train, test


def accuracies(kept: bytes, size: str, labelled: int, trials: int, on_event: OnEvent) -> NDArray[np.float64]:
    """Accuracy on all posts of other accounts after training on `labelled` posts (trials, 2, 2): with random weights, and with
    those in the file `kept`; of the network alone, and with the linear model beside it.

    Each trial draws other posts, and has another seed.
    """
    from attnclf.scoring.evaluation import evaluate
    from attnclf.served.model import ServedModel
    from attnclf.training import train

    def tell(event: Event) -> None:
        if isinstance(event, Note) and event.topic == "init":
            on_event(event)

    (posts, test), accuracy = sample(), np.zeros((trials, 2, 2))
    with TemporaryDirectory(prefix="attnclf-") as folder:
        (path := Path(folder) / "blanks.safetensors").write_bytes(kept)
        for number, (trial, start, linear) in enumerate(np.ndindex(accuracy.shape), 1):
            on_event(StageStarted(f"{labelled} posts, classifier {number} of {accuracy.size}"))
            some = posts.rows(np.random.default_rng(trial).choice(len(posts.texts), labelled, replace=False).tolist())
            settings = {"encoder": "transformer", "level": "word", "size": size, "linear": bool(linear), "seed": trial}
            settings |= {"init": str(path) if start else "", "baseline": False, "faithfulness": 0}
            bundle = train(some, None, Config().override_flat(settings), Path(folder) / "model", tell).bundle
            accuracy[trial, start, linear] = evaluate(ServedModel.load(bundle.path), test).report.accuracy
    return accuracy
