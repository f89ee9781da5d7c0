"""The level is chosen by the scripts of the texts."""

import pytest

from attnclf.reading.levels import choose_level, unspaced_share


def test_scripts_without_spaces_are_read_by_character() -> None:
    level, reason = choose_level(["今日はいい天気です"] * 10)
    assert level == "char"
    assert "100%" in reason


@pytest.mark.parametrize("text", ["the cat sat", "오늘 라떼 맛있다", "مرحبا بالعالم", "123"])
def test_spaced_text_is_read_by_word(text: str) -> None:
    assert choose_level([text] * 10)[0] == "word"


def test_share_of_unspaced_letters() -> None:
    assert unspaced_share(["ab 漢字"]) == 0.5
    assert unspaced_share(["123"]) == 0
