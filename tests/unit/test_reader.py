"""Words by what they are made of, and the arrays a model reads."""

import numpy as np
import pytest

from attnclf.config import TextConfig
from attnclf.ngrams import Features, ngrams
from attnclf.reader import CharReader, Reader, WordReader, build_reader, open_reader

TEXTS = ["좋아요 정말 좋아요", "get 1000 followers", "정말 좋아요 ㅋㅋ", "get followers, now"]


def reader(level: str, **settings: int) -> Reader:
    return build_reader(TEXTS, TextConfig(level=level, **({"min_count": 1} | settings)))


def test_a_word_is_itself_and_its_ngrams_with_its_ends_marked() -> None:
    assert ngrams("ab") == ["=ab", "a", "b", "<a", "ab", "b>", "<ab", "ab>", "<ab>"]
    assert max(map(len, ngrams("followers")[1:])) == 5


def test_a_hangul_word_is_made_of_syllables_and_of_letters() -> None:
    parts = ngrams("좋다")
    assert parts[:6] == ["=좋다", "좋", "다", "<좋", "좋다", "다>"]
    assert "\u110c\u1169\u11c2" in parts  # ㅈ ㅗ ㅎ
    assert "\u1103\u1161_" in parts  # 다 has no final letter
    assert set(ngrams("좋아")) & set(ngrams("좋다")) - set("좋") > {"\u110c\u1169\u11c2"}
    assert max(map(len, parts[1:])) == 6


def test_a_very_long_word_stays_small() -> None:
    assert len(ngrams("abcdefghij" * 100)) < 200


def test_features_are_what_occurs_often_enough() -> None:
    features = Features.build([["aa", "b"], ["aa", "b"], ["c"]], TextConfig(min_count=2))
    assert "=aa" in features.names
    assert "aa b" in features.names
    assert "=c" not in features.names
    assert features.of_word("c") == [1]
    assert features.of_pair("aa", "b") == len(features) - 1
    assert features.of_pair("b", "aa") == 0
    assert features.ngrams == len(features) - sum(" " in name for name in features.names)


def test_an_unseen_word_shares_features_with_the_words_it_is_like() -> None:
    features = Features.build([["followers"]], TextConfig(min_count=1))
    seen, typo = set(features.of_word("followers")), set(features.of_word("folowers"))
    assert len(seen & typo) > 10
    assert 1 not in typo


@pytest.mark.parametrize("level", ["char", "word"])
def test_a_batch_pads_on_the_right(level: str) -> None:
    it = reader(level)
    ids, truncated = it.ids(["정말 좋아요", "get", ""])
    batch = it.batch(ids, multiple=8)
    assert truncated == [False] * 3
    assert batch["ids"].shape == (3, 8)
    assert batch["lengths"].tolist() == [len(row) for row in ids]
    assert batch["lengths"][2] == 1
    assert (batch["ids"][1, batch["lengths"][1] :] == 0).all()


def test_a_batch_holds_each_word_once() -> None:
    it = reader("word")
    ids, _ = it.ids(["좋아요 좋아요", "정말 좋아요"])
    batch = it.batch(ids)
    assert batch["words"].tolist() == [0, 0, 1, 1]  # two rows of eight for each of two words
    first, second = batch["ids"]
    assert first[0] == first[1] == second[1] != second[0]
    assert (batch["pairs"] > 0).tolist() == [[True, False], [True, True]]  # "좋아요 좋아요" was never seen


def test_word_ids_ignore_case_and_composition() -> None:
    it = reader("word")
    for one, other in (("GET", "get"), ("\u110c\u1169\u11c2\u110b\u1161\u110b\u116d", "좋아요")):
        rows = [it.batch(it.ids([text])[0])["features"].tolist() for text in (one, other)]
        assert rows[0] == rows[1]


@pytest.mark.parametrize("level", ["char", "word"])
def test_known_means_something_of_it_was_seen(level: str) -> None:
    it = reader(level)
    ids, _ = it.ids(["좋", "龘", ""])
    assert [it.is_known(row).tolist() for row in ids] == [[True], [False], [False]]


def test_forgetting_words_changes_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    it = reader("word")
    before = it.batch(it.ids(TEXTS)[0])
    it.forget()
    monkeypatch.setattr("attnclf.reader.MOST_WORDS", 1)
    it.forget()
    it.ids(["other words first"])
    it.forget()
    after = it.batch(it.ids(TEXTS)[0])
    for name in ("lengths", "pairs"):
        assert np.array_equal(before[name], after[name])
    assert sorted(map(tuple, before["features"])) == sorted(map(tuple, after["features"]))


def test_the_linear_path_counts_a_repeated_word_and_pair_once() -> None:
    it = reader("word")
    once, twice = (
        it.features_of(it.ids([text])[0][0]).tolist() for text in ("좋아요 정말 좋아요", "좋아요 정말 좋아요 정말 좋아요")
    )
    assert sorted(set(once)) == sorted(set(twice))
    words = [number for number in twice if number < it.vocabulary and it.whole()[number]]
    assert len(words) == len(set(words)) == 2


def test_whole_words_and_pairs_are_told_from_parts() -> None:
    it = reader("word")
    names = ["", "", *it._known.names]
    assert {name for name, whole in zip(names, it.whole(), strict=True) if whole} == {
        name for name in names if name.startswith("=") or " " in name
    }


@pytest.mark.parametrize(("level", "kind"), [("char", CharReader), ("word", WordReader)])
def test_a_reader_reads_back_from_its_files(level: str, kind: type) -> None:
    it = reader(level)
    again = open_reader(it.files(), TextConfig(level=level))
    assert isinstance(again, kind)
    assert (again.vocabulary, again.features) == (it.vocabulary, it.features)
    for name, array in it.batch(it.ids(TEXTS)[0]).items():
        assert np.array_equal(array, again.batch(again.ids(TEXTS)[0])[name])


def test_features_have_a_limit_of_each_kind() -> None:
    it = reader("word", max_features=5)
    assert it.vocabulary == 2 + 5
    assert it.features == 2 + 5 + 2


def test_special_names_in_a_text_are_ordinary() -> None:
    it = reader("word")
    assert len(it.encode(["[PAD] [UNK]"])[0].ids) == 6
