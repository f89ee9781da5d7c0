"""Laws that every attention mechanism keeps, whatever its equation; what each computes, by hand; what each refuses."""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from attnclf.errors import UsageError
from attnclf.model import pooling
from attnclf.model.mechanisms import MECHANISMS, Mechanism, Sizes, Tokens
from attnclf.model.normalizers import NORMALIZERS
from attnclf.model.reference import NumPy

Array = NDArray[np.float32]
Weights = dict[str, Array]
Case = tuple[Mechanism, Sizes]

B, T, D = 3, 7, 6
LENGTHS = np.array([7, 1, 4])
SMALL = {"units": 4, "heads": 2}
STATES = Sizes(states=D, values=D, final_steps=("last", "first"), positions=T)
KINDS = {  # of what attention stands between
    "states": STATES,
    "local": Sizes(states=D, values=5, pooled="local", final_steps=("last", "first"), positions=T + 2),
    "both": Sizes(states=D, values=D + 5, pooled="both", final_steps=("last",), positions=T),
    "without final states": Sizes(states=D, values=5, pooled="local", positions=T),
    "without final states, of states": Sizes(states=D, values=D, positions=T),
}
FEW = ("states", "without final states, of states")  # enough for a normalizer, which sees no values
FORMS = {
    "": {},
    "shared": {"shared": True},
    "gumbel": {"sampling": "gumbel"},
    "4 heads": {"heads": 4},
    "1 head": {"heads": 1},
    **{name: {"normalizer": name} for name in NORMALIZERS.names()},
}


def accepts(mechanism: Mechanism, sizes: Sizes) -> bool:
    try:
        mechanism.check(sizes)
    except UsageError:
        return False
    return True


def table() -> Iterator[tuple[str, Case]]:
    """Every mechanism in every form that it has, wherever it makes sense."""
    for name, (form, settings), (kind, sizes) in itertools.product(MECHANISMS.names(), FORMS.items(), KINDS.items()):
        if settings.keys() <= MECHANISMS.settings_of(name) and (kind in FEW or "normalizer" not in settings):
            mechanism = MECHANISMS.make(name, SMALL | settings)
            if accepts(mechanism, sizes):
                yield "-".join(filter(None, (name, form, kind))), (mechanism, sizes)


CASES = dict(table())


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


def drawn(case: Case, scale: float = 1.0) -> Weights:
    mechanism, sizes = case
    rng = np.random.default_rng(1)
    return {name: rng.normal(0, scale, shape).astype(np.float32) for name, shape in mechanism.weights(sizes).items()}


def tokens_of(case: Case, scale: float = 1.0, padding: float = 0.0) -> Tokens:
    """Three texts of 7, 1 and 4 tokens, and what the encoder ended with."""
    mechanism, sizes = case
    rng = np.random.default_rng(2)
    real = np.arange(T) < LENGTHS[:, None]  # (B, T)
    h, v = (rng.normal(0, scale, (B, T, size)).astype(np.float32) for size in (sizes.states, sizes.values))
    h, v = (np.where(real[..., None], values, np.float32(padding)) for values in (h, v))
    mask = real[..., None].astype(np.float32)
    if not (mechanism.uses_query and sizes.final_steps):
        return Tokens(h, v, mask)
    final_steps, query = np.zeros((B, T, len(sizes.final_steps)), np.float32), np.zeros((B, 1, D), np.float32)
    size = D // len(sizes.final_steps)
    for row, length in enumerate(LENGTHS):
        for part, end in enumerate(sizes.final_steps):
            place = {"last": length - 1, "first": 0}[end]
            final_steps[row, place, part] = 1
            query[row, 0, part * size : (part + 1) * size] = h[row, place, part * size : (part + 1) * size]
    return Tokens(h, v, mask, final_steps, query)


def row_of(tokens: Tokens, row: int) -> Tokens:
    """One text by itself, without padding."""
    length = LENGTHS[row]
    parts = {name: getattr(tokens, name)[row : row + 1, :length] for name in ("h", "v", "mask")}
    if tokens.final_steps is None:
        return Tokens(**parts)
    return Tokens(**parts, final_steps=tokens.final_steps[row : row + 1, :length], query=tokens.query[row : row + 1])


