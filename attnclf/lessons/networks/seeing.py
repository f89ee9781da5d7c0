"""A small convolutional network that keeps its grid, so that attention has places to look at."""

from typing import Any

from keras import layers, ops

STRIDE = 4  # pixels of a picture between two places of the grid


def grid_of(pictures: Any, maps: int) -> Any:
    """Feature maps (B, side / 4, side / 4, maps) of pictures (B, side, side, 3) with values from 0 to 255."""
    x = layers.Rescaling(1 / 127.5, offset=-1)(pictures)
    x = layers.Conv2D(maps // 2, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.Conv2D(maps, 3, strides=2, padding="same", activation="relu")(x)
    return layers.Conv2D(maps, 3, padding="same", activation="relu")(x)


def places_of(grid: Any) -> Any:
    """The places of a grid (B, n, n, maps) one after the other, each beside marks of its row and column: (B, n², maps + 2n)"""
    side, maps = grid.shape[2:]
    places = ops.reshape(grid, (-1, side * side, maps))
    unit = ops.eye(side)
    marks = ops.concatenate([ops.repeat(unit, side, axis=0), ops.tile(unit, (side, 1))], axis=1)  # (n², 2n)
    marks = ops.ones_like(places[:, :, :1]) * ops.expand_dims(marks, 0)
    return ops.concatenate([places, marks], axis=2)
