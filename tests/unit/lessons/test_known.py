"""Known answers are told as they came out, also when they did not."""

import numpy as np
import pytest

from attnclf.lessons.addition import REVERSED, Addition
from attnclf.lessons.focus import NETWORKS, Focus, Looked, Network
from attnclf.lessons.task import Learned
from attnclf.results.lessons import KnownAnswer


def curve(*measured: float) -> Learned:
    return Learned(measured=list(measured))


def test_an_epoch_is_passed_when_more_was_measured() -> None:
    assert curve(0.5, 0.98, 0.99, 0.1).passed(0.98) == 3
    assert curve(0.5, 0.98).passed(0.98) is None


def known(plain: Learned, turned: Learned, looking: Learned) -> list[KnownAnswer]:
    return list(Addition()._known({"plain": plain, REVERSED: turned, "bahdanau": looking}))


def test_addition_when_all_comes_out_and_when_nothing_does() -> None:
    poor, better, best = curve(0.5, 0.6), curve(0.7, 0.8), curve(0.9, 0.99)
    assert [answer.held for answer in known(poor, better, best)] == [True] * 4
    lost = known(best, better, poor)
    assert [answer.held for answer in lost] == [False] * 4
    assert [answer.measured for answer in lost[1:3]] == ["first epoch: none", "first epoch: 2"]
    late = known(poor, better, curve(*[0.5] * 29, 0.99))
    assert [answer.held for answer in late] == [True, False, True, True]


def test_focus_measures_the_weights_around_the_step_that_decides() -> None:
    alpha = np.array([[0.1, 0.2, 0.4, 0.3], [0.0, 0.3, 0.3, 0.4]], np.float32)[:, :, None]
    found = Looked(1.0, alpha).weights(decisive=2)
    assert found == pytest.approx({"peaks there": 0.5, "ahead": 0.25, "there": 0.35, "after": 0.35, "all later": 0.35})
    assert Looked(1.0, None).weights(2) == {}


def test_focus_when_all_comes_out_and_when_nothing_does() -> None:
    def weights(sharp: bool) -> dict[Network, dict[str, float]]:
        good = {"peaks there": 1.0, "ahead": 0.0, "there": 0.9, "after": 0.1, "all later": 0.1}
        bad = {"peaks there": 0.5, "ahead": 0.3, "there": 0.2, "after": 0.2, "all later": 0.2}
        shared, each = (good, good | {"there": 0.5}) if sharp else (bad, good | {"after": 0.0})
        return {network: shared if network.shared else each for network in NETWORKS}

    assert [answer.held for answer in Focus()._known(weights(True))] == [True] * 4
    assert [answer.held for answer in Focus()._known(weights(False))] == [False] * 4


def test_claims_of_numbers() -> None:
    assert KnownAnswer.more("a", 0.5, 0.5) == KnownAnswer("a", "0.500 beside 0.500", held=False)
    assert KnownAnswer.at_least("a", 0.99, 0.99) == KnownAnswer("a", "0.990", held=True)
