"""Accounts of another source, beside those that were held out of training."""

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

import numpy as np
from rich.console import Console

from attnclf.accounts.evaluation import _tell_worse, evaluate_accounts
from attnclf.accounts.intervals import wilson
from attnclf.data import Columns, Table
from attnclf.render.accounts import beside_rows, shown
from attnclf.results import AccountRule, AccountScores, AccountSummary, Event, Interval, Note, softmax
from attnclf.scoring.evaluation import Evaluation
from attnclf.scoring.metrics import report
from attnclf.served.model import ServedModel
from tests.models import WithoutAccountModel

LABELS = ("fake", "real")
RULE = AccountRule((0.0, 0.0), 1.0, 0.5, (0.5, 0.5), 16)
GOOD = Interval(0.95, 0.9, 0.98)
NOTHING: Mapping[str, float] = {}
HELD_OUT = AccountSummary(100, 8.0, 40.0, 0.99, Interval(0.8, 0.7, 0.9), GOOD, GOOD, Interval(0.2, 0.1, 0.3))


def judged(
    right: float, heard: list[Event], held_out: AccountSummary | None = HELD_OUT, rates: Mapping[str, float] = NOTHING
) -> AccountScores:
    """Forty accounts of two posts, of which this share is judged right."""
    names = [f"{LABELS[number % 2]}{number}" for number in range(40)]
    labels = [name[:4] for name in names]
    columns = Columns(("text",), "label", "account")
    table = Table(["a post", "another"] * 40, sorted(labels * 2), sorted(names * 2), "other.csv", columns)
    targets = np.array([LABELS.index(label) for label in table.labels], np.int32)
    correct = np.arange(80) // 2 < right * 40
    logits = np.where((targets == 0) == correct, 2.0, -2.0)[:, None] * np.array([[1.0, -1.0]], np.float32)
    p = softmax(logits)
    found = Evaluation(table, report(LABELS, targets, p), LABELS, targets, logits.astype(np.float32), p)
    scores = evaluate_accounts(
        found, RULE, cast(ServedModel, WithoutAccountModel(0.5)), "leave-out", heard.append, rates, held_out
    )
    assert scores is not None
    return scores


def test_a_fall_beyond_chance_is_told() -> None:
    heard: list[Event] = []
    scores = judged(0.5, heard)
    (note,) = heard
    assert isinstance(note, Note)
    assert note.warning
    assert "other.csv" in note.message
    assert "45 points lower" in note.message
    rows = {name: (there, here) for name, there, here in beside_rows(scores)}
    assert rows["accounts"] == ("100", "40")
    assert rows["posts of an account"] == ("8.0", "2.0")
    assert rows["share of words seen in training"] == ("99.0%", "50.0%")
    assert rows["characters of a post"] == ("40", "6")
    assert rows["accuracy of accounts"][0].startswith("0.95")
    assert rows["accuracy of accounts"][1].startswith("0.5")


def test_accounts_judged_as_well_are_not_warned_of() -> None:
    heard: list[Event] = []
    assert beside_rows(judged(0.95, heard))
    assert heard == []


def test_a_model_that_keeps_no_held_out_accounts_has_nothing_beside() -> None:
    heard: list[Event] = []
    assert beside_rows(judged(0.5, heard, None)) == []
    assert heard == []


def test_a_base_rate_is_no_fall() -> None:
    """Accounts are set beside the held-out ones at the base rates of training."""
    heard: list[Event] = []
    shifted = judged(0.95, heard, rates={"fake": 1e-6})
    assert heard == []
    assert shifted.verdicts.report.accuracy == 0.5
    assert beside_rows(shifted) == beside_rows(judged(0.95, heard))


def test_few_accounts_that_are_wrong_may_be_chance() -> None:
    """One wrong account of one has a chance of 6 in 101 where 95 of 100 were right."""
    heard: list[Event] = []
    _tell_worse("one.csv", replace(HELD_OUT, accounts=1, accuracy=wilson(0, 1)), HELD_OUT, heard.append)
    assert heard == []
    _tell_worse("three.csv", replace(HELD_OUT, accounts=3, accuracy=wilson(0, 3)), HELD_OUT, heard.append)
    assert "0 of 3 are right, and 95 of 100 were" in str(heard[0])


def test_a_narrow_terminal_folds_scores_and_cuts_none() -> None:
    found = judged(0.9, [])
    assert found.after
    console = Console(width=60, _environ={})
    with console.capture() as captured:
        console.print(shown(found))
    assert "…" not in captured.get()
