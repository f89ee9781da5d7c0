"""After training on posts: the rule for accounts, fitted to accounts that were held out, and how well it does."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from attnclf.accounts.by_model import of_posts
from attnclf.accounts.labelled import LabelledPosts, labelled_posts, shares_of
from attnclf.accounts.posts import Posts
from attnclf.accounts.rule import account_logits, crossed_logits, fit_rule
from attnclf.accounts.scores import decisions_of, scores_of, summary_of
from attnclf.accounts.thresholds import check_enough, check_rates, choose_threshold, scores_of_likeliest
from attnclf.config import AccountsConfig
from attnclf.config.rates import label_rates
from attnclf.data import Table
from attnclf.errors import DataError, UsageError
from attnclf.reading.readers import WordReader
from attnclf.results import AccountRule, AccountScores, Note, OnEvent, counted, probability_at, softmax, with_interval
from attnclf.served.account_model import AccountModel
from attnclf.served.model import ServedModel
from attnclf.training.account_model import account_model_of, refitted
from attnclf.visible import visible

FEWEST = 4  # held-out accounts; with fewer no rule is fitted


@dataclass(frozen=True)
class FittedAccounts:
    """The rule, its account model, if there is one, and scores on the held-out accounts, each judged by a rule that was fitted
    to others."""

    rule: AccountRule
    model: AccountModel | None
    scores: AccountScores


def fit_accounts(
    labels: Sequence[str],
    table: Table,
    held_out: Table,
    logits: NDArray[np.floating],
    served: ServedModel,
    on_event: OnEvent,
    *,
    learnt: Table,
    refit: bool,
) -> FittedAccounts | None:
    """The rule by which the posts of an account come together; None where the held-out accounts allow none, as
    `check_promises` told before training.

    `table` has all rows, of which the shares of labels are taken, and `learnt` those that the model was trained on. `held_out`
    has rows that the model, `served`, has not seen, and `logits` (N, K) are the model's for these rows. Accounts that were
    learnt from do not count. With `refit` the account model is at the end fitted to the held-out accounts too. Raises DataError
    for accounts with several labels where the configuration refuses them.
    """
    config, trained_on = served.bundle.config.accounts, frozenset(learnt.groups)
    reader = served.reader if isinstance(served.reader, WordReader) and served.bundle.config.model.linear else None
    if not held_out.groups:
        return None
    everything = labelled_posts(table, config.mixed_accounts, _quiet)  # what is left out was told before training
    found = labelled_posts(held_out, config.mixed_accounts, _quiet, trained_on)
    if met := len(set(held_out.groups) & trained_on - {""}):
        what = f"{counted(met, 'account', 'accounts')} of {held_out.source} had posts in training"
        on_event(Note(f"{what}; the rule for accounts is fitted to the others", warning=True, topic="accounts"))
    if _why_none(found):
        return None
    numbers = {label: number for number, label in enumerate(labels)}
    model = None
    if reader:
        to_learn = learnt, labelled_posts(learnt, config.mixed_accounts, _quiet)
        model = account_model_of(labels, reader, to_learn, (held_out, found), on_event)
    texts = [held_out.texts[row] for row in found.rows]
    by_model = partial(of_posts, model.model, reader) if model and reader else None
    posts = Posts.of(texts, logits[found.rows], found.accounts, by_model)
    targets = np.array([numbers[found.labels[name]] for name in posts.names], np.int32)
    bias = model.bias if model else None
    rule = fit_rule(posts, targets, shares_of(labels, list(everything.labels.values())), bias)
    rule = _with_thresholds(replace(rule, min_posts=config.min_posts), labels, posts, targets, config)
    post_answers = np.array([numbers[held_out.labels[row]] for row in found.rows], np.int32), softmax(logits[found.rows])
    crossed = crossed_logits(posts, targets, bias)
    scores = scores_of(labels, posts.account_of, post_answers, (targets, softmax(crossed)))
    summary = summary_of(scores, texts, served.familiar(texts))
    scores = replace(scores, decisions=decisions_of(rule, labels, crossed, posts.counts, targets), summary=summary)
    on_event(Note(f"one verdict from all posts, by a rule fitted to {rule.accounts:,} held-out accounts", topic="accounts"))
    what = f"{rule.scale:.2f} · n^(-{rule.damping:.2f}) · the sum of novelty times log-odds of posts; n sums their novelty"
    more = f"; {rule.account_model:.2f} · the log-odds of the account model" if model else ""
    on_event(Note(what + more, topic="accounts", detail=True))
    if model and reader and refit:
        model, rule = refitted(model, rule, labels, reader, (table, everything))
    return FittedAccounts(rule, model.model if model else None, scores)


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
    labels where these are refused. What `fit_accounts` will leave out of `table` is told, and why there will be no rule, or no
    account with posts enough. Without groups in `table` there are no verdicts on accounts. Raises UsageError or DataError.
    """
    grouped = bool(table.groups)
    if grouped:
        labelled_posts(table, config.mixed_accounts, on_event)
    if grouped and held_out.groups and config.mixed_accounts == "refuse":
        labelled_posts(held_out, "refuse", _quiet)
    rates = label_rates("`max_false_positive_rate`", config.max_false_positive_rate)
    check_rates(labels, rates)
    asked = {name: getattr(config, name) for name in ("max_false_positive_rate", "min_posts", "mixed_accounts", "anyway")}
    changed = [name for name, value in asked.items() if value != getattr(AccountsConfig(), name)]
    if changed and not grouped:
        whole = "use another `encoder` than hierarchical, which reads accounts whole"
        hint = whole if table.columns.group else "name the column of accounts with `group_col`"
        raise UsageError(f"`{changed[0]}` is for verdicts on accounts from their posts", hint=hint)
    if config.anyway and not rates:
        hint = "ask for a threshold with `max_false_positive_rate`"
        raise UsageError("`anyway` is for a threshold, and none is asked for", hint=hint)
    if grouped:
        _check_held_out(table, held_out, config, rates, on_event, trained_on)


