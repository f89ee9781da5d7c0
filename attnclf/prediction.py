"""`predict`: texts in, labels with probabilities out, in order, one for each."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from attnclf.errors import UsageError
from attnclf.metrics import softmax
from attnclf.results import Prediction
from attnclf.runtime.served import Served

WINDOW = 4_096  # items held at once when streaming: enough to sort by length, little memory
WINDOW_CHARACTERS = 2_000_000  # and no more than this, whatever their number

T = TypeVar("T")


def predict(served: Served, texts: Sequence[str], top_k: int | None = None) -> list[Prediction]:
    """The `top_k` likeliest labels of each text (all of them by default); stream many texts through `windows`.

    Raises UsageError when `top_k` is not between 1 and the number of labels.
    """
    top_k = len(served.labels) if top_k is None else top_k
    if not 1 <= top_k <= len(served.labels):
        raise UsageError(f"--top-k is {top_k}", hint=f"the model has {len(served.labels)} labels: from 1 to that")
    logits, known, truncated = served.logits(texts)
    rows = zip(texts, softmax(logits), known, truncated, strict=True)
    return [ranked(served.labels, text, row, share, cut, top_k) for text, row, share, cut in rows]


def ranked(
    labels: Sequence[str], text: str, row: NDArray[np.float64], known: float, truncated: bool, top_k: int | None = None
) -> Prediction:
    """The prediction that the probabilities `row` (K,) make; of equals the first label wins."""
    order = np.argsort(-row, kind="stable")[:top_k]
    return Prediction(text, tuple(labels[i] for i in order), tuple(float(row[i]) for i in order), known, truncated)


def windows(items: Iterable[T], characters: Callable[[T], int], size: int = WINDOW) -> Iterator[list[T]]:
    """The items in lists of at most `size` items and about two million characters: constant memory for any number."""
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
