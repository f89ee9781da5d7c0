"""Methods, removals and the measure of faithfulness, against numbers made by hand or by brute force."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from attnclf.config import TextConfig
from attnclf.errors import DataError, UsageError
from attnclf.explain import (
    MODES,
    affordable,
    check_additivity,
    cost_of,
    evenly_spaced,
    evidence,
    explain,
    measure_faithfulness,
    with_counterfactuals,
)
from attnclf.explain.additivity import NotAdditive
from attnclf.explain.aggregate import in_pieces
from attnclf.explain.flips import smallest_flips
from attnclf.explain.removal import STRANGE, unknown, without
from attnclf.reading.readers import build_reader
from attnclf.render import captions, trust
from attnclf.results import Faithfulness, softmax
from attnclf.served.model import Scored, ServedModel
from tests.models import LABELS, FakeServedModel

VOTES = {"free": (3.0, 4.0), "coffee": (1.0, -2.0), "win": (2.0, 1.0), "tea": (2.0, -0.5)}
TEXTS = ["free coffee", "win free tea and coffee for the whole long day", "tea coffee", "coffee tea tea free"]


@pytest.fixture
def fake(served_words: ServedModel) -> FakeServedModel:
    reader = build_reader(TEXTS, TextConfig(level="word", min_count=1))
    return FakeServedModel(served_words.bundle, reader, VOTES)


@pytest.mark.parametrize(
    ("text", "spans", "left"),
    [
        ("so very bad", [(3, 7)], "so bad"),
        ("so very bad", [(0, 2)], "very bad"),
        ("so very bad", [(8, 11)], "so very"),
        ("so very bad", [(8, 11), (3, 7)], "so"),
        ("so very bad", [(0, 2), (3, 7), (8, 11)], ""),
        ("so  very", [(0, 2)], " very"),
        ("한국어로 씀", [(5, 6)], "한국어로"),
        ("bad!", [(3, 4)], "bad"),
        ("a b ", [(2, 3)], "a "),
        ("good, bad", [(4, 5)], "good bad"),
        ("bad boy", [(2, 3)], "ba boy"),
        ("bad boy", [(4, 5)], "bad oy"),
        ("(so) bad", [(1, 3)], "() bad"),
    ],
)
def test_a_word_goes_with_one_space(text: str, spans: list[tuple[int, int]], left: str) -> None:
    assert without(text, spans) == left


def test_the_unknown_takes_the_place_of_words() -> None:
    assert unknown("so very bad", [(8, 11), (0, 2)], by_character=False) == f"{STRANGE} very {STRANGE}"
    assert unknown("so bad", [(3, 6)], by_character=True) == f"so {STRANGE * 3}"


def test_the_strange_character_is_one_unknown_token(served_words: ServedModel, served: ServedModel) -> None:
    for it in (served_words, served):
        (ids,), _ = it.reader.ids([STRANGE])
        assert it.reader.is_known(ids).tolist() == [False]


def test_leaving_one_out_by_hand(fake: FakeServedModel) -> None:
    (result,) = explain(fake, ["free coffee"], methods=["loo"])
    assert result.log_odds == pytest.approx(2.5)
    assert [t.score("loo") for t in result.tokens] == pytest.approx([2.5 + 2, 2.5 - 4])


def test_leaving_words_out_is_asking_about_texts_without_them(served_words: ServedModel) -> None:
    text = "get 1000 followers , 좋아요 정말"
    (result,) = explain(served_words, [text], methods=["loo"], by="word")
    k, r = (served_words.labels.index(label) for label in (result.target, result.against))
    for word in result.tokens:
        left = " ".join(w for w in text.split() if w != word.text)
        (row,) = served_words.logits([left])[0]
        assert word.score("loo") == pytest.approx(result.log_odds - (row[k] - row[r]), abs=1e-4)


def test_what_was_not_read_does_not_come_in_when_a_word_goes(served_words: ServedModel) -> None:
    long = "좋아요 " * 40 + "get followers now"
    (result,) = explain(served_words, [long], methods=["loo"], by="word")
    assert result.prediction.truncated
    short = long[: result.read]
    (again,) = explain(served_words, [short], methods=["loo"], by="word")
    assert [t.score("loo") for t in result.tokens] == pytest.approx([t.score("loo") for t in again.tokens], abs=1e-4)


def test_a_method_that_does_not_exist_is_named_with_the_nearest(fake: FakeServedModel) -> None:
    with pytest.raises(UsageError) as caught:
        explain(fake, ["a"], methods=["lo"])
    assert "did you mean 'loo'" in str(caught.value)


@pytest.mark.parametrize("by", ["token", "word"])
@pytest.mark.parametrize("against", ["", *LABELS])
def test_the_smallest_flip_is_the_smallest_of_all_sets(served_words: ServedModel, against: str, by: str) -> None:
    """Brute force over every set of tokens and every other label: none smaller leaves negative evidence."""
    found = 0
    texts = ["get 1000 followers 좋아요", "라떼 마셨다 so tired", "좋아요", "the library again", "DM me , 정말 ㅋㅋ 한글"]
    for text in texts:
        result = explain(served_words, [text], against=against, by=by)[0]
        rivals = [against] if against else result.prediction.labels[1:]
        evidence = np.stack(
            [
                [t.evidence for t in explain(served_words, [text], target=result.target, against=r, by=by)[0].tokens]
                for r in rivals
            ],
            axis=1,
        )
        flips = [
            set_
            for size in range(1, len(evidence))
            for set_ in combinations(range(len(evidence)), size)
            if result.log_odds > 0 and (evidence.sum(axis=0) - evidence[list(set_)].sum(axis=0) < 0).any()
        ]
        (chosen,) = smallest_flips(served_words, [result])
        assert len(chosen) == (len(flips[0]) if flips else 0)
        found += bool(chosen) or result.log_odds < 0
        if chosen:
            assert (evidence.sum(axis=0) - evidence[chosen].sum(axis=0) < 0).any()
    assert found


def test_another_label_than_the_runner_up_can_be_nearer(served_words: ServedModel) -> None:
    """Three labels: nothing but both of two tokens turns to the second, one of them alone to the third."""

    class Three(FakeServedModel):
        def _one(self, text: str) -> Scored:
            scored = super()._one(text)
            contributions = np.array([[3, 1, -3], [2.5, 1.4, 4]], np.float32)
            return replace(scored, logits=contributions.sum(axis=0), contributions=contributions, prior=np.zeros(3, np.float32))

    fake = Three(served_words.bundle, build_reader(["free coffee"], TextConfig(level="word", min_count=1)), VOTES, LABELS)
    (result,) = explain(fake, ["free coffee"])
    assert (result.target, result.against) == ("fake", "real")
    assert smallest_flips(fake, [result]) == [[0]]
    assert smallest_flips(fake, explain(fake, ["free coffee"], against="real")) == [[]]


def test_a_counterfactual_is_what_the_model_says_without_the_words(fake: FakeServedModel) -> None:
    (result,) = with_counterfactuals(fake, explain(fake, ["free coffee"]))
    assert result.counterfactual is not None
    assert result.counterfactual.words == ((0, 4),)
    assert result.counterfactual.holds
    assert result.counterfactual.prediction.label == "real"
    assert captions.tried(result) == ["without “free” the model says real (88.1%)"]


def test_a_counterfactual_that_does_not_hold_says_so(fake: FakeServedModel) -> None:
    class Stubborn(FakeServedModel):
        def logits(self, texts: Sequence[str]) -> tuple[NDArray[np.float32], list[float], list[bool]]:
            return np.array([[3.0, 0.0]] * len(texts), np.float32), [1.0] * len(texts), [False] * len(texts)

    stubborn = Stubborn(fake.bundle, fake.reader, VOTES)
    (result,) = with_counterfactuals(stubborn, explain(stubborn, ["free coffee"]))
    assert result.counterfactual is not None
    assert not result.counterfactual.holds
    assert captions.tried(result) == [
        "by its evidence the decision depends on “free”, but without it the model still says fake (95.3%)"
    ]


def test_only_the_decision_has_a_counterfactual(fake: FakeServedModel) -> None:
    (result,) = with_counterfactuals(fake, explain(fake, ["free coffee"], target="real", methods=["minflip"]))
    assert result.counterfactual is None
    assert captions.title(result, "minflip") == "minflip: fake wins over real"
    assert "as it is" in captions.legend(result, "minflip", 0.0)


def test_one_word_has_no_counterfactual(fake: FakeServedModel) -> None:
    assert with_counterfactuals(fake, explain(fake, ["free", ""]))[0].counterfactual is None


def test_comprehensiveness_and_sufficiency_by_brute_force(fake: FakeServedModel) -> None:
    expected: dict[str, list[float]] = {"comprehensiveness": [], "sufficiency": [], "without_tenth": []}
    for text in TEXTS:
        (result,) = explain(fake, [text], by="word")
        k = fake.labels.index(result.prediction.label)
        p = float(softmax(fake.logits([text])[0])[0][k])
        order = sorted(range(len(result.tokens)), key=lambda i: -result.tokens[i].evidence)
        written = text.split()
        without_, only = [], []
        for share in (0.01, 0.05, 0.1, 0.2, 0.5):
            top = order[: int(np.ceil(round(share * len(written), 9)))]
            for those, kept in ((without_, False), (only, True)):
                left = " ".join(w for i, w in enumerate(written) if (i in top) == kept)
                those.append(float(softmax(fake.logits([left])[0])[0][k]))
        expected["comprehensiveness"].append(p - np.mean(without_))
        expected["sufficiency"].append(p - np.mean(only))
        expected["without_tenth"].append(without_[2])
    measured = measure_faithfulness(fake, TEXTS, methods=["evidence"])
    evidence, random = measured.methods
    assert evidence.comprehensiveness.mean == pytest.approx(np.mean(expected["comprehensiveness"]))
    assert evidence.sufficiency.mean == pytest.approx(np.mean(expected["sufficiency"]))
    assert evidence.without_tenth == pytest.approx(np.mean(expected["without_tenth"]))
    assert evidence.comprehensiveness.low <= evidence.comprehensiveness.mean <= evidence.comprehensiveness.high
    assert random.method == "random"
    assert random.comprehensiveness.mean < evidence.comprehensiveness.mean


def test_the_flip_is_the_first_share_that_changes_the_label(fake: FakeServedModel) -> None:
    (one, _) = measure_faithfulness(fake, ["free coffee"], methods=["evidence"]).methods
    assert (one.flip, one.never) == (0.5, 0.0)
    (one, _) = measure_faithfulness(replace(fake, votes={}), ["a b c d"], methods=["evidence"]).methods
    assert (one.flip, one.never) == (None, 1.0)


def test_tau_is_one_with_what_ranks_alike_and_none_for_random(fake: FakeServedModel) -> None:
    attention, with_side, size, evidence, loo, random = measure_faithfulness(fake, ["free coffee", "win coffee"]).methods
    assert evidence.tau_signed is not None
    assert evidence.tau_signed.mean == pytest.approx(1)
    assert evidence.sign_differs == 0
    assert attention.tau is not None
    assert attention.tau_signed is None
    assert with_side.tau_signed is not None
    assert size.tau is not None
    assert size.tau_signed is None
    assert loo.tau is None
    assert random.tau is None


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("level", ["char", "word"])
def test_a_real_model_is_measured_by_every_mode(served: ServedModel, served_words: ServedModel, level: str, mode: str) -> None:
    it = served if level == "char" else served_words
    measured = measure_faithfulness(it, ["좋아요 정말 좋아요", "", "get 1000 followers, DM me", "zzz"], mode)
    assert measured.texts == 3
    assert measured.mode == mode
    assert 0 <= measured.additivity <= 1e-4
    assert Faithfulness.from_dict(measured.to_dict()) == measured
    assert measured == measure_faithfulness(it, ["좋아요 정말 좋아요", "", "get 1000 followers, DM me", "zzz"], mode)


def test_evidence_that_does_not_sum_is_no_evidence(fake: FakeServedModel) -> None:
    class Wrong(FakeServedModel):
        def _one(self, text: str) -> Scored:
            scored = super()._one(text)
            return replace(scored, contributions=scored.contributions * 1.01)

    wrong = Wrong(fake.bundle, fake.reader, VOTES)
    with pytest.raises(NotAdditive, match="misses the log-odds"):
        measure_faithfulness(wrong, TEXTS)


def test_evidence_that_is_no_number_is_no_evidence(fake: FakeServedModel) -> None:
    class Broken(FakeServedModel):
        def _one(self, text: str) -> Scored:
            scored = super()._one(text)
            return replace(scored, contributions=scored.contributions * np.nan)

    with pytest.raises(NotAdditive):
        measure_faithfulness(Broken(fake.bundle, fake.reader, VOTES), TEXTS)


def test_texts_without_words_cannot_be_measured(fake: FakeServedModel) -> None:
    with pytest.raises(DataError, match="no text holds a word"):
        measure_faithfulness(fake, ["", "  "])


def test_texts_are_spread_and_fewer_when_long() -> None:
    texts = [str(i) for i in range(10)]
    assert evenly_spaced(texts, 4) == ["0", "2", "5", "7"]
    assert evenly_spaced(texts, 40) == texts
    assert affordable(["", *texts], 4, lambda words: 1, 10) == ["0", "2", "5", "7"]
    assert len(affordable(["word " * 1_000] * 100, 100, lambda words: 3 * words, 20_000)) == 6
    assert affordable(["", " "], 5, lambda words: 1, 10) == []
    assert affordable(["word " * 1_000], 5, lambda words: 1_000, 10) == ["word " * 1_000]  # one at least


def test_a_text_costs_no_more_however_long_it_is() -> None:
    costs = [cost_of(words, 512) for words in (10, 100, 512, 5_000, 1_000_000)]
    assert costs == sorted(costs)
    assert costs[2] == costs[3] == costs[4]


def test_neighbouring_words_of_a_long_text_are_removed_together(fake: FakeServedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    (words,) = explain(fake, ["free coffee " * 5 + "now"], by="word")
    pieces = in_pieces(words, 4)
    assert [piece.text.count(" ") + 1 for piece in pieces.tokens] == [2, 3, 3, 3]
    assert " ".join(piece.text for piece in pieces.tokens) == words.text
    for score in ("attention", "evidence"):
        whole = sum(getattr(word, score) for word in words.tokens)
        assert sum(getattr(piece, score) for piece in pieces.tokens) == pytest.approx(whole)
    assert in_pieces(words, 11) is words
    monkeypatch.setattr("attnclf.explain.faithfulness.MOST_WORDS", 4)
    read: list[str] = []
    logits = FakeServedModel.logits

    def counted(self: FakeServedModel, texts: Sequence[str]) -> Any:
        read.extend(texts)
        return logits(self, texts)

    monkeypatch.setattr(FakeServedModel, "logits", counted)
    found = measure_faithfulness(fake, ["free coffee " * 5 + "now", "free coffee"])
    assert (found.texts, found.in_pieces) == (2, 1)
    assert "neighbours together in 1" in trust.title(found)
    assert (
        len({text for text in read if "now" not in text}) < 2**4 + 3
    )  # of the pieces only, of the words it would be thousands
    assert found == Faithfulness.from_dict(found.to_dict())


def test_each_word_of_a_piece_becomes_unknown() -> None:
    assert unknown("so very bad", [(3, 11)], by_character=False) == f"so {STRANGE} {STRANGE}"
    assert unknown("so very bad", [(3, 11)], by_character=True) == f"so {STRANGE * 4} {STRANGE * 3}"


def test_the_table_says_when_the_order_depends_on_the_way_of_removing(fake: FakeServedModel) -> None:
    measured = [measure_faithfulness(fake, TEXTS, mode) for mode in MODES]
    turned = [m.comprehensiveness for m in reversed(measured[1].methods)]
    methods = tuple(replace(m, comprehensiveness=c) for m, c in zip(measured[1].methods, turned, strict=True))
    assert "depends on how words are removed" in trust.agreement([measured[0], replace(measured[1], methods=methods)])
    assert trust.agreement([measured[0], measured[0]]).startswith("the same order")


def test_numbers_of_the_table_are_short_and_right() -> None:
    assert [trust._short(n) for n in (0.266, -0.0953, 10.5, -0.0004, 0.0)] == [".266", "−.095", "10.500", ".000", ".000"]


def test_the_line_under_an_explanation_names_the_method_shown(fake: FakeServedModel) -> None:
    measured = measure_faithfulness(fake, TEXTS)
    (line,) = captions.trusted(["loo"], measured)
    assert "by leaving one out" in line
    assert "random words" in line
    assert "by evidence" not in line
    assert captions.trusted(["minflip"], measured) == []
    assert captions.trusted(["evidence"], None) == [captions.CAVEATS["evidence"]]


def test_attention_is_shown_beside_what_is_possible(fake: FakeServedModel) -> None:
    measured = measure_faithfulness(fake, TEXTS)
    _, line, beside = captions.trusted(["signed_attention"], measured)
    assert "(by attention with its side)" in line
    share, side = (measured.share_of(*pair) for pair in (("attention", "evidence_size"), ("signed_attention", "evidence")))
    assert share is not None
    assert side is not None
    assert f"by attention does {share:.0%} of what removing them by evidence without its sign does" in beside
    assert f"By attention with its side it is {side:.0%} of what evidence does" in beside
    assert captions.trusted(["attention"], measured)[0] == captions.CAVEATS["attention"]
    old = replace(measured, methods=tuple(m for m in measured.methods if m.method in ("attention", "evidence", "random")))
    _, line = captions.trusted(["signed_attention"], old)  # a model of an older format
    assert "(by attention)" in line


def test_a_share_of_nothing_is_not_shown(fake: FakeServedModel) -> None:
    measured = measure_faithfulness(replace(fake, votes={}), ["a b c d"])
    assert measured.share_of("attention", "evidence_size") is None
    assert measured.share_of("nothing", "evidence") is None
    assert not any("without its sign" in line for line in captions.trusted(["signed_attention"], measured))


def test_a_share_of_nothing_has_no_sign(fake: FakeServedModel) -> None:
    measured = measure_faithfulness(fake, TEXTS)
    full, *others = (replace(m, comprehensiveness=replace(m.comprehensiveness, mean=1.0)) for m in measured.methods)
    none = replace(full, comprehensiveness=replace(full.comprehensiveness, mean=-0.001))
    shown = captions.trusted(["attention"], replace(measured, methods=(none, *others)))
    assert "by attention does 0% of what" in shown[-1]


def test_attention_with_the_sign_of_evidence_ranks_by_side_first(fake: FakeServedModel) -> None:
    (e,) = explain(fake, ["free coffee win"], by="word")
    assert [word.score("signed_attention") for word in e.tokens] == pytest.approx([3 / 6, -1 / 6, 2 / 6])
    assert [word.score("evidence_size") for word in e.tokens] == pytest.approx([2.0, 1 / 3, 1 / 3])


def test_numbers_that_are_shown_are_what_is_checked(served_words: ServedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault between the graph's contributions and the numbers that a reader sees is one of evidence, too."""
    real = evidence.evidence_of
    texts = ["좋아요 정말 좋아요", "get 1000 followers, DM me"]
    assert check_additivity(served_words, texts) <= 1e-4
    monkeypatch.setattr(evidence, "evidence_of", lambda contributions, k, r: 1.5 * real(contributions, k, r) + 0.3)
    with pytest.raises(NotAdditive):
        check_additivity(served_words, texts)
    with pytest.raises(NotAdditive):
        measure_faithfulness(served_words, texts)
