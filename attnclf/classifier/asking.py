"""Answers for the rows of what is asked from Python: each for its own text, or for all posts of its account where the model
reads accounts whole."""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from attnclf.classifier.accounts import accounts_of
from attnclf.classifier.inputs import column_of, is_frame, texts_of
from attnclf.classifier.labels import in_order
from attnclf.data import AccountNames, nameless_in_words, texts_of_accounts, without_accounts
from attnclf.data.frames import SOURCE
from attnclf.results import Prediction, softmax
from attnclf.served.model import ServedModel
from attnclf.served.prediction import predict, windows
from attnclf.served.unread import Unread

if TYPE_CHECKING:
    from attnclf.classifier.inputs import Texts


@dataclass(frozen=True)
class Asked:
    """The text of each row (n), and those that the model `reads`: the same, or one for each account.

    `places` (n) say which of these a row has; None where they are the rows' own. `remarks` are what is to be warned of.
    """

    texts: list[str]
    reads: list[str]
    places: list[int] | None = None
    remarks: tuple[str, ...] = ()


def asked_of(served: ServedModel, x: "Texts") -> Asked:
    """What is asked of the model with `x`. Raises UsageError for what is no text."""
    data = served.bundle.config.data
    texts = texts_of(x, data.text_col)
    if not served.classifies_accounts:
        return Asked(texts, texts)
    if (column := column_of(x, data.group_col)) is None:
        alone = without_accounts(data.group_col, SOURCE) if is_frame(x) else apart_in_words(served, texts)
        return Asked(texts, texts, remarks=(alone,) if alone else ())
    names = AccountNames()
    of_accounts = texts_of_accounts(texts, accounts_of(x, column, data.group_col, len(texts), names))
    numbers = {text: number for number, text in enumerate(dict.fromkeys(of_accounts))}
    nameless = [f"{nameless_in_words(names.nameless)}: each is judged by itself"]
    remarks = (*names.remarks, *(nameless if names.nameless else []))
    return Asked(texts, list(numbers), [numbers[text] for text in of_accounts], remarks)


def apart_in_words(served: ServedModel, texts: Sequence[str], *, batched: bool = False) -> str:
    """What is to be warned of where several texts come without their accounts to a model that reads accounts whole; else "".

    Texts of several lines are taken for accounts: a post is one line of these. Texts that are `batched` have no other way.
    """
    if not served.classifies_accounts or len(texts) < 2 or any("\n" in text.strip() for text in texts):
        return ""
    what = "the model reads accounts whole, and each text counts as its own account"
    frame = "" if batched else f"a DataFrame with the column '{served.bundle.config.data.group_col}', or "
    return f"{what}; pass {frame}all posts of an account as one text, one a line"


def probabilities_for(served: ServedModel, asked: Asked) -> tuple[NDArray[np.float64], list[str]]:
    """The probabilities (n, K) of the labels in their order, and what is to be warned of."""
    unread, chunks = Unread(), [np.empty((0, len(served.labels)))]
    for window in windows(asked.reads, len):
        logits, known, left_out = served.logits(window)
        unread.add(known, left_out)
        chunks.append(softmax(logits))
    found = np.concatenate(chunks)[:, in_order(served.bundle)[1]]
    told = [*asked.remarks, *(note.message for note in unread.notes(served.limits))]
    return found if asked.places is None else found[asked.places], told


def predictions_for(served: ServedModel, asked: Asked, top_k: int | None) -> Iterator[Prediction]:
    """The prediction for each row; with the last texts it warns whoever asks for it."""
    unread, accounts = Unread(), list[Prediction]()
    for window in windows(asked.reads, len):
        results = predict(served, window, top_k)
        unread.count(results)
        if unread.texts == len(asked.reads):
            for message in (*asked.remarks, *(note.message for note in unread.notes(served.limits))):
                warnings.warn(message, stacklevel=2)
        if asked.places is None:
            yield from results
        else:
            accounts += results
    yield from (replace(accounts[i], text=text) for i, text in zip(asked.places or (), asked.texts, strict=False))
