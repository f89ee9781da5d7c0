"""After training on posts: the rule for accounts, fitted to accounts that were held out, and how well it does."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from attnclf.accounts.labelled import LabelledPosts, labelled_posts, shares_of
from attnclf.accounts.rule import Posts, account_logits, crossed_logits, fit_rule
from attnclf.accounts.scores import decisions_of, scores_of, summary_of
from attnclf.accounts.thresholds import check_enough, check_rates, choose_threshold, scores_against_rest
from attnclf.config import AccountsConfig
from attnclf.config.rates import label_rates
from attnclf.data import Table
from attnclf.errors import UsageError
from attnclf.results import AccountRule, AccountScores, Note, OnEvent, counted, softmax, with_interval
from attnclf.visible import visible

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
    familiar: Sequence[float],
    config: AccountsConfig,
    on_event: OnEvent,
    *,
    trained_on: frozenset[str],
) -> FittedAccounts | None:
    """The rule by which the posts of an account come together; None where the held-out accounts allow none, which is told.

    `table` has all rows, of which the shares of labels are taken. `held_out` has rows that the model has not seen, `logits`
    (N, K) are the model's for these rows, and `familiar` (N,) the shares of their tokens that training saw. Accounts that were
    `trained_on` do not count. Raises DataError for accounts with several labels where the configuration refuses them.
    """
    if not held_out.groups:
        what = f"{held_out.source} has no column '{table.columns.group}': there is no rule for accounts"
        on_event(Note(what, warning=True, topic="accounts"))
        return None
    everything = labelled_posts(table, config.mixed_accounts, on_event)
    found = labelled_posts(held_out, config.mixed_accounts, _quiet, trained_on)
    if met := len(set(held_out.groups) & trained_on - {""}):
        what = f"{counted(met, 'account', 'accounts')} of {held_out.source} had posts in training"
        on_event(Note(f"{what}; the rule for accounts is fitted to the others", warning=True, topic="accounts"))
    if why := _why_none(found):
        on_event(Note(f"{why}: there is no rule for accounts", warning=True, topic="accounts"))
        return None
    numbers = {label: number for number, label in enumerate(labels)}
    texts = [held_out.texts[row] for row in found.rows]
    posts = Posts.of(texts, logits[found.rows], found.accounts)
    targets = np.array([numbers[found.labels[name]] for name in posts.names], np.int32)
    rule = fit_rule(posts, targets, shares_of(labels, list(everything.labels.values())))
    rule = _with_thresholds(replace(rule, min_posts=config.min_posts), labels, posts, targets, config)
    of_posts = np.array([numbers[held_out.labels[row]] for row in found.rows], np.int32), softmax(logits[found.rows])
    crossed = crossed_logits(posts, targets)
    scores = scores_of(labels, posts.account_of, of_posts, (targets, softmax(crossed)))
    summary = summary_of(scores, texts, [familiar[row] for row in found.rows])
    scores = replace(scores, decisions=decisions_of(rule, labels, crossed, posts.counts, targets), summary=summary)
    on_event(Note(f"one verdict from all posts, by a rule fitted to {rule.accounts:,} held-out accounts", topic="accounts"))
    what = f"{rule.scale:.2f} · n^(-{rule.damping:.2f}) · the sum of novelty times log-odds of posts; n sums their novelty"
    on_event(Note(what, topic="accounts", detail=True))
    return FittedAccounts(rule, scores)


def check_promises(
    labels: Sequence[str],
    table: Table,
    held_out: Table,
    config: AccountsConfig,
    on_event: OnEvent,
    *,
    trained_on: frozenset[str],
) -> None:
    """Fails before training for what would fail after it; arguments are as in `fit_accounts`.

    That is a threshold which the held-out accounts cannot promise (told, if it is wanted anyway), and an account with several
    labels where these are refused. Without groups in `table` there are no verdicts on accounts. Raises UsageError or DataError.
    """
    grouped = bool(table.groups)
    for part in (table, held_out):
        if grouped and part.groups and config.mixed_accounts == "refuse":
            labelled_posts(part, "refuse", _quiet)
    rates = label_rates("`max_false_positive_rate`", config.max_false_positive_rate)
    check_rates(labels, rates)
    if (rates or config.min_posts > 1) and not grouped:
        name = "max_false_positive_rate" if rates else "min_posts"
        hint = "name the column of accounts with `group_col`, and use another `encoder` than hierarchical"
        raise UsageError(f"`{name}` is for verdicts on accounts from their posts", hint=hint)
    if rates:
        counts = Counter(held_out.groups)
        found = labelled_posts(held_out, config.mixed_accounts, _quiet, trained_on).labels
        enough = [label for name, label in found.items() if counts[name] >= config.min_posts]
        for short in check_enough(rates, enough, anyway=config.anyway):
            on_event(Note(f"{short}; the threshold promises nothing", warning=True, topic="accounts"))


def _with_thresholds(
    rule: AccountRule, labels: Sequence[str], posts: Posts, targets: NDArray[np.int32], config: AccountsConfig
) -> AccountRule:
    """The rule with the thresholds asked for, chosen on the accounts that have enough posts."""
    rates = label_rates("`max_false_positive_rate`", config.max_false_positive_rate)
    enough = posts.counts >= rule.min_posts
    scores = scores_against_rest(account_logits(rule, posts))[enough]
    numbers = {label: labels.index(label) for label in rates}
    chosen = [choose_threshold(label, rates[label], scores[:, k], targets[enough] == k) for label, k in numbers.items()]
    return replace(rule, thresholds=tuple(chosen))


def _why_none(found: LabelledPosts) -> str:
    """Why these accounts allow no rule; "" if they do."""
    if len(found.labels) < FEWEST:
        return f"{counted(len(found.labels), 'account is', 'accounts are')} held out, and {FEWEST} are needed"
    alike = set(found.labels.values())
    return f"all {len(found.labels):,} accounts held out are '{alike.pop()}'" if len(alike) == 1 else ""


def _quiet(event: object) -> None:
    """Says nothing: what there is to say about these rows was said of the whole table."""


def accounts_in_card(found: FittedAccounts) -> str:
    """What the model card says of accounts, in Markdown."""
    rule = found.rule
    lines = [
        "## Accounts",
        "",
        f"An account's log-odds are an offset plus {rule.scale:.2f} · n^(-{rule.damping:.2f}) times the sum over its posts of "
        "novelty times log-odds. A post's novelty is the mean over its distinct words and marks of 1 / (the account's posts "
        f"with it), and n is the sum of novelty. The numbers were fitted to {rule.accounts:,} accounts that were held out. "
        "Each of these was scored by a rule fitted to the others; 95 % intervals are over accounts.",
        "",
        "| | rows | accuracy | macro F1 | log loss |",
        "|---|---|---|---|---|",
    ]
    for name, scores in (("posts", found.scores.posts), ("accounts", found.scores.verdicts)):
        cells = (
            with_interval(scores.intervals[score], found.scores.accounts) for score in ("accuracy", "macro_f1", "log_loss")
        )
        lines.append(f"| {name} | {scores.report.rows:,} | {' | '.join(cells)} |")
    if rule.min_posts > 1:
        lines += ["", f"Accounts with fewer than {rule.min_posts:,} posts are undecided."]
    for one in rule.thresholds:
        promise = "promised to be at most" if one.promised else "too few accounts to promise"
        label = visible(one.label).replace("`", "'")
        lines += ["", f"`{label}` is given above log-odds of {one.log_odds:.2f}. False positives ({promise} {one.rate:g}):"]
        lines += [f"{with_interval(one.false_positives, max(one.others, 100))} of {one.others:,} other accounts; recall"]
        lines += [f"{with_interval(one.recall, one.positives)} of {one.positives:,}. Intervals are of Clopper and Pearson."]
    return "\n".join(lines)
