"""Lessons in their quick form, trained for real: the known answers come out, and what is shown is attention."""

import pytest

from attnclf.lessons import LESSONS
from attnclf.lessons.teaching import taught
from attnclf.results.lessons import LessonResult


@pytest.fixture(scope="module", params=LESSONS.names())
def result(request: pytest.FixtureRequest) -> LessonResult:
    return taught(request.param, {"seed": 0}, quick=True)


def test_the_known_answers_come_out(result: LessonResult) -> None:
    assert result.taught.answers
    for answer in result.taught.answers:
        assert answer.held, f"{answer.claim}: {answer.measured}"


def test_the_weights_that_are_shown_sum_to_one(result: LessonResult) -> None:
    for example in result.taught.examples:
        assert {len(row) for row in example.weights} == {len(example.columns)}
        assert [sum(row) for row in example.weights] == pytest.approx([1] * len(example.rows), abs=1e-4)
    for picture in result.taught.pictures:
        assert {len(row) for row in picture.weights} == {picture.grid**2}
        assert [sum(row) for row in picture.weights] == pytest.approx([1] * len(picture.names), abs=1e-4)


def test_what_was_found_survives_json(result: LessonResult) -> None:
    assert LessonResult.from_dict(result.to_dict()) == result
