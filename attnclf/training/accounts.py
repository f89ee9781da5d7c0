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
from attnclf.accounts.rule import crossed_logits, fit_rule
from attnclf.accounts.scores import decisions_of, scores_of, summary_of
from attnclf.accounts.thresholds import check_enough, check_rates, choose_threshold, scores_of_likeliest
from attnclf.config import AccountsConfig
from attnclf.config.rates import label_rates
from attnclf.data import Table
from attnclf.errors import DataError, UsageError
from attnclf.reading.readers import WordReader
from attnclf.results import AccountRule, AccountScores, Note, OnEvent, counted, softmax
from attnclf.served.account_model import AccountModel
from attnclf.served.model import ServedModel
from attnclf.training.account_model import account_model_of, refitted

FEWEST = 4  # held-out accounts; with fewer no rule is fitted


@dataclass(frozen=True)
class FittedAccounts:
    """The rule, its account model, if there is one, and scores on the held-out accounts, each judged by a rule that was fitted
    to others. The account model was `refitted` where it is at the end fitted to the held-out accounts, too."""

    rule: AccountRule
    model: AccountModel | None
    scores: AccountScores
    refitted: bool = False


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
    if _why_none(found, held_out, trained_on):
        return None
    if met := _met(held_out, trained_on):
        what = f"{counted(met, 'account', 'accounts')} of {held_out.source} had posts in training"
        on_event(Note(f"{what}; the rule for accounts is fitted to the others", warning=True, topic="accounts"))
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
    crossed = crossed_logits(posts, targets, bias)
    rule = _with_thresholds(replace(rule, min_posts=config.min_posts), labels, crossed, posts.counts, targets, config)
    post_answers = np.array([numbers[held_out.labels[row]] for row in found.rows], np.int32), softmax(logits[found.rows])
    scores = scores_of(labels, posts.account_of, post_answers, (targets, softmax(crossed)))
    summary = summary_of(scores, texts, served.familiar(texts))
    scores = replace(scores, decisions=decisions_of(rule, labels, crossed, posts.counts, targets), summary=summary)
    on_event(Note(f"one verdict from all posts, by a rule fitted to {rule.accounts:,} held-out accounts", topic="accounts"))
    what = f"{rule.scale:.2f} · n^(-{rule.damping:.2f}) · the sum of novelty times log-odds of posts; n sums their novelty"
    more = f"; {rule.account_model:.2f} · the log-odds of the account model" if model else ""
    on_event(Note(what + more, topic="accounts", detail=True))
    if model and reader and refit:
        model, rule = refitted(model, rule, labels, reader, (table, everything))
    return FittedAccounts(rule, model.model if model else None, scores, refit and model is not None)


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
    elif none := _why_none(found, held_out, trained_on):
        why = f"{none}: there is no rule for accounts"
    else:
        why = "" if enough else f"no account held out has {config.min_posts:,} posts (`min_posts`): all would be undecided"
    if why and rates:
        hint = "hold other accounts out, lower `min_posts`" if found else "name a file with this column"
        raise DataError(f"{why}, so that no threshold can be chosen", hint=f"{hint}, or leave `max_false_positive_rate` out")
    if why:
        remedy = "; hold out accounts that training has not" if _met(held_out, trained_on) else ""
        on_event(Note(why + remedy, warning=True, topic="accounts"))
    for short in check_enough(rates, enough, anyway=config.anyway):
        on_event(Note(f"{short}; the threshold promises nothing", warning=True, topic="accounts"))


def _without_column(table: Table, held_out: Table) -> str:
    return f"{held_out.source} has no column '{table.columns.group}': there is no rule for accounts"


def _with_thresholds(
    rule: AccountRule,
    labels: Sequence[str],
    crossed: NDArray[np.float64],
    counts: NDArray[np.intp],
    targets: NDArray[np.int32],
    config: AccountsConfig,
) -> AccountRule:
    """The rule with the thresholds asked for, chosen on the accounts whose numbers of posts (A,) are enough.

    `crossed` (A, K) are logits by rules that were fitted to other accounts: a rule knows its own too well for a promise.
    """
    rates = label_rates("`max_false_positive_rate`", config.max_false_positive_rate)
    enough = counts >= rule.min_posts
    scores = scores_of_likeliest(crossed)[enough]
    numbers = {label: labels.index(label) for label in rates}
    chosen = [
        choose_threshold(label, rates[label], scores[:, k], targets[enough] == k, len(labels)) for label, k in numbers.items()
    ]
    return replace(rule, thresholds=tuple(chosen))


def _why_none(found: LabelledPosts, held_out: Table, trained_on: frozenset[str]) -> str:
    """Why the accounts that were `found` among those held out allow no rule; "" if they do."""
    if (left := len(found.labels)) < FEWEST:
        everyone, met, mixed = len(set(held_out.groups) - {""}), _met(held_out, trained_on), found.mixed
        if left == everyone:
            return f"{counted(left, 'account is', 'accounts are')} held out, and {FEWEST} are needed"
        lost = [f"{met:,} had posts in training"] if met else []
        lost += [f"{counted(mixed, 'has', 'have')} several labels"] if mixed else []
        of_all = f"of {counted(everyone, 'held-out account', 'held-out accounts')}, {' and '.join(lost)}"
        return f"{of_all}: {counted(left, 'is', 'are')} left, and {FEWEST} are needed"
    alike = set(found.labels.values())
    return f"all {len(found.labels):,} accounts held out are '{alike.pop()}'" if len(alike) == 1 else ""


def _met(held_out: Table, trained_on: frozenset[str]) -> int:
    """How many of the accounts held out had posts in training."""
    return len(set(held_out.groups) & trained_on - {""})


def _quiet(event: object) -> None:
    """Says nothing: what there is to say about these rows was said of the whole table."""
