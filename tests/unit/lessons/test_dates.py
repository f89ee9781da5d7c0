"""Dates as people write them, and whether a network looked at the month."""

from datetime import date, timedelta

import numpy as np
import pytest

from attnclf.lessons.characters import ids_of
from attnclf.lessons.dates import (
    CHARACTERS,
    FORMS,
    LENGTH,
    MONTHS,
    WOLS,
    WRITTEN,
    Dated,
    dated,
    drawn,
    known,
    month_found,
)
from attnclf.results.lessons import Scored


@pytest.mark.parametrize(
    ("form", "text", "month"),
    [
        ("{d} {Month} {y}", "5 March 2021", "March"),
        ("{Day} {d} {Mon} {y}", "Fri 5 Mar 2021", "Mar"),
        ("{Mon} {th}, {y}", "Mar 5th, 2021", "Mar"),
        ("{y}년 {m}월 {d}일 ({요일})", "2021년 3월 5일 (금)", None),
        ("{yy}년 {월} {d}일", "21년 삼월 5일", "삼월"),
        ("{dd}.{mm}.{y}", "05.03.2021", None),
    ],
)
def test_a_day_in_a_form(form: str, text: str, month: str | None) -> None:
    one = dated(date(2021, 3, 5), form)
    assert (one.text, one.day) == (text, "2021-03-05")
    assert (one.month and text[slice(*one.month)]) == month


def test_first_second_third_and_eleventh() -> None:
    ends = {d: dated(date(2021, 3, d), "{th}").text for d in (1, 2, 3, 4, 11, 12, 13, 21, 22, 23, 30, 31)}
    assert list(ends.values()) == ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "23rd", "30th", "31st"]


def test_every_form_of_every_day_of_a_year_can_be_read_and_is_short_enough() -> None:
    days = [dated(date(1999, 1, 1) + timedelta(n), form) for n in range(366) for form in FORMS]
    ids = ids_of([day.text for day in days], CHARACTERS, LENGTH)  # raises ValueError for a character that is not there
    assert ids.shape == (len(days), LENGTH)
    words = {*MONTHS, *map(str.lower, MONTHS), *(month[:3] for month in MONTHS), *WOLS}
    assert {day.text[slice(*day.month)] for day in days if day.month} == words
    assert ids_of([day.day for day in days], WRITTEN, 10).all()


def test_a_text_is_one_day() -> None:
    """No two days are written alike, so each can be read."""
    read: dict[str, str] = {}
    for n in range(3_000):
        for form in FORMS:
            day = dated(date(1996, 1, 1) + timedelta(n), form)
            assert read.setdefault(day.text, day.day) == day.day


def test_each_day_is_drawn_once_and_the_same_seed_draws_the_same() -> None:
    one, same, other = (drawn(np.random.default_rng(seed), 500, 7) for seed in (1, 1, 2))
    assert len({day.day for day in one}) == 500
    assert min(day.day for day in one) >= "1950-01-01"
    assert max(day.day for day in one) <= "2049-12-31"
    assert one == same
    assert one != other


def test_a_month_is_found_when_both_its_characters_look_there_most() -> None:
    alpha = np.full((3, 10, 4), 0.25)
    alpha[0, 5:7] = [0.1, 0.5, 0.3, 0.1]
    alpha[1, 5:7] = [[0.1, 0.5, 0.3, 0.1], [0.6, 0.2, 0.2, 0.0]]
    days = [Dated("xMay", "", (1, 3)), Dated("xMay", "", (1, 3)), Dated("numbers", "", None)]
    assert month_found(alpha, days) == pytest.approx((0.5, (0.8 + 0.8 + 0.8 + 0.4) / 4))


def test_known_answers_are_those_of_the_network_that_is_least() -> None:
    def table(**changed: float) -> tuple[Scored, ...]:
        good = {"whole dates": 0.99, "month found": 0.95, "weight on it": 0.8}
        return Scored("dot", good), Scored(
            "location", good | {name.replace("_", " "): value for name, value in changed.items()}
        )

    assert [answer.held for answer in known(table())] == [True, True]
    lost = known(table(whole_dates=0.97, month_found=0.2))
    assert [(answer.held, answer.measured) for answer in lost] == [(False, "0.970 (location)"), (False, "0.200 (location)")]
