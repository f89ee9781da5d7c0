"""The account model of a training: fitted to the accounts that were trained on, and then to all."""

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from attnclf.accounts.labelled import LabelledPosts
from attnclf.data import Table
from attnclf.linear.account_model import AccountPosts, FittedAccountModel, fit_account_model, refit_account_model
from attnclf.reading.readers import WordReader
from attnclf.results import AccountRule, Note, OnEvent, StageStarted, counted

FEWEST = 30  # accounts to learn from; with fewer, what most of them write is chance


def account_model_of(
    labels: Sequence[str],
    reader: WordReader,
    learnt: tuple[Table, LabelledPosts],
    held_out: tuple[Table, LabelledPosts],
    on_event: OnEvent,
) -> FittedAccountModel | None:
    """The account model of the accounts that were `learnt` from; None where they are too few or all alike, which is told."""
    accounts = learnt[1].labels
    if len(accounts) < FEWEST or len(set(accounts.values())) < 2:
        what = f"{counted(len(accounts), 'account', 'accounts')} to learn from are too few or all alike"
        on_event(Note(f"{what} for a model of accounts as a whole; their posts decide", topic="accounts"))
        return None
    on_event(StageStarted("fitting the account model"))
    before = time.monotonic()
    found = fit_account_model(reader, _posts(labels, reader, *learnt), _posts(labels, reader, *held_out), len(labels))
    of_all = "" if found.accounts == len(accounts) else f" of {len(accounts):,}, drawn at random"
    what = (
        f"account model: how often {counted(found.accounts, 'account writes', 'accounts write')}{of_all} each n-gram and word"
    )
    on_event(Note(f"{what}, fitted in {time.monotonic() - before:.0f} s", topic="accounts"))
    on_event(Note(f"account model: {found.choice}", topic="accounts", detail=True))
    return found


def refitted(
    found: FittedAccountModel,
    rule: AccountRule,
    labels: Sequence[str],
    reader: WordReader,
    everyone: tuple[Table, LabelledPosts],
) -> tuple[FittedAccountModel, AccountRule]:
    """The account model fitted to all accounts, and the rule with its bias."""
    new = refit_account_model(found, reader, _posts(labels, reader, *everyone))
    offsets = np.array(rule.offsets) + rule.account_model * (new.bias - found.bias)
    return new, replace(rule, offsets=tuple(map(float, offsets - offsets.mean())))


def _posts(labels: Sequence[str], reader: WordReader, table: Table, found: LabelledPosts) -> AccountPosts:
    places = {name: number for number, name in enumerate(found.labels)}
    numbers = {label: number for number, label in enumerate(labels)}
    targets: NDArray[np.int32] = np.array([numbers[label] for label in found.labels.values()], np.int32)
    ids, _ = reader.ids([table.texts[row] for row in found.rows])
    return AccountPosts(ids, np.array([places[name] for name in found.accounts], np.intp), targets)
