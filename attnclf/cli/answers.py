"""The answers that `predict` writes: for each text, and for the account that it belongs to."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from attnclf.accounts.by_model import by_account_model
from attnclf.accounts.posts import Posts
from attnclf.accounts.rule import shift_of
from attnclf.accounts.verdicts import rule_of, verdicts
from attnclf.cli.account_column import no_accounts
from attnclf.cli.inputs import Incoming, Item, characters
from attnclf.cli.whole_accounts import posts_of_accounts, rows_of_accounts
from attnclf.errors import UsageError
from attnclf.results import AccountRule, AccountVerdict, LeftOut, Prediction
from attnclf.served.model import ServedModel
from attnclf.served.prediction import checked_top_k, predict, ranked_all, windows
from attnclf.served.unread import Unread


@dataclass(frozen=True)
class Answer:
    """A text, what the model says of it, and of its account where it has a rule for accounts and the table names them."""

    item: Item
    prediction: Prediction
    verdict: AccountVerdict | None = None


def answers_of(
    served: ServedModel, source: Incoming, top_k: int, rates: Mapping[str, float], unread: Unread
) -> Iterable[list[Answer]]:
    """The answers in windows, which hold whole accounts where these get verdicts. Raises UsageError for rates that are none."""
    checked_top_k(served, top_k)
    rule = served.bundle.accounts
    if rule and source.group:
        shift_of(rule, served.labels, rates)  # fails before anything is written
        return (_with_accounts(served, rule, items, top_k, rates, unread) for items in rows_of_accounts(source))
    if served.classifies_accounts and source.group:
        return _of_whole_accounts(served, source, top_k, unread)
    return (_of_posts(served, window, top_k, unread) for window in source.windows)


def _of_posts(served: ServedModel, window: list[Item], top_k: int, unread: Unread) -> list[Answer]:
    numbers, answers, _ = _of_window(served, window, top_k)
    unread.count(answers[number] for number in numbers)
    return [Answer(item, answers[number]) for item, number in zip(window, numbers, strict=True)]


def _of_whole_accounts(served: ServedModel, source: Incoming, top_k: int, unread: Unread) -> Iterator[list[Answer]]:
    """Each account is read once, in however many windows its rows are."""
    answers: dict[str, Prediction] = {}
    for window in source.windows:
        texts = [text for text in dict.fromkeys(item.text for item in window) if text not in answers]
        answers |= zip(texts, predict(served, texts, top_k), strict=True)
        unread.count(answers[text] for text in texts)
        yield [Answer(item, _own(item, answers[item.text])) for item in window]


def _of_window(served: ServedModel, window: list[Item], top_k: int) -> tuple[list[int], list[Prediction], NDArray[np.float32]]:
    """What the model says of the texts of a window, and their logits (N, K). Equal texts are one: each item has its number."""
    texts, numbers, scored = _distinct(served, [item.text for item in window])
    return numbers, ranked_all(served, texts, scored, top_k), scored[0]


Scored = tuple[NDArray[np.float32], list[float], list[LeftOut]]


def _distinct(served: ServedModel, texts: list[str]) -> tuple[list[str], list[int], Scored]:
    """The distinct texts, which of these each text is, and what `ServedModel.logits` gives for them."""
    number_of = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    distinct = list(number_of)
    return distinct, [number_of[text] for text in texts], served.logits(distinct)


def _own(item: Item, answer: Prediction) -> Prediction:
    """The answer with the row's own text, where the text that was classified is its whole account."""
    return answer if item.post is None else replace(answer, text=item.post)


def _with_accounts(
    served: ServedModel,
    rule: AccountRule,
    items: list[Item],
    top_k: int,
    rates: Mapping[str, float],
    unread: Unread,
) -> list[Answer]:
    predictions: list[Prediction] = []
    logits: list[NDArray[np.float32]] = []
    for window in windows(items, characters):
        numbers, answers, of_texts = _of_window(served, window, top_k)
        predictions += [answers[number] for number in numbers]
        logits.append((of_texts - served.shift)[numbers])
    unread.count(predictions)
    named = [row for row, item in enumerate(items) if item.account]
    found: dict[str, AccountVerdict] = {}
    if named:
        texts, accounts = [items[row].text for row in named], [items[row].account for row in named]
        posts = Posts.of(texts, np.concatenate(logits)[named], accounts, by_account_model(served))
        found = verdicts(rule, served.labels, posts, rates)
    return [Answer(item, one, found.get(item.account)) for item, one in zip(items, predictions, strict=True)]


Judged = tuple[AccountVerdict, list[str]]
"""The verdict on an account, and the texts among which the verdict's `rows` are."""


def judged_accounts(served: ServedModel, source: Incoming, rates: Mapping[str, float], unread: Unread) -> Iterator[Judged]:
    """The accounts in the order in which they first appear, from `posts_of_accounts`, whose errors it raises.

    Raises UsageError for base rates that are none.
    """
    rule = rule_of(served)
    for window in posts_of_accounts(source):
        texts = [text for of_account in window.values() for text in of_account]
        names = [name for name, of_account in window.items() for _ in of_account]
        posts = Posts.of(texts, _logits(served, texts, unread), names, by_account_model(served))
        for verdict in verdicts(rule, served.labels, posts, rates).values():
            yield verdict, texts


def _logits(served: ServedModel, posts: list[str], unread: Unread) -> NDArray[np.float32]:
    """Those of each post (N, K), at the base rates of training."""
    found: list[NDArray[np.float32]] = []
    for window in windows(posts, len):
        _, numbers, (logits, known, left_out) = _distinct(served, window)
        unread.add([known[number] for number in numbers], [left_out[number] for number in numbers])
        found.append((logits - served.shift)[numbers])
    return np.concatenate(found)


def check_accounts(served: ServedModel, source: Incoming) -> None:
    """Raises UsageError where there can be no verdict on accounts, with the reason."""
    if served.classifies_accounts:
        raise UsageError(
            "this model reads an account whole, and `accounts` needs one that reads posts",
            hint="without `accounts`, every row has the label of its account",
        )
    rule_of(served)
    if not source.group:
        raise no_accounts(source.columns, "verdicts on accounts need", served.bundle.config.data.group_col)
