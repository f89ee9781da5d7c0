"""The inputs of a batch that hold for every reader: ids padded on the right, and where they stand in their texts."""

import numpy as np
from numpy.typing import NDArray

from attnclf.ragged import Ragged
from attnclf.reading.base import Inputs
from attnclf.reading.counting import begins_run
from attnclf.reading.windows import Window


def with_lengths(ids: Ragged, multiple: int) -> Inputs:
    """`ids` (B, T), padded, and their `lengths` (B,)."""
    return {"ids": ids.padded(multiple), "lengths": ids.lengths.astype(np.int32)}


def placed(window: Window, ids: Ragged, multiple: int) -> Inputs:
    """Where the tokens that the network reads stand: their `positions` (B, W) in the texts, and the `text_lengths` (B,)."""
    lengths = ids.lengths
    return {"positions": window.positions_of(lengths).padded(multiple), "text_lengths": lengths.astype(np.int32)}


def occurrence_shares(ids: Ragged) -> NDArray[np.float32]:
    """1 / n for each number of each row (Σ T,), where n is how often the number occurs in its row."""
    keys = ids.owners.astype(np.int64) << 32 | ids.flat
    order = np.argsort(keys, kind="stable")
    first = np.flatnonzero(begins_run(keys[order]))
    counts = np.diff(first, append=len(keys))
    shares = np.empty(len(keys), np.float32)
    shares[order] = np.repeat((1 / counts).astype(np.float32), counts)
    return shares
