"""Evaluation: what is said of rows that say nothing about new texts."""

from pathlib import Path

from attnclf.data import Columns, Table
from attnclf.data.repeats import HASH_BYTES, fingerprints_of, rows_met
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
    assert fingerprints_of(["", "  "]) == b""
