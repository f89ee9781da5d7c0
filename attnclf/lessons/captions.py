"""`captions`: pictures → "a red circle left of a blue square". Where does a decoder look before each word that it writes?

**Query, keys and values.** Before each word the decoder asks with its state: the query h_{i−1}. A convolutional network has
left a vector a_l at each of the L = 36 places of a grid laid over the picture. These are the keys, with which the query is
compared, and the values, of which the decoder then reads a mean (soft attention), or a single one (hard attention):

    a_l = relu(W₀ [f_l ; row ; column] + b₀)            f_l: what the convolutions left at place l, beside a mark of the place
    α_il = softmax_l v · tanh(W₁ a_l + W₂ h_{i−1})      where it looks before word i
    soft:  c_i = Σ_l α_il a_l                           hard:  c_i = a_l for one l, drawn from α_i in training, then the best
    h_i = LSTM([y_{i−1} ; c_i], h_{i−1})                y_{i−1}: the word written before;  h_0 = tanh(W₃ Σ_l a_l / L + b₃)
    p(y_i) = softmax(W tanh(U [h_i ; c_i] + a) + b)
    ∇ = Σ_i (λ (L_i − b_i) ∇ log α_il − μ ∇ H[α_i])     what hard attention adds to the gradient, for each l drawn

This is "Show, attend and tell" (Xu et al. 2015, arXiv:1502.03044), and the score is that of Bahdanau, Cho and Bengio 2015; any
other mechanism with a query may take its place. A draw has no gradient. It learns by REINFORCE, for twice as many epochs: L_i
is the loss from word i on, b_i its moving mean, H the entropy. Half of the pictures are read with α itself, as in the paper.

Without attention the picture is one vector, made of the whole grid. It is given *once*, as the state in which the decoder
begins (as the first input in Vinyals et al. 2015, arXiv:1411.4555), or *at every step* in place of c_i.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from attnclf.lessons.base import ASKING, LESSONS, Lesson, asking
from attnclf.lessons.pictures import COLOURS, SHAPES, SIDE, Pictures, pictures
from attnclf.lessons.task import Task
from attnclf.model.mechanisms import Mechanism
from attnclf.results import OnEvent
from attnclf.results.lessons import KnownAnswer, Picture, Scored, Taught, Value

Ids = NDArray[np.int32]

# 1. The sentences.

WORDS = ("", "a", "left of", "above", *COLOURS, *SHAPES)  # no word, id 0, follows the last one and stands before the first
GRID = 6  # places in a row and in a column
EACH = 4  # words for each object: "a", its colour, its shape, and the one that follows
EMBEDDING = 16  # numbers for each word
SHOWN = 2  # pictures


def sentence(colours: Any, shapes: Any, slots: Any) -> list[str]:
    """What one picture shows, from left to right, and from the top down what stands in one column."""
    words = []
    for i, (colour, shape) in enumerate(zip(colours, shapes, strict=True)):
        if colour >= 0:
            between = ["above" if slots[i][1] == slots[i - 1][1] else "left of"] if i else []
            words += [*between, "a", [*COLOURS][colour], SHAPES[shape]]
    return words


def sentences(shown: Pictures) -> Ids:
    """Word ids (B, S) of each picture's sentence, filled up on the right. Four words are written for each object."""
    ids = np.zeros((len(shown.ids), EACH * shown.shapes.shape[1]), np.int32)
    for row, *picture in zip(ids, shown.colours, shown.shapes, shown.slots, strict=True):
        words = sentence(*picture)
        row[: len(words)] = [WORDS.index(word) for word in words]
    return ids


# 2. The networks. Each returns the logits of all words, (B, S, V), and α (B, S, L), if it looks.

ONCE, EVERY, SOFT, HARD = "one vector, once", "one vector, at every step", "soft attention", "hard attention"


