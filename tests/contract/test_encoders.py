"""Laws that every encoder keeps; what each computes, by hand; and how attention stands on them, sentence by sentence."""

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from attnclf.errors import UsageError
from attnclf.model.architecture import part
from attnclf.model.attention import attend
from attnclf.model.encoders import ENCODERS, Encoder
from attnclf.model.mechanisms import MECHANISMS, Mechanism, Tokens
from attnclf.model.reference import NumPy, reference
from tests.models import random_weights, small_classifier

Array = NDArray[np.float32]
Double = NDArray[np.float64]

B, T, E, UNITS = 3, 8, 5, 4
LENGTHS = np.array([8, 1, 5])
MASK = np.arange(T) < LENGTHS[:, None]
FORMS = {"": {}, "2 layers": {"layers": 2}, "width 3": {"width": 3}, "1 head": {"heads": 1}}
CASES: dict[str, Encoder] = {
    "-".join(filter(None, (name, form))): ENCODERS.make(name, {"units": UNITS, **settings})
    for name in ENCODERS.names()
    for form, settings in FORMS.items()
    if settings.keys() <= ENCODERS.settings_of(name)
}
# How many tokens before and after its own a state sees; None is all of them.
REACH: dict[str, tuple[int | None, int | None]] = {
    "bigru": (None, None),
    "bilstm": (None, None),
    "hierarchical": (None, None),
    "transformer": (None, None),
    "lstm": (None, 0),
    "embedding": (0, 0),
    "window": (0, 0),
    "window-width 3": (1, 1),
    "cnn": (2, 2),  # of widths 3, 4 and 5 the widest
}


@pytest.fixture(params=CASES)
def encoder(request: pytest.FixtureRequest) -> Encoder:
    return CASES[request.param]


def drawn(encoder: Encoder, inputs: int = E, seed: int = 1) -> dict[str, Array]:
    rng = np.random.default_rng(seed)
    return {name: rng.normal(0, 0.5, shape).astype(np.float32) for name, shape in encoder.weights(inputs).items()}


def vectors(padding: float = 0.0) -> Array:
    x = np.random.default_rng(2).normal(0, 1, (B, T, E)).astype(np.float32)
    return np.where(MASK[..., None], x, np.float32(padding))


def read(encoder: Encoder, x: Array, mask: NDArray[np.bool_]) -> Array:
    return encoder.reference(drawn(encoder), x, mask)


def test_a_state_is_as_large_as_the_encoder_says(encoder) -> None:
    h = read(encoder, vectors(), MASK)
    assert h.shape == (B, T, encoder.dim)
    assert h.dtype == np.float32
    assert np.isfinite(h).all()


def test_what_stands_on_padding_changes_nothing(encoder) -> None:
    h, other = read(encoder, vectors(), MASK), read(encoder, vectors(padding=9), MASK)
    assert np.array_equal(h[MASK], other[MASK])


def test_a_batch_is_its_rows_one_by_one(encoder) -> None:
    x = vectors()
    together = read(encoder, x, MASK)
    for row, length in enumerate(LENGTHS):
        alone = read(encoder, x[row : row + 1, :length], MASK[row : row + 1, :length])
        assert np.abs(together[row, :length] - alone[0]).max() <= 1e-5


def seen(encoder: Encoder, numbers: slice = slice(None)) -> NDArray[np.bool_]:
    """(T, T): whether these numbers of state t change with token u of the longest text."""
    x = vectors()[:1]
    h = read(encoder, x, MASK[:1])[0, :, numbers]
    changes = []
    for u in range(T):
        moved = x.copy()
        moved[0, u] += 1
        changes.append((read(encoder, moved, MASK[:1])[0, :, numbers] != h).any(axis=1))
    return np.stack(changes, axis=1)


