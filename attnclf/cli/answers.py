"""The answers that `predict` writes: for each text, and for the account that it belongs to."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from attnclf.accounts.rule import shift_of
from attnclf.accounts.verdicts import verdicts
from attnclf.cli import screen
from attnclf.cli.inputs import Incoming, Item, characters
from attnclf.cli.whole_accounts import posts_of_accounts, rows_of_accounts
from attnclf.errors import UsageError
from attnclf.results import AccountRule, AccountVerdict, Prediction
from attnclf.served.model import ServedModel
from attnclf.served.prediction import predict, ranked_all, windows


@dataclass(frozen=True)
class Answer:
    """A text, what the model says of it, and of its account where it has a rule for accounts and the table names them."""

    item: Item
    prediction: Prediction
    verdict: AccountVerdict | None = None


def answers_of(
    served: ServedModel, source: Incoming, top_k: int, rates: Mapping[str, float], unread: screen.UnreadTexts
) -> Iterable[list[Answer]]:
    """The answers in windows, which hold whole accounts where these get verdicts. Raises UsageError for rates that are none."""
    rule = served.bundle.accounts
    if rule and source.group:
        shift_of(rule, served.labels, rates)  # fails before anything is written
        return (_with_accounts(served, rule, items, top_k, rates, unread) for items in rows_of_accounts(source))
    return (_of_window(served, window, top_k, unread) for window in source.windows)


def _of_window(served: ServedModel, window: list[Item], top_k: int, unread: screen.UnreadTexts) -> list[Answer]:
    texts = list(dict.fromkeys(item.text for item in window))
    answers = dict(zip(texts, predict(served, texts, top_k), strict=True))
    results = [_own(item, answers[item.text]) for item in window]
    unread.count(answers.values() if window[0].account else results)
    return [Answer(item, result) for item, result in zip(window, results, strict=True)]


def _own(item: Item, answer: Prediction) -> Prediction:
    """The answer with the row's own text, where the text that was classified is its whole account."""
    return answer if item.post is None else replace(answer, text=item.post)


def _with_accounts(
    served: ServedModel,
    rule: AccountRule,
    items: list[Item],
    top_k: int,
    rates: Mapping[str, float],
    unread: screen.UnreadTexts,
) -> list[Answer]:
    predictions: list[Prediction] = []
    logits: list[NDArray[np.float32]] = []
    for window in windows(items, characters):
        texts = list(dict.fromkeys(item.text for item in window))
        scored = served.logits(texts)
        at = {text: number for number, text in enumerate(texts)}
        of_text = ranked_all(served, texts, scored, top_k)
        rows = [at[item.text] for item in window]
        predictions += [of_text[row] for row in rows]
        logits.append((scored[0] - served.shift)[rows])
    unread.count(predictions)
    named = [row for row, item in enumerate(items) if item.account]
    found: dict[str, AccountVerdict] = {}
    if named:
        texts, accounts = [items[row].text for row in named], [items[row].account for row in named]
        found = verdicts(rule, served.labels, texts, np.concatenate(logits)[named], accounts, rates)
    return [Answer(item, one, found.get(item.account)) for item, one in zip(items, predictions, strict=True)]


Judged = tuple[AccountVerdict, list[str]]
"""The verdict on an account, and the texts among which the verdict's `rows` are."""


def judged_accounts(
    served: ServedModel, source: Incoming, rates: Mapping[str, float], unread: screen.UnreadTexts
) -> Iterator[Judged]:
    """The accounts in the order in which they first appear, from `posts_of_accounts`, whose errors it raises.

    Raises UsageError for base rates that are none.
    """
    if (rule := served.bundle.accounts) is None:
        raise UsageError("this model has no rule for accounts", hint="train it with `group_col`")
    for window in posts_of_accounts(source):
        texts = [text for posts in window.values() for text in posts]
        names = [name for name, posts in window.items() for _ in posts]
        for verdict in verdicts(rule, served.labels, texts, _logits(served, texts, unread), names, rates).values():
            yield verdict, texts


def _logits(served: ServedModel, posts: list[str], unread: screen.UnreadTexts) -> NDArray[np.float32]:
    """Those of each post (N, K), at the base rates of training."""
    found: list[NDArray[np.float32]] = []
    for window in windows(posts, len):
        texts = list(dict.fromkeys(window))
        logits, known, truncated = served.logits(texts)
        at = {text: number for number, text in enumerate(texts)}
        rows = [at[text] for text in window]
        for row in rows:
            unread.add(known[row], truncated[row])
        found.append((logits - served.shift)[rows])
    return np.concatenate(found)


def check_accounts(served: ServedModel, source: Incoming) -> None:
    """Raises UsageError where there can be no verdict on accounts, with the reason."""
    if served.classifies_accounts:
        raise UsageError(
            "this model reads an account whole, and `accounts` needs one that reads posts",
            hint="without `accounts`, every row has the label of its account",
        )
    if not served.bundle.accounts:
        raise UsageError(
            "this model has no rule for accounts", hint="train it with `group_col`, which names the column of accounts"
        )
    if not source.group:
        name = served.bundle.config.data.group_col
        raise UsageError(f"verdicts on accounts need a table with the column '{name}'", hint="pass one with -f")
