"""`focus`: twenty steps, and one of them decides. Where does attention look, before an LSTM and behind it?

**Query, keys and values.** Nothing asks anew here: the query is learned, and is the same for all sequences. The keys are the
steps, each beside a mark of its place e_t. The values are what a step holds: its features x_t before the LSTM, or behind it the
state h_t in which the LSTM has read that step. With v_t for either:

    s_t = W₂ tanh(W₁ [v_t ; e_t] + b)           α_td = softmax_t s_td      one weight for each step and feature d of n
    shared:  α_t = Σ_d α_td / n                                            one weight for each step
    before:  p(label) = σ(w · LSTM(T α_1 ⊙ x_1, …, T α_T ⊙ x_T) + a)       the LSTM reads weighted steps
    behind:  p(label) = σ(w · Σ_t α_t ⊙ h_t + a),   h = LSTM(x_1, …, x_T)   its states are weighted

The data, the question and the switch `shared` are those of Rémy's tutorial (github.com/philipperemy/keras-attention-mechanism,
2017). The score is another: it is the mechanism `per_dimension` of the classifier, where the tutorial has one dense layer over
all steps. *before* is what `--input-attention` does, which has one weight for each token and no marks of places.

**What must come out.** Before the LSTM only the step that decides holds the label, so the mean over all features must peak
there. Each feature holds the label, so a single one need not. Behind the LSTM each later state may hold the label too, because
the LSTM has read on: weight leaks there. One vector for all is sharper than one each, though not with every seed.
With two LSTMs in a row nothing need be left there: the second has moved the label to later steps, at no cost in accuracy.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from attnclf.lessons.base import LESSONS, Lesson
from attnclf.lessons.task import Task
from attnclf.model.mechanisms import MECHANISMS
from attnclf.results import OnEvent
from attnclf.results.lessons import HeatMap, KnownAnswer, Scored, Taught, Value

Floats = NDArray[np.float32]

# 1. The sequences.


def sequences(rng: np.random.Generator, count: int, steps: int, features: int, decisive: int) -> tuple[Floats, Floats]:
    """Noise x (B, T, n), but for the step that decides: there each feature equals the label y (B,), which is 0 or 1."""
    labels = rng.integers(2, size=count).astype(np.float32)
    x = rng.normal(size=(count, steps, features)).astype(np.float32)
    x[:, decisive] = labels[:, None]
    return x, labels


# 2. The networks. Each returns the logit of label 1, (B, 1), and α (B, T, G), if it has attention.


@dataclass(frozen=True)
class Network:
    """Where attention stands, whether all features share one vector of weights, and how many LSTMs there are."""

    where: str  # before, behind, or nowhere
    shared: bool = True
    lstms: int = 1

    def __str__(self) -> str:
        if self.where == "nowhere":
            return "no attention"
        return f"{self.where}, {'one vector' if self.shared else 'one each'}{', 2 LSTMs' if self.lstms > 1 else ''}"

    def built(self, steps: int, features: int, units: int) -> Any:
        """The network in Keras."""
        import keras
        from keras import layers, ops

        from attnclf.lessons.networks.attention import Attend, Weigh

        def placed(v: Any) -> Any:
            """Each step beside the mark of its place, a row of the unit matrix: (B, T, n + T)"""
            return ops.concatenate([v, ops.ones_like(v[:, :, :1]) * np.eye(steps, dtype=np.float32)], axis=2)

        mechanism = MECHANISMS.make("per_dimension", {"units": units, "shared": self.shared})
        x = h = keras.Input((steps, features))
        alpha = None
        if self.where == "before":
            alpha = Weigh(mechanism)(placed(x), values=x)
            h = x * alpha * steps  # T α_t x_t: the factor T keeps the scale of the features
        for layer in range(self.lstms):
            whole = self.where == "behind" or layer < self.lstms - 1  # all states, or the last one
            h = layers.LSTM(units, return_sequences=whole, unroll=True)(h)
        if self.where == "behind":
            h, alpha = Attend(mechanism)(placed(h), values=h)
        logit = layers.Dense(1)(h)
        return keras.Model(x, [logit] if alpha is None else [logit, alpha])


NETWORKS = (
    Network("nowhere"),
    Network("before", shared=False),
    Network("before"),
    Network("before", lstms=2),
    Network("behind", shared=False),
    Network("behind"),
    Network("behind", lstms=2),
)

# 3. Training, and where the networks look.


@dataclass(frozen=True)
class Looked:
    """The share of labels that are right, and the weights α (B, T, G) of sequences never seen; none without attention."""

    accuracy: float
    alpha: Floats | None

    def weights(self, decisive: int) -> dict[str, float]:
        """What the table shows of the weights. `COLUMNS` says what each is."""
        if self.alpha is None:
            return {}
        alpha = self.alpha.mean(axis=2)  # (B, T)
        peaks, single = (float((one.argmax(axis=1) == decisive).mean()) for one in (alpha, self.alpha))
        mean, after = alpha.mean(axis=0), decisive + 1
        around = zip((AHEAD, THERE, AFTER), mean[decisive - 1 : after + 1].tolist(), strict=True)
        return {PEAKS: peaks, SINGLE: single, **dict(around), LATER: float(mean[after:].sum())}


SHOWN = 4  # features, or units
PEAKS, SINGLE, AHEAD, THERE, AFTER, LATER = "peak there", "single peaks there", "ahead", "there", "after", "all later"
COLUMNS = {
    PEAKS: "share of the sequences in which the step that decides has the largest weight, as the mean of all features",
    SINGLE: "the same of single features, or units",
    THERE: f"mean weight of the step that decides; {AHEAD} and {AFTER}: of its neighbours; {LATER}: of all steps after it",
}


@LESSONS.register("focus", "one step of twenty decides: attention before an LSTM, and behind it")
@dataclass(frozen=True)
class Focus(Lesson):
    """Sequences of `steps` steps of `features` numbers: `rows` to train on, `held_out` to measure on."""

    seed: int = 0
    steps: int = 20
    features: int = 4
    rows: int = 8_000
    held_out: int = 2_000
    units: int = 32
    lstms: int = 2  # networks with more are left out
    epochs: int = 6

    minutes = 2
    quick: ClassVar[Mapping[str, Value]] = {"steps": 8, "rows": 2_000, "held_out": 500, "lstms": 1, "epochs": 8}
    left_out: ClassVar[Mapping[str, str]] = {"lstms": "networks of two LSTMs"}

    @property
    def decisive(self) -> int:
        """The step that decides, counted from 0."""
        return self.steps // 2

    def teach(self, on_event: OnEvent) -> Taught:
        rng = np.random.default_rng(self.seed)
        x, labels = sequences(rng, self.rows + self.held_out, self.steps, self.features, self.decisive)
        looked = {n: self._looked(n, x, labels, on_event) for n in NETWORKS if n.lstms <= self.lstms}
        table = tuple(Scored(str(n), {"accuracy": one.accuracy, **one.weights(self.decisive)}) for n, one in looked.items())
        known = self._known({network: one.weights(self.decisive) for network, one in looked.items()})
        return Taught(table, known, self._examples(looked), columns=COLUMNS)

    def _looked(self, network: Network, x: Floats, labels: Floats, on_event: OnEvent) -> Looked:
        from keras.losses import BinaryCrossentropy

        from attnclf.lessons.networks.decoding import outputs_of
        from attnclf.lessons.networks.learning import learn

        model = network.built(self.steps, self.features, self.units)
        task = Task(BinaryCrossentropy(from_logits=True), self.epochs, batch=64, rate=0.003)
        learn(str(network), model, x[: self.rows], labels[: self.rows], task, on_event)
        logits, *alpha = outputs_of(model, x[self.rows :])
        return Looked(float(((logits[:, 0] > 0) == labels[self.rows :]).mean()), alpha[0] if alpha else None)

    # 4. What is known beforehand, and the weights themselves.

    def _known(self, weights: Mapping[Network, Mapping[str, float]]) -> tuple[KnownAnswer, ...]:
        least = min(found[PEAKS] for network, found in weights.items() if network.where == "before")
        each, one = weights[Network("behind", shared=False)], weights[Network("behind")]
        floor = 0.99 if self.lstms > 1 else 0.95  # in the quick form
        peaking = f"before the LSTM the mean over features peaks at the step that decides in {floor} of the sequences, or more"
        leaking = "behind the LSTM weight leaks to the step after it, more than lies on the step ahead: one vector"
        sharper = "one vector for all is sharper than one each, behind the LSTM: weight on the step that decides"
        answers = (
            KnownAnswer.at_least(peaking, least, floor, "no other step holds the label"),
            KnownAnswer.more(f"{leaking} each", each[AFTER], each[AHEAD], "the LSTM has read on"),
            KnownAnswer.more(f"{leaking} for all", one[AFTER], one[AHEAD]),
            KnownAnswer.more(sharper, one[THERE], each[THERE]),
        )
        return answers if self.lstms > 1 else answers[:3]

    def _examples(self, looked: Mapping[Network, Looked]) -> tuple[HeatMap, ...]:
        """The mean weight of each step in each network, then the weights of single features for one sequence."""
        alphas = {network: one.alpha for network, one in looked.items() if one.alpha is not None}
        steps, names = [str(step) for step in range(self.steps)], list(map(str, alphas))
        means = [alpha.mean(axis=(0, 2)) for alpha in alphas.values()]
        maps = [HeatMap.of("weight of each step, mean of all sequences", names, steps, means, f"step {self.decisive} decides")]
        for where, part in (("before", "feature"), ("behind", "unit")):
            of_each = alphas[Network(where, shared=False)][0].T[:SHOWN]  # (G, T)
            title = f"one vector each, {where} the LSTM: the first {SHOWN} {part}s in one sequence"
            maps.append(HeatMap.of(title, [f"{part} {i}" for i in range(len(of_each))], steps, of_each))
        return tuple(maps)
