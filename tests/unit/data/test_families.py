"""Accounts that write nearly the same are one family."""

import random

import pytest

from attnclf.data.families import families

WORDS = [f"word{number}" for number in range(3_000)]


def posts(seed: int, count: int = 5, words: int = 12) -> list[str]:
    chosen = random.Random(seed)
    return [" ".join(chosen.choices(WORDS, k=words)) for _ in range(count)]


def families_of(accounts: dict[str, list[str]]) -> dict[str, str]:
    rows = [(name, text) for name, texts in accounts.items() for text in texts]
    found, _ = families([text for _, text in rows], [name for name, _ in rows])
    return {name: family for (name, _), family in zip(rows, found, strict=True)}


def test_accounts_of_one_farm_are_one_family() -> None:
    farm = posts(0)
    clone = [text.replace(text.split()[0], "other") for text in farm]
    of_clone = [f"{text} again" for text in clone[:4]]
    accounts = {"a": farm, "b": clone, "c": of_clone, **{f"person{seed}": posts(seed) for seed in range(1, 40)}}
    found = families_of(accounts)
    assert found["a"] == found["b"] == found["c"] == "a"
    assert all(found[name] == name for name in accounts if name.startswith("person"))


def test_one_short_text_in_common_makes_no_family_unless_it_is_all_that_they_write() -> None:
    accounts = {
        "a": [*posts(1), "good morning all"],
        "b": [*posts(2), "good morning all"],
        "c": ["good morning"],
        "d": ["good morning"],
    }
    assert families_of(accounts) == {"a": "a", "b": "b", "c": "c", "d": "c"}


def test_what_everybody_writes_makes_no_family() -> None:
    common = posts(0)
    accounts = {f"a{seed}": [*common, *posts(seed, 2)] for seed in range(1, 30)}
    accounts |= {"twin": posts(100), "twin again": posts(100)}
    found = families_of(accounts)
    assert found["twin"] == found["twin again"]
    assert all(found[name] == name for name in accounts if name.startswith("a"))


def test_texts_without_words_are_families_by_themselves() -> None:
    assert families(["", "🙂", "!"], ["a", "b", "b"]) == (["a", "b", "b"], 0)
    assert families([], []) == ([], 0)


def test_few_products_at_once_find_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    farm = posts(0)
    accounts = {f"farm{number}": [*farm, *posts(number + 50, 1)] for number in range(3)}
    accounts |= {f"person{seed}": posts(seed) for seed in range(1, 40)}
    whole = families_of(accounts)
    assert len(set(whole.values())) == 40
    monkeypatch.setattr("attnclf.data.families.PRODUCTS_AT_ONCE", 50)
    assert families_of(accounts) == whole


def test_what_would_take_too_long_to_compare_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rarest words still make families."""
    monkeypatch.setattr("attnclf.data.families.MOST_PRODUCTS", 2_000)
    common = posts(0)
    accounts = {f"a{seed}": [*common, *posts(seed, 2)] for seed in range(1, 30)}
    accounts |= {"twin": posts(100), "twin again": posts(100)}
    found = families_of(accounts)
    assert found["twin again"] == "twin"
    assert found["a3"] == "a3"


def test_a_family_that_is_too_large_is_broken_up_and_no_other() -> None:
    same = posts(0)
    accounts = {f"a{number}": [*same, *posts(number + 200, 1)] for number in range(6)}
    accounts |= {"twin": posts(100), "twin again": [*posts(100), "too"], **{f"p{seed}": posts(seed) for seed in range(1, 31)}}
    rows = [(name, text) for name, texts in accounts.items() for text in texts]
    found, left = families([text for _, text in rows], [name for name, _ in rows])
    family = {name: of_row for (name, _), of_row in zip(rows, found, strict=True)}
    assert family["twin again"] == "twin"
    assert left == 6
    assert all(family[name] == name for name in accounts if name.startswith("a"))


def test_equal_accounts_are_one_family_however_many_they_are() -> None:
    names = [f"clone{number}" for number in range(300)]
    found, left = families(["Buy  followers now"] * 299 + ["buy followers now"], names)
    assert (set(found), left) == ({"clone0"}, 0)
