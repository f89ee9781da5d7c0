"""The data that lessons make: right, different, and the same for the same seed."""

import numpy as np
import pytest

from attnclf.lessons.addition import CHARACTERS, sums
from attnclf.lessons.captions import WORDS, sentences
from attnclf.lessons.focus import sequences
from attnclf.lessons.pictures import FRAME_ID, KINDS, SIZE, Pictures, pictures


def texts(ids: np.ndarray) -> list[str]:
    return ["".join(CHARACTERS[i] for i in row).rstrip() for row in ids]


def test_sums_are_right_and_each_is_there_once() -> None:
    asked, answers = sums(np.random.default_rng(0), 500, 3)
    assert (asked.shape, answers.shape) == ((500, 7), (500, 4))
    assert len(set(texts(asked))) == 500
    for sum_, answer in zip(texts(asked), texts(answers), strict=True):
        assert sum(map(int, sum_.split("+"))) == int(answer)
    assert {len(sum_) for sum_ in texts(asked)} == {3, 4, 5, 6, 7}


def test_the_step_that_decides_equals_the_label_and_the_others_are_noise() -> None:
    x, labels = sequences(np.random.default_rng(0), 200, steps=6, features=3, decisive=2)
    assert (x[:, 2] == labels[:, None]).all()
    assert not np.isin(np.delete(x, 2, axis=1), (0, 1)).any()
    assert 60 < labels.sum() < 140


def test_the_same_seed_makes_the_same_data() -> None:
    for make in (
        lambda rng: sums(rng, 50, 2)[0],
        lambda rng: sequences(rng, 50, 6, 2, 3)[0],
        lambda rng: pictures(rng, 20).ids,
    ):
        one, same, other = (make(np.random.default_rng(seed)) for seed in (1, 1, 2))
        assert (one == same).all()
        assert (one != other).any()


def in_words(shown: Pictures) -> list[str]:
    return [" ".join(WORDS[word] for word in row).rstrip() for row in sentences(shown)]


def test_pictures_have_objects_in_their_boxes_and_nothing_outside() -> None:
    shown = pictures(np.random.default_rng(0), 100)
    for picture in range(100):
        ids = shown.ids[picture].copy()
        for colour, (y, x) in zip(shown.colours[picture], shown.corners[picture], strict=True):
            if colour >= 0:
                box = ids[y : y + SIZE, x : x + SIZE]
                assert set(np.unique(box)) <= {0, colour + 1}
                assert (box > 0).sum() >= 12
                box[:] = 0
        assert not ids.any()
    there = shown.colours >= 0
    assert set(there.sum(axis=1)) == {2, 3}
    assert (shown.shapes[~there] == -1).all()
    assert pictures(np.random.default_rng(0), 5, most=2).shapes.shape == (5, 2)
    kinds = [{*zip(*pair, strict=True)} for pair in zip(shown.colours, shown.shapes, strict=True)]
    assert all(len(kind) == 3 for kind in kinds)  # no two alike; what is not there is a kind of its own


def test_a_frame_stands_around_the_first_object_alone() -> None:
    shown = pictures(np.random.default_rng(0), 50, framed=True)
    for picture, (y, x) in enumerate(shown.corners[:, 0]):
        framed = shown.ids[picture] == FRAME_ID
        assert framed.sum() == 4 * (SIZE + 1)
        assert framed[y - 1 : y + SIZE + 1, x - 1 : x + SIZE + 1].sum() == framed.sum()
    assert len({tuple(slot) for slot in shown.slots[:, 0]}) == 9


def test_a_sentence_goes_from_left_to_right_and_down_a_column() -> None:
    colours, shapes = np.array([[0, 2, -1], [3, 1, 0]]), np.array([[1, 0, -1], [3, 2, 1]])
    slots = np.array([[[2, 0], [0, 1], [-1, -1]], [[0, 1], [2, 1], [0, 2]]])
    shown = Pictures(np.zeros((2, 24, 24), np.uint8), colours, shapes, slots, slots * 8)
    assert in_words(shown) == [
        "a red circle left of a blue square",
        "a yellow cross above a green triangle left of a red circle",
    ]
    for slot in pictures(np.random.default_rng(0), 50).slots:
        there = [(column, row) for row, column in slot.tolist() if row >= 0]
        assert there == sorted(there)


def test_a_place_lies_on_a_box_if_they_touch() -> None:
    shown = pictures(np.random.default_rng(0), 1)
    corners = np.array([[[8, 2], [0, 18], [-1, -1]]])
    shown = Pictures(shown.ids, shown.colours, shown.shapes, shown.slots, corners)

    def on(first: int, second: int) -> list[bool]:
        return shown.in_box(np.array([[first, second, 0]]), grid=6)[0, :2].tolist()

    # the first box has rows 8 to 13 and columns 2 to 7: places in rows 2 and 3, columns 0 and 1 of six
    assert [place for place in range(36) if on(place, 0)[0]] == [12, 13, 18, 19]
    assert [place for place in range(36) if on(0, place)[1]] == [4, 5, 10, 11]


def test_weight_on_the_first_object() -> None:
    shown = pictures(np.random.default_rng(0), 2, framed=True)
    shown = Pictures(shown.ids, shown.colours, shown.shapes, shown.slots, np.array([[[1, 1]] * 3, [[9, 17]] * 3]))
    alpha = np.zeros((2, 36))
    alpha[0, [0, 7, 8]] = 0.25, 0.35, 0.4  # rows and columns 0 and 1 touch its box: places 0, 1, 6 and 7
    alpha[1, [16, 23, 35]] = 0.5, 0.2, 0.3  # here rows 2 and 3, columns 4 and 5
    assert shown.on_first(alpha) == pytest.approx((0.5, (0.6 + 0.7) / 2))
    assert (shown.kinds[:, 0] == shown.colours[:, 0] * 4 + shown.shapes[:, 0]).all()
    assert KINDS[4 * 2 + 3] == "blue cross"


def test_a_picture_moves_as_a_whole() -> None:
    still = pictures(np.random.default_rng(0), 60, framed=True)
    moved = still.moved(np.random.default_rng(1), 4)
    assert moved.rgb.shape == (60, 28, 28, 3)
    starts = moved.corners[:, 0] - still.corners[:, 0]
    assert {tuple(start) for start in starts} > {(0, 0), (0, 4), (4, 0), (4, 4)}
    for before, after, (y, x) in zip(still.ids, moved.ids, starts, strict=True):
        assert (after[y : y + 24, x : x + 24] == before).all()
        assert (after > 0).sum() == (before > 0).sum()
    there = still.colours >= 0
    assert (moved.corners[there] - still.corners[there] == np.repeat(starts, there.sum(axis=1), axis=0)).all()
    assert (moved.corners[~there] == -1).all()
    on = moved.touching(7)[0, 0].reshape(7, 7)
    y, x = moved.corners[0, 0]
    assert on[y // 4, x // 4]
    assert on[(y + 5) // 4, (x + 5) // 4]
    assert not on[(y + 9) // 4 :].any()
