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
    if why := _why_none(list(accounts.values())):
        on_event(Note(f"{why}: there is no account model, and posts alone decide", topic="accounts"))
        return None
    on_event(StageStarted("fitting the account model"))
    before = time.monotonic()
    found = fit_account_model(reader, _posts(labels, reader, *learnt), _posts(labels, reader, *held_out), len(labels))
    drawn = "" if found.accounts == len(accounts) else f", drawn at random from {len(accounts):,}"
    what = f"account model: how often {counted(found.accounts, 'account writes', 'accounts write')} each n-gram and word{drawn}"
    on_event(Note(f"{what}, fitted in {time.monotonic() - before:.0f} s", topic="accounts"))
    on_event(Note(f"account model: {found.choice}", topic="accounts", detail=True))
    return found


def _why_none(labels: Sequence[str]) -> str:
    """Why there is nothing to learn from accounts with these labels; "" if there is."""
    if len(labels) < FEWEST:
        return f"{counted(len(labels), 'account is', 'accounts are')} there to learn from, and {FEWEST} are needed"
    return f"all {len(labels):,} accounts to learn from are '{labels[0]}'" if len(set(labels)) == 1 else ""


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
