"""Rows of different lengths as one array, padded on the right, and how often a number occurs in its row."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnclf.reading.base import Ids, Inputs
from attnclf.reading.tokens import PADDING_ID
from attnclf.reading.windows import Window


def padded(rows: Sequence[NDArray[Any]], multiple: int = 1) -> NDArray[Any]:
    """The rows as one array (B, T), with 0 behind their ends; T is a multiple of `multiple`."""
    lengths = np.array([len(row) for row in rows])
    width = -(-int(lengths.max()) // multiple) * multiple
    array = np.full((len(rows), width), PADDING_ID, rows[0].dtype)
    array[np.arange(width) < lengths[:, None]] = np.concatenate(rows)
    return array


def with_lengths(ids: Sequence[Ids], multiple: int) -> Inputs:
    """`ids` (B, T), padded, and their `lengths` (B,)."""
    return {"ids": padded(ids, multiple), "lengths": np.array([len(row) for row in ids], np.int32)}


def placed(window: Window, ids: Sequence[Ids], multiple: int) -> Inputs:
    """Where the tokens that the network reads stand: their `positions` (B, W) in the texts, and the `text_lengths` (B,)."""
    lengths = [len(row) for row in ids]
    return {
        "positions": padded([window.positions(length) for length in lengths], multiple),
        "text_lengths": np.array(lengths, np.int32),
    }


def occurrence_shares(ids: Sequence[Ids]) -> list[NDArray[np.float32]]:
    """1 / n for each number of each row, where n is how often the number occurs in its row."""
    lengths = [len(row) for row in ids]
    flat = np.concatenate(ids)
    keys = np.repeat(np.arange(len(ids), dtype=np.int64), lengths) << 32 | flat
    _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    return np.split((1 / counts).astype(np.float32)[inverse], np.cumsum(lengths[:-1]))
