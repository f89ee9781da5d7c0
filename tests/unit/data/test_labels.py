"""Labels as a reader sees them."""

from pathlib import Path

import pandas as pd
import pytest

from attnclf.config import Config
from attnclf.data import read_table, table_of
from attnclf.data.labels import nearly_equal, nearly_equal_in_words, tidy
from attnclf.errors import DataError


@pytest.mark.parametrize(
    ("label", "seen"),
    [
        (" spam\u00a0", "spam"),
        ("sp\u200bam\ufeff", "spam"),
        ("\u200e spam \u200f", "spam"),
        ("부정", "부정"),  # decomposed
        ("cafe\u0301", "café"),
        ("👩\u200d👧", "👩\u200d👧"),
        ("two words", "two words"),
        ("\u3000", ""),
    ],
)
def test_what_shows_nothing_is_no_part_of_a_label(label: str, seen: str) -> None:
    assert tidy(label, "here") == seen


def test_half_a_character_is_refused_before_training() -> None:
    frame = pd.DataFrame({"text": ["a", "b"] * 20, "label": ["x", "y\ud83d"] * 20}, dtype=object)
    with pytest.raises(DataError, match=r"the DataFrame, row 1: the label 'y\\ud83d' holds half a character"):
        table_of(frame, Config().data)


def test_what_differs_in_case_width_or_blanks_only_is_found() -> None:
    labels = {"spam": 40, "Spam": 3, "ＳＰＡＭ": 1, "ham": 9, "not ham": 2, "notham": 1}
    assert nearly_equal(labels) == [["spam", "Spam", "ＳＰＡＭ"], ["not ham", "notham"]]
    assert nearly_equal_in_words(labels).startswith("'spam' (40 rows) and 'Spam' (3 rows) and")
    assert nearly_equal_in_words({"spam": 1, "ham": 2}) == ""


def test_labels_that_look_the_same_are_one_and_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("text,label\na,spam\nb,spam\u200b\nc, spam\nd,ham\n", encoding="utf-8")
    table = read_table([path], Config().data)
    assert table.labels == ["spam", "spam", "spam", "ham"]
    assert table.remarks[0].startswith("2 labels had blanks or hidden characters around them")


@pytest.mark.parametrize(
    ("labels", "kind"),
    [([0, 1], "int"), ([0.5, 1.0], "float"), ([True, False], "bool"), (["0", "1"], "str"), ([0, "1"], "str")],
)
def test_a_frame_remembers_the_type_of_its_labels(labels: list[object], kind: str) -> None:
    frame = pd.DataFrame({"text": ["a", "b"], "label": labels})
    assert table_of(frame, Config().data).label_type == kind