def attended(case: Case, w: Weights, tokens: Tokens) -> Array:
    return np.asarray(case[0].attend(NumPy(), w, tokens))


def test_every_mechanism_stands_in_the_table() -> None:
    assert {name.split("-without")[0].rsplit("-", 1)[0] for name in CASES} >= set(MECHANISMS.names())
    for normalizer in NORMALIZERS.names():
        of_it = {name for name in MECHANISMS.names() if f"{name}-{normalizer}-states" in CASES}
        assert of_it >= {"additive", "bahdanau", "dot", "general", "location", "multihead", "per_dimension", "qkv", "simple"}
    assert {
        "general-softmax-without final states, of states",
        "multihead-4 heads-local",
        "gate-shared-both",
        "none-max-states",
    } <= set(CASES)


def test_each_column_of_weights_sums_to_one_over_the_tokens(case) -> None:
    alpha = attended(case, drawn(case), tokens_of(case))
    assert np.abs(alpha.sum(axis=1) - 1).max() <= 1e-5
    assert (alpha >= 0).all()


def test_padding_gets_exactly_zero(case) -> None:
    tokens = tokens_of(case, padding=1000)
    alpha = attended(case, drawn(case), tokens)
    assert (alpha[tokens.mask[..., 0] == 0] == 0).all()


def test_there_is_a_column_for_each_equal_part_of_what_is_pooled(case) -> None:
    mechanism, sizes = case
    w, tokens = drawn(case), tokens_of(case)
    groups, pooled = mechanism.groups(sizes), mechanism.pooled(sizes)
    assert pooled % groups == 0
    assert attended(case, w, tokens).shape == (B, T, groups)
    assert attended(case, w, tokens).dtype == np.float32
    assert mechanism.values(NumPy(), w, tokens.v).shape == (B, T, pooled)


def test_what_stands_on_padding_changes_nothing(case) -> None:
    w = drawn(case)
    assert np.array_equal(attended(case, w, tokens_of(case)), attended(case, w, tokens_of(case, padding=1000)))


def test_a_batch_is_its_rows_one_by_one(case) -> None:
    w, tokens = drawn(case), tokens_of(case, padding=1000)
    together = attended(case, w, tokens)
    for row, length in enumerate(LENGTHS):
        alone = attended(case, w, row_of(tokens, row))
        assert np.abs(together[row, :length] - alone[0]).max() <= 1e-6


def test_large_scores_do_not_overflow(case) -> None:
    alpha = attended(case, drawn(case, scale=100), tokens_of(case, scale=100))
    assert np.abs(alpha.sum(axis=1) - 1).max() <= 1e-5
    assert (alpha[np.arange(T) >= LENGTHS[:, None]] == 0).all()


def test_softmax_leaves_no_token_out_and_sparse_normalizers_do() -> None:
    case = CASES["additive-softmax-states"]
    w, tokens = drawn(case, scale=2), tokens_of(case)
    left_out = {}
    for name in NORMALIZERS.names():
        alpha = attended((replace(case[0], normalizer=name), case[1]), w, tokens)
        left_out[name] = int((alpha[tokens.mask == 1] == 0).sum())
    assert left_out["softmax"] == 0
    assert 0 < left_out["entmax15"] <= left_out["sparsemax"]


def test_onnx_reads_the_same_equation(case) -> None:
    import onnxruntime
    import spox

    from attnclf.served.symbolic import Symbol, SymbolicNamespace

    mechanism, _ = case
    w, tokens = drawn(case), tokens_of(case, padding=1000)
    given = {name: value for name, value in vars(tokens).items() if value is not None}
    places = {name: ("batch", "time" if value.shape[1] == T else 1, value.shape[2]) for name, value in given.items()}
    symbols = {name: Symbol(spox.argument(spox.Tensor(np.float32, place))) for name, place in places.items()}
    alpha = mechanism.attend(SymbolicNamespace, w, Tokens(**symbols))
    values = mechanism.values(SymbolicNamespace, w, symbols["v"])
    arguments = {name: symbol.var for name, symbol in symbols.items()}
    model = spox.build(arguments, {"alpha": alpha.var, "values": values.var}, drop_unused_inputs=True)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    asked = {node.name for node in session.get_inputs()}
    served, pooled = session.run(None, {name: value for name, value in given.items() if name in asked})
    assert np.abs(served - attended(case, w, tokens)).max() <= 1e-5
    assert (served[tokens.mask[..., 0] == 0] == 0).all()
    assert np.allclose(pooled, mechanism.values(NumPy(), w, tokens.v), rtol=1e-5, atol=1e-5)


