"""A needle in a haystack: one word of 400 decides, at a place that is drawn, and attention has to find it.

The fillers are drawn alike for all labels. A third of the documents has no needle; were there only two labels, to find one of
the needles would be enough, the other label being what is left. The network is alone: no linear model.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from attnclf.config import Config
from attnclf.data import Columns, Table
from attnclf.served.model import ServedModel
from attnclf.training import train

WORDS, ROWS, HELD_OUT = 400, 480, 198
FILLERS = [
    start + end for start in ("ba", "de", "fi", "go", "lu", "me", "no") for end in ("k", "lt", "m", "p", "rn", "sh", "st")
]
LABELS = ("amber", "cobalt", "neither")  # the needles, and what no needle means


def documents(rows: int, seed: int) -> tuple[Table, NDArray[np.int64]]:
    """Documents of 400 words, and where the needle stands in each; −1 where there is none."""
    rng = np.random.default_rng(seed)
    words = rng.choice(FILLERS, (rows, WORDS)).astype(object)
    places = rng.integers(0, WORDS, rows)
    labels = [LABELS[row % len(LABELS)] for row in range(rows)]
    for row, label in enumerate(labels):
        if label == "neither":
            places[row] = -1
        else:
            words[row, places[row]] = label
    return Table([" ".join(row) for row in words], labels, [], "needles", Columns(("text",), "label")), places


@dataclass(frozen=True)
class Found:
    """On documents that training never saw: the share of right labels, and of needles that got the most attention."""

    accuracy: float
    by_attention: float


def trained(attention: str, target: Path) -> Found:
    """The same settings for every kind of attention; an LSTM one way, which takes half the time that two take."""
    config = Config().override(
        {
            "text": {"level": "word"},
            "model": {"size": "small", "encoder": "lstm", "units": 16, "attention": attention, "linear": False},
            "training": {"epochs": 6, "learning_rate": 0.01, "batch_size": 32, "baseline": False, "faithfulness": 0},
        }
    )
    train(documents(ROWS, seed=0)[0], None, config, target)
    served = ServedModel.load(target)
    table, places = documents(HELD_OUT, seed=1)
    scored = served.scored(table.texts)
    assert all(len(one.attention) == WORDS for one in scored)
    right = [served.labels[one.logits.argmax()] == label for one, label in zip(scored, table.labels, strict=True)]
    found = [one.attention.argmax() == place for one, place in zip(scored, places, strict=True) if place >= 0]
    return Found(float(np.mean(right)), float(np.mean(found)))


@pytest.fixture(scope="module")
def additive(tmp_path_factory: pytest.TempPathFactory) -> Found:
    return trained("additive", tmp_path_factory.mktemp("needle") / "additive")


@pytest.fixture(scope="module")
def last(tmp_path_factory: pytest.TempPathFactory) -> Found:
    return trained("none-last", tmp_path_factory.mktemp("needle") / "last")


def test_labels_differ_in_nothing_but_the_needle() -> None:
    table, places = documents(HELD_OUT, seed=1)
    for text, label, place in zip(table.texts, table.labels, places, strict=True):
        assert [(at, word) for at, word in enumerate(text.split()) if word in LABELS] == (
            [] if label == "neither" else [(place, label)]
        )


def test_attention_solves_the_task(additive: Found) -> None:
    assert additive.accuracy >= 0.95


def test_attention_is_on_the_needle(additive: Found) -> None:
    assert additive.by_attention >= 0.95


def test_what_reads_to_the_end_and_looks_at_nothing_again_does_worse(additive: Found, last: Found) -> None:
    assert last.accuracy <= additive.accuracy - 0.2
