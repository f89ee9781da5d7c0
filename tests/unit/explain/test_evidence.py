"""Evidence by hand, the labels it weighs, and its sum over words."""

from pathlib import Path

import numpy as np
import pytest

from attnclf.config import TextConfig
from attnclf.errors import UsageError
from attnclf.explain import by_word, explain
from attnclf.explain.evidence import evidence_of
from attnclf.reading.readers import build_reader
from attnclf.served.model import ServedModel
from tests.models import LABELS, FakeServedModel, write_bundle


@pytest.fixture
def fake(served_words: ServedModel) -> FakeServedModel:
    """At word level: "free" gets three quarters of the attention beside one other token, and votes 4 for fake."""
    reader = build_reader(["free coffee ."], TextConfig(level="word", min_count=1, longest=6))
    return FakeServedModel(served_words.bundle, reader, {"free": (3.0, 4.0), "coffee": (1.0, -2.0)})


def test_evidence_is_the_difference_of_contributions() -> None:
    assert evidence_of(np.array([[4, 1], [-2, 1]], np.float32), 0, 1).tolist() == [3, -3]


def test_an_explanation_by_hand(fake: FakeServedModel) -> None:
    (result,) = explain(fake, ["free coffee"])
    assert (result.target, result.against) == ("fake", "real")
    assert result.log_odds == pytest.approx(0.75 * 4 - 0.25 * 2)
    assert [t.text for t in result.tokens] == ["free", "coffee"]
    assert [t.evidence for t in result.tokens] == pytest.approx([3, -0.5])
    assert result.prediction.probability == pytest.approx(1 / (1 + np.exp(-2.5)))


def test_target_and_against_turn_the_sign(fake: FakeServedModel) -> None:
    (result,) = explain(fake, ["free coffee"], target="real")
    assert (result.target, result.against) == ("real", "fake")
    assert sum(t.evidence for t in result.tokens) == pytest.approx(-2.5)
    assert result.prediction.label == "fake"


def test_against_alone_keeps_the_likeliest_other_as_target(served: ServedModel) -> None:
    (plain,) = explain(served, ["좋아요"])
    first, second, _ = plain.prediction.labels
    (result,) = explain(served, ["좋아요"], against=first)
    assert (result.target, result.against) == (second, first)


@pytest.mark.parametrize(
    ("target", "against", "says"),
    [("fakke", "", "did you mean 'fake'"), ("", "ral", "did you mean 'real'"), ("fake", "fake", "both 'fake'")],
)
def test_labels_that_make_no_sense_are_refused(served: ServedModel, target: str, against: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        explain(served, ["a"], target, against)
    assert says in str(caught.value)


def test_what_tokens_are_not_summed_to_is_refused(served: ServedModel) -> None:
    with pytest.raises(UsageError, match="by is 'words'"):
        explain(served, ["a"], by="words")


@pytest.mark.parametrize("target", LABELS)
def test_evidence_sums_to_the_log_odds_of_any_pair(served: ServedModel, target: str) -> None:
    for result in explain(served, ["get 1000 followers", "", "좋아요 정말", "zzz"], target):
        k, r = served.labels.index(result.target), served.labels.index(result.against)
        p = dict(zip(result.prediction.labels, result.prediction.probabilities, strict=True))
        assert sum(t.evidence for t in result.tokens) == pytest.approx(result.log_odds, abs=1e-4)
        assert result.log_odds == pytest.approx(np.log(p[served.labels[k]] / p[served.labels[r]]), abs=1e-4)


def test_words_sum_their_characters_and_spaces_go_to_the_word_before(served: ServedModel) -> None:
    (result,) = explain(served, ["  좋아요  정말 "])
    words = by_word(result)
    assert [w.text for w in words.tokens] == ["좋아요", "정말"]
    assert sum(w.evidence for w in words.tokens) == pytest.approx(sum(t.evidence for t in result.tokens))
    assert sum(w.attention for w in words.tokens) == pytest.approx(1)
    assert words.tokens[0].attention == pytest.approx(sum(t.attention for t in result.tokens if t.start < 7))


def test_words_of_a_text_without_any(served: ServedModel) -> None:
    for text in ("", "   "):
        (result,) = explain(served, [text])
        (word,) = by_word(result).tokens
        assert word.text == text
        assert word.evidence == pytest.approx(sum(t.evidence for t in result.tokens))
        assert by_word(result).unit == "word"


def test_a_long_text_says_where_reading_stopped(fake: FakeServedModel) -> None:
    (result,) = explain(fake, ["free coffee . . . . and then some"])
    assert result.prediction.truncated
    assert result.text[: result.read].strip() == "free coffee . . . ."
    assert not explain(fake, ["free coffee . . . .   "])[0].prediction.truncated


def test_predict_and_explain_agree_on_what_is_truncated(served: ServedModel) -> None:
    texts = ["x" * 40, "x" * 41, "x" * 40 + "   ", " " * 60, "x" * 41 + "   "]
    expected = [False, True, False, False, True]
    assert served.logits(texts)[2] == expected
    assert [result.prediction.truncated for result in explain(served, texts)] == expected


@pytest.mark.parametrize("level", ["word", "char"])
def test_the_gap_of_a_long_text_is_told(tmp_path: Path, level: str) -> None:
    """Attention is 0 there. Evidence is the linear model's, and still sums to the log-odds; at character level it is 0."""
    served = ServedModel.load(write_bundle(tmp_path / "m", level=level, max_length=4).path)
    text = "정말 좋아요 get 1000 followers, DM me 정말"
    (result,) = explain(served, [text])
    start, end = {"word": (7, 30), "char": (2, len(text) - 2)}[level]
    assert (result.gap, result.gap_is_read) == ((start, end), level == "word")
    assert (result.read, result.prediction.truncated) == (len(text), True)
    inside = [token for token in result.tokens if start <= token.start < end]
    assert inside
    assert all(token.attention == 0 for token in inside)
    assert all(token.attention > 0 for token in result.tokens if token not in inside)
    assert any(token.evidence for token in inside) == (level == "word")
    assert sum(token.evidence for token in result.tokens) == pytest.approx(result.log_odds, abs=1e-5)
    assert explain(served, ["정말 "])[0].gap == (0, 0)


def test_tokens_of_one_code_point_are_told_as_one(served: ServedModel) -> None:
    (result,) = explain(served, ["a\u0958b"])  # NFC makes two characters of U+0958
    assert [(t.start, t.end) for t in result.tokens] == [(0, 1), (1, 2), (2, 3)]
    assert sum(t.evidence for t in result.tokens) == pytest.approx(result.log_odds, abs=1e-5)


def test_unknown_tokens_are_marked(fake: FakeServedModel) -> None:
    (result,) = explain(fake, ["free 차"])
    assert [t.known for t in result.tokens] == [True, False]
    assert result.prediction.known == 0.5