def test_keras_reads_the_same_equation(case) -> None:
    from keras import ops

    mechanism, _ = case
    w, tokens = drawn(case), tokens_of(case, padding=1000)
    arrays = {name: ops.convert_to_tensor(array) for name, array in w.items()}
    given = Tokens(**{name: None if value is None else ops.convert_to_tensor(value) for name, value in vars(tokens).items()})
    alpha = ops.convert_to_numpy(mechanism.attend(ops, arrays, given))
    assert np.abs(alpha - attended(case, w, tokens)).max() <= 1e-5
    assert (alpha[tokens.mask[..., 0] == 0] == 0).all()
    values = ops.convert_to_numpy(mechanism.values(ops, arrays, given.v))
    assert np.allclose(values, mechanism.values(NumPy(), w, tokens.v), rtol=1e-5, atol=1e-5)


# By hand: three tokens with states of two numbers, 2 × 2 weights, and the formula of the docstring in plain floats.

H = [[0.5, -1.0], [2.0, 0.3], [-0.4, 0.8]]
V = [[1.0, -2.0], [0.25, 0.5], [3.0, 1.5]]
Q = [0.7, -1.1]
W = [[0.3, -0.8], [1.2, 0.4]]
U = [[-0.6, 0.9], [0.2, 1.1]]
BIAS = [0.1, -0.3]
ASK = [1.5, -0.7]
HAND = Sizes(states=2, values=2, final_steps=("last",), positions=3)  # as many as there are tokens


def dot(a: Sequence[float], b: Sequence[float]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))


def times(row: Sequence[float], matrix: Sequence[Sequence[float]]) -> list[float]:
    """A row times a matrix."""
    return [dot(row, column) for column in zip(*matrix, strict=True)]


def plus(*rows: Sequence[float]) -> list[float]:
    return [sum(numbers) for numbers in zip(*rows, strict=True)]


def tanh(row: Sequence[float]) -> list[float]:
    return [math.tanh(number) for number in row]


def sigmoid(number: float) -> float:
    return 1 / (1 + math.exp(-number))


def softmax(scores: Sequence[float]) -> list[float]:
    return [math.exp(score) / sum(math.exp(other) for other in scores) for score in scores]


def columns(*of_features: Sequence[float]) -> list[tuple[float, ...]]:
    """(T, G) of the weights over the tokens of each column."""
    return list(zip(*of_features, strict=True))


def weighed(name: str, w: dict[str, object], final_steps: object = None, query: object = None, **settings: object) -> Array:
    """Weights (T, G) that the mechanism gives the three tokens, and one more that is padding."""
    mechanism = MECHANISMS.make(name, {"units": 2, **settings})
    h, v = (np.array([[*rows, [9.0, 9.0]]], np.float32) for rows in (H, V))
    mask = np.array([[[1.0], [1.0], [1.0], [0.0]]], np.float32)
    asked = None if query is None else np.array([[query]], np.float32)
    arrays = {key: np.array(array, np.float32) for key, array in w.items()}
    assert {key: array.shape for key, array in arrays.items()} == dict(
        mechanism.weights(HAND if mechanism.uses_query and query else replace(HAND, final_steps=()))
    )
    alpha = mechanism.attend(
        NumPy(), arrays, Tokens(h, v, mask, None if final_steps is None else np.array([final_steps]), asked)
    )
    assert (alpha[0, 3] == 0).all()
    return alpha[0, :3]


def is_softmax_of(alpha: Array, scores: Sequence[float]) -> bool:
    return bool(np.abs(alpha[:, 0] - softmax(scores)).max() <= 1e-6)


