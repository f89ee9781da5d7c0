"""The data that lessons make: right, different, and the same for the same seed."""

import numpy as np

from attnclf.lessons.addition import CHARACTERS, sums
from attnclf.lessons.focus import sequences


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
    for make in (lambda rng: sums(rng, 50, 2)[0], lambda rng: sequences(rng, 50, 6, 2, 3)[0]):
        one, same, other = (make(np.random.default_rng(seed)) for seed in (1, 1, 2))
        assert (one == same).all()
        assert (one != other).any()
