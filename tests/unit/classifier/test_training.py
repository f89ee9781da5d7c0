"""What `attnclf.train` shows and warns of. Training itself is another's test."""

import warnings
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

import attnclf
from attnclf.classifier.showing import shown
from attnclf.results import Note
from attnclf.training import Trained

ROWS = [("좋아요", "fake"), ("DM me", "real")] * 3


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["text,label", *map(",".join, ROWS)]) + "\n", encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def fake(bundle_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A training that decides, warns, and leaves the random model."""
    served = attnclf.load(bundle_path)._served

    def train(table, valid, config, target, on_event, importing, **_) -> Trained:
        for remark in table.remarks:
            on_event(Note(remark, topic="data"))
        with importing:
            on_event(Note("word (as asked)", topic="level"))
            on_event(Note("some texts are cut; `max_length` reads more", warning=True, topic="data"))
            on_event(Note("C 30", topic="linear model", detail=True))
        return Trained(served.bundle, None, None, 0.5, 1.0)  # type: ignore[arg-type]

    monkeypatch.setattr("attnclf.training.train", train)
    monkeypatch.delenv("FORCE_COLOR", raising=False)


def test_off_a_terminal_warnings_are_pythons(table: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.warns(UserWarning, match="`max_length` reads more"):
        attnclf.train(table, "new")
    assert capfd.readouterr() == ("", "")


def test_warnings_come_when_the_model_is_safe(table: Path) -> None:
    heard: list[object] = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UserWarning):
            attnclf.train(table, on_event=heard.append)
    assert len(heard) == 3  # it trained to the end


def test_verbose_is_one_of_three(table: Path) -> None:
    for verbose in (-1, 3, None, True):
        with pytest.raises(attnclf.AttnclfError, match="verbose is"):
            attnclf.train(table, verbose=verbose)  # type: ignore[arg-type]


def test_on_a_terminal_progress_is_shown_in_pythons_words(
    table: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # what makes Rich take standard error for a terminal
    monkeypatch.setenv("NO_COLOR", "1")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        attnclf.train(table)
    out, err = capfd.readouterr()
    assert out == ""
    assert "level         word (as asked)" in err
    assert "warning: some texts are cut; `max_length` reads more" in err
    assert "C 30" not in err


def test_details_are_shown_everywhere_and_only_warnings_where_nothing_is_asked_for(
    table: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    heard: list[object] = []
    attnclf.train(table, verbose=2)
    assert "linear model  C 30" in capfd.readouterr().err
    with pytest.warns(UserWarning) as told:
        attnclf.train(table, verbose=0, on_event=heard.append)
    assert [str(one.message) for one in told] == ["some texts are cut; `max_length` reads more"]
    assert capfd.readouterr() == ("", "")
    assert len(heard) == 3


def test_hints_name_arguments(table: Path) -> None:
    with pytest.raises(attnclf.AttnclfError, match="name it with `text_col`"):
        attnclf.train(table, text_col="post")
    with pytest.raises(attnclf.AttnclfError, match=r"config is one dict\n.*settings are passed by name"):
        attnclf.train(table, config={"training": {"epochs": 3}})  # type: ignore[arg-type]
    with pytest.raises(attnclf.AttnclfError, match="it is `seed` here"):
        attnclf.train(table, random_state=1)
    with pytest.raises(attnclf.AttnclfError, match=r"`heads`: from 1 to 256"):
        attnclf.train(table, heads=0)
    with pytest.raises(attnclf.AttnclfError, match=r"`attnclf\.train\(data\)`"):
        attnclf.load(table.parent / "none")


@pytest.mark.parametrize(("verbose", "said"), [(1, ["m holds a model", "a remark"]), (0, [])])
def test_off_a_terminal_a_model_that_is_replaced_is_said_too_where_asked(verbose: int, said: list[str]) -> None:
    unsaid: list[str] = []
    with shown(verbose, unsaid, ["a remark"]) as (show, _):
        show(Note("m holds a model", topic="replaced"))
        show(Note("a remark", topic="data"))
        show(Note("word (as asked)", topic="level"))
    assert unsaid == said


GUESSED = "내용;라벨\n" + "좋아요 정말;fake\n오늘 라떼 마셨다;real\n" * 5


def test_what_is_guessed_of_a_file_is_warned_of_and_known_names_are_not(table: Path, tmp_path: Path, bundle_path: Path) -> None:
    (tmp_path / "g.csv").write_bytes(GUESSED.encode("cp949"))
    clf = attnclf.load(bundle_path)
    for use in (lambda path: attnclf.train(path, tmp_path / "m"), lambda path: clf.evaluate(path, unknown_labels="count")):
        with pytest.warns(UserWarning) as told:
            use(tmp_path / "g.csv")
        messages = [str(one.message) for one in told]
        assert any("separated by semicolons" in message for message in messages)
        assert any("cp949" in message for message in messages)
        assert {one.filename for one in told} == {__file__}
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            use(table)
        assert not any("guessed" in str(one.message) for one in told)


FRAME = pd.DataFrame(ROWS * 100, columns=["text", "label"])


@pytest.mark.parametrize(
    ("data", "says", "hint"),
    [
        ([FRAME, FRAME], "data is a list that holds one DataFrame", "pandas.concat"),
        (("a.csv", 3), "data is a tuple that holds one int", "pass paths"),
        (FRAME.to_dict("list"), "data is one dict", "or a pandas DataFrame"),
        (FRAME.to_numpy(), "data is one ndarray", "or a pandas DataFrame"),
        (pa.Table.from_pandas(FRAME), "data is one Table", "such as data.to_pandas()"),
        (b"a.csv", "data is one bytes", "pass a path"),
        (None, "data is one NoneType", "pass a path"),
        ([], "data is an empty list", "pass a path"),
    ],
)
def test_what_is_no_table_is_named_by_its_type(data: Any, says: str, hint: str, bundle_path: Path) -> None:
    for use in (attnclf.train, attnclf.load(bundle_path).evaluate):
        with pytest.raises(attnclf.AttnclfError) as refused:
            use(data)
        assert refused.value.message == says
        assert hint in refused.value.hint


def test_labels_of_validation_rows_are_read_as_those_of_training(monkeypatch: pytest.MonkeyPatch, bundle_path: Path) -> None:
    given = []

    def train(table, valid, *_, **__) -> Trained:
        given.append(valid)
        return Trained(attnclf.load(bundle_path)._served.bundle, None, None, 0.5, 1.0)  # type: ignore[arg-type]

    monkeypatch.setattr("attnclf.training.train", train)
    whole = pd.DataFrame({"text": ["a", "b"], "label": [5, 1]})
    attnclf.train(whole, valid=whole.astype({"label": float}))
    assert given[0].labels == ["5", "1"]
    assert any("2 labels are read as in training, such as '1.0' as 1" in remark for remark in given[0].remarks)
