"""Words by what they are made of, and the arrays a model reads."""

import unicodedata
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnclf.config import TextConfig
from attnclf.ragged import Ragged
from attnclf.reading.base import Reader
from attnclf.reading.ngrams import Features, hashes, hashes_of_words, pair_hashes
from attnclf.reading.readers import CharReader, WordReader, build_reader, open_reader

TEXTS = ["좋아요 정말 좋아요", "get 1000 followers", "정말 좋아요 ㅋㅋ", "get followers, now"]


def reader(level: str, **settings: int) -> Reader:
    return build_reader(TEXTS, TextConfig(level=level, **({"min_count": 1} | settings)))


def features_in_words(word: str) -> set[str]:
    """The definition, letter by letter: what `attnclf.reading.ngrams.hashes` must know the word by."""
    read = word[:LONGEST]
    hangul = any("가" <= character <= "힣" for character in read)
    letters = [unicodedata.normalize("NFD", c) if "가" <= c <= "힣" else c for c in read]
    jamo = "".join(letter + "\u11a7" if len(letter) == 2 else letter for letter in letters) if hangul else ""
    slices = {f"<{read}>"[i : i + n] for n in range(2, 4 if hangul else 6) for i in range(len(read) + 3 - n)}
    slices |= {f"<{jamo}>"[i : i + n] for n in range(3, 7) for i in range(len(jamo) + 3 - n)} if hangul else set()
    return {f"={word}", *read, *slices}


LONGEST = 30  # characters read of a word here
WORDS = st.text(st.sampled_from("abz9_<>가좋하ㅋé龘"), min_size=1, max_size=40)


@given(words=st.lists(WORDS, min_size=1, max_size=6))
def test_words_are_known_by_themselves_and_their_ngrams(words: list[str]) -> None:
    found, owners = hashes(words, LONGEST)
    names = [features_in_words(word) for word in words]
    for one in range(len(words)):
        assert len(set(found[owners == one].tolist())) == len(names[one])
        for other in range(one):
            shared = set(found[owners == one].tolist()) & set(found[owners == other].tolist())
            assert len(shared) == len(names[one] & names[other])


def test_a_very_long_word_stays_small() -> None:
    assert len(hashes(["abcdefghij" * 100], LONGEST)[0]) < 200
    long, longer = hashes_of_words(["a" * 99, "a" * 100])
    assert long != longer


def known_to(features: Features, word: str) -> set[int]:
    return set(features.of_words([word])[0].tolist())


def test_features_are_what_occurs_often_enough() -> None:
    words = ["aa", "b", "c"]
    features = Features.build(Ragged(np.array([0, 1, 0, 1, 2]), [2, 2, 1]), words, TextConfig(min_count=2))
    assert known_to(features, "c") == {1}
    assert known_to(features, "aa") > known_to(features, "a") != {1}
    aa, b = hashes_of_words(["aa", "b"])
    pairs = features.ids(pair_hashes(np.array([aa, b]), np.array([b, aa])))
    assert pairs[0] >= features.ngrams == len(features) - 2  # "aa b", and "aa" at the start
    assert pairs[1] == 0


def test_an_unseen_word_shares_features_with_the_words_it_is_like() -> None:
    features = Features.build(Ragged(np.array([0]), [1]), ["followers"], TextConfig(min_count=1))
    shared = known_to(features, "followers") & known_to(features, "folowers")
    assert len(shared) > 10
    assert 1 not in shared


SENTENCE = "슬픈액션영화치고는실망이크다부자간의배신과원망으로끝나는것이너무허무하다"  # 38 syllables without a space


def test_a_sentence_without_spaces_is_read_to_its_end() -> None:
    features = Features.build(Ragged(np.array([0]), [1]), [SENTENCE], TextConfig(min_count=1))
    assert len(known_to(features, SENTENCE)) > 400
    assert len(known_to(features, "허무하다") & known_to(features, SENTENCE)) > 10


