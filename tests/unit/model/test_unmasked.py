"""Recurrences in Keras without a mask give the states, and the slopes, of Keras' own layers with a mask."""

from typing import Any

import numpy as np
import pytest

from attnclf.model.encoders.unmasked import from_the_end, unmasked

B, T, E, UNITS = 4, 7, 5, 3
MASK = np.arange(T) < np.array([7, 1, 4, 5])[:, None]


def with_a_mask(keras: Any, cell: str, layers: int, directions: int) -> list[Any]:
    stack = [getattr(keras.layers, cell)(UNITS, return_sequences=True) for _ in range(layers)]
    return [keras.layers.Bidirectional(layer) for layer in stack] if directions == 2 else stack


def test_a_text_is_reversed_within_its_length() -> None:
    import keras

    assert keras.ops.convert_to_numpy(from_the_end(keras.ops, MASK[:, :5])).tolist() == [
        [4, 3, 2, 1, 0],
        [5, 6, 7, 8, 9],
        [13, 12, 11, 10, 14],
        [19, 18, 17, 16, 15],
    ]


@pytest.mark.parametrize("cell", ["LSTM", "GRU"])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("directions", [1, 2])
def test_the_states_of_tokens_are_those_with_a_mask(cell: str, layers: int, directions: int) -> None:
    import keras

    x = np.random.default_rng(0).normal(size=(B, T, E)).astype(np.float32) * MASK[..., None]
    ours = unmasked(keras, cell, UNITS, layers, directions)
    states = ours(x, MASK)
    assert states.shape == (B, T, directions * UNITS)
    masked = with_a_mask(keras, cell, layers, directions)
    expected: Any = x
    for layer, recurrences in zip(masked, ours.recurrences, strict=True):
        layer.build((None, None, expected.shape[-1]))
        layer.set_weights([array for recurrence in recurrences for array in recurrence.get_weights()])
        expected = layer(expected, mask=MASK)
    found = [keras.ops.convert_to_numpy(h)[MASK] for h in (states, expected)]
    assert np.abs(found[0] - found[1]).max() <= 1e-6
    assert np.abs(found[1]).min() > 0  # a state of zeros would agree with anything


def test_what_stands_on_padding_reaches_no_token() -> None:
    import keras

    layer = unmasked(keras, "LSTM", UNITS, 2, 2)
    x = np.random.default_rng(0).normal(size=(B, T, E)).astype(np.float32)
    states = [keras.ops.convert_to_numpy(layer(np.where(MASK[..., None], x, np.float32(fill)), MASK)) for fill in (0, 9)]
    assert np.array_equal(states[0][MASK], states[1][MASK])
    assert not np.array_equal(states[0], states[1])
