"""What the posts of accounts add by the account model: post by post for verdicts, token by token for explanations."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from attnclf.explain.removal import Span
from attnclf.reading.readers import WordReader
from attnclf.served.account_model import AccountModel, OfPosts
from attnclf.served.model import ServedModel
from attnclf.served.parts import ANSWERED_AT_ONCE


def by_account_model(served: ServedModel) -> OfPosts | None:
    """What gives the posts of accounts their share by the model's account model; None where it has none. Raises ModelError."""
    if (found := _model_of(served)) is None:
        return None
    model, reader = found

    def read(texts: Sequence[str], account_of: NDArray[np.intp]) -> NDArray[np.float64]:
        with served.lock:
            return of_posts(model, reader, texts, account_of, lambda: served.session.make_room(reader))

    return read


def of_posts(
    model: AccountModel,
    reader: WordReader,
    texts: Sequence[str],
    account_of: NDArray[np.intp],
    make_room: Callable[[], None] = lambda: None,
) -> NDArray[np.float64]:
    """m (N, K), summed over the tokens of each post. `account_of` (N,) are the numbers of the posts' accounts.

    `make_room` is called where no word that was read is needed any more.
    """
    found = np.zeros((len(texts), model.weights.shape[1]))
    for accounts in _windows(account_of):
        make_room()
        rows = np.concatenate(accounts)
        ids = dict(zip(rows.tolist(), reader.ids([texts[row] for row in rows])[0], strict=True))
        for account in accounts:
            of_tokens = model.contributions(reader, [ids[row] for row in account.tolist()])
            found[account] = [post.sum(axis=0) for post in of_tokens]
    return found


def of_tokens(served: ServedModel, posts: Sequence[str]) -> list[tuple[Sequence[Span], NDArray[np.float64]]] | None:
    """Where the tokens of each post of one account are, and their m (T, K); None without an account model."""
    if (both := _model_of(served)) is None:
        return None
    model, reader = both
    with served.lock:
        served.session.make_room(reader)
        encoded = reader.encode(posts)
        found = model.contributions(reader, [post.ids for post in encoded])
    return [(post.spans, of_post) for post, of_post in zip(encoded, found, strict=True)]


def _model_of(served: ServedModel) -> tuple[AccountModel, WordReader] | None:
    """The account model, and the reader that its features are of; None where there is none. Raises ModelError."""
    model, reader = served.account_model, served.reader
    return (model, reader) if model is not None and isinstance(reader, WordReader) else None


def _windows(account_of: NDArray[np.intp]) -> Iterator[list[NDArray[np.intp]]]:
    """The rows of each account, in windows of whole accounts, with ANSWERED_AT_ONCE rows or little more."""
    order = np.argsort(account_of, kind="stable")
    window: list[NDArray[np.intp]] = []
    held = 0
    for rows in np.split(order, np.flatnonzero(np.diff(account_of[order])) + 1):
        window.append(rows)
        held += len(rows)
        if held >= ANSWERED_AT_ONCE:
            yield window
            window, held = [], 0
    if held:
        yield window
