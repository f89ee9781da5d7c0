"""Numbers with the decimals that they deserve."""

import pytest

from attnclf.results import counted, in_ascii, loss, probability_at, share


@pytest.mark.parametrize(("rows", "text"), [(2, "0.93"), (99, "0.93"), (100, "0.931"), (9_999, "0.931"), (10_000, "0.9313")])
def test_a_share_has_the_decimals_that_its_rows_can_tell(rows: int, text: str) -> None:
    assert share(0.93126, rows) == text


def test_one_is_one_and_many_are_many() -> None:
    assert counted(1, "text is", "texts are") == "1 text is"
    assert counted(1200, "text is", "texts are") == "1,200 texts are"


@pytest.mark.parametrize(
    ("value", "rows", "text"), [(0.0012, 50, "0.0012"), (0.31, 50, "0.31"), (0.0, 50, "0.00"), (0.3062, 900, "0.306")]
)
def test_a_small_loss_keeps_two_digits(value: float, rows: int, text: str) -> None:
    assert loss(value, rows) == text


@pytest.mark.parametrize(
    ("log_odds", "text"),
    [
        (-9.0, "0.000123"),
        (0.0, "0.5"),
        (1.0, "0.731"),
        (4.0, "0.982"),
        (7.7, "0.99955"),
        (9.0, "0.99988"),
        (22.5, "1 − 1.7e-10"),
    ],
)
def test_a_probability_near_one_keeps_two_digits_of_what_is_left(log_odds: float, text: str) -> None:
    assert probability_at(log_odds) == text
    assert probability_at(1000.0) != "1"


@pytest.mark.parametrize(
    ("figures", "text"),
    [("0.93 (0.85–0.97)", "0.93 (0.85 to 0.97)"), ("0.93 (–)", "0.93 (-)"), ("–", "-"), ("1 − 1.7e-10", "1 - 1.7e-10")],
)
def test_numbers_have_a_spelling_in_ascii(figures: str, text: str) -> None:
    assert in_ascii(figures) == text
