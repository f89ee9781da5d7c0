"""Evaluation: what is said of rows that say nothing about new texts."""

from pathlib import Path

import pytest

from attnclf.data import Columns, Table
from attnclf.data.repeats import HASH_BYTES, accounts_met, fingerprints_of, rows_met
from attnclf.errors import DataError
from attnclf.results import Event, Note
from attnclf.scoring.evaluation import evaluate
from attnclf.served.model import ServedModel
from tests.models import LABELS, TEXTS, write_bundle


def warnings_of(path: Path, texts: list[str]) -> list[str]:
    table = Table(texts, [LABELS[i % 3] for i in range(len(texts))], [], "t.csv", Columns(("text",), "label"))
    events: list[Event] = []
    evaluate(ServedModel.load(path), table, events.append)
    return [event.message for event in events if isinstance(event, Note) and "were in training or validation" in event.message]


def test_texts_of_training_are_known_again_as_a_reader_sees_them(tmp_path: Path) -> None:
    path = write_bundle(tmp_path / "m").path
    said = warnings_of(path, [TEXTS[0].upper(), f"  {TEXTS[1]}\n", "new", "", "éte\u0301 한글"])
    assert said == [
        "3 texts were in training or validation (60% of t.csv); the scores are better than they would be on new texts",
    ]
    assert warnings_of(path, ["new", "", "other"]) == []


def test_a_model_of_an_older_format_keeps_no_texts(tmp_path: Path) -> None:
    path = write_bundle(tmp_path / "m").path
    assert len(ServedModel.load(path).bundle.training_texts()) == HASH_BYTES * len(set(TEXTS))
    assert rows_met(TEXTS, b"") == 0
    assert fingerprints_of(["", "  "], [""]) == b""
    both = fingerprints_of(["ann", "bob"], ["ann", "", "cyd"])
    assert len(both) == 4 * HASH_BYTES
    assert rows_met(["ann", "cyd"], both) == 1
    assert accounts_met({"ann", "bob", "cyd"}, both) == 2
    assert accounts_met({"ann"}, fingerprints_of(["ann"])) == 0  # a model of before has texts alone


def evaluated(path: Path, labels: list[str]) -> tuple[float, str]:
    """The accuracy on texts of training with these labels, and what was told of the labels."""
    events: list[Event] = []
    table = Table(TEXTS[: len(labels)], labels, [], "t.csv", Columns(("text",), "label"))
    found = evaluate(ServedModel.load(path), table, events.append)
    told = [event.message for event in events if isinstance(event, Note) and "label" in event.message]
    return found.report.accuracy, "; ".join(told)


@pytest.mark.parametrize("typed", [True, False])  # as of a CSV file
@pytest.mark.parametrize(
    ("kind", "names", "others"), [("int", ("0", "1", "-2"), "0.0 1.00 -2."), ("float", ("0.0", "1.0", "-2.5"), "0 1 -2.50")]
)
def test_numbers_count_however_they_are_written(
    tmp_path: Path, kind: str, names: tuple[str, ...], others: str, typed: bool
) -> None:
    path = write_bundle(tmp_path / kind, labels=names, label_type=kind if typed else "str").path
    accuracy, told = evaluated(path, list(names))
    assert told == ""
    again, told = evaluated(path, others.split())
    assert again == accuracy
    assert "t.csv: 3 labels are read as in training, such as '" in told
    assert "does not know ('1.5')" in evaluated(path, [names[0], "1.5"])[1]


@pytest.mark.parametrize("names", [("0", "1.0"), ("01", "02"), ("1", "none")])
def test_labels_that_are_no_numbers_alike_stay_as_they_are(tmp_path: Path, names: tuple[str, ...]) -> None:
    path = write_bundle(tmp_path / "m", labels=names).path
    assert "2 rows have labels that the model does not know" in evaluated(path, [names[0], "1.00", "2.0"])[1]


@pytest.mark.parametrize(("kind", "names"), [("int", ("0", "1")), ("float", ("0.0", "1.0"))])
def test_truth_values_are_the_numbers_0_and_1(tmp_path: Path, kind: str, names: tuple[str, ...]) -> None:
    path = write_bundle(tmp_path / kind, labels=names, label_type=kind).path
    accuracy, _ = evaluated(path, [*names, names[0]])
    again, told = evaluated(path, ["False", "TRUE", "false"])
    assert (again, told) == (accuracy, f"t.csv: 3 labels are read as in training, such as 'False' as {names[0]}")


def test_labels_that_differ_in_writing_only_are_told_so(tmp_path: Path) -> None:
    path = write_bundle(tmp_path / "m").path
    assert (
        "('FAKE' and 1 more); 'FAKE' differs from 'fake' in case only; such rows count"
        in evaluated(path, ["FAKE", "new", "real"])[1]
    )
    assert "'FAKE' differs from 'fake' in case only (and 1 more such)" in evaluated(path, ["FAKE", "Real", "real"])[1]
    assert "differs" not in evaluated(path, ["new", "real"])[1]
    with pytest.raises(DataError) as caught:
        evaluated(path, ["FAKE", "FAKE"])
    assert caught.value.hint == "'FAKE' differs from 'fake' in case only"
