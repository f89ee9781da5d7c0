"""After training on posts: the rule for accounts, fitted to accounts that were held out, and how well it does."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attnclf.accounts.labelled import LabelledPosts, labelled_posts, shares_of
from attnclf.accounts.rule import Posts, crossed_logits, fit_rule
from attnclf.accounts.scores import scores_of
from attnclf.config import AccountsConfig
from attnclf.data import Table
from attnclf.results import AccountRule, AccountScores, Note, OnEvent, counted, softmax

FEWEST = 4  # held-out accounts; with fewer no rule is fitted


@dataclass(frozen=True)
class FittedAccounts:
    """The rule, and its scores on the held-out accounts, each judged by a rule that was fitted to others."""

    rule: AccountRule
    scores: AccountScores


def fit_accounts(
    labels: Sequence[str],
    table: Table,
    held_out: Table,
    logits: NDArray[np.floating],
    config: AccountsConfig,
    on_event: OnEvent,
    *,
    trained_on: frozenset[str],
) -> FittedAccounts | None:
    """The rule by which the posts of an account come together; None where the held-out accounts allow none, which is told.

    `table` has all rows, of which the shares of labels are taken. `held_out` has rows that the model has not seen, and `logits`
    (N, K) are the model's for these rows. Accounts that were `trained_on` do not count. Raises DataError for accounts with
    several labels where the configuration refuses them.
    """
    if not held_out.groups:
        what = f"{held_out.source} has no column '{table.columns.group}': there is no rule for accounts"
        on_event(Note(what, warning=True, topic="accounts"))
        return None
    everything = labelled_posts(table, config.mixed_accounts, on_event)
    found = labelled_posts(held_out, config.mixed_accounts, _quiet, trained_on)
    if known := len(set(held_out.groups) & trained_on - {""}):
        what = f"{counted(known, 'account', 'accounts')} of {held_out.source} had posts in training"
        on_event(Note(f"{what}; the rule for accounts is fitted to the others", warning=True, topic="accounts"))
    if why := _why_none(found):
        on_event(Note(f"{why}: there is no rule for accounts", warning=True, topic="accounts"))
        return None
    numbers = {label: number for number, label in enumerate(labels)}
    posts = Posts.of(logits[found.rows], found.accounts)
    targets = np.array([numbers[found.labels[name]] for name in posts.names], np.int32)
    rule = fit_rule(posts, targets, shares_of(labels, list(everything.labels.values())))
    of_posts = np.array([numbers[held_out.labels[row]] for row in found.rows], np.int32), softmax(logits[found.rows])
    scores = scores_of(labels, posts.account_of, of_posts, (targets, softmax(crossed_logits(posts, targets))))
    on_event(Note(f"one verdict from all posts, by a rule fitted to {rule.accounts:,} held-out accounts", topic="accounts"))
    what = f"{rule.scale:.2f} · n^(-{rule.damping:.2f}) · the sum of the log-odds of n posts"
    on_event(Note(what, topic="accounts", detail=True))
    return FittedAccounts(rule, scores)


def _why_none(found: LabelledPosts) -> str:
    """Why these accounts allow no rule; "" if they do."""
    if len(found.labels) < FEWEST:
        return f"{counted(len(found.labels), 'account is', 'accounts are')} held out, and {FEWEST} are needed"
    alike = set(found.labels.values())
    return f"all {len(found.labels):,} accounts held out are '{alike.pop()}'" if len(alike) == 1 else ""


def _quiet(event: object) -> None:
    """Says nothing: what there is to say about these rows was said of the whole table."""
