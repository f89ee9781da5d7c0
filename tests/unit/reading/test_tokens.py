"""Texts become tokens that know where they came from."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnclf.config import TextConfig
from attnclf.reading.tokens import UNKNOWN_ID, build_tokenizer, encode, encode_ids, normalised, plain_words

TEXTS = ["Don't stop! 좋아요", "don't 좋아요 정말", "좋아요 👍🏽 e\u0301te\u0301"]


def tokenizer(level: str, longest: int = 50, **settings):
    return build_tokenizer(TEXTS, TextConfig(level=level, min_count=1, longest=longest, **settings))


def pieces(level: str, text: str) -> list[str]:
    (encoded,) = encode(tokenizer(level), [text])
    return [text[start:end] for start, end in encoded.spans]


def test_characters_are_tokens_spaces_too() -> None:
    assert pieces("char", "좋아 D") == ["좋", "아", " ", "D"]


def test_words_are_runs_of_letters_and_marks_stand_alone() -> None:
    assert pieces("word", "Don't stop!! 좋아요👍") == ["Don't", "stop", "!", "!", "좋아요", "👍"]


@pytest.mark.parametrize("beside", ["{}", "a{}b", "가{}", "a'{}", "{}{}1"])
def test_plain_words_are_the_tokens(beside: str) -> None:
    texts = [beside.replace("{}", chr(code)) for code in range(0x20000) if not 0xD800 <= code < 0xE000]
    plain = [(text, words) for text in texts if (words := plain_words(text)) is not None]
    assert len(plain) > 11_172  # as many syllables as there are
    encoded = encode(tokenizer("word"), [text for text, _ in plain])
    found = [[text[a:b] for a, b in one.spans if b > a] for (text, _), one in zip(plain, encoded, strict=True)]
    assert found == [words for _, words in plain]


@pytest.mark.parametrize("text", ["e\u0301te\u0301", "हिन्दी", "👍🏽\ufe0f", "\ud83d", "\u1112\u1161"])
def test_not_all_words_are_plain(text: str) -> None:
    assert plain_words(text) is None


def test_characters_keep_their_case() -> None:
    characters = tokenizer("char")
    assert encode_ids(characters, ["D"])[0][0].tolist() != encode_ids(characters, ["d"])[0][0].tolist()


@pytest.mark.parametrize("level", ["char", "word"])
def test_composed_and_decomposed_letters_are_the_same_tokens(level: str) -> None:
    composed, decomposed = encode(tokenizer(level), ["\u00e9t\u00e9", "e\u0301te\u0301"])
    assert composed.ids.tolist() == decomposed.ids.tolist()
    assert decomposed.spans[-1][1] == 5


def test_a_composed_letter_covers_all_its_code_points() -> None:
    assert pieces("char", "e\u0301t") == ["e\u0301", "t"]
    assert pieces("char", "\u1112\u1161\u11ab!") == ["\u1112\u1161\u11ab", "!"]


@pytest.mark.parametrize("level", ["char", "word"])
def test_an_empty_text_is_one_unknown_token(level: str) -> None:
    (encoded,) = encode(tokenizer(level), [""])
    assert encoded.ids.tolist() == [UNKNOWN_ID]
    assert encoded.spans == ((0, 0),)
    assert encode_ids(tokenizer(level), [""])[0][0].tolist() == [UNKNOWN_ID]


def test_a_long_text_is_cut_and_the_cut_is_known() -> None:
    (encoded,) = encode(tokenizer("char", longest=4), ["좋아요 정말"])
    assert len(encoded.ids) == 4
    assert encoded.end == 4
    assert encode_ids(tokenizer("char", longest=4), ["좋아요 정말", "좋아"])[1] == [True, False]


def test_rare_tokens_are_unknown() -> None:
    rare = build_tokenizer(TEXTS, TextConfig(level="char", min_count=3, longest=50))
    assert encode_ids(rare, ["정"])[0][0].tolist() == [UNKNOWN_ID]
    assert encode_ids(rare, ["좋"])[0][0].tolist() != [UNKNOWN_ID]


def test_the_vocabulary_has_a_limit() -> None:
    assert tokenizer("char", max_vocabulary=5).get_vocab_size() == 5


def test_half_a_character_is_read_as_unknown() -> None:
    ids, _ = encode_ids(tokenizer("char"), ["a\ud83d", "D"])
    assert ids[0].tolist()[1] == UNKNOWN_ID
    assert len(encode(tokenizer("char"), ["\udc00좋"])[0].spans) == 2


def test_half_a_character_in_training_texts_is_read_as_it_is_later() -> None:
    trained = build_tokenizer(["so good\ud83d"] * 3, TextConfig(level="char", min_count=1, longest=50))
    assert "\ufffd" in trained.get_vocab()
    assert encode_ids(trained, ["\ud83d"])[0][0].tolist() != [UNKNOWN_ID]


@given(words=st.lists(st.text(st.sampled_from("aΑΣ'\u0301e가\u11a8ᄀ\u1161İ\ud83d"), max_size=4), max_size=5))
def test_words_are_normalised_together_as_each_by_itself(words: list[str]) -> None:
    assert normalised(words) == [unicodedata.normalize("NFC", word).lower() for word in words]
