"""What training says before any weight moves: what it replaces, which columns it guessed."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from attnclf.checking.tables import Tables
from attnclf.classifier.inputs import table_from
from attnclf.config import Config
from attnclf.data import Columns, Table, by_account, read_table
from attnclf.errors import DataError
from attnclf.reading.readers import build_reader
from attnclf.results import Event, Note
from attnclf.training import _check, _prepared
from attnclf.training.findings import tell_findings
from attnclf.training.fitting import _read
from attnclf.training.preparation import labels_of, without_rare_labels
from attnclf.training.splitting import SplitPart, parts_of
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
    rows = replace(rows, texts=["very good", "very bad"])
    valid: Table = read_table([table(tmp_path / "v.csv", header), table(tmp_path / "w.csv", "text,y")], Config().data)
    events: list[Event] = []
    parts_of(rows, valid, ["x", "y"], Config(), events.append)
    first, *columns = said(events, "split")
    assert first.startswith("2 rows to train on, 4 rows of ")
    *columns, few = columns
    assert len(columns) == guessed + 1
    assert few.startswith("4 rows to validate on: so few say little")
    assert f"text column '{header.split(',', maxsplit=1)[0]}' (guessed)" in columns[0]
    assert "w.csv: text column 'text' (guessed), label column 'y' (guessed)" in columns[1]


def test_accounts_of_whole_rows_that_stand_in_both_files_are_told() -> None:
    posts = rows_of(["a", "b", "c"], ["x", "y", "y"], ["ann", "bob", "bob"])
    valid = replace(rows_of(["d", "e"], ["x", "y"], ["bob", "cem"]), source="v.csv")
    accounts = [by_account(table) for table in (posts, valid)]
    events: list[Event] = []
    tell_findings(accounts[0], accounts[1], Config().text, events.append, None, Tables(posts, valid))
    assert any("1 value of 'account' stands in both" in message for message in said(events, "data"))


def test_strict_counts_accounts_with_several_labels_which_are_told_with_what_becomes_of_them() -> None:
    rows = rows_of(["a", "b", "c", "d"], ["x", "y"] * 2, ["ann", "ann", "bob", "cem"])
    events: list[Event] = []
    tell_findings(rows, None, Config().text, events.append)
    assert not any("several labels" in message for message in said(events, "data"))
    with pytest.raises(DataError, match="mixed-accounts"):
        tell_findings(rows, None, Config().text, events.append, "warning")
    assert any("1 account has several labels, such as 'ann'" in message for message in said(events, "data"))


def test_families_that_are_known_are_for_the_splits_of_training_rows_alone() -> None:
    rows = rows_of(["a", "b", "c", "d"], ["x", "y"] * 2)
    train_part, valid_part = parts_of(rows, rows, ["x", "y"], Config(), lambda event: None, ["p", "p", "q", "q"])
    assert list(train_part.groups) == ["p", "p", "q", "q"]
    assert not valid_part.groups


def rows_of(texts: list[str], labels: list[str], groups: list[str] | None = None) -> Table:
    return Table(texts, labels, groups or [], "t.csv", Columns(("text",), "label", "account"))


def test_repeats_and_contradictions_are_counted_before_training() -> None:
    texts, labels = ["So good", "so  good ", "bad", "fine", "awful", "so good"], ["x", "x", "y", "x", "y", "y"]
    events: list[Event] = []
    train_part, valid_part = parts_of(rows_of(texts, labels), None, ["x", "y"], Config(), events.append)
    assert said(events, "split")[-1] == "2 rows repeat the text of another; equal texts stay on one side"
    tell_findings(rows_of(texts, labels), None, Config().text, events.append)
    assert said(events, "data")[0] == "1 text comes with different labels, in 3 rows, such as “So good”: 'x' and 'y'"
    sides = [{text.casefold().split()[-1] for text in part.texts} for part in (train_part, valid_part)]
    assert not sides[0] & sides[1]


def test_texts_that_stand_on_both_sides_are_said() -> None:
    names = [f"account {n}" for n in range(30)]
    rows = rows_of(["a", "b", "a", "c", "d", "b"] * 5 + [f"own {n}" for n in names], ["x", "y"] * 30, names * 2)
    events: list[Event] = []
    parts_of(rows, None, ["x", "y"], Config(), events.append)
    assert any("have a text that stands in the training rows too" in message for message in said(events, "split"))
    events.clear()
    tell_findings(rows_of(["a", "b"] * 2, ["x", "y"] * 2), rows_of(["a", "z"], ["x", "y"]), Config().text, events.append)
    assert said(events, "data")[0].startswith("1 of 2 validation rows")


def test_a_family_of_accounts_stays_on_one_side_and_is_said() -> None:
    names = [f"account {n}" for n in range(40)]
    rows = rows_of([f"text {n // 2}" for n in range(40)], ["x", "x", "y", "y"] * 10, names)
    events: list[Event] = []
    sides = [set(part.texts) for part in parts_of(rows, None, ["x", "y"], Config(), events.append)]
    assert not sides[0] & sides[1]
    assert "40 accounts write nearly the same as others, in 20 families; a family stays on one side" in said(events, "split")


def test_rows_without_an_account_are_not_counted_as_accounts() -> None:
    names = [f"account {n}" if n % 20 else "" for n in range(60)]
    rows = rows_of([f"text {n // 2}" for n in range(60)], ["x", "x", "y", "y"] * 15, names)
    events: list[Event] = []
    parts_of(rows, None, ["x", "y"], Config(), events.append)
    assert "54 accounts write nearly the same as others, in 27 families; a family stays on one side" in said(events, "split")


def test_a_split_by_accounts_is_doubted_where_most_rows_name_none() -> None:
    for named, says in ((40, []), (39, ["41 rows name no account: posts of one account may stand on both sides"])):
        names = [f"account {n // 4}" if n < named else "" for n in range(80)]
        rows, events = rows_of([f"text {n}" for n in range(80)], ["x", "y"] * 40, names), list[Event]()
        parts_of(rows, None, ["x", "y"], Config(), events.append)
        assert [what.split("; then")[0] for what in said(events, "split") if "name no account" in what] == says


def test_an_account_that_is_too_large_to_hold_out_is_said() -> None:
    names = ["large"] * 40 + [f"account {n // 3}" for n in range(60)]
    rows = rows_of([f"text{n}" for n in range(100)], ["x", "y"] * 50, names)
    events: list[Event] = []
    parts_of(rows, None, ["x", "y"], Config(), events.append)
    what = "account 'large' alone has 40% of the rows, which are too many to hold out: they are trained on"
    assert Note(what, warning=True, topic="split") in events


def test_a_share_that_accounts_do_not_allow_is_said() -> None:
    names = ["large"] * 40 + ["small"] * 30 + ["other"] * 30
    rows = rows_of([f"text{n}" for n in range(100)], ["x"] * 40 + ["x", "y"] * 20 + ["y"] * 20, names)
    events: list[Event] = []
    parts_of(rows, None, ["x", "y"], Config(), events.append)
    what = "30% of the rows are held out, where 10% were asked for (`valid_share`): account 'large' alone has 40% of the rows"
    assert Note(what, warning=True, topic="split") in events
    names = [f"{label} {n % 4}" for label in "xyz" for n in range(60)]
    rows = rows_of([f"text{n}" for n in range(180)], ["x"] * 60 + ["y"] * 60 + ["z"] * 60, names)
    parts_of(rows, None, ["x", "y", "z"], Config(), events.append)
    what = "2 labels have no row held out: 'x', 'y'; their accounts are too few or too large"
    assert what in said(events, "split")
    names = ["one"] * 60 + [f"own {n}" for n in range(120)]
    parts_of(replace(rows, groups=names), None, ["x", "y", "z"], Config(), events.append)
    assert "1 label has no row held out: 'x'; its accounts are too few or too large" in said(events, "split")


def test_accounts_that_are_read_whole_are_counted_as_accounts() -> None:
    whole = Config().override({"model": {"encoder": "hierarchical"}})
    rows = rows_of([f"text {n}" for n in range(80)], ["x", "x", "y", "y"] * 20, [f"account {n // 2}" for n in range(80)])
    events: list[Event] = []
    _prepared(rows, None, whole, events.append, None)
    assert "t.csv: 40 accounts, 2 labels; text column 'text', label column 'label', group column 'account'" in said(
        events, "data"
    )


SPLITS = [
    (
        [f"text {n}" for n in range(40)],
        [f"label {n // 2}" for n in range(40)],
        ["50% of the rows are held out, where 10% were asked for (`valid_share`): 20 labels have so few rows that one text of "
         "each is 50%"],
    ),
    (
        ["a"] * 30 + ["b"] * 70 + [f"text {n}" for n in range(20)],
        ["x"] * 100 + ["y"] * 20,
        ["27% of the rows are held out, where 10% were asked for (`valid_share`): one text has 30 rows"],
    ),
    (
        ["a"] * 90 + ["b"] * 2 + [f"text {n}" for n in range(20)],
        ["x"] * 90 + ["z"] * 2 + ["y"] * 20,
        ["2% of the rows are held out, where 10% were asked for (`valid_share`): one text has 90 rows and 2 labels have one "
         "text, which is trained on",
         "2 labels have no row held out: 'x', 'z'; equal texts stay on one side"],
    ),
    ([f"text {n}" for n in range(100)], ["x", "y"] * 50, []),
]  # fmt: skip


@pytest.mark.parametrize(("texts", "labels", "says"), SPLITS)
def test_a_share_that_equal_texts_and_labels_of_few_rows_do_not_allow_is_said(
    texts: list[str], labels: list[str], says: list[str]
) -> None:
    events: list[Event] = []
    parts_of(rows_of(texts, labels), None, sorted(set(labels)), Config(), events.append)
    warnings = [event.message for event in events if isinstance(event, Note) and event.warning]
    assert [message for message in warnings if "held out" in message] == says


def test_accounts_to_validate_on_that_write_as_those_trained_on_are_warned_of() -> None:
    rows = rows_of([f"text {n // 2}" for n in range(20)], ["x", "x", "y", "y"] * 5, [f"account {n}" for n in range(20)])
    names = ["new 1", "new 2", "account 3", ""]
    valid = replace(rows_of(["text 3", "unheard of", "text 1", "text 2"], ["x", "y"] * 2, names), source="v.csv")
    events: list[Event] = []
    parts_of(rows, valid, ["x", "y"], Config(), events.append)
    assert "1 account of v.csv writes nearly the same as accounts that are trained on; scores flatter" in said(events, "split")
    events.clear()
    parts_of(rows, valid.rows([1, 2, 3]), ["x", "y"], Config(), events.append)
    assert not any("nearly the same as accounts" in message for message in said(events, "split"))


@pytest.mark.parametrize("seed", range(5))
def test_equal_accounts_that_are_read_whole_stay_on_one_side(seed: int) -> None:
    whole = replace(Config(), text=replace(Config().text, sentences="lines"), training=replace(Config().training, seed=seed))
    rows = rows_of(["buy followers now"] * 4 + [f"text {n}" for n in range(16)], ["x", "y"] * 10)
    sides = [set(part.texts) for part in parts_of(rows, None, ["x", "y"], whole, lambda event: None)]
    assert not sides[0] & sides[1]


def test_families_that_leave_nothing_to_hold_out_are_split_and_that_is_said() -> None:
    rows = rows_of(
        ["buy followers now"] * 4 + ["my cat and I"] * 4, ["x"] * 4 + ["y"] * 4, [f"account {n // 2}" for n in range(8)]
    )
    events: list[Event] = []
    train_part, valid_part = parts_of(rows, None, ["x", "y"], Config(), events.append)
    assert len(train_part.texts) + len(valid_part.texts) == 8
    assert any("too many to keep them on one side" in message for message in said(events, "split"))


def test_rare_labels_stay_with_a_warning_or_are_left_out() -> None:
    rows = rows_of(["a", "b", "c", "d", "e"], ["x", "x", "y", "y", "z"])
    events: list[Event] = []
    tell_findings(rows, None, Config().text, events.append)
    message, _ = said(events, "data")
    assert message.startswith("1 label has a single row, which is trained on and not validated: 'z'")
    assert without_rare_labels(rows, 1, events.append) is rows
    kept = without_rare_labels(rows, 2, events.append)
    assert kept.labels == ["x", "x", "y", "y"]
    assert kept.texts == ["a", "b", "c", "d"]
    assert said(events, "data")[-1] == "1 label has fewer than 2 rows: 'z'; their 1 rows are left out"
    train_part, valid_part = parts_of(rows, None, labels_of(rows), Config(), events.append)
    assert 2 in train_part.targets
    assert 2 not in valid_part.targets


def test_labels_that_nearly_look_the_same_are_told() -> None:
    events: list[Event] = []
    tell_findings(rows_of(list("abcde"), ["spam", "spam", "Spam", "Spam", "ham"]), None, Config().text, events.append)
    assert said(events, "data")[0].startswith("'Spam' (2 rows) and 'spam' (2 rows) differ in case, width, blanks")


def test_notes_among_the_findings_are_not_told_before_training() -> None:
    events: list[Event] = []
    tell_findings(rows_of(["a", "b", "a", "c"], ["x", "y", "x", "y"]), None, Config().text, events.append)
    assert said(events, "data") == []
    tell_findings(rows_of(["a", "b", "", "c"], ["x", "y", "x", "y"]), None, Config().text, events.append)
    assert said(events, "data") == [
        "1 text is empty: kept, and read as one unknown token",
        "attnclf check shows where, and says what to do",
    ]


def test_a_column_that_gives_the_label_away_is_told_before_training(tmp_path: Path) -> None:
    lines = [f"text {n},{'fake' if n % 4 < 2 else 'real'},ann{n // 2}" for n in range(40)]
    (tmp_path / "t.csv").write_text("\n".join(["text,label,account", *lines]) + "\n", encoding="utf-8")
    rows = table_from(tmp_path / "t.csv", Config().data)
    events: list[Event] = []
    tell_findings(rows, None, Config().text, events.append)
    message = said(events, "data")[0]
    assert message.startswith("column 'account' gives the label away: its values tell it in 100.0 % of the rows")
    assert message.endswith("name it with `group_col`")
    with pytest.raises(DataError, match="column-gives-label"):
        tell_findings(rows, None, Config().text, events.append, "warning")
    assert table_from(tmp_path / "t.csv", Config().data, Columns()).others == {}  # to be scored on


def test_strict_stops_before_training_and_names_the_findings() -> None:
    events: list[Event] = []
    rows = rows_of(["a", "b", "", "c"], ["x", "y", "x", "y"])
    tell_findings(rows, None, Config().text, events.append, "error")
    with pytest.raises(DataError, match="1 finding of severity warning or worse: empty-texts"):
        tell_findings(rows, None, Config().text, events.append, "warning")


def test_training_texts_that_no_part_reads_to_their_end_are_told_apart() -> None:
    config = Config().override({"text": {"level": "word", "min_count": 1, "max_length": 4, "longest": 9}})
    texts = ["so good " * 5, "so good " * 3, "so good"]
    events: list[Event] = []
    part = SplitPart(texts, np.zeros(3, np.int32))
    _read(build_reader(texts, config.text), part, part, config, events.append)
    longer, longest = (event for event in events if isinstance(event, Note))
    assert longer.message.startswith("1 text is longer than the 4 tokens the network reads")
    assert not longer.warning
    assert longest.message == (
        "1 text is longer than 9 tokens: what comes after token 9 is not read at all; "
        "of those before, the network reads the first 2 and the last 2"
    )
    assert longest.warning