def test_additive_by_hand() -> None:
    scores = [dot(ASK, tanh(plus(times(h, W), BIAS))) for h in H]
    assert is_softmax_of(weighed("additive", {"W": W, "b": BIAS, "v": [[a] for a in ASK]}), scores)


def test_simple_by_hand() -> None:
    scores = [math.tanh(dot([0.6, -1.3], h) + 0.2) for h in H]
    assert is_softmax_of(weighed("simple", {"w": [[0.6], [-1.3]], "b": [0.2]}), scores)


@pytest.mark.parametrize("query", [Q, [-0.2, 2.0]])
def test_bahdanau_and_concat_by_hand(query: list[float]) -> None:
    scores = [dot(ASK, tanh(plus(times(h, W), times(query, U)))) for h in H]
    v = [[a] for a in ASK]
    assert is_softmax_of(weighed("bahdanau", {"W1": W, "W2": U, "v": v}, query=query), scores)
    assert is_softmax_of(weighed("concat", {"W": [*U, *W], "v": v}, query=query), scores)  # of [q ; h]


@pytest.mark.parametrize("query", [Q, [-0.2, 2.0]])
def test_products_with_a_query_by_hand(query: list[float]) -> None:
    assert is_softmax_of(weighed("dot", {}, query=query), [dot(query, h) for h in H])
    assert is_softmax_of(weighed("scaled_dot", {}, query=query), [dot(query, h) / math.sqrt(2) for h in H])
    of_states = [[dot(row, h) for row in W] for h in H]  # W h
    assert is_softmax_of(weighed("general", {"W": W}, query=query), [dot(query, h) for h in of_states])


def test_a_learned_query_stands_where_no_final_state_does() -> None:
    assert is_softmax_of(weighed("dot", {"q": [Q]}), [dot(Q, h) for h in H])
    assert is_softmax_of(weighed("scaled_dot", {"q": [Q]}), [dot(Q, h) / math.sqrt(2) for h in H])
    assert is_softmax_of(weighed("general", {"q": [Q], "W": W}), [dot(times(Q, W), h) for h in H])
    assert is_softmax_of(weighed("location", {"q": [Q], "W": [[1, 0, 2], [0, 1, 1]]}), [0.7, -1.1, 2 * 0.7 - 1.1])


def test_location_by_hand() -> None:
    w = {"W": [[0.3, -0.8, 1.4], [1.2, 0.4, -0.5]]}  # a column for each of three positions; padding has none
    scores = [0.7 * 0.3 - 1.1 * 1.2, 0.7 * -0.8 - 1.1 * 0.4, 0.7 * 1.4 - 1.1 * -0.5]
    assert is_softmax_of(weighed("location", w, query=Q), scores)


def test_qkv_by_hand() -> None:
    w = {"q": [[q] for q in Q], "K": W, "V": U}
    assert is_softmax_of(weighed("qkv", w), [dot(Q, times(h, W)) / math.sqrt(2) for h in H])
    pooled = MECHANISMS["qkv"](units=2).values(NumPy(), {"V": np.array(U)}, np.array([V]))
    assert np.allclose(pooled[0], [times(v, U) for v in V])


