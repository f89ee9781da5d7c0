"""A vision Transformer: patches, marks of their places, where `[class]` looked, and what is told of it."""

import numpy as np
import pytest

from attnclf.lessons.patches import CNN, PATCHES, Patches, Read, by_patches, of_class, row
from attnclf.lessons.pictures import pictures

keras = pytest.importorskip("keras")


def array(tensor) -> np.ndarray:
    return keras.ops.convert_to_numpy(tensor)


def in_other_order(rgb: np.ndarray, order: np.ndarray) -> np.ndarray:
    """The patches of pictures in another order."""
    patches = rgb.reshape(-1, 6, 4, 6, 4, 3).swapaxes(2, 3).reshape(-1, 36, 4, 4, 3)[:, order]
    return patches.reshape(-1, 6, 6, 4, 4, 3).swapaxes(2, 3).reshape(rgb.shape)


def test_only_the_marks_of_places_tell_the_order_of_the_patches() -> None:
    keras.utils.set_random_seed(0)
    model, rgb = by_patches(24, 16, 2), pictures(np.random.default_rng(0), 2).rgb
    order = np.random.default_rng(1).permutation(36)
    one, other = (array(model(x)[0]) for x in (rgb, in_other_order(rgb, order)))
    assert np.abs(one - other).max() > 1e-4
    (begun,) = (layer for layer in model.layers if type(layer).__name__ == "Begun")
    marks = array(begun.marks)
    marks[1:] = marks[1]
    begun.marks.assign(marks)
    one, other = (array(model(x)[0]) for x in (rgb, in_other_order(rgb, order)))
    assert one == pytest.approx(other, abs=1e-5)


def test_a_token_stands_before_the_patches() -> None:
    from attnclf.lessons.networks.transformer import Begun

    layer, x = Begun(), np.random.default_rng(0).normal(size=(2, 3, 4)).astype(np.float32)
    found, marks = array(layer(x)), array(layer.marks)
    assert found.shape == (2, 4, 4)
    assert found[:, 0] == pytest.approx(np.stack([marks[0]] * 2))
    assert found[:, 1:] == pytest.approx(x + marks[1:])


def test_where_class_looks_in_each_layer_and_through_all() -> None:
    first = np.array([[0, 0, 1], [0.5, 0, 0.5], [0, 0, 1]])  # [class] looks at patch 2, which looks at itself
    second = np.array([[0.5, 0.5, 0], [0, 1, 0], [0, 0, 1]])  # then half at patch 1, half at itself
    found = of_class(np.stack([first, second])[None].astype(np.float32))
    through = np.array([0.75, 0.25, 0]) @ (first + np.eye(3)) / 2  # [0.4375, 0.125, 0.4375]
    assert found.shape == (1, 3, 2)
    assert found[0] == pytest.approx(np.array([[0, 1], [1, 0], through[1:] / through[1:].sum()]))


def test_patches_when_all_comes_out_and_when_nothing_does() -> None:
    def held(lesson: Patches, found: list[float], peak: float = 0.0) -> list[bool]:
        few, *others, many = (Read(None, share, None, 0) for share in found)
        read = {CNN: {lesson.few: few, 5 * lesson.few: others[0]}, PATCHES: {lesson.few: others[1], 5 * lesson.few: many}}
        return [answer.held for answer in lesson._known(read, peak)]

    assert held(Patches(), [0.9, 0.98, 0.7, 0.96], 0.95) == [True] * 3
    assert held(Patches(), [0.7, 0.98, 0.7, 0.94], 0.85) == [False] * 3
    assert held(Patches(every=False), [0, 0, 0.6, 0], 0.85) == [True] * 2
    assert held(Patches(every=False), [1, 1, 0.4, 1], 0.75) == [False] * 2


def test_a_row_of_the_table() -> None:
    assert row({200: Read(None, 0.5, None, 7), 1000: Read(None, 0.75, None, 7)}) == {
        "weights": 7,
        "200 pictures": 0.5,
        "1,000 pictures": 0.75,
    }