def test_an_ending_changes_part_of_a_syllable() -> None:
    features = Features.build(Ragged(np.array([0]), [1]), ["좋아"], TextConfig(min_count=1))
    assert len(known_to(features, "좋았다")) > 3


def test_every_id_is_found_again_whatever_the_hashes() -> None:
    rng = np.random.default_rng(0)
    clustered = (rng.integers(0, 2**63, 1, dtype=np.uint64) + np.arange(50, dtype=np.uint64)).astype(np.uint64)
    some = np.concatenate([rng.permutation(clustered), rng.integers(0, 2**63, 500, dtype=np.uint64) * np.uint64(2)])
    features = Features(some, np.zeros(len(some), np.uint8), TextConfig())
    assert features.ids(some).tolist() == list(range(2, 2 + len(some)))
    assert not features.ids(some + np.uint64(1000)).any()
    assert Features(some[:0], np.zeros(0, np.uint8), TextConfig()).ids(some).tolist() == [0] * len(some)


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
    assert sorted(set(batch["words"].tolist())) == [0, 1]
    assert np.array_equal(batch["words"], np.sort(batch["words"]))
    assert len(batch["words"]) == len(batch["features"]) > 2  # rows of eight
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


def test_forgetting_words_changes_no_answer() -> None:
    it = reader("word")
    before = it.batch(it.ids(TEXTS)[0])
    it.ids(["other words first"])
    it.forget()
    assert it.words() == 0
    after = it.batch(it.ids(TEXTS)[0])
    for name in ("lengths", "pairs"):
        assert np.array_equal(before[name], after[name])
    assert sorted(map(tuple, before["features"])) == sorted(map(tuple, after["features"]))


def test_the_linear_path_counts_a_repeated_word_and_pair_once() -> None:
    it = reader("word")
    ids, _ = it.ids(["좋아요 정말 좋아요", "좋아요 정말 좋아요 정말 좋아요", "get"])
    found = {}
    for kind, (texts, numbers) in zip(("words", "pairs"), it.distinct(ids), strict=True):
        found[kind] = [numbers[texts == text].tolist() for text in range(3)]
        once, twice, _ = found[kind]
        assert len(once) == len(set(once))
        assert set(once) == set(twice)
    assert [len(words) for words in found["words"]] == [2, 2, 1]
    assert 0 not in found["pairs"][0]


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


SOME_TEXTS = st.text(st.sampled_from("\ud83dab 1'’.좋ㅋé\n\t\u3000\u0301\u0915\u093f🙂\u200d_"), max_size=30)


@given(texts=st.lists(SOME_TEXTS, min_size=1, max_size=4), longest=st.sampled_from([3, 8, 100]))
def test_ids_are_those_of_the_tokens(texts: list[str], longest: int) -> None:
    it = reader("word", max_length=longest)
    ids, truncated = it.ids(texts)
    encoded = it.encode(texts)
    assert [row.tolist() for row in ids] == [one.ids.tolist() for one in encoded]
    assert truncated == [one.truncated for one in encoded]


def test_of_a_very_long_word_the_rarest_features_are_lost() -> None:
    config = TextConfig(min_count=1)
    features = Features.build(Ragged(np.array([0, 1, 0]), [3]), ["abcdefgh", "abc"], config)
    all_of_it, counts = features.of_words(["abcdefgh", "zz", "abc"])
    few = Features(features.hashes, features.kinds, replace(config, most_ngrams=5))
    some, fewer = few.of_words(["abcdefgh", "zz", "abc"])
    assert counts.tolist() == [len(hashes(["abcdefgh"], LONGEST)[0]), 1, len(hashes(["abc"], LONGEST)[0])]
    assert fewer.tolist() == [5, 1, 5]
    assert some[:5].tolist() == all_of_it[:5].tolist() == sorted(all_of_it[: counts[0]])[:5]
    assert some[5] == 1
