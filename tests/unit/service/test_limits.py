"""Limits refuse with a status, what was wrong, and when to try again."""

import json

import pytest

from attnclf.service.limits import CLIENTS, Counted, Limits
from attnclf.service.refusals import Refused


def test_texts_are_counted_and_measured() -> None:
    limits = Limits(texts=3, explained=2, characters=5)
    limits.check_texts(["가나다라마"] * 3)
    limits.check_texts(["12345"] * 2, explained=True)
    for texts, explained, says in (
        (["a"] * 4, False, "4 texts in one request"),
        (["a"] * 3, True, "3 texts to explain in one request"),
        (["a", "123456"], False, "text 2 of 2 has 6 characters"),
    ):
        with pytest.raises(Refused, match=says) as refused:
            limits.check_texts(texts, explained=explained)
        assert refused.value.status == 422
        assert refused.value.hint


def test_texts_to_explain_are_measured_together() -> None:
    limits = Limits(characters=5)
    limits.check_texts(["12345"] * 5, explained=True)
    limits.check_texts(["12345"] * 6)
    with pytest.raises(Refused, match="the texts to explain have 30 characters"):
        limits.check_texts(["12345"] * 6, explained=True)


def test_a_client_may_ask_so_often_and_others_are_not_slowed() -> None:
    now = [0.0]
    counted = Counted(Limits(rate=2, burst=2), clock=lambda: now[0])
    for _ in range(4):
        counted.check("a")
    with pytest.raises(Refused, match="more than 2 requests a second") as refused:
        counted.check("a")
    assert (refused.value.status, refused.value.headers) == (429, {"retry-after": "1"})
    counted.check("b")
    now[0] = 0.5
    counted.check("a")
    with pytest.raises(Refused):
        counted.check("a")
    now[0] = 100
    for _ in range(4):
        counted.check("a")


def test_however_seldom_a_client_may_ask_it_is_told_when() -> None:
    counted = Counted(Limits(rate=1e-320))
    counted.check("a")
    with pytest.raises(Refused) as refused:
        counted.check("a")
    assert refused.value.headers == {"retry-after": "86400"}


def test_without_a_rate_nothing_is_counted_and_with_one_not_without_end() -> None:
    free = Counted(Limits())
    for _ in range(100):
        free.check("a")
    assert not free._levels
    counted = Counted(Limits(rate=1))
    for number in range(CLIENTS + 10):
        counted.check(str(number))
    assert len(counted._levels) == CLIENTS


def test_a_refusal_is_json_that_is_safe_to_look_at() -> None:
    error = json.loads(Refused(413, "too \x1b[31m large", hint="smaller").body([{"where": "body"}]))["error"]
    assert error == {
        "status": 413,
        "code": "too_large",
        "message": "too \x1b[31m large",
        "hint": "smaller",
        "details": [{"where": "body"}],
    }
    assert b"\x1b" not in Refused(413, "\x1b").body()
    assert Refused(401, "no").headers == {"www-authenticate": "Bearer"}
