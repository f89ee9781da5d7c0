"""`predict`: texts in, one prediction for each out, in the same order."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from numbers import Integral
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from attnclf.errors import UsageError
from attnclf.results import LeftOut, Prediction, softmax
from attnclf.served.model import ServedModel

WINDOW = 16_384  # items held at once when streaming: enough to read some while earlier ones are computed
WINDOW_CHARACTERS = 2_000_000  # a window ends here too, however few its items

T = TypeVar("T")


def predict(served: ServedModel, texts: Sequence[str], top_k: int | None = None) -> list[Prediction]:
    """The `top_k` likeliest labels of each text (all labels by default). For many texts, stream them through `windows`.

    Raises UsageError when `top_k` is not between 1 and the number of labels.
    """
    top_k = checked_top_k(served, top_k)
    return ranked_all(served, texts, served.logits(texts), top_k)


def checked_top_k(served: ServedModel, top_k: int | None) -> int:
    """How many labels to give, all by default. Raises UsageError where the model does not have so many."""
    top_k = len(served.labels) if top_k is None else top_k
    if isinstance(top_k, bool) or not isinstance(top_k, Integral) or not 1 <= top_k <= len(served.labels):
        raise UsageError(f"`top_k` is {top_k}", hint=f"the model has {len(served.labels)} labels: from 1 to that")
    return top_k


def ranked_all(
    served: ServedModel, texts: Sequence[str], scored: tuple[NDArray[np.float32], list[float], list[LeftOut]], top_k: int | None
) -> list[Prediction]:
    """The predictions for N texts from what `ServedModel.logits` gave for them. Of equally likely labels, the first wins.

    `scored` are their logits (N, K), the known share of each, and what was left out of it.
    """
    logits, known, left_out = scored
    labels, rates = served.labels, served.base_rates
    shares = softmax(logits)
    orders = np.argsort(-shares, axis=-1, kind="stable")[:, :top_k]
    found = zip(texts, orders.tolist(), np.take_along_axis(shares, orders, -1).tolist(), known, left_out, strict=True)
    return [
        Prediction(
            text,
            tuple([labels[i] for i in order]),
            tuple(likely),
            share,
            truncated=out >= LeftOut.GAP,
            base_rates=rates,
            cut_off=out >= LeftOut.GAP_AND_TAIL,
        )
        for text, order, likely, share, out in found
    ]


def windows(items: Iterable[T], characters: Callable[[T], int], size: int = WINDOW) -> Iterator[list[T]]:
    """The items in lists of at most `size` items and about two million characters, so that any number needs constant memory."""
    window: list[T] = []
    held = 0
    for item in items:
        window.append(item)
        held += characters(item)
        if len(window) >= size or held >= WINDOW_CHARACTERS:
            yield window
            window, held = [], 0
    if window:
        yield window