def test_multihead_by_hand_and_evidence_as_the_sum_over_heads() -> None:
    """Two heads of one unit: head i scores by q_i times the i-th column of K, and pools the i-th column of V."""
    first, second = (softmax([Q[i] * times(h, W)[i] for h in H]) for i in (0, 1))  # √a = 1
    w = {"q": [Q], "K": W, "V": U}
    alpha = weighed("multihead", w, heads=2)
    assert np.abs(alpha - columns(first, second)).max() <= 1e-6
    mechanism = MECHANISMS["multihead"](units=2, heads=2)
    arrays = {name: np.array(array, np.float32) for name, array in w.items()}
    values = mechanism.values(NumPy(), arrays, np.array([V], np.float32))
    head = {"W": np.array([[0.4, -1.0], [0.7, 2.0]], np.float32), "b": np.array([0.5, -0.25], np.float32)}
    given = pooling.contributions(NumPy(), head, alpha[None], values, 2, 2)[0]
    for t, v in enumerate(V):
        of_heads = times(v, U)  # v V_1 and v V_2
        share = (first[t] + second[t]) / 2
        expected = [
            first[t] * of_heads[0] * 0.4 + second[t] * of_heads[1] * 0.7 + share * 0.5,
            first[t] * of_heads[0] * -1.0 + second[t] * of_heads[1] * 2.0 + share * -0.25,
        ]
        assert given[t] == pytest.approx(expected, abs=1e-6)
        assert pooling.mean(NumPy(), alpha[None], 2)[0, t, 0] == pytest.approx(share, abs=1e-6)
    context = [sum(a * times(v, U)[i] for a, v in zip(of_head, V, strict=True)) for i, of_head in enumerate((first, second))]
    logits = plus(times(context, [[0.4, -1.0], [0.7, 2.0]]), [0.5, -0.25])
    assert given.sum(axis=0) == pytest.approx(logits, abs=1e-6)
    assert pooling.head(NumPy(), head, pooling.pool(NumPy(), alpha[None], values, 2, 2))[0] == pytest.approx(logits, abs=1e-6)


def test_a_head_of_several_units_divides_by_the_root_of_its_own() -> None:
    scores = [dot(Q, times(h, W)) / math.sqrt(2) for h in H]
    assert is_softmax_of(weighed("multihead", {"q": [Q], "K": W, "V": U}, heads=1), scores)


def test_heads_own_neighbouring_columns() -> None:
    """Of four units and four values the first two belong to the first head."""
    mechanism = MECHANISMS["multihead"](units=4, heads=2)
    w = {"q": np.array([[1, 2, 30, 40]], np.float32), "K": np.ones((1, 4), np.float32)}
    tokens = Tokens(np.ones((1, 1, 1), np.float32), None, np.ones((1, 1, 1), np.float32))
    assert mechanism.score(NumPy(), w, tokens)[0, 0] == pytest.approx([3 / math.sqrt(2), 70 / math.sqrt(2)])
    alpha = np.array([[[0.25, 0.75]]], np.float32)
    assert pooling.pool(NumPy(), alpha, np.ones((1, 1, 4), np.float32), 2, 4).tolist() == [[0.25, 0.25, 0.75, 0.75]]


def test_per_dimension_by_hand_and_its_shared_form() -> None:
    scores = [times(tanh(plus(times(h, W), BIAS)), U) for h in H]  # one a feature
    first, second = (softmax([score[d] for score in scores]) for d in (0, 1))
    w = {"W1": W, "b": BIAS, "W2": U}
    assert np.abs(weighed("per_dimension", w) - columns(first, second)).max() <= 1e-6
    shared = [(a + b) / 2 for a, b in zip(first, second, strict=True)]
    assert np.abs(weighed("per_dimension", w, shared=True)[:, 0] - shared).max() <= 1e-6


BEFORE, AFTER = [[0.5, 0.1], [-0.2, 0.4]], [[-0.7, 0.3], [0.9, -0.1]]


def openings(u: list[list[float]], a: list[float]) -> list[list[float]]:
    """U tanh(W_0 h_{t−1} + W_1 h_t + W_2 h_{t+1} + b) + a, with nothing before the first token and after the last."""
    nothing = [0.0, 0.0]
    around = zip([nothing, *H[:-1]], H, [*H[1:], nothing], strict=True)
    windows = (plus(times(before, BEFORE), times(h, W), times(after, AFTER), BIAS) for before, h, after in around)
    return [plus(times(tanh(window), u), a) for window in windows]


def test_gate_by_hand_and_its_shared_form() -> None:
    def shares(numbers: list[float]) -> list[float]:
        return [sigmoid(number) / sum(map(sigmoid, numbers)) for number in numbers]

    w = {"W": [BEFORE, W, AFTER], "b": BIAS}
    first, second = (shares([opening[d] for opening in openings(U, [0.2, -0.4])]) for d in (0, 1))
    assert np.abs(weighed("gate", w | {"U": U, "a": [0.2, -0.4]}) - columns(first, second)).max() <= 1e-6
    single = [[0.9], [-1.2]]
    expected = shares([opening for (opening,) in openings(single, [0.3])])
    assert np.abs(weighed("gate", w | {"U": single, "a": [0.3]}, shared=True)[:, 0] - expected).max() <= 1e-6


