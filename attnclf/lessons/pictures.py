"""Pictures that lessons make: two or three objects on a light ground, each with its box. All pixels have one of a few colours.

A picture is divided into nine slots of eight by eight pixels, and a slot holds one object at most. No two objects of a picture
are of the same kind. Objects are ordered from left to right by the column of their slot, then from the top down.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnclf.results.lessons import Picture

Ids = NDArray[np.int64]

SIDE, SLOT, SIZE = 24, 8, 6  # pixels of a picture, a slot and an object
COLOURS = {"red": (214, 39, 40), "green": (44, 150, 60), "blue": (31, 100, 200), "yellow": (240, 190, 20)}
SHAPES = ("square", "circle", "triangle", "cross")
KINDS = tuple(f"{colour} {shape}" for colour in COLOURS for shape in SHAPES)
GROUND, FRAME = (238, 238, 238), (20, 20, 20)
PALETTE = np.array([GROUND, *COLOURS.values(), FRAME], np.uint8)
LETTERS = ".rgbyF"  # of the palette
FIRST_COLOUR, FRAME_ID = 1, 5


def _mask(shape: str) -> NDArray[np.bool_]:
    """Which pixels of a box (6, 6) a shape covers."""
    y, x = np.mgrid[:SIZE, :SIZE] - (SIZE - 1) / 2
    masks: dict[str, NDArray[np.bool_]] = {
        "square": np.ones((SIZE, SIZE), bool),
        "circle": x**2 + y**2 < (SIZE / 2 - 0.2) ** 2,
        "triangle": np.abs(x) <= (y + SIZE / 2) / 2,
        "cross": np.minimum(np.abs(x), np.abs(y)) < 1,
    }
    return masks[shape]


MASKS = np.stack([_mask(shape) for shape in SHAPES])


@dataclass(frozen=True)
class Pictures:
    """B pictures with up to N objects; what is −1 is not there.

    * `ids` (B, 24, 24), or larger if `moved`: the colour of each pixel, as a row of the palette.
    * `colours`, `shapes` (B, N): the kind of each object; `slots` (B, N, 2): the row and column of its slot, each 0 to 2.
    * `corners` (B, N, 2): the upper left pixel of its box, as row and column. A box is six by six pixels.
    """

    ids: NDArray[np.uint8]
    colours: Ids
    shapes: Ids
    slots: Ids
    corners: Ids

    @property
    def kinds(self) -> Ids:
        """The kind of each object, as a place in `KINDS`; below 0 for one that is not there: (B, N)."""
        return self.colours * len(SHAPES) + self.shapes

    @property
    def rgb(self) -> NDArray[np.uint8]:
        """What a network sees: (B, 24, 24, 3), or larger."""
        return PALETTE[self.ids]

    def part(self, which: slice) -> "Pictures":
        """Some of the pictures."""
        return Pictures(self.ids[which], self.colours[which], self.shapes[which], self.slots[which], self.corners[which])

    def moved(self, rng: np.random.Generator, farthest: int) -> "Pictures":
        """Each picture as a whole on a ground that is `farthest` pixels higher and wider, at a random place."""
        side = SIDE + farthest
        ids = np.zeros((len(self.ids), side, side), np.uint8)
        starts = rng.integers(farthest + 1, size=(len(ids), 2))
        for ground, picture, (y, x) in zip(ids, self.ids, starts, strict=True):
            ground[y : y + SIDE, x : x + SIDE] = picture
        corners = np.where(self.corners < 0, -1, self.corners + starts[:, None])
        return Pictures(ids, self.colours, self.shapes, self.slots, corners)

    def touching(self, grid: int) -> NDArray[np.bool_]:
        """Which of the L places of a square grid over each picture, row by row, touch the box of each object: (B, N, L)."""
        side = self.ids.shape[1] // grid
        starts = np.stack(np.divmod(np.arange(grid**2), grid), axis=1) * side  # (L, 2)
        corners = self.corners[:, :, None]
        return np.asarray(((starts < corners + SIZE) & (corners < starts + side)).all(axis=3))

    def in_box(self, places: NDArray[Any], grid: int) -> NDArray[np.bool_]:
        """Whether places (B, N) of such a grid touch the box of the object of that column: (B, N)."""
        return np.take_along_axis(self.touching(grid), places[:, :, None], axis=2)[:, :, 0]

    def on_first(self, alpha: NDArray[Any]) -> tuple[float, float]:
        """In which share of the pictures the largest of weights alpha (B, L) lies on the first object, at least in part, and
        how much of all weight does."""
        touching = self.touching(math.isqrt(alpha.shape[1]))[:, 0]  # (B, L)
        return float(touching[np.arange(len(alpha)), alpha.argmax(axis=1)].mean()), float((alpha * touching).sum(axis=1).mean())

    def shown(self, picture: int, title: str, names: Sequence[str], weights: Any, caption: str = "") -> Picture:
        """A picture with what is looked at: `weights` (S, L) for each of S names, L the places of a square grid."""
        rows = tuple("".join(LETTERS[pixel] for pixel in row) for row in self.ids[picture])
        used = {LETTERS[i]: "#{:02x}{:02x}{:02x}".format(*PALETTE[i]) for i in np.unique(self.ids[picture])}
        return Picture.of(title, used, rows, names, weights, caption)


def pictures(rng: np.random.Generator, count: int, most: int = 3, framed: bool = False) -> Pictures:
    """New pictures of two objects or more, up to `most`. If `framed`, the first object of each has a frame, and the order is
    random."""
    ids = np.zeros((count, SIDE, SIDE), np.uint8)
    colours, shapes = np.full((2, count, most), -1)
    slots, corners = np.full((2, count, most, 2), -1)
    for picture in range(count):
        things = int(rng.integers(2, most + 1))
        taken = rng.choice(9, things, replace=False)
        taken = taken if framed else np.sort(taken)
        for i, (slot, kind) in enumerate(
            zip(taken, rng.choice(len(COLOURS) * len(SHAPES), things, replace=False), strict=True)
        ):
            colour, shape = divmod(int(kind), len(SHAPES))
            column, row = divmod(int(slot), 3)
            y, x = SLOT * np.array([row, column]) + (1 if framed else rng.integers(SLOT - SIZE + 1, size=2))
            ids[picture, y : y + SIZE, x : x + SIZE][MASKS[shape]] = FIRST_COLOUR + colour
            if framed and i == 0:
                around = ids[picture, y - 1 : y + SIZE + 1, x - 1 : x + SIZE + 1]
                around[[0, -1]] = around[:, [0, -1]] = FRAME_ID
            colours[picture, i], shapes[picture, i], slots[picture, i], corners[picture, i] = (
                colour,
                shape,
                (row, column),
                (y, x),
            )
    return Pictures(ids, colours, shapes, slots, corners)
