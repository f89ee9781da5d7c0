"""The answers that `predict` writes: for each text, and for the account that it belongs to."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from attnclf.accounts.verdicts import verdicts
from attnclf.cli import screen
from attnclf.cli.inputs import Incoming, Item
from attnclf.errors import DataError, UsageError
from attnclf.results import AccountRule, AccountVerdict, Note, Prediction, counted
from attnclf.served.model import ServedModel
from attnclf.served.prediction import predict, ranked_all


@dataclass(frozen=True)
class Answer:
    """A text, what the model says of it, and of its account where it has a rule for accounts and the table names them."""

    item: Item
    prediction: Prediction
    verdict: AccountVerdict | None = None


def answers_of(
    served: ServedModel, source: Incoming, top_k: int, rates: Mapping[str, float], unread: screen.UnreadTexts
) -> Iterable[list[Answer]]:
    """The answers in windows. Where accounts get verdicts there is one window, since their posts may stand anywhere."""
    rule = served.bundle.accounts
    if rule and source.group:
        return [_with_accounts(served, rule, source.windows, top_k, rates, unread)]
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
    windows: Iterator[list[Item]],
    top_k: int,
    rates: Mapping[str, float],
    unread: screen.UnreadTexts,
) -> list[Answer]:
    items: list[Item] = []
    predictions: list[Prediction] = []
    logits: list[NDArray[np.float32]] = []
    for window in windows:
        texts = list(dict.fromkeys(item.text for item in window))
        scored = served.logits(texts)
        at = {text: number for number, text in enumerate(texts)}
        of_text = ranked_all(served, texts, scored, top_k)
        rows = [at[item.text] for item in window]
        items += window
        predictions += [of_text[row] for row in rows]
        logits.append((scored[0] - served.shift)[rows])
    unread.count(predictions)
    named = [row for row, item in enumerate(items) if item.account]
    found: dict[str, AccountVerdict] = {}
    if named:
        texts, accounts = [items[row].text for row in named], [items[row].account for row in named]
        found = verdicts(rule, served.labels, texts, np.concatenate(logits)[named], accounts, rates)
    found = {name: replace(one, rows=tuple(named[row] for row in one.rows)) for name, one in found.items()}
    return [Answer(item, one, found.get(item.account)) for item, one in zip(items, predictions, strict=True)]


def accounts_among(answers: Sequence[Answer]) -> list[AccountVerdict]:
    """The verdicts on all accounts, in the order in which they first appear. Raises DataError where there are none."""
    found = list({answer.verdict.account: answer.verdict for answer in answers if answer.verdict}.values())
    if not found:
        raise DataError("no row names an account", hint="leave `accounts` out to label posts")
    if nameless := sum(not answer.verdict for answer in answers):
        what = f"{counted(nameless, 'row names', 'rows name')} no account"
        screen.show_note(Note(f"{what}, and counts in none" if nameless == 1 else f"{what}, and count in none", warning=True))
    return found


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
