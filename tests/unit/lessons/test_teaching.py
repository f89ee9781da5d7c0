"""A lesson by its name: its settings, its quick form, and what it refuses."""

import pytest

from attnclf.errors import UsageError
from attnclf.lessons import LESSONS, SYMBOLS, minutes_of, shortened, text_of, with_a_choice
from attnclf.lessons.base import ASKING
from attnclf.lessons.teaching import lesson_of

LONGEST = 20  # minutes


@pytest.mark.parametrize("name", LESSONS.names())
def test_every_lesson_says_how_long_it_takes_and_has_a_quick_form(name: str) -> None:
    assert 0 < minutes_of(name) <= LONGEST
    assert lesson_of(name, {}, quick=True) != lesson_of(name, {})
    assert set(LESSONS[name].quick) <= LESSONS.settings_of(name)  # type: ignore[attr-defined]
    assert lesson_of(name, {"seed": 3}).seed == 3


@pytest.mark.parametrize("name", LESSONS.names())
def test_the_first_lines_say_what_query_keys_and_values_are(name: str) -> None:
    text = __import__(LESSONS[name].__module__, fromlist=["__doc__"]).__doc__
    opening = " ".join(text.split("\n\n")[1].lower().split())
    assert text.startswith(f"`{name}`: ")
    assert all(word in opening for word in ("query", "key", "value"))


@pytest.mark.parametrize("name", LESSONS.names())
def test_the_quick_form_says_what_it_does_not_train(name: str) -> None:
    lesson = lesson_of(name, {}, quick=True)
    smaller, left_out = shortened(lesson)
    assert left_out == list(lesson.left_out.values()) != []
    assert smaller.keys() | lesson.left_out.keys() == lesson.quick.keys()


def test_what_is_asked_for_is_not_called_left_out() -> None:
    smaller, left_out = shortened(lesson_of("dates", {"attention": "all"}, quick=True))
    assert (smaller, left_out) == ({"forms": 20, "rows": 5_000, "epochs": 6, "batch": 32}, [])


@pytest.mark.parametrize("name", LESSONS.names())
def test_a_text_explains_the_symbols_that_it_uses(name: str) -> None:
    text, _, symbols = text_of(name).partition("\n\n**Symbols.** ")
    uses = {"⊙": "⊙ ", "σ(": "σ(x)", "gelu": "gelu(x)", "LN(": "LN is", "FFN(": "FFN(x)", " ; ": "[a ; b]"}
    assert {meaning for symbol, meaning in uses.items() if symbol in text} == {m for m in uses.values() if m in symbols}
    assert set(symbols.removesuffix(".").split(". ")) <= set(SYMBOLS.values())


def test_settings_given_win_over_those_of_the_quick_form() -> None:
    assert lesson_of("addition", {"attention": "dot"}, quick=True).attention == "dot"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "settings", "says"),
    [
        ("adition", {}, "did you mean 'addition'"),
        ("focus", {"attention": "dot"}, "no `attention` to choose"),
        ("addition", {"attention": "additive"}, "has no `attention=additive`.*bahdanau, concat, dot"),
        ("addition", {"attention": "none-last"}, "has no `attention=none-last`"),
        ("dates", {"attention": "tranformer"}, "did you mean 'transformer'"),
        ("addition", {"attention": "doz"}, "did you mean 'dot'"),
    ],
)
def test_what_makes_no_sense_is_refused(name: str, settings: dict[str, str], says: str) -> None:
    with pytest.raises(UsageError, match=f"(?s){says}"):
        lesson_of(name, settings)


def test_a_decoder_may_ask_whatever_has_a_query() -> None:
    assert ASKING == ("bahdanau", "concat", "dot", "scaled_dot", "general", "location")
    assert with_a_choice() == ["addition", "captions", "dates"]
