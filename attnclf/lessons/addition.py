"""`addition`: "535+61" → "596", one character after the other. What does a decoder gain if it may look back?

**Query, keys and values.** Before each digit that it writes, the decoder asks with its state: the query q_i. The encoder has
left a state h_t at each character of the sum. These are the keys, with which q_i is compared, and the values that are averaged:

    q_i = LSTM(y_{i−1}, q_{i−1}),  q_0 = [→h_T ; ←h_1]        the state after the digits written so far
    α_it = softmax_t score(h_t, q_i),  c_i = Σ_t α_it h_t     where it looks before digit i, and what it sees there
    p(y_i) = softmax(W tanh(U [q_i ; c_i] + a) + b)           y_{i−1}: the digit written before

score(h_t, q) = v · tanh(W₁ h_t + W₂ q) and the encoder that reads from both ends are those of Bahdanau, Cho and Bengio 2015
(arXiv:1409.0473); that the new state asks, not the one before, is as in Luong, Pham and Manning 2015 (arXiv:1508.04025). Any
other mechanism with a query may take the place of that score. Three networks with the same number of units:

* `plain`: the encoder's last state is the decoder's only input, at every step (Keras' example `addition_rnn`).
* `states handed over`: the decoder begins in the encoder's last state and reads what it wrote (Sutskever, Vinyals and Le 2014,
  arXiv:1409.3215). Its encoder reads from both ends. As in `plain`, one vector must hold the whole sum.
* with attention: the same network, which may also look back at the sum, by the equations above.

The plain one is also trained on the reversed sum, "16+535", which is said to be easier: what is needed first is then read last
(Sutskever 2014; Zaremba and Sutskever 2014, arXiv:1410.4615). What comes out depends on the size: with 64 units in place of
32 one vector is enough, and in a trial the plain network passed .98 after 20 epochs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from attnclf.lessons.base import ASKING, LESSONS, Lesson, asking
from attnclf.lessons.characters import Ids, ids_of
from attnclf.lessons.task import Learned, Task
from attnclf.model.mechanisms import Mechanism
from attnclf.results import OnEvent
from attnclf.results.lessons import Curve, Curves, HeatMap, KnownAnswer, Scored, Taught, Value

# 1. The sums.

CHARACTERS = " 0123456789+"  # a blank, id 0, fills what is short, and stands before the first digit
EMBEDDING = 16  # numbers for each


def sums(rng: np.random.Generator, count: int, digits: int) -> tuple[Ids, Ids]:
    """Different sums such as "535+61" and their results, in random order. How long a number may be is drawn first, so that
    short ones are not rare: of up to three digits, 18 in 100 have one."""
    drawn: dict[tuple[int, int], None] = {}
    while len(drawn) < count:
        a, b = (int(rng.integers(10**n)) for n in rng.integers(1, digits + 1, size=2))
        drawn[a, b] = None
    asked, answers = [f"{a}+{b}" for a, b in drawn], [str(a + b) for a, b in drawn]
    return ids_of(asked, CHARACTERS, 2 * digits + 1), ids_of(answers, CHARACTERS, digits + 1)


# 2. The networks. Each returns the logits of all characters of the answer, (B, S, 12); the last one also α, (B, S, T).


def plain(length: int, steps: int, units: int) -> Any:
    """Reads the sum, and repeats what it has read at every step."""
    import keras
    from keras import layers

    asked = keras.Input((length,), dtype="int32")
    last = layers.LSTM(units, unroll=True)(layers.Embedding(len(CHARACTERS), EMBEDDING)(asked))
    states = layers.LSTM(units, return_sequences=True, unroll=True)(layers.RepeatVector(steps)(last))
    return keras.Model(asked, [layers.Dense(len(CHARACTERS))(states)])


def reading_on(length: int, steps: int, units: int, mechanism: Mechanism | None = None) -> Any:
    """Goes on in the state in which the encoder ended, and reads what it wrote; with a mechanism it also looks back."""
    import keras
    from keras import layers, ops

    from attnclf.lessons.networks.attention import Attend

    inputs = asked, written = keras.Input((length,), dtype="int32"), keras.Input((steps,), dtype="int32")
    embedded, join = layers.Embedding(len(CHARACTERS), EMBEDDING), layers.Concatenate()
    encoder = layers.LSTM(units // 2, return_sequences=True, return_state=True, unroll=True)
    h, *last = layers.Bidirectional(encoder)(embedded(asked))  # (B, T, D), read from both ends
    state = [join(last[0::2]), join(last[1::2])]  # what both directions ended with, and their cells
    q = layers.LSTM(units, return_sequences=True, unroll=True)(embedded(written), initial_state=state)  # (B, S, D)
    if mechanism is None:
        return keras.Model(inputs, [layers.Dense(len(CHARACTERS))(q)])
    look, combine = Attend(mechanism), layers.Dense(units, activation="tanh")
    looked = [look(h, query=q[:, i]) for i in range(steps)]  # c_i (B, D), α_i (B, T, 1)
    states = combine(join([q, ops.stack([context for context, _ in looked], axis=1)]))
    weights = ops.stack([alpha[:, :, 0] for _, alpha in looked], axis=1)  # (B, S, T)
    return keras.Model(inputs, [layers.Dense(len(CHARACTERS))(states), weights])


# 3. Training. The networks read the right characters so far; what is measured is what they write by themselves.

LEVEL, SOON = 0.98, 30
PASSING = f"with attention more than {LEVEL} of the characters are right before epoch {SOON}"
TURNING = "characters of the plain network when the sum is reversed, and when it is not"
PASSED, REVERSED, HANDED = f"first above {LEVEL}", "plain, reversed", "states handed over"
COLUMNS = {
    "characters": "right characters of all, the blanks behind short results included, as in Keras' example",
    PASSED: f"the first epoch after which more than {LEVEL} of the characters were right",
}
KNOWN = {REVERSED: ".99 in 100 epochs of 50,000 sums, 128 units (Keras)"}


def written_by(network: Any, asked: Ids, steps: int) -> tuple[Ids, list[Any]]:
    """What a network writes (B, S), at each step the likeliest character, and where it looked, if it does."""
    from attnclf.lessons.networks.decoding import greedily, outputs_of

    reads = len(network.inputs) > 1  # what it has written
    return greedily(network, asked, 0, steps) if reads else (outputs_of(network, asked)[0].argmax(axis=2), [])


@LESSONS.register("addition", '"535+61" → "596" by characters: what looking back is worth')
@dataclass(frozen=True)
class Addition(Lesson):
    """Sums of numbers of up to `digits` digits: `rows` to train on, `held_out` to measure on."""

    seed: int = 0
    attention: str = "bahdanau"
    digits: int = 3
    rows: int = 30_000
    held_out: int = 1_000
    units: int = 32
    epochs: int = 50
    batch: int = 128
    rate: float = 0.008
    every: bool = True  # also the reversed sum, and the network that hands its states over

    minutes = 7
    choices = ASKING
    quick: ClassVar[Mapping[str, Value]] = {"digits": 2, "rows": 4_000, "epochs": 7, "batch": 32, "every": False}
    left_out: ClassVar[Mapping[str, str]] = {"every": "the reversed sum, the network that hands its states over"}

    def teach(self, on_event: OnEvent) -> Taught:
        asked, answers = sums(np.random.default_rng(self.seed), self.rows + self.held_out, self.digits)
        sizes = asked.shape[1], answers.shape[1], self.units
        looking = reading_on(*sizes, asking(self.attention, self.units))
        networks = {"plain": plain(*sizes)}
        networks |= {REVERSED: plain(*sizes), HANDED: reading_on(*sizes)} if self.every else {}
        learned = {
            name: self._learned(name, network, asked[:, ::-1] if name == REVERSED else asked, answers, on_event)
            for name, network in (networks | {self.attention: looking}).items()
        }
        lines = tuple(Curve(name, tuple(enumerate(one.measured, 1))) for name, (one, _) in learned.items())
        curves = Curves("characters that are right, of sums never seen", "epoch", "share", lines)
        table = tuple(
            Scored(name, {"characters": one.measured[-1], "whole sums": whole, PASSED: one.passed(LEVEL)}, KNOWN.get(name, ""))
            for name, (one, whole) in learned.items()
        )
        known = self._known({name: one for name, (one, _) in learned.items()})
        return Taught(table, known, self._examples(looking), (curves,), columns=COLUMNS)

    def _learned(self, name: str, network: Any, asked: Ids, answers: Ids, on_event: OnEvent) -> tuple[Learned, float]:
        """What was measured of a network: right characters after each epoch, whole results that are right in the end."""
        from keras.losses import SparseCategoricalCrossentropy

        from attnclf.lessons.networks.decoding import moved
        from attnclf.lessons.networks.learning import learn

        train, new = slice(self.rows), slice(self.rows, None)
        inputs = [asked[train], moved(answers)[train]][: len(network.inputs)]

        def right() -> Any:
            return written_by(network, asked[new], answers.shape[1])[0] == answers[new]

        loss = SparseCategoricalCrossentropy(from_logits=True)
        task = Task(loss, self.epochs, self.batch, self.rate, halving=15, goal=0.999)
        learned = learn(name, network, inputs, answers[train], task, on_event, lambda: float(right().mean()))
        return learned, float(right().all(axis=1).mean())

    # 4. What is known beforehand, and where the decoder looks.

    def _known(self, learned: Mapping[str, Learned]) -> tuple[KnownAnswer, ...]:
        share = {name: one.measured[-1] for name, one in learned.items()}
        helps = KnownAnswer.more("characters with attention, and in the plain network", share[self.attention], share["plain"])
        if not self.every:
            return (helps,)
        early, late = learned[self.attention].passed(LEVEL), learned["plain"].passed(LEVEL)
        return (
            helps,
            KnownAnswer.more(
                "characters with attention, and in the same network without it", share[self.attention], share[HANDED]
            ),
            KnownAnswer(PASSING, f"first epoch: {early or 'none'}", early is not None and early < SOON),
            KnownAnswer(f"the plain network does not by epoch {self.epochs}", f"first epoch: {late or 'none'}", late is None),
            KnownAnswer.more(TURNING, share[REVERSED], share["plain"], "Sutskever 2014, Zaremba 2014"),
        )

    def _examples(self, network: Any) -> tuple[HeatMap, ...]:
        """Digits of one place should be looked at together, wherever they stand in the sum."""
        texts = ["535+61", "61+535", "99+905"] if self.digits == 3 else ["53+46", "5+87"]
        asked = ids_of(texts, CHARACTERS, 2 * self.digits + 1)
        written, (alpha, *_) = written_by(network, asked, self.digits + 1)
        return tuple(
            HeatMap.of(f"{text} = {''.join(answer).strip()}", answer, text.ljust(asked.shape[1]), weights)
            for text, answer, weights in zip(texts, np.array([*CHARACTERS])[written], alpha, strict=True)
        )