@pytest.mark.parametrize("name", CASES)
def test_a_state_sees_as_far_as_is_said_and_no_further(name: str) -> None:
    before, after = REACH.get(name) or REACH[name.split("-", maxsplit=1)[0]]
    t, u = np.indices((T, T))
    within = (u >= t - (T if before is None else before)) & (u <= t + (T if after is None else after))
    assert np.array_equal(seen(CASES[name]), within)


def test_an_end_is_where_its_part_of_the_state_has_read_everything(encoder) -> None:
    size = encoder.dim // max(1, len(encoder.final_steps))
    for number, end in enumerate(encoder.final_steps):
        whole = seen(encoder, slice(number * size, (number + 1) * size)).all(axis=1)
        assert whole[{"last": T - 1, "first": 0}[end]]
        assert whole.sum() == 1 or (encoder.layers > 1 and len(encoder.final_steps) > 1)  # a second layer sees all everywhere


def test_recurrent_encoders_have_ends_and_no_others() -> None:
    final_steps = {name: CASES[name].final_steps for name in ENCODERS.names() if CASES[name].final_steps}
    both = ("last", "first")
    assert final_steps == {"bilstm": both, "bigru": both, "hierarchical": both, "lstm": ("last",)}


# By hand, in float64 and one token after the other.


def sigmoid(x: Double) -> Double:
    return 1 / (1 + np.exp(-x))


def lstm(x: Double, kernel: Array, recurrent: Array, bias: Array) -> Double:
    """i, f, g, o side by side in the kernels."""
    units = len(recurrent)
    w, u, b = ([array[..., k * units : (k + 1) * units].astype(float) for k in range(4)] for array in (kernel, recurrent, bias))
    h, c, states = np.zeros(units), np.zeros(units), []
    for x_t in x:
        i, f, g, o = (x_t @ w[k] + h @ u[k] + b[k] for k in range(4))
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        states.append(h)
    return np.array(states)


def gru(x: Double, kernel: Array, recurrent: Array, bias: Array) -> Double:
    """z, r, g side by side in the kernels; the bias is of the input and of the state."""
    units = len(recurrent)
    w, u, b, a = (
        [array[..., k * units : (k + 1) * units].astype(float) for k in range(3)]
        for array in (kernel, recurrent, bias[0], bias[1])
    )
    h, states = np.zeros(units), []
    for x_t in x:
        z = sigmoid(x_t @ w[0] + b[0] + h @ u[0] + a[0])
        r = sigmoid(x_t @ w[1] + b[1] + h @ u[1] + a[1])
        g = np.tanh(x_t @ w[2] + b[2] + r * (h @ u[2] + a[2]))
        h = z * h + (1 - z) * g
        states.append(h)
    return np.array(states)


def both_ways(cell, w: dict[str, Array], x: Double, layer: str = "") -> Double:
    forward, backward = (
        [w[f"{layer}{way}.{name}"] for name in ("kernel", "recurrent", "bias")] for way in ("forward", "backward")
    )
    return np.concatenate([cell(x, *forward), cell(x[::-1], *backward)[::-1]], axis=1)


@pytest.mark.parametrize(("name", "cell"), [("bilstm", lstm), ("bigru", gru), ("hierarchical", lstm)])
def test_recurrences_both_ways_by_hand(name: str, cell) -> None:
    x, w = vectors()[0].astype(float), drawn(CASES[name])
    assert np.abs(read(CASES[name], vectors(), MASK)[0] - both_ways(cell, w, x)).max() <= 1e-6
    deep = CASES[f"{name}-2 layers"]
    w = drawn(deep)
    expected = both_ways(cell, w, both_ways(cell, w, x), "1.")
    assert np.abs(read(deep, vectors(), MASK)[0] - expected).max() <= 1e-6


def test_a_recurrence_one_way_by_hand() -> None:
    w = drawn(CASES["lstm"])
    expected = lstm(vectors()[0].astype(float), *(w[f"forward.{name}"] for name in ("kernel", "recurrent", "bias")))
    assert np.abs(read(CASES["lstm"], vectors(), MASK)[0] - expected).max() <= 1e-6


