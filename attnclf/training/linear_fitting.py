"""The linear model beside the network: fitted before the network, and once more at the end, to the validation rows too."""

import time

import numpy as np
from numpy.typing import NDArray

from attnclf.checkpoint import Checkpoints
from attnclf.linear.model import LabelledIds, LinearModel, affordable, fit_linear_model, refit
from attnclf.model.reference import linear_contributions
from attnclf.ragged import Ragged
from attnclf.reading.base import Reader
from attnclf.reading.batching import batches_by_length
from attnclf.reading.readers import WordReader
from attnclf.results import Note, OnEvent, StageStarted
from attnclf.training.splitting import SplitPart, extra_splits

MOST_SHARES = 100_000_000  # tokens × labels of the training rows, in two bytes each
SHARES_AT_ONCE = 8_192  # tokens of texts whose contributions are computed together

LabelledRows = tuple[Ragged, SplitPart]


def fitted_linear_model(
    reader: WordReader, train: LabelledRows, valid: LabelledRows, labels: int, checkpoints: Checkpoints, on_event: OnEvent
) -> LinearModel:
    """The linear model of the training rows, or of a random sample of them; that of the checkpoint where it has one.

    `train` and `valid` are the ids of tokens with the split part that they are of. A sample is told of each time, for the card
    of the model.
    """
    rows = _drawn("fitted", reader, train[0], train[1].targets, on_event)
    if checkpoints.state.linear is not None:
        return checkpoints.state.linear
    splits = extra_splits(train[1], valid[1]) if len(rows[0]) == len(train[0]) else []
    on_event(StageStarted("fitting the linear model"))
    before = time.monotonic()
    linear = fit_linear_model(reader, rows, (valid[0], valid[1].targets), labels, splits)
    what = f"logistic regression on {len(linear.scales):,} n-grams, words and word pairs"
    accuracy = float((linear.logits.argmax(axis=1) == valid[1].targets).mean())
    what += f", fitted in {time.monotonic() - before:.0f} s; validation accuracy {accuracy:.3f} by itself"
    on_event(Note(what, topic="linear model"))
    on_event(Note(linear.choice, topic="linear model", detail=True))
    checkpoints.keep(linear=linear)
    return linear


def refitted_linear_model(
    linear: LinearModel,
    reader: WordReader,
    train: LabelledRows,
    valid: LabelledRows,
    checkpoints: Checkpoints,
    on_event: OnEvent,
) -> LinearModel:
    """The same model fitted to the validation rows too, with what was chosen by them."""
    ids, targets = Ragged.joined([train[0], valid[0]]), np.concatenate([train[1].targets, valid[1].targets])
    rows = _drawn("in the end fitted", reader, ids, targets, on_event)
    refitted = checkpoints.state.refitted or refit(linear, reader, rows, valid[0])
    checkpoints.keep(refitted=refitted)
    return refitted


def _drawn(fitted: str, reader: WordReader, ids: Ragged, targets: NDArray[np.int32], on_event: OnEvent) -> LabelledIds:
    rows = affordable(reader, (ids, targets))
    if len(rows[0]) < len(ids):
        what = f"{fitted} to {len(rows[0]):,} of {len(ids):,} rows, drawn at random: more would take too much memory"
        on_event(Note(what, warning=True, topic="linear model"))
    return rows


def linear_shares(reader: Reader, ids: Ragged, linear: LinearModel | None, on_event: OnEvent) -> Ragged | None:
    """The contributions (W, K) of the linear model to the tokens that the network reads; None if there are none.

    They are computed once for all epochs.

    Where they would be too many to hold, attention is aligned with the network's own share alone, and that is said.
    """
    if linear is None:
        return None
    lengths, read = ids.lengths, np.minimum(ids.lengths, reader.window.size)
    if (numbers := int(read.sum()) * len(linear.bias)) > MOST_SHARES:
        what = f"{numbers:,} contributions of the linear model are too many to hold"
        on_event(Note(f"{what}; attention is aligned with the network's own share alone", topic="alignment"))
        return None
    on_event(StageStarted("reading what the linear model makes of each token"))
    shares = Ragged(np.empty((int(read.sum()), len(linear.bias)), np.float16), read)
    for rows in batches_by_length(lengths, SHARES_AT_ONCE):
        found = linear_contributions(linear.table, reader.batch(ids.take(rows)))
        for row, of_text in zip(rows, found, strict=True):
            shares[row][:] = of_text[reader.window.positions(lengths[row])]
    return shares
