"""Blanks in posts: what is asked, what counting gives, what is said of classifiers. Nothing here is trained."""

import json
from dataclasses import asdict

import numpy as np
import pytest

from attnclf.lessons.blanks import BIGRAM, TRANSFORMER, TWO_SIDES, UNIGRAM, Asked, counted, known, perplexity
from attnclf.lessons.posts.words import Posts
from attnclf.reading.ngrams import hashes_of_words

TRAIN = ["a b c", "A b d", "b, once"]
POSTS = Posts.of(TRAIN, ["a b new", "b a"], length=4)


def spelled(ids: np.ndarray) -> list[list[str]]:
    return [[[*POSTS.words, "___"][word] for word in row if word] for row in ids]


def test_posts_are_read_as_the_classifier_reads_them() -> None:
    assert spelled(POSTS.train) == [["a", "b", "c"], ["a", "b", "d"], ["b", ",", "once"]]
    assert spelled(POSTS.test) == [["a", "b", "new"], ["b", "a"]]
    assert POSTS.words == ["", "b", "a", "c", "d", ",", "once", "new"]  # known: what stands there twice
    assert POSTS.known == 2
    assert spelled(Posts.of(TRAIN, ["x"], length=2).train)[0] == ["a", "b"]
    assert len(POSTS.words) == POSTS.owners[-1] + 1
    (b,) = np.flatnonzero(POSTS.features.hashes == hashes_of_words(["b"])) + 2
    assert b in POSTS.rows[POSTS.owners == 1]
    assert POSTS.rows.max() < POSTS.features.ngrams


def test_every_known_word_is_asked_for_once_by_itself() -> None:
    asked = Asked.once(POSTS.test, POSTS)
    assert spelled(asked.ids) == [["___", "b", "new"], ["a", "___", "new"], ["___", "a"], ["b", "___"]]
    assert asked.places.tolist() == [[0], [1], [0], [1]]
    assert [POSTS.words[word + 1] for word in asked.words[:, 0]] == ["a", "b", "b", "a"]
    assert spelled(POSTS.test)[0] == ["a", "b", "new"]  # the posts stay as they were


def test_in_training_two_are_asked_for_at_a_time_and_few_of_them_are_shown() -> None:
    texts = [" ".join(f"w{i}" for i in np.random.default_rng(row).permutation(9)) for row in range(300)]
    posts = Posts.of(texts, ["w1"], length=9)
    asked = Asked.in_pairs(posts.train, posts, np.random.default_rng(0))
    assert asked.ids.shape == (300 * 2 * 5, 9)  # nine words make five pairs, of which one shares a word with another
    there = np.take_along_axis(asked.ids, asked.places, axis=1)
    blank, itself = there == len(posts.words), there == asked.words + 1
    assert blank.mean() == pytest.approx(0.8, abs=0.02)
    assert itself.mean() == pytest.approx(0.1 + 0.1 / 9, abs=0.02)
    assert ((there > 0) & (there <= len(posts.words))).all()
    whole = asked.ids.copy()
    np.put_along_axis(whole, asked.places, asked.words + 1, axis=1)
    assert {tuple(row) for row in whole.tolist()} == {tuple(row) for row in posts.train.tolist()}
    for row in {tuple(row) for row in whole[:50].tolist()}:  # every word of every post
        assert set(asked.places[(whole == row).all(axis=1)].ravel()) == set(range(9))


def test_perplexity_is_the_number_of_words_between_which_it_hesitates() -> None:
    p = np.array([[0.25, 0.25, 0.25, 0.25], [1.0, 0.0, 0.0, 0.0]])
    assert perplexity(p[:1], np.array([2])) == pytest.approx(4)
    assert perplexity(p, np.array([0, 0])) == pytest.approx(2)


def test_counting_by_hand() -> None:
    """Begin and end are "", the words seen once are one: "a b ?", "a b ?", "b ? ?", each between two ""."""
    one = np.array([3, 2]) / 12  # p(b), p(a): of nine words and three ends
    after = {"": (np.array([1, 2]) + 2 * one) / (3 + 2), "a": (np.array([2, 0]) + 1 * one) / (2 + 1)}
    after |= {"b": (np.array([0, 0]) + 1 * one) / (3 + 1)}
    asked = Asked.once(POSTS.test[1:], POSTS)  # "b a": b between "" and a, a between b and ""
    expected = {UNIGRAM: [one / one.sum()] * 2, BIGRAM: [after[""] / after[""].sum(), after["b"] / after["b"].sum()]}
    right = np.array([after["b"][1], after["a"][1]])  # p(a | b), p(a | a)
    both = after[""] * right
    end = np.array([1 / 12 * 3 * 1 / 4, 1 / 12 * 3 * 1 / 3])  # p("" | b) and p("" | a), never seen
    last = after["b"] * end
    expected[TWO_SIDES] = [both / both.sum(), last / last.sum()]
    found = counted(POSTS, asked)
    for name, p in expected.items():
        assert found[name] == pytest.approx((p[0][0] * p[1][1]) ** -0.5, rel=1e-5), name


def test_what_a_classifier_gains_is_told_either_way() -> None:
    found = {BIGRAM: 20.0, TWO_SIDES: 5.0, TRANSFORMER: 6.0}
    assert [answer.held for answer in known(found, np.zeros((0, 2, 2)))] == [True]
    accuracy = np.array([[[0.6, 0.7], [0.7, 0.7]], [[0.6, 0.8], [0.68, 0.9]], [[0.6, 0.7], [0.69, 0.68]]])
    answers = known(found, accuracy)
    assert [answer.held for answer in answers] == [True, False, True, False]
    assert [answer.measured for answer in answers[2:]] == [
        "0.690 beside 0.600, a gain of 0.090 ± 0.006, in 3 of 3 runs",
        "0.760 beside 0.733, a gain of 0.027 ± 0.037, in 1 of 3 runs",
    ]
    assert json.dumps([asdict(answer) for answer in answers])