def test_one_step_of_each_cell_in_plain_numbers() -> None:
    """One unit, one number a token: what the docstrings say, letter by letter."""
    x, mask = np.array([[[0.5], [-1.0]]], np.float32), np.ones((1, 2), bool)
    kernel = np.array([[0.2, -0.4, 0.6, 0.8]], np.float32)  # of i, f, g, o
    recurrent, bias = np.array([[0.3, 0.5, -0.7, 0.9]], np.float32), np.array([0.1, -0.2, 0.3, 0.4], np.float32)

    def s(number: float) -> float:
        return 1 / (1 + math.exp(-number))

    c = s(0.2 * 0.5 + 0.1) * math.tanh(0.6 * 0.5 + 0.3)
    h = s(0.8 * 0.5 + 0.4) * math.tanh(c)
    c2 = s(0.4 + 0.5 * h - 0.2) * c + s(-0.2 + 0.3 * h + 0.1) * math.tanh(-0.6 - 0.7 * h + 0.3)
    h2 = s(-0.8 + 0.9 * h + 0.4) * math.tanh(c2)
    w = {"forward.kernel": kernel, "forward.recurrent": recurrent, "forward.bias": bias}
    assert ENCODERS["lstm"](units=1).reference(w, x, mask)[0, :, 0] == pytest.approx([h, h2], abs=1e-6)

    b, a = [0.1, -0.2, 0.3], [0.4, -0.5, 0.6]  # of z, r, g
    z, r = s(0.2 * 0.5 + 0.1 + 0.4), s(-0.4 * 0.5 - 0.2 - 0.5)
    h = (1 - z) * math.tanh(0.6 * 0.5 + 0.3 + r * 0.6)
    z2, r2 = s(-0.2 + 0.1 + 0.3 * h + 0.4), s(0.4 - 0.2 + 0.5 * h - 0.5)
    h2 = z2 * h + (1 - z2) * math.tanh(-0.6 + 0.3 + r2 * (-0.7 * h + 0.6))
    arrays = {"kernel": kernel[:, :3], "recurrent": recurrent[:, :3], "bias": np.array([b, a], np.float32)}
    w = {f"{way}.{name}": array for way in ("forward", "backward") for name, array in arrays.items()}
    assert ENCODERS["bigru"](units=1).reference(w, x, mask)[0, :, 0] == pytest.approx([h, h2], abs=1e-6)


