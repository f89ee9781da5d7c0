"""`eval` of a model with a rule for accounts: the rows' verdicts, and those of their accounts."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from attnclf.accounts.by_model import by_account_model
from attnclf.accounts.curve import after_posts
from attnclf.accounts.intervals import chance_of_fewer
from attnclf.accounts.labelled import labelled_posts
from attnclf.accounts.posts import Posts
from attnclf.accounts.rule import account_logits, shift_of
from attnclf.accounts.scores import decisions_of, scores_of, summary_of
from attnclf.accounts.thresholds import TAIL
from attnclf.config import MixedAccounts
from attnclf.results import AccountRule, AccountScores, AccountSummary, Decisions, Note, OnEvent, softmax, with_interval
from attnclf.scoring.evaluation import Evaluation
from attnclf.scoring.metrics import widened
from attnclf.served.model import ServedModel


def evaluate_accounts(
    judged: Evaluation,
    rule: AccountRule,
    served: ServedModel,
    mixed: MixedAccounts,
    on_event: OnEvent,
    rates: Mapping[str, float] = MappingProxyType({}),
    held_out: AccountSummary | None = None,
) -> AccountScores | None:
    """Scores of the accounts of the judged rows, beside those of their posts; None where no row has an account with one label.

    `served` is the model that judged. `rates` are base rates of labels that were asked for, and `held_out` the accounts that
    were held out of training. What counts in no account is told to `on_event`. Raises DataError for accounts with several
    labels where `mixed` is "refuse".
    """
    found = labelled_posts(judged.table, mixed, on_event)
    if not found.rows:
        return None
    texts = [judged.table.texts[row] for row in found.rows]
    posts = Posts.of(texts, judged.logits[found.rows], found.accounts, by_account_model(served))
    known = judged.logits.shape[1]
    numbers = {label: number for number, label in enumerate(judged.labels)}
    targets = np.array([numbers[found.labels[name]] for name in posts.names], np.int32)
    z = account_logits(rule, posts)
    shift = shift_of(rule, judged.labels[:known], rates)
    answers = softmax(z + shift)
    of_posts = judged.targets[found.rows], judged.probabilities[found.rows]
    decisions = decisions_of(rule, judged.labels[:known], z, posts.counts, targets, shift)
    _tell_missed(judged.table.source, decisions, on_event)
    scores = scores_of(judged.labels, posts.account_of, of_posts, (targets, widened(answers, len(judged.labels))), known)
    numbered = np.where(targets < known, targets, -1).astype(np.int32)
    after = after_posts(rule, judged.labels[:known], posts, numbered, shift)
    at_training = scores
    if rates:  # held-out accounts were scored at the base rates of training, and so must these be beside them
        unshifted = judged.targets[found.rows], widened(softmax(judged.logits[found.rows]), len(judged.labels))
        of_accounts = targets, widened(softmax(z), len(judged.labels))
        at_training = scores_of(judged.labels, posts.account_of, unshifted, of_accounts, known)
    summary = summary_of(at_training, texts, served.familiar(texts))
    if held_out:
        _tell_worse(judged.table.source, summary, held_out, on_event)
    scores = replace(scores, nameless_rows=found.nameless, mixed_accounts=found.mixed)
    return replace(scores, decisions=decisions, after=after, summary=summary, held_out=held_out)


def _tell_missed(source: str, decisions: Decisions | None, on_event: OnEvent) -> None:
    """Tells which thresholds let more accounts through than was asked for, beyond chance."""
    for one in decisions.thresholds if decisions else ():
        if one.is_missed:
            share = with_interval(one.false_positives, max(one.others, 100))
            what = f"{source}: of {one.others:,} accounts that are not '{one.label}', {share} are called '{one.label}'"
            on_event(Note(f"{what}, more than the {one.rate:g} that was asked for", warning=True, topic="accounts"))


def _tell_worse(source: str, here: AccountSummary, held_out: AccountSummary, on_event: OnEvent) -> None:
    """Tells where fewer accounts are right than of those held out, and chance alone would seldom do that."""
    right, before = (round(side.accuracy.mean * side.accounts) for side in (here, held_out))
    if chance_of_fewer(right, here.accounts, before, held_out.accounts) >= TAIL:
        return
    what = f"accounts of {source} are judged worse than those that were held out of training"
    counts = f"{right:,} of {here.accounts:,} are right, and {before:,} of {held_out.accounts:,} were"
    points = 100 * (held_out.accuracy.mean - here.accuracy.mean)
    more = f"accuracy is {points:.0f} points lower, more than chance explains"
    on_event(Note(f"{what}: {counts}; {more}", warning=True, topic="accounts"))
