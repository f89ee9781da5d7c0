"""Rows whose label is wrong are found, with the words that say so; rows that belong together are judged together."""

from dataclasses import replace

import numpy as np

from attnclf.checking.crossed import cross_validate
from attnclf.checking.folds import EVERYWHERE, folds_of
from attnclf.checking.words import weights_of
from attnclf.checking.wrong_labels import find_label_errors, judge, why_not_searched
from attnclf.config import TextConfig
from attnclf.data import Columns, Table
from attnclf.reading.readers import WordReader, build_reader

GOOD, BAD = ["lovely", "superb", "charming", "delightful"], ["awful", "dreadful", "boring", "horrid"]
THINGS = ["film", "plot", "scene", "actor", "song", "ending", "camera", "script"]
FLIPPED = [3, 40, 77, 118, 151]


def reviews(rows: int = 160, flipped: list[int] = FLIPPED) -> Table:
    """Reviews whose label one of their words gives away, but for the flipped rows."""
    random = np.random.default_rng(0)
    labels = ["good" if n % 2 else "bad" for n in range(rows)]
    texts = [
        f"{random.choice(THINGS)} {random.choice(GOOD if label == 'good' else BAD)} {random.choice(THINGS)} {n}"
        for n, label in enumerate(labels)
    ]
    for row in flipped:
        labels[row] = "bad" if labels[row] == "good" else "good"
    return Table(texts, labels, [], "r.csv", Columns(("text",), "label"), lines=range(2, rows + 2))


def test_flipped_labels_are_found_with_their_words() -> None:
    table = reviews()
    search = find_label_errors(table, TextConfig())
    assert search.rows == 160
    assert {error.place.line - 2 for error in search.errors[:5]} == set(FLIPPED)
    assert len(search.errors) <= 10
    for error in search.errors[:5]:
        row = error.place.line - 2
        assert (error.text, error.label) == (table.texts[row], table.labels[row])
        assert {error.label, error.suggested} == {"good", "bad"}
        assert error.probability < 0.5 < error.suggested_probability
        assert error.words[0].text in (GOOD if error.suggested == "good" else BAD)
        assert [word.weight for word in error.words] == sorted((word.weight for word in error.words), reverse=True)
    probabilities = [error.probability for error in search.errors]
    assert probabilities == sorted(probabilities)


def test_three_labels() -> None:
    table = reviews()
    words = ["red", "green", "blue"]
    labels = [words[n % 3] for n in range(160)]
    table = replace(table, texts=[f"{THINGS[n % 8]} {label} {n}" for n, label in enumerate(labels)], labels=[*labels])
    table.labels[10] = "blue"  # it was green
    assert words[10 % 3] == "green"
    first = find_label_errors(table, TextConfig()).errors[0]
    assert (first.place.line, first.label, first.suggested, first.words[0].text) == (12, "blue", "green", "green")


def test_words_and_bias_sum_to_the_log_odds() -> None:
    table = reviews()
    reader = build_reader(table.texts, TextConfig(level="word"))
    assert isinstance(reader, WordReader)
    targets = np.array([label == "good" for label in table.labels], np.int32)
    folds = folds_of(table.texts, targets, (), 5, 5)
    crossed = cross_validate(reader, reader.ids(table.texts)[0], targets, 2, [folds])
    biases = []
    for row in np.flatnonzero(folds == 2):
        (model,) = crossed.judges(int(row))
        (text,) = reader.encode([table.texts[row]])
        bad, good = crossed.probabilities[row]
        biases.append(np.log(good / bad) - weights_of(reader, model, text, 1, 0).sum())
    assert len(biases) > 20
    assert np.ptp(biases) < 1e-3  # what is left is the bias of the one model


def test_a_row_is_judged_by_a_model_that_has_not_seen_it() -> None:
    """Labels without any reason are found no better than by chance, which a model that had seen them would do."""
    random = np.random.default_rng(1)
    texts = [f"{random.choice(THINGS)} {random.choice(THINGS)} {n}" for n in range(200)]
    targets = random.integers(0, 2, 200).astype(np.int32)
    reader = build_reader(texts, TextConfig(level="word"))
    assert isinstance(reader, WordReader)
    folds = folds_of(texts, targets, (), 5, 5)
    crossed = cross_validate(reader, reader.ids(texts)[0], targets, 2, [folds])
    assert np.allclose(crossed.probabilities.sum(axis=1), 1)
    right = (crossed.probabilities.argmax(axis=1) == targets).mean()
    assert right < 0.65


def test_folds_are_even_in_labels_and_keep_together_what_belongs_together() -> None:
    texts = [f"text {n // 2}" if n < 60 else f"other {n}" for n in range(120)]
    targets = np.array([n % 3 == 0 for n in range(120)], np.int32)
    folds = folds_of(texts, targets, (), 3, 5)
    assert all(folds[n] == folds[n + 1] for n in range(0, 60, 2))
    counts = np.array([[np.sum((folds == fold) & (targets == label)) for fold in range(3)] for label in (0, 1)])
    assert (np.ptp(counts, axis=1) <= 4).all()
    groups = [f"account {n % 10}" for n in range(120)]
    by_group = folds_of(texts, targets, groups, 3, 2)
    assert len({(group, int(fold)) for group, fold in zip(groups, by_group, strict=True)}) == 10


def test_rows_of_a_label_that_is_too_rare_are_in_no_fold() -> None:
    texts = [f"text {n}" for n in range(40)]
    targets = np.array([2 if n < 3 else n % 2 for n in range(40)], np.int32)
    folds = folds_of(texts, targets, (), 4, 5)
    assert (folds[:3] == EVERYWHERE).all()
    assert set(folds[3:].tolist()) == {0, 1, 2, 3}


def test_a_label_too_rare_to_judge_does_not_stop_the_search() -> None:
    table = reviews()
    search = find_label_errors(replace(table, labels=["odd", "odd", *table.labels[2:]]), TextConfig())
    assert search.rows == 158
    assert {error.place.line - 2 for error in search.errors[:5]} == set(FLIPPED)


def test_why_there_is_no_search() -> None:
    table = reviews()
    assert why_not_searched(table) == ""
    assert why_not_searched(replace(table, labels=["x"] * 160)) == "there is one label only"
    assert "fewer than 50 rows" in why_not_searched(table.rows(range(40)))
    many = table.rows([n % 160 for n in range(600)])
    assert "501 labels of 600 rows" in why_not_searched(replace(many, labels=[str(n % 501) for n in range(600)]))
    one_text_each = replace(table, texts=[f"same {label}" for label in table.labels])
    assert "no two labels have 5 different texts" in find_label_errors(one_text_each, TextConfig()).skipped


def test_empty_texts_are_not_judged() -> None:
    table = reviews()
    texts = ["" if n in (20, 21) else text for n, text in enumerate(table.texts)]
    judged = judge(replace(table, texts=texts), TextConfig())
    assert judged is not None
    assert not {20, 21} & set(judged.order.tolist())