def test_no_attention_by_hand() -> None:
    assert weighed("none-mean", {})[:, 0] == pytest.approx([1 / 3] * 3)
    assert weighed("none-max", {}).tolist() == [[0, 0], [0, 0], [1, 1]]
    ends = [[0.0], [0.0], [1.0], [0.0]]
    assert weighed("none-last", {}, final_steps=ends, query=Q).tolist() == ends[:3]


def test_the_largest_share_by_how_near_they_are() -> None:
    """Of 2, 1.9996 and 1.9, the first is 1 nearer than a thousandth and the second .6."""
    v = np.array([[[2.0], [1.9996], [1.9]]], np.float32)
    alpha = MECHANISMS["none-max"]().attend(NumPy(), {}, Tokens(None, v, np.ones((1, 3, 1), np.float32)))
    assert alpha[0, :, 0] == pytest.approx([1 / 1.6, 0.6 / 1.6, 0], abs=1e-4)


def test_hard_takes_the_best_token() -> None:
    scores = [dot(ASK, tanh(plus(times(h, W), BIAS))) for h in H]
    alpha = weighed("hard", {"W": W, "b": BIAS, "v": [[a] for a in ASK]})
    assert alpha[:, 0].tolist() == [float(score == max(scores)) for score in scores]


@pytest.mark.parametrize(
    ("scores", "chosen"),
    [
        ([1.0, 1.0, 1.0], 0),
        ([0.0, 1.0, 1.0], 1),
        ([0.99995, 1.0, 0.0], 0),  # nearer than 1e-4: equal
        ([0.9998, 1.0, 0.0], 1),
        ([-3.0, -2.0, -2.00005], 1),
        ([5000.0, 5001.0, 4000.0], 1),
        ([-5000.0, -5001.0, -6000.0], 0),
    ],
)
def test_hard_takes_the_first_of_equals(scores: list[float], chosen: int) -> None:
    from attnclf.model.mechanisms.hard import best

    row = np.array([[[s] for s in [*scores, 9e3]]], np.float32)
    mask = np.array([[[1.0], [1.0], [1.0], [0.0]]], np.float32)
    assert best(NumPy(), row, mask)[0, :, 0].tolist() == [float(t == chosen) for t in range(4)]


# What makes no sense.

NO_ENDS = replace(STATES, final_steps=())


@pytest.mark.parametrize(
    ("name", "settings", "sizes", "says"),
    [
        ("bahdanau", {}, NO_ENDS, "this encoder has none"),
        ("concat", {}, NO_ENDS, "this encoder has none"),
        ("none-last", {}, NO_ENDS, "this encoder has none"),
        ("none-last", {}, KINDS["local"], "`values=(local|both)` leaves out"),
        ("none-last", {}, KINDS["both"], "`values=(local|both)` leaves out"),
        ("none-mean", {}, KINDS["local"], "does not look at the states, and with `values=local`"),
        ("none-max", {}, KINDS["local"], "does not look at the states, and with `values=local`"),
        ("location", {}, replace(KINDS["local"], final_steps=()), "does not look at the states, and with `values=local`"),
        ("hard", {"normalizer": "sparsemax"}, STATES, "drawn from a softmax"),
        ("sparsemax", {"normalizer": "entmax15"}, STATES, "two normalizers"),
        ("entmax15", {"normalizer": "softmax"}, STATES, "two normalizers"),
        ("multihead", {"heads": 3}, STATES, "3 heads do not share 4 attention units"),
        ("multihead", {"units": 14, "heads": 7}, STATES, "7 heads do not share 14 attention units and 6 values"),
    ],
)
def test_what_makes_no_sense_is_refused(name: str, settings: dict[str, object], sizes: Sizes, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        MECHANISMS.make(name, SMALL | settings).check(sizes)


@pytest.mark.parametrize("name", MECHANISMS.names())
def test_every_mechanism_makes_sense_over_states_of_two_directions(name: str) -> None:
    assert f"{name}-states" in CASES