def describing(kind: str, units: int, mechanism: Mechanism, length: int) -> tuple[Any, Any, Any]:
    """The model that learns, its loss, and the model that writes. The two differ where places are drawn."""
    import keras
    from keras import layers, ops

    from attnclf.lessons.networks.attention import Attend
    from attnclf.lessons.networks.drawing import Draw, Toss
    from attnclf.lessons.networks.seeing import grid_of, places_of

    inputs = picture, written = keras.Input((SIDE, SIDE, 3)), keras.Input((length,), dtype="int32")
    a = layers.Dense(units, activation="relu")(places_of(grid_of(picture, units // 2)))  # (B, L, D)
    by_attention = kind in (SOFT, HARD)
    whole = ops.mean(a, axis=1) if by_attention else layers.Flatten()(a)
    activation = "tanh" if by_attention else None  # a tanh of 2,304 numbers would be ±1 from the start, and learn nothing
    vector = layers.Dense(units, activation)(whole)
    state = [vector, layers.Dense(units, activation)(whole)]  # h_0 and the cell, as in Xu et al.
    look = {SOFT: Attend(mechanism), HARD: Draw(mechanism, length, len(WORDS))}.get(kind)
    tossed = {"drawing": Toss()(a)} if kind == HARD else {}
    embedded, cell = layers.Embedding(len(WORDS), EMBEDDING)(written), layers.LSTMCell(units)
    states, weights, drawn = list[Any](), list[Any](), list[Any]()
    for i in range(length):
        seen = [vector] if kind == EVERY else []
        if look:
            context, alpha, *more = look(a, query=state[0], **tossed)
            seen, weights, drawn = [context], [*weights, alpha[:, :, 0]], drawn + more
        _, state = cell(ops.concatenate([embedded[:, i], *seen], axis=1), state)
        states.append(ops.concatenate([state[0], *seen], axis=1))  # [h_i ; c_i]
    logits = layers.Dense(len(WORDS))(layers.Dense(units, activation="tanh")(ops.stack(states, axis=1)))
    writes = keras.Model(inputs, [logits, ops.stack(weights, axis=1)] if look else [logits])
    if isinstance(look, Draw):
        learning = ops.concatenate([logits, ops.stack(drawn, axis=1)], axis=2)
        return keras.Model(inputs, [learning]), look.loss(), writes
    return writes, keras.losses.SparseCategoricalCrossentropy(from_logits=True), writes


# 3. Training. The networks read the right words so far; what is measured is what they write by themselves.

WORD, EXACT, COLOUR, SHAPE = "words", "exact sentences", "colours: peak in box", "shapes: peak in box"
PEAKS = {COLOUR: 1, SHAPE: 2}
COLUMNS = {
    WORD: "right words of all, the blanks behind short sentences included",
    COLOUR: "of right words for a colour: the largest weight before it lay at a place that touches its box; shapes alike",
}
BLIND = "the commonest at each step"


@dataclass(frozen=True)
class Told:
    """What a network wrote of pictures never seen, (B, S), and where it looked, (B, S, L), if it did."""

    written: Ids
    alpha: Any = None

    def scores(self, shown: Pictures) -> dict[str, Value]:
        """What the table shows. `COLUMNS` says what each is."""
        right = self.written == sentences(shown)
        found: dict[str, Value] = {WORD: float(right.mean()), EXACT: float(right.all(axis=1).mean())}
        for name, step in PEAKS.items() if self.alpha is not None else ():
            naming = right[:, step::EACH] & (shown.shapes >= 0)  # (B, N)
            found[name] = float(shown.in_box(self.alpha[:, step::EACH].argmax(axis=2), GRID)[naming].mean())
        return found

    def page(self, kind: str, shown: Pictures, number: int) -> Picture:
        """One picture with the words that were written of it, and where the network looked before each."""
        words = list(itertools.takewhile(bool, (WORDS[word] for word in self.written[number])))
        names = [*words, "(end)"][: self.written.shape[1]]
        return shown.shown(number, f"{kind}: {' '.join(words)}", names, self.alpha[number, : len(names)])


@LESSONS.register("captions", "pictures described in words: where a decoder looks before each word")
@dataclass(frozen=True)
class Captions(Lesson):
    """Pictures of two objects or more, up to `most`: `rows` to train on, `held_out` to measure on."""

    seed: int = 0
    attention: str = "bahdanau"
    most: int = 3
    rows: int = 8_000
    held_out: int = 1_000
    units: int = 64
    epochs: int = 10  # hard attention: twice as many
    batch: int = 32
    rate: float = 0.003
    every: bool = True  # all kinds, or soft attention alone

    minutes = 6
    choices = ASKING
    quick: ClassVar[Mapping[str, Value]] = {"most": 2, "rows": 1_500, "held_out": 300, "epochs": 6, "every": False}
    left_out: ClassVar[Mapping[str, str]] = {"every": f"{ONCE}; {EVERY}; {HARD}"}

    def teach(self, on_event: OnEvent) -> Taught:
        shown = pictures(np.random.default_rng(self.seed), self.rows + self.held_out, self.most)
        new, right = shown.part(slice(self.rows, None)), sentences(shown)
        kinds = (ONCE, EVERY, SOFT, HARD) if self.every else (SOFT,)
        told = {kind: self._told(kind, shown.rgb, right, on_event) for kind in kinds}
        scores: dict[str, dict[str, Any]] = {kind: one.scores(new) for kind, one in told.items()}
        blind = float(np.mean([np.bincount(words).max() for words in right[self.rows :].T]) / self.held_out)
        table = (Scored(BLIND, {WORD: blind}), *(Scored(kind, found) for kind, found in scores.items()))
        looking = [(kind, one) for kind, one in told.items() if one.alpha is not None]
        pages = tuple(one.page(kind, new, number) for kind, one in looking for number in range(SHOWN))
        first = KnownAnswer.more(f"right words with soft attention, and {BLIND}", scores[SOFT][WORD], blind)
        return Taught(table, self._known(scores) if self.every else (first,), pictures=pages, columns=COLUMNS)

    def _told(self, kind: str, rgb: Any, right: Ids, on_event: OnEvent) -> Told:
        from attnclf.lessons.networks.decoding import greedily, moved
        from attnclf.lessons.networks.learning import learn

        learning, loss, writing = describing(kind, self.units, asking(self.attention, self.units), right.shape[1])
        train, new = slice(self.rows), slice(self.rows, None)
        epochs = self.epochs * (2 if kind == HARD else 1)
        task = Task(loss, epochs, self.batch, self.rate, halving=epochs / 4, at_once=1)
        learn(kind, learning, [rgb[train], moved(right)[train]], right[train], task, on_event)
        written, alpha = greedily(writing, rgb[new], 0, right.shape[1])
        return Told(written, *alpha)

    # 4. What is known beforehand.

    def _known(self, scores: Mapping[str, Mapping[str, Any]]) -> tuple[KnownAnswer, ...]:
        exact = {kind: found[EXACT] for kind, found in scores.items()}
        helps = [
            KnownAnswer.more(f"exact sentences with soft attention, and with {kind}", exact[SOFT], exact[kind])
            for kind in (ONCE, EVERY)
        ]
        looks = "when a right word names an object, soft attention peaks in its box in .9: of colours or shapes, the lower"
        peaks = KnownAnswer.at_least(looks, min(scores[SOFT][name] for name in PEAKS), 0.9, "Xu 2015")
        soft = KnownAnswer.at_least("soft attention describes .95 of the pictures exactly", exact[SOFT], 0.95)
        within = "hard attention, within 5 points: its share less that of soft"
        hard = KnownAnswer.at_least(within, exact[HARD] - exact[SOFT], -0.05)
        return (soft, hard, *helps, peaks)
