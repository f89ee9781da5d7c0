"""What training says before any weight moves: what it replaces, which columns it guessed."""

from pathlib import Path

import pytest

from attnclf.config import Config
from attnclf.data import Table, read_table
from attnclf.results import Event, Note
from attnclf.training import _check
from attnclf.training.preparation import parts_of
from tests.models import write_bundle


def table(path: Path, header: str) -> Path:
    path.write_text(f"{header}\ngood,x\nbad,y\n", encoding="utf-8")
    return path


def said(events: list[Event], topic: str) -> list[str]:
    return [event.message for event in events if isinstance(event, Note) and event.topic == topic]


def test_a_model_that_will_be_replaced_is_said_before_training(tmp_path: Path) -> None:
    rows = read_table([table(tmp_path / "t.csv", "text,label")], Config().data)
    events: list[Event] = []
    assert _check(rows, Config(), tmp_path / "m", events.append) == ""
    assert said(events, "replaced") == []
    write_bundle(tmp_path / "m")
    assert _check(rows, Config(), tmp_path / "m", events.append).startswith("made on 20")
    (message,) = said(events, "replaced")
    assert "holds a model (made on 20" in message
    (tmp_path / "m" / "bundle.json").write_text("{}", encoding="utf-8")
    assert _check(rows, Config(), tmp_path / "m", events.append) == "unreadable"


@pytest.mark.parametrize(("header", "guessed"), [("review,class", 1), ("text,label", 1)])
def test_columns_of_validation_rows_are_said_too(tmp_path: Path, header: str, guessed: int) -> None:
    rows = read_table([table(tmp_path / "t.csv", "text,label")], Config().data)
    valid: Table = read_table([table(tmp_path / "v.csv", header), table(tmp_path / "w.csv", "text,y")], Config().data)
    events: list[Event] = []
    parts_of(rows, valid, ["x", "y"], Config(), events.append)
    first, *columns = said(events, "split")
    assert first.startswith("2 rows to train on, 4 rows of ")
    assert len(columns) == guessed + 1
    assert f"text column '{header.split(',', maxsplit=1)[0]}' (guessed)" in columns[0]
    assert "w.csv: text column 'text' (guessed), label column 'y' (guessed)" in columns[1]
