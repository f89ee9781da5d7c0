"""`gates`: two or three objects, and one stands in a frame. A gate on feature maps lets that one through.

**Query, keys and values.** A convolutional network has left D numbers v_l, one of each feature map, at each of the L = 36
places of a grid laid over a picture. These are the values. A further convolution makes the key k_l of a place and its
neighbours. Nobody asks anew: the query q is learned, once for all maps, or once for each map d. It opens and closes a gate at
each place:

    k_l = tanh(Σ_j W_j v_{l+j} + c)                  j: the place itself and the eight around it
    g_ld = σ(q_d · k_l + a_d) ∈ (0, 1)               one gate for all maps: q and a are the same for each d
    α_ld = g_ld / Σ_m g_md                           divided by its sum over all places m: narrow, it loses no strength
    p(kind) = softmax(W Σ_l α_l ⊙ v_l + b)           of the object in the frame: four colours, four shapes

This is the mechanism `gate` of the classifier with a convolution in the plane. It comes from networks that estimate the age of
bones from X-ray images (Mader 2018, "Attention on pretrained VGG16 for bone age", kaggle.com/kmader): one gate for all maps.

Without a gate α is 1/L everywhere, the mean of a map (Lin, Chen and Yan 2014, "Network in network", arXiv:1312.4400). A gate
has weights of its own, so another network has a convolution more in its place, and about as many weights. Both must find out by
ReLUs alone what a frame has to do with the colour and the shape in it.

**What must come out.** The frame is at the same place in all maps, so one gate must do. With one each, D gates must learn what
one gate learns once. Pictures are few here, and so are maps: with four times the pictures the mean was right in 1.000, too, so
what a gate saves is pictures. A gate that is open at one place of the object is open enough, since what is around that place
has gone into v_l.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from attnclf.lessons.base import LESSONS, Lesson
from attnclf.lessons.pictures import KINDS, SIDE, Pictures, pictures
from attnclf.lessons.task import Learned, Task
from attnclf.model.mechanisms.gate import AJAR
from attnclf.results import OnEvent
from attnclf.results.lessons import Curve, Curves, KnownAnswer, Picture, Scored, Taught, Value

# 1. The networks. Each returns the logits of all kinds, (B, 16), and α (B, L, G), if it has a gate. G is 1, or D.

MEAN, MORE, ONE, EACH = "no gate", "no gate, a convolution more", "one gate for all", "one gate each"


def network(kind: str, maps: int) -> Any:
    """One of the four, with so many feature maps."""
    import keras
    from keras import layers, ops

    from attnclf.lessons.networks.seeing import grid_of

    picture = keras.Input((SIDE, SIDE, 3))
    v = grid_of(picture, maps)  # (B, 6, 6, D)
    if kind == MORE:
        v = layers.Conv2D(maps, 3, padding="same", activation="relu")(v)
    if kind in (MEAN, MORE):
        return keras.Model(picture, [layers.Dense(len(KINDS))(ops.mean(v, axis=(1, 2)))])
    k = layers.Conv2D(maps, 3, padding="same", activation="tanh")(v)
    g = layers.Conv2D(1 if kind == ONE else maps, 1, activation="sigmoid")(k) + AJAR  # (B, 6, 6, G)
    alpha = g / ops.sum(g, axis=(1, 2), keepdims=True)
    logits = layers.Dense(len(KINDS))(ops.sum(alpha * v, axis=(1, 2)))
    return keras.Model(picture, [logits, ops.reshape(alpha, (-1, v.shape[1] * v.shape[2], g.shape[3]))])


# 2. Training, several times from other weights, and what each network makes of pictures that it has never seen.

ACCURACY, LOWEST, PEAK, PEAKS, WEIGHT = "accuracy", "lowest run", "peak on it", "peaks of single maps", "weight on it"

COLUMNS = {
    PEAK: "share of the pictures in which the gate, or the mean of all, is widest open where the object in the frame is",
    PEAKS: "the same of single gates",
    WEIGHT: "mean α on the places that touch that object",
}


@dataclass(frozen=True)
class Gated:
    """One trained network: the kinds (B,) that it named, its gate α (B, L, G), if any, and the accuracy after each epoch."""

    named: Any
    alpha: Any
    learned: Learned

    def scores(self, shown: Pictures) -> dict[str, float]:
        """What the table shows of one run. `COLUMNS` says what each is."""
        found = {ACCURACY: float((self.named == shown.kinds[:, 0]).mean())}
        if self.alpha is not None:
            found[PEAK], found[WEIGHT] = shown.on_first(self.alpha.mean(axis=2))
            found[PEAKS] = float(np.mean([shown.on_first(gate)[0] for gate in np.moveaxis(self.alpha, 2, 0)]))
        return found


def table(scores: Mapping[str, list[dict[str, float]]]) -> dict[str, dict[str, Value]]:
    """The mean of all runs of each network, and the accuracy of its worst run."""
    found: dict[str, dict[str, Value]] = {}
    for kind, runs in scores.items():
        mean = {name: float(np.mean([run[name] for run in runs])) for name in runs[0]}
        found[kind] = {ACCURACY: mean.pop(ACCURACY), LOWEST: min(run[ACCURACY] for run in runs), **mean}
    return found


SHOWN, SINGLE = 3, 4  # pictures, and maps with a gate of their own


@LESSONS.register("gates", "one object is framed: a gate on feature maps, one for all or one each")
@dataclass(frozen=True)
class Gates(Lesson):
    """Pictures of two objects or more, up to `most`: `rows` to train on, `held_out` to measure on."""

    seed: int = 0
    most: int = 3
    rows: int = 1_000
    held_out: int = 1_000
    maps: int = 16
    epochs: int = 20
    batch: int = 32
    rate: float = 0.003
    runs: int = 5  # times that each network is trained
    every: bool = True  # all four networks, or one gate for all and none

    minutes = 4
    quick: ClassVar[Mapping[str, Value]] = {"held_out": 300, "epochs": 14, "runs": 1, "every": False}
    left_out: ClassVar[Mapping[str, str]] = {"every": f"{MORE}; {EACH}"}

    def teach(self, on_event: OnEvent) -> Taught:
        shown = pictures(np.random.default_rng(self.seed), self.rows + self.held_out, self.most, framed=True)
        new = shown.part(slice(self.rows, None))
        kinds = (MEAN, MORE, ONE, EACH) if self.every else (MEAN, ONE)
        gated = {kind: [self._gated(kind, shown, on_event) for _ in range(self.runs)] for kind in kinds}
        scores = {kind: [run.scores(new) for run in runs] for kind, runs in gated.items()}
        found = table(scores)
        lines = [curve(kind, runs) for kind, runs in gated.items()]
        title = f"named rightly, mean of {self.runs} runs" if self.runs > 1 else "named rightly"
        return Taught(
            tuple(Scored(kind, one) for kind, one in found.items()),
            self._known(found, {kind: [run[ACCURACY] for run in runs] for kind, runs in scores.items()}),
            curves=(Curves(title, "epoch", "accuracy", tuple(lines)),),
            pictures=tuple(page(new, number, {kind: runs[0] for kind, runs in gated.items()}) for number in range(SHOWN)),
            columns=COLUMNS,
        )

    def _gated(self, kind: str, shown: Pictures, on_event: OnEvent) -> Gated:
        import keras

        from attnclf.lessons.networks.decoding import outputs_of
        from attnclf.lessons.networks.learning import learn

        model = network(kind, self.maps)
        rgb, kinds, new = shown.rgb, shown.kinds[:, 0], slice(self.rows, None)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        task = Task(loss, self.epochs, self.batch, self.rate, halving=self.epochs / 4, at_once=1)

        def right() -> float:
            return float((outputs_of(model, rgb[new])[0].argmax(axis=1) == kinds[new]).mean())

        learned = learn(kind, model, rgb[: self.rows], kinds[: self.rows], task, on_event, right)
        logits, *alpha = outputs_of(model, rgb[new])
        return Gated(logits.argmax(axis=1), alpha[0] if alpha else None, learned)

    # 3. What is known beforehand, and where the gates are open.

    def _known(self, found: Mapping[str, Mapping[str, Any]], runs: Mapping[str, list[float]]) -> tuple[KnownAnswer, ...]:
        gates = [kind for kind in (ONE, EACH) if kind in found]
        least, peak = min(gates, key=lambda kind: found[kind][ACCURACY]), min(found[kind][PEAK] for kind in gates)
        floor, lower = (0.95, ": one for all or one each, the lower") if self.every else (0.8, "")
        answers = (
            KnownAnswer.at_least(f"with a gate {floor} of the objects are named rightly{lower}", found[least][ACCURACY], floor),
            KnownAnswer.at_least(f"the gate is widest open on the object in the frame in {floor}{lower}", peak, floor),
        )
        if not self.every:
            return (
                *answers,
                KnownAnswer.more("accuracy with a gate, and without", found[least][ACCURACY], found[MEAN][ACCURACY]),
            )
        pairs = itertools.product((MEAN, MORE), gates)
        rises = [KnownAnswer.gain(f"accuracy rises from {one} to {gate}", runs[gate], runs[one]) for one, gate in pairs]
        difference = found[ONE][ACCURACY] - found[EACH][ACCURACY]
        does = "one gate for all does, within a point: its accuracy less that of one each"
        return (*answers, *rises, KnownAnswer.at_least(does, difference, -0.01, "the frame is at the same place in all maps"))


def curve(kind: str, runs: list[Gated]) -> Curve:
    """The accuracy after each epoch, mean of all runs."""
    mean = np.mean([run.learned.measured for run in runs], axis=0)
    return Curve(kind, tuple((epoch, float(value)) for epoch, value in enumerate(mean, 1)))


def page(shown: Pictures, number: int, gated: Mapping[str, Gated]) -> Picture:
    """One picture under the gate for all maps; of gates for each, under their mean and under those most unlike it."""
    names, weights, told = list[str](), list[Any](), list[str]()
    for kind, one in gated.items():
        if one.alpha is None:
            continue
        told.append(f"{KINDS[one.named[number]]} with {kind}")
        mean, gates = one.alpha.mean(axis=2), one.alpha.shape[2]
        unlike = np.abs(one.alpha - mean[:, :, None]).sum(axis=(0, 1))  # (G,)
        picked = sorted(np.argsort(-unlike)[:SINGLE]) if gates > 1 else []
        names += [kind, *(f"of map {i + 1}" for i in picked)]
        weights += [mean[number], *(one.alpha[number, :, i] for i in picked)]
    return shown.shown(number, f"{KINDS[shown.kinds[number, 0]]}, named {', '.join(told)}", names, np.stack(weights))
