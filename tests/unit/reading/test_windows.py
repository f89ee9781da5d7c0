"""What the network reads of a long text, and what that leaves to the linear model."""

import numpy as np
import pytest

from attnclf.config import Config, TextConfig
from attnclf.ragged import Ragged
from attnclf.reading.padding import occurrence_shares
from attnclf.reading.readers import build_reader
from attnclf.reading.sentences import LAST
from attnclf.reading.windows import ReadingLimits, Window, spread

TEXTS = ["one two three. four five six seven. eight nine ten", "one two", "a a a b b one"]


@pytest.mark.parametrize(
    ("part", "positions", "gap"),
    [("both", [0, 1, 8, 9], (2, 8)), ("start", [0, 1, 2, 3], (4, 10)), ("end", [6, 7, 8, 9], (0, 6))],
)
def test_the_network_reads_the_ends_of_a_long_text(part: str, positions: list[int], gap: tuple[int, int]) -> None:
    window = Window.of(Config().override({"text": {"max_length": 4, "long_texts": part}}).text)
    assert window.positions(10).tolist() == positions
    assert window.gap(10) == gap
    assert window.positions(4).tolist() == [0, 1, 2, 3]
    assert window.gap(4)[0] == window.gap(4)[1]
    ids = Ragged(np.array([*range(10, 20), 7, 8], np.int32), [10, 2])
    assert [row.tolist() for row in window.cut(ids)] == [[10 + place for place in positions], [7, 8]]


def test_an_odd_number_of_tokens_is_shared_out() -> None:
    window = Window.of(TextConfig(max_length=5))
    assert (window.size, window.start + window.end) == (5, 5)
    assert min(window.start, window.end) == 2
    assert Window.of(TextConfig(max_length=1)).positions(9).size == 1


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"text": {"level": "word"}}, "it reads the first 256 and the last 256, and the linear model up to 100,000"),
        ({"text": {"level": "char"}}, "it reads the first 256 and the last 256, and the rest is not read"),
        (
            {"text": {"level": "word", "long_texts": "end"}, "model": {"linear": False}},
            "the last 512, and the rest is not read",
        ),
        ({"text": {"level": "word", "long_texts": "start", "longest": 512}}, "the first 512, and the rest is not read"),
        ({"text": {"level": "word", "max_length": 900, "longest": 512}}, "the first 512, and the rest is not read"),
    ],
)
def test_what_is_read_is_told(settings: dict, says: str) -> None:
    limits = ReadingLimits.of(Config().override(settings))
    assert limits.in_words().endswith(says)
    assert limits.gap_is_read == ("linear model" in says)
    assert limits.of_longer(1).startswith("1 text is longer than the 512 tokens the network reads: it reads ")


def test_numbers_of_the_window_are_spread_over_the_text() -> None:
    values = np.array([[[1], [2], [3]], [[4], [5], [9]]])  # the 9 stands on padding
    found = spread(values, [np.array([0, 1, 4]), np.array([0, 1])], 5)
    assert found[:, :, 0].tolist() == [[1, 2, 0, 0, 3], [4, 5, 0, 0, 0]]


def test_a_word_counts_once_however_often_it_occurs() -> None:
    shares = occurrence_shares(Ragged(np.array([7, 7, 3, 7, 3], np.int32), [4, 1]))
    assert shares.tolist() == [np.float32(1 / 3), np.float32(1 / 3), 1, np.float32(1 / 3), 1]
    assert shares.dtype == np.float32


def test_the_network_reads_a_window_and_the_linear_model_everything() -> None:
    reader = build_reader(TEXTS, TextConfig(level="word", min_count=1, max_length=4))
    ids, truncated = reader.ids(TEXTS)
    assert truncated == [True, False, True]
    batch = reader.batch(ids)
    assert batch["lengths"].tolist() == [4, 2, 4]
    assert batch["text_lengths"].tolist() == [12, 2, 6]
    assert batch["positions"][0].tolist() == [0, 1, 10, 11]
    for row, places in ((0, [0, 1, 10, 11]), (1, [0, 1]), (2, [0, 1, 4, 5])):
        assert batch["ids"][row, : len(places)].tolist() == batch["linear_ids"][row, places].tolist()
    assert batch["word_shares"][2, :6].tolist() == [np.float32(1 / 3)] * 3 + [0.5, 0.5, 1]
    assert batch["word_shares"][1].tolist() == [1, 1] + [0] * 10
    alone = reader.network_batch(ids)
    assert not {"linear_ids", "pairs", "word_shares", "pair_shares"} & alone.keys()
    assert len(alone["features"]) < len(batch["features"])  # of the words in the windows only
    read = reader.in_window(ids)
    whole = [row[: len(words)] for row, words in zip(reader.batch(read)["ids"], read, strict=True)]
    assert [row[:length].tolist() for row, length in zip(alone["ids"], alone["lengths"], strict=True)] == list(
        map(np.ndarray.tolist, whole)
    )


@pytest.mark.parametrize("part", ["both", "start", "end"])
def test_each_side_of_a_window_ends_a_sentence(part: str) -> None:
    config = Config().override({"text": {"level": "word", "min_count": 1, "max_length": 4, "sentences": "marks"}})
    reader = build_reader(TEXTS, Config.override(config, {"text": {"long_texts": part}}).text)
    ids, _ = reader.ids(TEXTS)
    before = [row.copy() for row in ids]
    seen = reader.in_window(ids)[0]
    ends = np.flatnonzero(seen & LAST).tolist()
    assert ends == {"both": [1, 3], "start": [3], "end": [0, 3]}[part]  # the tenth token is the mark of a sentence's end
    assert all(np.array_equal(one, other) for one, other in zip(ids, before, strict=True))
    sentences = reader.batch(ids)["sentences"]
    assert np.count_nonzero(sentences[0]) == len(ends)


def test_spaces_at_the_end_are_not_what_makes_a_text_long() -> None:
    reader = build_reader(["abc d"], TextConfig(level="char", min_count=1, max_length=4))
    texts = ["abcd   ", "a    b ", "      ", "abcd"]
    ids, truncated = reader.ids(texts)
    assert truncated == [False, True, False, False]
    assert list(map(len, ids)) == [4, 6, 4, 4]
    for one, row, cut in zip(reader.encode(texts), ids, truncated, strict=True):
        assert (one.ids.tolist(), one.truncated) == (row.tolist(), cut)
        assert len(one.spans) == len(row)
    assert reader.encode(texts)[0].end == 4
