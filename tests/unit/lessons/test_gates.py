"""A gate on feature maps: an equation in the plane, what is measured of it, and what is told of that."""

import numpy as np
import pytest

from attnclf.lessons.gates import EACH, MEAN, MORE, ONE, Gated, Gates, network, page, table
from attnclf.lessons.pictures import KINDS, pictures
from attnclf.lessons.task import Learned

keras = pytest.importorskip("keras")

MAPS = 4


def array(tensor) -> np.ndarray:
    return keras.ops.convert_to_numpy(tensor)


@pytest.mark.parametrize(("kind", "gates"), [(ONE, 1), (EACH, MAPS)])
def test_a_gate_multiplies_the_maps_and_is_divided_by_its_sum(kind: str, gates: int) -> None:
    keras.utils.set_random_seed(0)
    model, rgb = network(kind, MAPS), pictures(np.random.default_rng(0), 3).rgb
    *_, keys, gate, last = [layer for layer in model.layers if layer.weights]
    maps = [layer for layer in model.layers if layer.weights][-4]
    logits, alpha = map(array, model(rgb))
    v, g = map(array, keras.Model(model.input, [maps.output, gate.output])(rgb))
    assert tuple(keys.output.shape) == (None, 6, 6, MAPS)
    assert g.shape == (3, 6, 6, gates)
    assert alpha == pytest.approx((g / g.sum(axis=(1, 2), keepdims=True)).reshape(3, 36, gates), abs=1e-5)
    pooled = (alpha * v.reshape(3, 36, MAPS)).sum(axis=1)
    assert logits == pytest.approx(pooled @ array(last.kernel) + array(last.bias), abs=1e-5)
    assert np.ptp(alpha, axis=1).min() > 1e-4


def test_a_gate_that_is_open_everywhere_is_no_gate() -> None:
    keras.utils.set_random_seed(0)
    gated, mean, rgb = network(ONE, MAPS), network(MEAN, MAPS), pictures(np.random.default_rng(0), 3).rgb
    *maps, _, gate, last = [layer for layer in gated.layers if layer.weights]
    gate.set_weights([np.zeros_like(weights) for weights in gate.get_weights()])
    for one, other in zip([layer for layer in mean.layers if layer.weights], [*maps, last], strict=True):
        one.set_weights(other.get_weights())
    assert array(gated(rgb)[0]) == pytest.approx(array(mean(rgb)), abs=1e-5)


def test_a_convolution_more_has_about_as_many_weights_as_a_gate() -> None:
    counts = {kind: network(kind, 32).count_params() for kind in (MEAN, MORE, ONE, EACH)}
    assert counts[MEAN] < 0.7 * counts[MORE]
    assert 0.95 * counts[EACH] < counts[MORE] < counts[ONE] < counts[EACH]


def test_what_is_measured_of_a_gate() -> None:
    shown = pictures(np.random.default_rng(0), 4, framed=True)
    on = shown.touching(6)[:, 0]
    assert (on.sum(axis=1) == 4).all()
    alpha = np.stack([on / 4, on[::-1] / 4], axis=2)  # the second gate is open where the frame of another picture is
    assert not (on & on[::-1]).any()
    alpha[:, :, 0] *= 1.1
    named = shown.kinds[:, 0].copy()
    named[0] = (named[0] + 1) % len(KINDS)
    scores = Gated(named, alpha, Learned()).scores(shown)
    assert scores == pytest.approx({"accuracy": 0.75, "peak on it": 1, "peaks of single maps": 0.5, "weight on it": 0.55})
    assert Gated(named, None, Learned()).scores(shown) == {"accuracy": 0.75}


def test_the_table_has_the_mean_and_the_worst_of_the_runs() -> None:
    found = table({ONE: [{"accuracy": 0.9, "peak on it": 1.0}, {"accuracy": 0.7, "peak on it": 0.5}]})
    assert found == {ONE: pytest.approx({"accuracy": 0.8, "lowest run": 0.7, "peak on it": 0.75})}


def test_gates_when_all_comes_out_and_when_nothing_does() -> None:
    def found(one: float, each: float, others: float, peak: float) -> dict[str, dict[str, float]]:
        gated = {ONE: {"accuracy": one, "peak on it": 1.0}, EACH: {"accuracy": each, "peak on it": peak}}
        return gated | {kind: {"accuracy": others} for kind in (MEAN, MORE)}

    def runs(*accuracies: float) -> dict[str, list[float]]:
        return {kind: [mean - 0.01, mean, mean + 0.02] for kind, mean in zip((ONE, EACH, MEAN, MORE), accuracies, strict=True)}

    held = Gates()._known(found(0.97, 0.96, 0.9, 0.96), runs(0.97, 0.96, 0.9, 0.95))
    assert [answer.held for answer in held] == [True] * 7
    lost = Gates()._known(found(0.9, 0.98, 0.91, 0.9), runs(0.9, 0.98, 0.91, 0.9))
    assert [answer.held for answer in lost] == [False, False, False, True, False, True, False]
    quick = {kind: scores for kind, scores in found(0.81, 0, 0.5, 0).items() if kind in (MEAN, ONE)}
    assert [answer.held for answer in Gates(every=False)._known(quick, {})] == [True] * 3


def test_a_page_shows_the_gates_that_are_most_unlike_their_mean() -> None:
    shown = pictures(np.random.default_rng(0), 2, framed=True)
    each = np.full((2, 36, 6), 1 / 36)
    for gate, place in ((4, 3), (1, 7), (3, 2), (2, 9)):
        each[:, :, gate] = np.eye(36)[place]
    kinds = shown.kinds[:, 0]
    gated = {
        MEAN: Gated(kinds, None, Learned()),
        ONE: Gated(kinds, each[:, :, 4:5], Learned()),
        EACH: Gated(1 - kinds, each, Learned()),
    }
    one = page(shown, 1, gated)
    assert one.names == (ONE, EACH, "of map 2", "of map 3", "of map 4", "of map 5")
    assert [weights.index(max(weights)) for weights in one.weights] == [3, 2, 7, 9, 2, 3]
    assert one.title.startswith(f"{KINDS[kinds[1]]}, named {KINDS[kinds[1]]} with one gate for all, ")
