"""Methods against people: by hand where it can be, and what is no rationale refused."""

import numpy as np
import pytest

from attnclf.config import TextConfig
from attnclf.errors import DataError
from attnclf.explain import measure_plausibility, rationale_of
from attnclf.explain.plausibility import _compared, _iou_f1
from attnclf.reading.readers import build_reader
from attnclf.served.model import ServedModel
from tests.models import FakeServedModel


def test_token_f1_and_auprc_by_hand() -> None:
    scores, truth = np.array([0.9, 0.1, 0.8, 0.2]), np.array([True, False, False, True])
    token_f1, iou_f1, auprc = _compared(scores, truth, 0.5)  # the two highest are 0 and 2
    assert token_f1 == pytest.approx(0.5)
    assert iou_f1 == pytest.approx(0.5)  # runs {0}, {2} against {0}, {3}
    assert auprc == pytest.approx(1 / 2 * 1 + 1 / 2 * 2 / 3)


@pytest.mark.parametrize(
    ("ours", "theirs", "f1"),
    [
        ([{0, 1}], [{0, 1}], 1.0),
        ([{0, 1, 2}], [{0, 1}], 1.0),  # two of three
        ([{0, 1, 2, 3, 4}], [{0, 1}], 0.0),
        ([{0}, {5}], [{0}], 2 / 3),
        ([{1}], [{0}], 0.0),
    ],
)
def test_runs_are_found_by_half_of_their_words(ours: list[set[int]], theirs: list[set[int]], f1: float) -> None:
    assert _iou_f1(ours, theirs) == pytest.approx(f1)


def test_a_method_that_ranks_what_people_marked_is_plausible(served_words: ServedModel) -> None:
    texts = ["free coffee now then", "now then free coffee", "no mark here at all", ""]
    reader = build_reader(texts, TextConfig(level="word", min_count=1))
    fake = FakeServedModel(served_words.bundle, reader, {"free": (9.0, 4.0)})
    result = measure_plausibility(fake, texts, [[(0, 4)], [(9, 13)], [], []], 10, methods=["evidence"])
    assert result is not None
    assert (result.texts, result.share) == (2, 0.25)
    evidence, random = result.methods
    assert (evidence.token_f1.mean, evidence.iou_f1.mean, evidence.auprc.mean) == (1, 1, 1)
    assert random.auprc.mean < 1


def test_a_share_is_not_rounded_up_by_a_hair() -> None:
    truth = np.arange(100) < 55
    assert _compared(-np.arange(100.0), truth, 0.55) == pytest.approx((1, 1, 1))


def test_without_a_mark_there_is_nothing_to_compare(served_words: ServedModel) -> None:
    assert measure_plausibility(served_words, ["a b", ""], [[], [(0, 0)]], 10) is None


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("[[1,", "is not JSON"),
        ("{}", "is not a list"),
        ("[1, 2]", "is not a list"),
        ('[["a", 2]]', "is not a list"),
        ("[[0, true]]", "is not a list"),
        ("[[2, 2]]", "is not in the text"),
        ("[[-1, 2]]", "is not in the text"),
        ("[[0, 4]]", "[0, 4) is not in the text of 3 characters"),
    ],
)
def test_what_is_no_rationale_is_refused_with_its_place(cell: str, says: str) -> None:
    with pytest.raises(DataError) as caught:
        rationale_of(cell, "abc", "posts.csv, row 7")
    assert "posts.csv, row 7" in str(caught.value)
    assert says in str(caught.value)


def test_an_empty_cell_marks_nothing() -> None:
    assert rationale_of("", "abc", "row 1") == rationale_of("[]", "abc", "row 1") == []
    assert rationale_of("[[0, 3]]", "abc", "row 1") == [(0, 3)]
