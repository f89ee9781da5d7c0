"""Known answers are told as they came out, also when they did not."""

import numpy as np
import pytest

from attnclf.lessons.addition import HANDED, REVERSED, Addition
from attnclf.lessons.captions import EVERY, EXACT, HARD, ONCE, PEAKS, SOFT, WORDS, Captions, Told, sentences
from attnclf.lessons.focus import NETWORKS, Focus, Looked, Network
from attnclf.lessons.pictures import pictures
from attnclf.lessons.task import Learned
from attnclf.results.lessons import KnownAnswer


def curve(*measured: float) -> Learned:
    return Learned(measured=list(measured))


def test_an_epoch_is_passed_when_more_was_measured() -> None:
    assert curve(0.5, 0.98, 0.99, 0.1).passed(0.98) == 3
    assert curve(0.5, 0.98).passed(0.98) is None


def known(plain: Learned, turned: Learned, looking: Learned) -> list[KnownAnswer]:
    return list(Addition()._known({"plain": plain, HANDED: turned, REVERSED: turned, "bahdanau": looking}))


def test_addition_when_all_comes_out_and_when_nothing_does() -> None:
    poor, better, best = curve(0.5, 0.6), curve(0.7, 0.8), curve(0.9, 0.99)
    assert [answer.held for answer in known(poor, better, best)] == [True] * 5
    lost = known(best, better, poor)
    assert [answer.held for answer in lost] == [False] * 5
    assert [answer.measured for answer in lost[2:4]] == ["first epoch: none", "first epoch: 2"]
    late = known(poor, better, curve(*[0.5] * 29, 0.99))
    assert [answer.held for answer in late] == [True, True, False, True, True]


def test_focus_measures_the_weights_around_the_step_that_decides() -> None:
    one, other = [[0.1, 0.2, 0.4, 0.3], [0.0, 0.3, 0.3, 0.4]], [[0.1, 0.2, 0.4, 0.3], [0.0, 0.2, 0.4, 0.4]]
    found = Looked(1.0, np.stack([one, other], axis=2)).weights(decisive=2)
    around = {"ahead": 0.225, "there": 0.375, "after": 0.35, "all later": 0.35}
    assert found == pytest.approx({"peak there": 0.5, "single peaks there": 0.75} | around)
    assert Looked(1.0, None).weights(2) == {}


def test_focus_when_all_comes_out_and_when_nothing_does() -> None:
    def weights(sharp: bool) -> dict[Network, dict[str, float]]:
        good = {"peak there": 1.0, "ahead": 0.0, "there": 0.9, "after": 0.1, "all later": 0.1}
        bad = {"peak there": 0.5, "ahead": 0.3, "there": 0.2, "after": 0.2, "all later": 0.2}
        shared, each = (good, good | {"there": 0.5}) if sharp else (bad, good | {"after": 0.0})
        return {network: shared if network.shared else each for network in NETWORKS}

    assert [answer.held for answer in Focus()._known(weights(True))] == [True] * 4
    assert [answer.held for answer in Focus()._known(weights(False))] == [False] * 4


def test_captions_measure_what_was_written_and_where_the_network_looked() -> None:
    shown = pictures(np.random.default_rng(0), 20)
    right = sentences(shown)
    alpha = np.full((20, 12, 36), 0.01)
    for step in (1, 2):  # at the place of the upper left corner, for the first object in each picture
        y, x = shown.corners[:, 0].T // 4
        alpha[np.arange(20), step, y * 6 + x] = 1
    scores = Told(right, alpha).scores(shown)
    assert (scores["words"], scores[EXACT]) == (1, 1)
    first = 20 / (shown.colours >= 0).sum()  # the others are looked for in the corner of the picture, place 0
    corner = [(y < 4) & (x < 4) for y, x in shown.corners[:, 1:].reshape(-1, 2) if y >= 0]
    expected = first + np.sum(corner) / (shown.colours >= 0).sum()
    assert [scores[name] for name in PEAKS] == pytest.approx([expected] * 2)
    wrong = right.copy()
    wrong[0, 1] = WORDS.index("a")
    scores = Told(wrong).scores(shown)
    assert scores == {"words": pytest.approx(1 - 1 / 240), EXACT: pytest.approx(0.95)}


def test_captions_show_a_sentence_up_to_its_end() -> None:
    shown = pictures(np.random.default_rng(0), 1)
    written = np.array([[WORDS.index(word) for word in ("a", "red", "", "cross", *[""] * 8)]])
    page = Told(written, np.full((1, 12, 36), 1 / 36)).page("soft", shown, 0)
    assert (page.title, page.names, len(page.weights)) == ("soft: a red", ("a", "red", "(end)"), 3)


def test_captions_when_all_comes_out_and_when_nothing_does() -> None:
    def scores(soft: float, hard: float, others: float, peak: float) -> dict[str, dict[str, float]]:
        exact = {SOFT: soft, HARD: hard, ONCE: others, EVERY: others}
        return {kind: {EXACT: share, **dict.fromkeys(PEAKS, peak)} for kind, share in exact.items()}

    assert [answer.held for answer in Captions()._known(scores(0.97, 0.93, 0.9, 0.95))] == [True] * 5
    assert [answer.held for answer in Captions()._known(scores(0.9, 0.8, 0.91, 0.8))] == [False] * 5


def test_claims_of_numbers() -> None:
    risen = KnownAnswer.gain("it rises", [0.6, 0.7, 0.8], [0.5, 0.6, 0.8])
    assert risen.measured == "0.700 beside 0.633, a gain of 0.067 ± 0.033, in 2 of 3 runs"
    assert not risen.held
    assert KnownAnswer.gain("it rises", [0.6, 0.7, 0.81], [0.5, 0.6, 0.7]).held
    assert KnownAnswer.more("a", 0.5, 0.5) == KnownAnswer("a", "0.500 beside 0.500", held=False)
    assert KnownAnswer.at_least("a", 0.99, 0.99) == KnownAnswer("a", "0.990", held=True)
