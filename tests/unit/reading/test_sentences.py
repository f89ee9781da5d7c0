"""Where sentences end, and the grid that says which token stands where in which of them."""

import time
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnclf.config import TextConfig
from attnclf.reading.base import Ids, Inputs
from attnclf.reading.readers import build_reader
from attnclf.reading.sentences import SentenceReader, sentence_ends

TEXTS = ["Good day. It rains!", "좋아요. 정말 좋아요", "one two three\nfour", '今日は。"晴れ"'] * 2
READERS = {
    (level, kind): build_reader(TEXTS, TextConfig(level=level, min_count=1, max_length=2_000, sentences=kind))
    for level in ("word", "char")
    for kind in ("marks", "lines")
}


def sentences_of(text: str, kind: str = "marks") -> list[str]:
    ends = sentence_ends(text, kind)
    return [text[start:end] for start, end in zip([0, *ends], ends, strict=False)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("It rains. It pours! Why?", ["It rains. ", "It pours! ", "Why?"]),
        ("What?! No... Yes", ["What?! ", "No... ", "Yes"]),
        ("Well… yes", ["Well… ", "yes"]),
        ("3.5 of 1,000.00 at example.com", ["3.5 of 1,000.00 at example.com"]),
        ("It cost 3.5. We paid.", ["It cost 3.5. ", "We paid."]),
        ("비가 온다. 우산이 없다! 왜요?  몰라요", ["비가 온다. ", "우산이 없다! ", "왜요?  ", "몰라요"]),
        ("今日は晴れ。明日は雨！傘は？はい", ["今日は晴れ。", "明日は雨！", "傘は？", "はい"]),
        ("「晴れ。」雨", ["「晴れ。」", "雨"]),
        ('He said "no." She left.', ['He said "no." ', "She left."]),
        ("“아니요.” 그가 말했다", ["“아니요.” ", "그가 말했다"]),
        ("(It rains.) It pours", ["(It rains.) ", "It pours"]),
        ("a line\nanother  \n\n last", ["a line\n", "another  \n\n ", "last"]),
        ("It ends.\n\nIt starts", ["It ends.\n\n", "It starts"]),
        ("no mark", ["no mark"]),
        ("It rains.  ", ["It rains.  "]),
        ("\nfirst", ["\n", "first"]),
        ("", [""]),
        (" ", [" "]),
    ],
)
def test_sentences_end_at_marks_and_lines(text: str, sentences: list[str]) -> None:
    assert sentences_of(text) == sentences
    assert "".join(sentences_of(text)) == text


def test_posts_end_at_lines_alone() -> None:
    assert sentences_of("It rains. It pours!\n今日は。明日", "lines") == ["It rains. It pours!\n", "今日は。明日"]
    assert sentences_of("one  \n\n  two\n", "lines") == ["one  \n\n  ", "two\n"]


@pytest.mark.parametrize("text", ["." * 8_000, "a" + " " * 20_000 + "b", "?!" * 4_000 + "x", '."' * 10_000, "\n \n" * 7_000])
@pytest.mark.parametrize("kind", ["marks", "lines"])
def test_a_run_of_marks_or_spaces_takes_no_longer_than_words(text: str, kind: str) -> None:
    started = time.process_time()
    sentence_ends(text, kind)
    assert time.process_time() - started < 0.2


def groups_of(row: Ids, spans: Sequence[tuple[int, int]], ends: Sequence[int], longest: int) -> list[list[int]]:
    """The definition, token by token: the places of the tokens of each sentence, no more than `longest` in one."""
    groups: list[list[int]] = []
    sentence = -1
    for place in range(len(row)):
        own = sum(end <= spans[place][0] for end in ends)
        if not groups or own != sentence or len(groups[-1]) == longest:
            groups.append([])
        groups[-1].append(place)
        sentence = own
    return groups