def test_convolutions_by_hand() -> None:
    x = vectors()[0].astype(float)
    padded = {t: x[t] if 0 <= t < T else np.zeros(E) for t in range(-3, T + 3)}
    for width in (1, 3):
        encoder = ENCODERS["window"](units=UNITS, width=width)
        w = drawn(encoder)
        taps = w["kernel"].astype(float)
        sums = [w["bias"] + sum(padded[t + j - (width - 1) // 2] @ taps[j] for j in range(width)) for t in range(T)]
        assert np.abs(read(encoder, vectors(), MASK)[0] - np.tanh(sums)).max() <= 1e-6
    w = drawn(CASES["cnn"])
    maps = [
        [
            w[f"bias{width}"]
            + sum(padded[t + j - (width - 1) // 2] @ w[f"kernel{width}"][j].astype(float) for j in range(width))
            for t in range(T)
        ]
        for width in (3, 4, 5)
    ]
    expected = np.maximum(np.concatenate(maps, axis=1), 0)
    assert np.abs(read(CASES["cnn"], vectors(), MASK)[0] - expected).max() <= 1e-6


def normal(z: Double, gain: Array, shift: Array) -> Double:
    deviation = np.sqrt(z.var(axis=-1, keepdims=True) + 1e-5)
    return (z - z.mean(axis=-1, keepdims=True)) / deviation * (1 + gain) + shift


def transformed(w: dict[str, Array], x: Double, layers: int, heads: int) -> Double:
    """The docstring's equations for one text without padding."""
    size = w["W"].shape[1]
    a = size // heads
    waves = [[math.sin(t / 10_000 ** (2 * i / size)) for i in range(size // 2)] for t in range(len(x))]
    turned = [[math.cos(t / 10_000 ** (2 * i / size)) for i in range(size // 2)] for t in range(len(x))]
    z = x @ w["W"] + np.concatenate([waves, turned], axis=1)
    for layer in range(layers):
        own = {name.split(".")[1]: array.astype(float) for name, array in w.items() if name.startswith(f"{layer}.")}
        y, looked = normal(z, own["gain1"], own["shift1"]), []
        for head in range(heads):
            columns = slice(head * a, (head + 1) * a)
            scores = (y @ own["Q"][:, columns]) @ (y @ own["K"][:, columns]).T / math.sqrt(a)
            weights = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
            looked.append(weights @ (y @ own["V"][:, columns]))
        z = z + np.concatenate(looked, axis=1) @ own["O"]
        inner = np.maximum(normal(z, own["gain2"], own["shift2"]) @ own["W1"] + own["b1"], 0)
        z = z + inner @ own["W2"] + own["b2"]
    return normal(z, w["gain"], w["shift"])


@pytest.mark.parametrize(
    ("name", "layers", "heads"), [("transformer", 1, 4), ("transformer-2 layers", 2, 4), ("transformer-1 head", 1, 1)]
)
def test_a_transformer_by_hand(name: str, layers: int, heads: int) -> None:
    h, w = read(CASES[name], vectors(), MASK), drawn(CASES[name])
    for row, length in enumerate(LENGTHS):
        expected = transformed(w, vectors()[row, :length].astype(float), layers, heads)
        assert np.abs(h[row, :length] - expected).max() <= 2e-5


def test_the_embedding_is_a_projection() -> None:
    w = drawn(CASES["embedding"])
    assert np.abs(read(CASES["embedding"], vectors(), MASK) - vectors() @ w["W"]).max() <= 1e-6


def test_heads_must_divide_the_state_of_a_transformer() -> None:
    with pytest.raises(UsageError, match="3 heads do not share a state of 8"):
        ENCODERS["transformer"](units=4, heads=3)


# How attention stands on them.


class Recorded(Mechanism):
    """Looks at every token alike, and keeps what it was shown."""

    uses_query = True

    def weights(self, sizes):
        return {}

    def attend(self, xp, w, tokens):
        self.tokens = tokens
        return tokens.mask / tokens.mask.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(
    "name", [name for name, encoder in CASES.items() if encoder.final_steps and "hierarchical" not in name]
)
def test_a_query_is_what_the_encoder_ends_with(name: str) -> None:
    encoder, recorded = CASES[name], Recorded()
    it = replace(small_classifier()[0], encoder=encoder, mechanism=recorded, values=None, embedding=E)
    weight = MASK[..., None].astype(np.float32)

    class Parts:
        def encode(self, part, x, mask):
            return encoder.reference(drawn(encoder), x, mask[..., 0] > 0)

        def attend(self, part, mechanism, tokens):
            return mechanism.attend(NumPy(), {}, tokens)

        def project(self, part, mechanism, v):
            return v

    h, _, _ = attend(NumPy(), it, Parts(), vectors(), weight, {})
    final_steps, query = recorded.tokens.final_steps, recorded.tokens.query
    assert final_steps.shape == (B, T, len(encoder.final_steps))
    for row, length in enumerate(LENGTHS):
        forward = h[row, length - 1, :UNITS]
        expected = forward if len(encoder.final_steps) == 1 else np.concatenate([forward, h[row, 0, UNITS:]])
        assert query[row, 0] == pytest.approx(expected)
        places = [length - 1, 0][: len(encoder.final_steps)]
        assert final_steps[row].T.tolist() == [[float(t == place) for t in range(T)] for place in places]


@pytest.mark.parametrize("attention", ["additive", "bahdanau", "sparsemax", "simple"])
@pytest.mark.parametrize("level", ["word", "char"])
def test_a_token_gets_what_its_sentence_gets_times_what_it_gets_in_it(attention: str, level: str) -> None:
    """β_s α_st, each sentence by itself and without padding."""
    architecture, reader = small_classifier(level, encoder="hierarchical", attention=attention, values="states")
    weights = random_weights(architecture, seed=4)
    texts = ["좋아요 정말. 라떼 마셨다! get 1000 followers", "DM me", "the library again, so tired. 오늘\nhere"]
    rows, _ = reader.ids(texts)
    inputs = reader.batch(rows, 8)
    reading = reference(architecture, weights, inputs)
    x = vectors_of(architecture, weights, inputs)
    for text, row in enumerate(rows):
        ends = np.flatnonzero(row >= 1 << 30) + 1
        found, sentences = [], []
        for start, end in zip([0, *ends], ends, strict=False):
            alpha, h = alone(architecture, weights, "encoder", "attention", architecture.encoder, x[text, start:end])
            found.append(alpha)
            sentences.append(alpha @ h)
        upper = architecture.upper
        beta, _ = alone(architecture, weights, "sentences", "sentence_attention", upper, np.stack(sentences))
        expected = np.concatenate([share * inside for share, inside in zip(beta, found, strict=True)])
        assert len(ends) == [3, 1, 3][text]
        assert np.abs(reading.attention[text, : len(row)] - expected).max() <= 1e-5
        assert (reading.attention[text, len(row) :] == 0).all()


def alone(architecture, weights, encoding: str, attention: str, encoder: Encoder, x: Array) -> tuple[Array, Array]:
    """Weights (T,) and states (T, D) of one row of vectors (T, E)."""
    mask = np.ones((1, len(x)), bool)
    h = encoder.reference(part(weights, encoding), x[None], mask)
    units = encoder.dim // 2
    query = np.concatenate([h[:, -1:, :units], h[:, :1, units:]], axis=2)
    tokens = Tokens(h, h, mask[..., None].astype(np.float32), None, query)
    return architecture.mechanism.attend(NumPy(), part(weights, attention), tokens)[0, :, 0], h[0]


def vectors_of(architecture, weights, inputs) -> Array:
    """Token vectors (B, T, E)."""
    from attnclf.model import composition

    table = weights["embedding.table"]
    if architecture.features:
        features, present = composition.embedded(NumPy(), inputs["features"], len(table))
        table = composition.compose(NumPy(), table[features], present, inputs["words"])
    return table[inputs["ids"]]


def test_attention_before_the_encoder_weighs_vectors_and_keeps_their_mean_size() -> None:
    architecture, reader = small_classifier(input_attention=True, values="states")
    weights = random_weights(architecture, seed=6)
    inputs = reader.batch(reader.ids(["get 1000", "좋아요 정말 좋아요"])[0])
    reading = reference(architecture, weights, inputs)
    own, x = part(weights, "input_attention"), vectors_of(architecture, weights, inputs)
    for text, length in enumerate(inputs["lengths"]):
        row = x[text, :length]
        scores = np.tanh(row @ own["W"] + own["b"]) @ own["v"]
        shares = np.exp(scores) / np.exp(scores).sum()
        (h,) = architecture.encoder.reference(
            part(weights, "encoder"), (length * shares * row)[None], np.ones((1, length), bool)
        )
        assert np.abs(reading.states[text, :length] - h).max() <= 1e-5


def test_every_mechanism_that_scores_tokens_once_reads_by_sentence() -> None:
    refused = []
    for name in MECHANISMS.names():
        try:
            small_classifier(encoder="hierarchical", attention=name)
        except UsageError:
            refused.append(name)
    assert set(refused) == {"gate", "hard", "multihead", "none-last", "none-max", "none-mean", "per_dimension", "qkv"}