def _check_held_out(
    table: Table,
    held_out: Table,
    config: AccountsConfig,
    rates: Mapping[str, float],
    on_event: OnEvent,
    trained_on: frozenset[str],
) -> None:
    """What the held-out accounts do not allow: DataError where a threshold is asked for, else a note."""
    counts = Counter(held_out.groups)
    found = labelled_posts(held_out, config.mixed_accounts, _quiet, trained_on) if held_out.groups else None
    enough = [label for name, label in found.labels.items() if counts[name] >= config.min_posts] if found else []
    if found is None:
        why = _without_column(table, held_out)
    elif none := _why_none(found):
        why = f"{none}: there is no rule for accounts"
    else:
        why = "" if enough else f"no account held out has {config.min_posts:,} posts (`min_posts`): all would be undecided"
    if why and rates:
        hint = "hold other accounts out, lower `min_posts`" if found else "name a file with this column"
        raise DataError(f"{why}, so that no threshold can be chosen", hint=f"{hint}, or leave `max_false_positive_rate` out")
    if why:
        on_event(Note(why, warning=True, topic="accounts"))
    for short in check_enough(rates, enough, anyway=config.anyway):
        on_event(Note(f"{short}; the threshold promises nothing", warning=True, topic="accounts"))


def _without_column(table: Table, held_out: Table) -> str:
    return f"{held_out.source} has no column '{table.columns.group}': there is no rule for accounts"


def _with_thresholds(
    rule: AccountRule, labels: Sequence[str], posts: Posts, targets: NDArray[np.int32], config: AccountsConfig
) -> AccountRule:
    """The rule with the thresholds asked for, chosen on the accounts that have enough posts."""
    rates = label_rates("`max_false_positive_rate`", config.max_false_positive_rate)
    enough = posts.counts >= rule.min_posts
    scores = scores_of_likeliest(account_logits(rule, posts))[enough]
    numbers = {label: labels.index(label) for label in rates}
    chosen = [
        choose_threshold(label, rates[label], scores[:, k], targets[enough] == k, len(labels)) for label, k in numbers.items()
    ]
    return replace(rule, thresholds=tuple(chosen))


def _why_none(found: LabelledPosts) -> str:
    """Why these accounts allow no rule; "" if they do."""
    if len(found.labels) < FEWEST:
        return f"{counted(len(found.labels), 'account is', 'accounts are')} held out, and {FEWEST} are needed"
    alike = set(found.labels.values())
    return f"all {len(found.labels):,} accounts held out are '{alike.pop()}'" if len(alike) == 1 else ""


def _quiet(event: object) -> None:
    """Says nothing: what there is to say about these rows was said of the whole table."""


def _in_card(rule: AccountRule) -> str:
    if not rule.account_model:
        return ""
    return (
        f" To this are added {rule.account_model:.2f} times the log-odds of the account model: a logistic regression on how "
        "often the account writes each n-gram, word and word pair."
    )


def accounts_in_card(found: FittedAccounts) -> str:
    """What the model card says of accounts, in Markdown."""
    rule = found.rule
    lines = [
        "## Accounts",
        "",
        "An account's log-odds are an offset (another for few posts) plus "
        f"{rule.scale:.2f} · n^(-{rule.damping:.2f}) times the sum over its posts of "
        "novelty times log-odds. A post's novelty is the mean over its distinct words and marks of 1 / (the account's posts "
        f"with it), and n is the sum of novelty.{_in_card(rule)} "
        f"The numbers were fitted to {rule.accounts:,} accounts that were held out. "
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
        above = f"p = {probability_at(one.log_odds)} (log-odds {one.log_odds:.2f})"
        lines += ["", f"`{label}` is given above {above}. False positives ({promise} {one.rate:g}):"]
        lines += [f"{with_interval(one.false_positives, max(one.others, 100))} of {one.others:,} other accounts; recall"]
        lines += [f"{with_interval(one.recall, one.positives)} of {one.positives:,}. Intervals are of Clopper and Pearson."]
    return "\n".join(lines)