def in_grid(inputs: Inputs, text: int) -> list[list[int]]:
    """The places of the tokens of each sentence, as the grid has them."""
    steps = inputs["ids"].shape[1]
    groups = []
    numbers = inputs["sentences"][text]
    assert (numbers[: (numbers > 0).sum()] > 0).all()  # no gap before or between sentences
    for turn, number in enumerate(numbers[numbers > 0]):
        assert inputs["sentence_positions"][number - 1] == text * len(numbers) + turn
        token_positions = inputs["grid"][number - 1]
        filled = token_positions[token_positions > 0]
        assert (token_positions[: len(filled)] > 0).all()  # no gap before or between tokens
        assert ((filled - 1) // steps == text).all()
        if len(filled):
            groups.append(((filled - 1) % steps).tolist())
    return groups


pieces = st.sampled_from(
    [
        "a",
        "Good",
        "좋아요",
        "今日は",
        ". ",
        "! ",
        "。",
        "」",
        "\n",
        " \n\n ",
        "...",
        "3.5",
        ".",
        '."',
        " ",
        "?",
        "e\u0301",
        "👍🏽",
    ]
)
texts = st.lists(st.lists(pieces, max_size=14).map("".join), min_size=1, max_size=5)


@pytest.mark.parametrize(("level", "kind"), READERS)
@settings(max_examples=60, deadline=None)
@given(some=texts, multiple=st.sampled_from([1, 8]))
def test_every_token_stands_once_in_its_own_sentence(level: str, kind: str, some: list[str], multiple: int) -> None:
    reader = READERS[level, kind]
    encoded = reader.encode(some)
    rows, _ = reader.ids(some)
    inputs = reader.batch(rows, multiple)
    grid, token_positions, lengths = inputs["grid"], inputs["token_positions"], inputs["lengths"]
    assert sorted(grid[grid > 0].tolist()) == [
        text * token_positions.shape[1] + place + 1 for text, length in enumerate(lengths) for place in range(length)
    ]
    for text, (one, row) in enumerate(zip(encoded, rows, strict=True)):
        assert np.array_equal(one.ids, row)
        assert in_grid(inputs, text) == groups_of(row, one.spans, sentence_ends(some[text], kind), 64)
        own = token_positions[text, : lengths[text]]
        assert (
            grid.reshape(-1)[own] == text * token_positions.shape[1] + np.arange(lengths[text]) + 1
        ).all()  # token_positions invert grid
        assert (token_positions[text, lengths[text] :] == 0).all()
    assert grid.dtype == token_positions.dtype == np.int32
    assert token_positions.shape == inputs["ids"].shape


@pytest.mark.parametrize(("level", "kind"), READERS)
@settings(max_examples=40, deadline=None)
@given(some=texts)
def test_marks_in_ids_change_nothing_else(level: str, kind: str, some: list[str]) -> None:
    reader = READERS[level, kind]
    assert isinstance(reader, SentenceReader)
    inside = reader.inside
    rows, truncated = reader.ids(some)
    plain, plain_truncated = inside.ids(some)
    assert all(np.array_equal(one, other) for one, other in zip(reader.token_ids(rows), plain, strict=True))
    assert truncated == plain_truncated
    for one, other in zip(reader.encode(some), inside.encode(some), strict=True):
        assert (one.spans, one.end, one.truncated) == (other.spans, other.end, other.truncated)
        assert np.array_equal(reader.is_known(one.ids), inside.is_known(other.ids))
    expected = inside.batch(plain)
    inputs = reader.batch(rows)
    assert inputs.keys() - expected.keys() == {"grid", "token_positions", "sentences", "sentence_positions"}
    assert all(np.array_equal(inputs[name], array) for name, array in expected.items())
    assert reader.token_inputs(rows).keys() - inside.token_inputs(plain).keys() == {
        "grid",
        "token_positions",
        "sentences",
        "sentence_positions",
    }


@pytest.mark.parametrize(("level", "kind"), READERS)
@settings(max_examples=40, deadline=None)
@given(some=texts, company=texts)
def test_company_only_pads_a_texts_grid(level: str, kind: str, some: list[str], company: list[str]) -> None:
    reader = READERS[level, kind]
    (row,), others = reader.ids(some[:1])[0], reader.ids(company)[0]
    alone, together = reader.batch([row]), reader.batch([*others, row])
    assert in_grid(together, len(others)) == in_grid(alone, 0)
    many, width = alone["grid"].shape
    own = together["grid"][-many:]
    own = np.where(own > 0, own - len(others) * together["token_positions"].shape[1], 0)
    assert np.array_equal(own[:, :width], alone["grid"])
    assert (own[:, width:] == 0).all()


def test_spans_cut_the_original_text() -> None:
    text = "Good day.  정말 3.5!\n“e\u0301te\u0301.” 今日は。"
    for (level, _), reader in READERS.items():
        (one,) = reader.encode([text])
        assert one.end == len(text)
        joined = "".join(text[start:end] for start, end in one.spans)
        assert joined == (text if level == "char" else "".join(text.split()))


@pytest.mark.parametrize(("level", "longest", "token"), [("word", 64, "tea "), ("char", 256, "x")])
@pytest.mark.parametrize("over", [-1, 0, 1])
def test_long_sentences_are_cut(level: str, longest: int, token: str, over: int) -> None:
    reader = READERS[level, "marks"]
    for times in (1, 2):
        many = longest * times + over
        (row,) = reader.ids([token * many])[0]
        assert len(row) == many
        sizes = [len(group) for group in in_grid(reader.batch([row]), 0)]
        assert sizes == [longest] * (many // longest) + [many % longest] * (many % longest > 0)


def test_each_sentence_is_cut_from_its_own_start() -> None:
    reader = READERS["word", "lines"]
    (row,) = reader.ids(["a b c\n" + "tea " * 65 + "\nd"])[0]
    assert [len(group) for group in in_grid(reader.batch([row]), 0)] == [3, 64, 1, 1]


@pytest.mark.parametrize(("level", "kind"), READERS)
def test_texts_with_nothing_in_them_are_one_sentence_of_one_token(level: str, kind: str) -> None:
    reader = READERS[level, kind]
    rows, truncated = reader.ids(["", "a. b\nc", ""])
    inputs = reader.batch(rows)
    assert truncated == [False] * 3
    assert in_grid(inputs, 0) == in_grid(inputs, 2) == [[0]]
    rows, _ = reader.ids([" \n  "])
    (group,) = in_grid(reader.batch(rows), 0)
    assert len(group) == len(rows[0]) == (1 if level == "word" else 4)


def test_padding_is_to_multiples() -> None:
    reader = READERS["word", "marks"]
    rows, _ = reader.ids(["a b c. d", "a. b. c. d. e"])
    assert reader.batch(rows)["grid"].shape == (7, 4)  # the mark is a token; sentences that are not there take no room
    assert reader.batch(rows)["sentences"].tolist() == [[1, 2, 0, 0, 0], [3, 4, 5, 6, 7]]
    assert reader.batch(rows)["sentence_positions"].tolist() == [0, 1, 5, 6, 7, 8, 9]
    assert reader.batch(rows, multiple=8)["grid"].shape == (32, 8)
    assert reader.batch(rows, multiple=8)["sentences"].shape == (2, 8)  # to a multiple of four
    assert reader.batch(rows, multiple=8)["token_positions"].shape == (2, 16)


@pytest.mark.parametrize("level", ["word", "char"])
def test_what_is_cut_off_a_text_leaves_whole_sentences_of_what_is_read(level: str) -> None:
    reader = build_reader(TEXTS, TextConfig(level=level, min_count=1, sentences="marks", longest=6))
    text = "ab. cd. ef gh ij. kl"
    short = reader.encode([text])[0]
    rows, truncated = reader.ids([text, "ab"])
    assert truncated == [True, False]
    assert short.truncated
    assert short.end < len(text)
    assert in_grid(reader.batch(rows), 0) == ([[0, 1], [2, 3], [4, 5]] if level == "word" else [[0, 1, 2, 3], [4, 5]])
    assert in_grid(reader.batch(rows), 1) == [list(range(len(rows[1])))]


def test_a_saved_reader_knows_its_sentences() -> None:
    from attnclf.reading.readers import open_reader

    for level in ("word", "char"):
        config = TextConfig(level=level, min_count=1, sentences="marks")
        reader = build_reader(TEXTS, config)
        again = open_reader(reader.files(), config)
        for one, other in zip(reader.encode(TEXTS), again.encode(TEXTS), strict=True):
            assert one.spans == other.spans
        first, second = (it.batch(it.ids(TEXTS)[0]) for it in (reader, again))
        assert np.array_equal(first["grid"], second["grid"])
