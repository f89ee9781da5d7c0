"""`patches`: a picture cut into patches that are read like words, 49 of them. What does the token that answers look at?

**Query, keys and values.** Each patch is a token, and one more token stands before them, `[class]`. Each token asks all others:
its query y Q is compared with their keys y K, and it gets a mean of their values y V, in n heads with D / n numbers each. In
the end only `[class]` is read. So its query is the one to look at: row 0 of A.

    z⁰ = [class ; x_1 E ; … ; x_49 E] + p            x_l: the 4 · 4 · 3 numbers of a patch; p: a learned mark of each place
    A_i = softmax(y Q_i (y K_i)ᵀ / √(D/n)),          y = LN(z), i = 1 … n: where each token looks
    a = z + [A_1 y V_1 ; … ; A_n y V_n] O,           z′ = a + W₂ gelu(W₁ LN(a) + b₁) + b₂, layer by layer
    p(kind) = softmax(W LN(z_class) + b)             of the object in the frame: four colours times four shapes

This is "An image is worth 16x16 words" (Dosovitskiy et al. 2021, arXiv:2010.11929), small. What a token knows comes from itself
and from where it looked, layer by layer. *Through all layers* is the product of that, the attention rollout (Abnar and Zuidema
2020, arXiv:2005.00928): row 0 of ½ (A_M + I) ⋯ ½ (A_1 + I), where A_m is the mean over the heads of layer m, and I the unit
matrix. What `[class]` keeps for itself is left out, and the rest sums to 1.

**What must come out.** A convolutional network is built so that neighbours belong together and that a circle is a circle
wherever it lies. A Transformer must learn both from pictures. With few of them it must be behind, and with many it need not be:
that is what the paper found between one million and three hundred million photographs.

Each picture is moved by up to four pixels, so that patches cut objects anywhere. In the quick form none is moved: a patch holds
the same quarter of an object each time, there is nothing to learn about neighbours, and few pictures do.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from attnclf.lessons.base import LESSONS, Lesson
from attnclf.lessons.pictures import KINDS, Pictures, pictures
from attnclf.lessons.task import Task
from attnclf.results import OnEvent
from attnclf.results.lessons import Curve, Curves, KnownAnswer, Picture, Scored, Taught, Value

Floats = NDArray[np.float32]

# 1. The networks. Each returns the logits of all kinds, (B, 16); the Transformer also A, (B, layers, 1 + L, 1 + L).

PATCH = 4  # pixels in a row and in a column
HEADS = 4
CNN, PATCHES = "convolutional network", "Transformer on patches"


def convolutional(side: int, maps: int) -> Any:
    """Four convolutions, of which two halve the picture, and the mean of each map over all places, as in a ResNet."""
    import keras
    from keras import layers, ops

    from attnclf.lessons.networks.seeing import grid_of

    picture = keras.Input((side, side, 3))
    v = layers.Conv2D(maps, 3, padding="same", activation="relu")(grid_of(picture, maps))
    return keras.Model(picture, [layers.Dense(len(KINDS))(ops.mean(v, axis=(1, 2)))])


def by_patches(side: int, units: int, depth: int) -> Any:
    """A vision Transformer with so many numbers for each token, D, and so many layers."""
    import keras
    from keras import layers, ops

    from attnclf.lessons.networks.transformer import Begun

    picture = keras.Input((side, side, 3))
    x = layers.Conv2D(units, PATCH, strides=PATCH)(layers.Rescaling(1 / 127.5, offset=-1)(picture))  # E, patch by patch
    z, looks = Begun()(ops.reshape(x, (-1, (side // PATCH) ** 2, units))), list[Any]()  # (B, 1 + L, D)
    for _ in range(depth):
        y = layers.LayerNormalization()(z)
        seen, weights = layers.MultiHeadAttention(HEADS, units // HEADS)(y, y, return_attention_scores=True)
        z, looks = z + seen, [*looks, ops.mean(weights, axis=1)]  # of all heads
        inner = layers.Dense(2 * units, activation="gelu")(layers.LayerNormalization()(z))
        z = z + layers.Dense(units)(inner)
    logits = layers.Dense(len(KINDS))(layers.LayerNormalization()(z)[:, 0])
    return keras.Model(picture, [logits, ops.stack(looks, axis=1)])


def of_class(looks: Floats) -> Floats:
    """Where `[class]` looks in each layer, and through all of them, (B, layers + 1, L), from A (B, layers, 1 + L, 1 + L)."""
    through = np.eye(looks.shape[2], dtype=np.float32)
    for layer in np.moveaxis(looks, 1, 0):
        through = (layer + np.eye(len(through[0]), dtype=np.float32)) / 2 @ through
    rows = np.concatenate([looks[:, :, 0], through[:, None, 0]], axis=1)[:, :, 1:]
    return np.asarray(rows / rows.sum(axis=2, keepdims=True))


# 2. Training, with few pictures and with many. Each network makes as many steps with few as with many.

MANY = 5  # times as many pictures as few
TIMES = (1, 2, MANY)
SHOWN = 3  # pictures


@dataclass(frozen=True)
class Read:
    """A network trained on some pictures: the kinds (B,) that it named of new ones, how many rightly, and where it looked."""

    named: Any
    accuracy: float
    alpha: Any  # (B, layers + 1, L); None for the convolutional network
    weights: int


def row(found: Mapping[int, Read]) -> dict[str, Value]:
    """A row of the table: how many weights a network has, and its accuracy by the number of pictures."""
    weights: dict[str, Value] = {"weights": next(iter(found.values())).weights}
    return weights | {f"{rows:,} pictures": one.accuracy for rows, one in found.items()}


@LESSONS.register("patches", "a Transformer reads a picture by patches: what its [class] token looks at")
@dataclass(frozen=True)
class Patches(Lesson):
    """Pictures of two objects or more, up to `most`: `few`, and five times as many, to train on; `held_out` to measure on."""

    seed: int = 0
    most: int = 3
    farthest: int = 4  # pixels by which a picture may be moved
    few: int = 1_000
    held_out: int = 2_000
    units: int = 32
    depth: int = 2
    steps: int = 1_200
    batch: int = 32
    rate: float = 0.002  # of the Transformer; half as much again for the other
    every: bool = True  # both networks with each number of pictures, or the Transformer with few

    minutes = 3
    quick: ClassVar[Mapping[str, Value]] = {
        "farthest": 0,
        "few": 400,
        "held_out": 200,
        "units": 16,
        "steps": 240,
        "every": False,
    }
    left_out: ClassVar[Mapping[str, str]] = {"every": "the convolutional network; the Transformer with more pictures"}

    def teach(self, on_event: OnEvent) -> Taught:
        rng = np.random.default_rng(self.seed)
        shown = pictures(rng, MANY * self.few + self.held_out, self.most, framed=True).moved(rng, self.farthest)
        kinds, times = ((CNN, PATCHES), TIMES) if self.every else ((PATCHES,), TIMES[:1])
        sizes = [self.few * more for more in times]
        read = {kind: {rows: self._read(kind, rows, shown, on_event) for rows in sizes} for kind in kinds}
        lines = tuple(Curve(kind, tuple((rows, one.accuracy) for rows, one in found.items())) for kind, found in read.items())
        new, best = shown.part(slice(MANY * self.few, None)), read[PATCHES][sizes[-1]]
        return Taught(
            tuple(Scored(kind, row(found)) for kind, found in read.items()),
            self._known(read, new.on_first(best.alpha[:, -1])[0]),
            curves=(Curves("objects in the frame named rightly", "pictures to learn from", "accuracy", lines),),
            pictures=tuple(self._page(new, number, best) for number in range(SHOWN)),
        )

    def _read(self, kind: str, rows: int, shown: Pictures, on_event: OnEvent) -> Read:
        import keras

        from attnclf.lessons.networks.decoding import outputs_of
        from attnclf.lessons.networks.learning import learn

        side, kinds, new = shown.ids.shape[1], shown.kinds[:, 0], slice(MANY * self.few, None)
        model = convolutional(side, self.units) if kind == CNN else by_patches(side, self.units, self.depth)
        epochs = -(-self.steps * self.batch // rows)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        rate = self.rate * (1.5 if kind == CNN else 1)
        task = Task(loss, epochs, self.batch, rate, halving=epochs / 4, at_once=1)
        learn(f"{kind}, {rows:,} pictures", model, shown.rgb[:rows], kinds[:rows], task, on_event)
        logits, *looks = outputs_of(model, shown.rgb[new])
        named = logits.argmax(axis=1)
        right = float((named == kinds[new]).mean())
        return Read(named, right, of_class(looks[0]) if looks else None, model.count_params())

    # 3. What is known beforehand, and where `[class]` looks.

    def _known(self, read: Mapping[str, Mapping[int, Read]], peak: float) -> tuple[KnownAnswer, ...]:
        few, many = self.few, MANY * self.few
        patches = {rows: one.accuracy for rows, one in read[PATCHES].items()}
        floor = 0.9 if self.every else 0.8
        looks = KnownAnswer.at_least(
            f"in {floor} of the pictures [class] looks most, through all layers, at the object in the frame", peak, floor
        )
        if not self.every:
            return (
                KnownAnswer.at_least(f"{few:,} pictures, none moved, suffice to name half of the objects", patches[few], 0.5),
                looks,
            )
        cnn = {rows: one.accuracy for rows, one in read[CNN].items()}
        behind = f"with {few:,} pictures the Transformer is less accurate than the convolutional network"
        within = f"with {many:,} pictures the Transformer is at most 3 points behind: its accuracy less that of the other"
        return (
            KnownAnswer.more(behind, cnn[few], patches[few], "Dosovitskiy 2021"),
            KnownAnswer.at_least(within, patches[many] - cnn[many], -0.03, "Dosovitskiy 2021"),
            looks,
        )

    def _page(self, shown: Pictures, number: int, read: Read) -> Picture:
        """One picture under the weights that `[class]` gave to its patches in each layer, and through all of them."""
        names = [*(f"layer {layer + 1}" for layer in range(self.depth)), "through all layers"]
        title = f"{KINDS[shown.kinds[number, 0]]}; named {KINDS[read.named[number]]}"
        return shown.shown(number, title, names, read.alpha[number])
