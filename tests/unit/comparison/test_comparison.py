"""A comparison without training: the grid, one split for all, what is kept and taken up again, the table, the picture."""

import io
import itertools
import json
import shutil
import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from attnclf import bundle as bundles
from attnclf import comparison
from attnclf.comparison import RunEnded, RunStarted, compare, identity, plan
from attnclf.comparison.records import RunFile
from attnclf.config import Config
from attnclf.data import Columns, Table
from attnclf.errors import DataError, DeviceError, ModelError, UsageError
from attnclf.render.comparison import check_picture, markdown, picture, table
from attnclf.results import (
    Comparison,
    EpochEnded,
    EpochScores,
    Failure,
    Faithfulness,
    Interval,
    Job,
    MethodFaithfulness,
    Note,
    Run,
    Skipped,
    StepEnded,
)
from attnclf.served.model import ServedModel
from attnclf.training import Trained

POSTS = Table([f"좋아요 {i} DM me" for i in range(60)], ["fake", "real", "shop"] * 20, [], "posts.csv", Columns(("text",)))
ONE = (["additive"], ["bilstm"])
TWO = (["additive"], ["bilstm", "window"])


class FakeTrain:
    """Stands where `train` does: a model with random weights, or at the calls named in `errors` that error."""

    def __init__(self, bundle_path: Path, errors: dict[int, BaseException] | None = None) -> None:
        self.bundle_path, self.errors = bundle_path, errors or {}
        self.calls: list[tuple[Table, Table, Config]] = []
        self.families: list[list[str]] = []

    def __call__(self, table, valid, config, target, on_event, importing, families) -> Trained:
        self.calls.append((table, valid, config))
        self.families.append(list(families))
        on_event(Note("device: cpu"))
        on_event(Note("2 texts are empty", warning=True))
        if error := self.errors.get(len(self.calls)):
            raise error
        for epoch in (1, 2):
            on_event(StepEnded(epoch, 2, 1, 2, 0.6))
            on_event(StepEnded(epoch, 2, 2, 2, 0.5))
            on_event(EpochEnded(epoch, 2, 0.5, EpochScores(0.5, 0.8, 0.8), 3.0, True, 0.001))
        shutil.copytree(self.bundle_path, target)
        scores = {"faithfulness": FAITHFULNESS.to_dict()}
        return Trained(replace(bundles.load(target), scores=scores), None, None, 0.5, 1.0)

    @property
    def jobs(self) -> list[Job]:
        return [Job(c.model.attention, c.model.encoder, c.training.seed) for _, _, c in self.calls]


HALF = Interval(0.5, 0.4, 0.6)
METHODS = [
    MethodFaithfulness(name, replace(HALF, mean=mean), HALF, 0.5, 0.5, 0.0, None, None, None)
    for name, mean in (("attention", 0.1), ("evidence", 0.2), ("evidence_size", 0.16))
]
FAITHFULNESS = Faithfulness(6, "delete", 0.9, 0.0, tuple(METHODS))


@pytest.fixture
def call(bundle_path: Path, tmp_path: Path) -> Callable[..., tuple[Comparison, FakeTrain, list]]:
    """Compares with a fake training; returns the comparison, the training with its calls, and the events."""

    def compared(names=ONE, seeds=2, table=POSTS, valid=None, test=None, config=None, errors=None):
        train, events = FakeTrain(bundle_path, errors), []
        settings = {"importing": nullcontext, "train": train, "clock": itertools.count().__next__}
        file = tmp_path / "out" / "runs.jsonl"
        return compare(table, valid, test, names, seeds, config or Config(), file, events.append, **settings), train, events

    return compared


def warnings_of(events: list) -> list[str]:
    return [event.message for event in events if isinstance(event, Note) and event.warning]


def test_every_mechanism_meets_every_encoder_with_every_seed(call) -> None:
    result, train, events = call(TWO, seeds=2)
    assert [str(job) for job in train.jobs] == [f"additive + {e}, seed {s}" for s in (0, 1) for e in ("bilstm", "window")]
    assert len(result.runs) == result.planned == 4
    assert not result.interrupted
    assert not any(config.training.baseline for _, _, config in train.calls)
    started = [event for event in events if isinstance(event, RunStarted)]
    assert [(event.number, event.planned) for event in started] == [(n, 4) for n in (1, 2, 3, 4)]
    assert [event.result for event in events if isinstance(event, RunEnded)] == list(result.runs)


def test_all_runs_have_the_same_rows(call) -> None:
    _, train, _ = call(TWO, seeds=3)
    table, valid, _ = train.calls[0]
    assert sorted(table.texts + valid.texts) == sorted(POSTS.texts)
    assert len(valid.texts) == 6
    assert all((t.texts, t.labels, v.texts, v.labels) == (table.texts, table.labels, valid.texts, valid.labels)
               for t, v, _ in train.calls)  # fmt: skip
    assert dict(zip(POSTS.texts, POSTS.labels, strict=True))[valid.texts[0]] == valid.labels[0]


def test_accounts_that_write_nearly_the_same_stay_on_one_side_and_rows_without_one_are_apart(call) -> None:
    rows = [(f"own {n // 4} words {n // 4}", f"account {n}" if n % 4 else "") for n in range(60)]
    posts = replace(POSTS, texts=[text for text, _ in rows], groups=[name for _, name in rows])
    _, train, events = call(table=posts)
    table, valid, _ = train.calls[0]
    assert not set(table.texts) & set(valid.texts)
    assert not table.groups
    assert len(train.families[0]) == len(table.texts)
    assert len(set(train.families[0])) > 1
    assert len(valid.texts) < 20
    told = [event.message for event in events if isinstance(event, Note)]
    assert "runs are scored on rows, not on accounts" in told
    assert any("held out by" in message for message in told)


def test_accounts_that_stand_in_two_files_are_told(call) -> None:
    posts = replace(POSTS, groups=[f"account {n // 3}" for n in range(60)])
    posts = replace(posts, columns=replace(posts.columns, group="account"))
    test = posts.rows(range(6))
    told = warnings_of(call(table=posts, test=test)[2])
    assert any("2 values of 'account' stand in both the training and the test rows" in message for message in told)
    told = warnings_of(call(table=posts, test=replace(test, groups=[]))[2])
    assert any("has no column 'account': its accounts are not compared" in message for message in told)


def test_labels_with_too_few_rows_are_left_out_of_all_parts(call) -> None:
    posts = replace(POSTS, labels=["rare", *POSTS.labels[1:]])
    _, train, events = call(table=posts, test=posts, config=Config().override_flat({"min_rows": 2}))
    assert "rare" not in train.calls[0][0].labels + train.calls[0][1].labels
    assert train.calls[0][2].data.min_rows == 1
    assert sum("left out" in message for message in warnings_of(events)) == 2


def test_texts_of_the_test_file_that_were_in_training_are_told_once(call) -> None:
    test = replace(POSTS.rows(range(3)), texts=[POSTS.texts[0], "new", "newer"])
    for _ in range(2):  # with runs to do, and with none
        result, _, events = call(seeds=2, test=test)
        assert [message for message in warnings_of(events) if "in training" in message] == [
            "1 text was in training or validation (33% of posts.csv); the scores are better than they would be on new texts"
        ]
        assert result.to_dict()["overlap"] == 1
    _, _, events = call(seeds=2, valid=test, config=Config().override_flat({"level": "char"}))
    assert not any("in training" in message for message in warnings_of(events))


def test_what_training_says_of_the_table_is_told_by_every_call(call) -> None:
    accounts = [f"{label}{n // 6}" for n, label in enumerate(POSTS.labels)]
    table = replace(POSTS, texts=["", *POSTS.texts[1:]], others={"account": accounts})
    for _ in range(2):
        _, train, events = call(seeds=2, table=table)
        told = warnings_of(events)
        assert sum("column 'account' gives the label away" in message for message in told) == 1
        assert sum(message.startswith("1 text is empty") for message in told) == 1
    assert not train.calls


def test_runs_do_not_classify_accounts(call) -> None:
    posts = replace(POSTS, groups=[f"account {n // 3}" for n in range(60)])
    result, train, events = call((["additive"], ["bilstm", "hierarchical"]), seeds=1, table=posts)
    assert train.jobs == [Job("additive", "bilstm", 0)]
    assert any(
        message.startswith("additive + hierarchical is left out: rows are classified") for message in warnings_of(events)
    )
    assert [skipped.encoder for skipped in result.skipped] == ["hierarchical"]
    with pytest.raises(UsageError, match="classifies whole accounts"):
        call((["additive"], ["hierarchical"]), table=posts)


def test_what_is_measured(call, served: ServedModel) -> None:
    result, _, _ = call(seeds=1)
    (run,) = result.runs
    tables = served.weights()["embedding.table"].size
    assert run.parameters == sum(array.size for array in served.weights().values()) - tables
    assert (run.epochs, run.seconds_per_epoch) == (2, 1)  # the clock goes on by one whenever it is asked
    assert run.texts_per_second == result.scored_rows == 6
    assert (run.evidence_comprehensiveness, run.attention_comprehensiveness) == (0.2, 0.1)
    assert 0 <= run.accuracy <= 1


def test_a_test_file_is_what_runs_are_scored_on(call) -> None:
    test = replace(POSTS, texts=POSTS.texts[:9], labels=POSTS.labels[:9], source="test.csv")
    result, train, _ = call(test=test, valid=test)
    assert (result.scored_on, result.scored_rows, result.train_rows) == ("test", 9, 60)
    assert train.calls[0][1] == test


def test_notes_of_training_are_told_once(call) -> None:
    _, _, events = call(seeds=3)
    assert [event.message for event in events if isinstance(event, Note)][2:] == ["device: cpu", "2 texts are empty"]


def test_settings_that_some_combinations_do_not_have_are_left_unset_there(call) -> None:
    config = Config().override({"model": {"heads": 2, "layers": 2}})
    names = ["multihead", "additive"], ["bilstm"]
    _, train, events = call(names, seeds=1, config=config)
    assert [(used.model.heads, used.model.layers) for _, _, used in train.calls] == [(2, 2), (4, 2)]
    notes = [event.message for event in events if isinstance(event, Note)]
    assert "1 of 2 combinations have no setting 'heads', and do without it" in notes
    with pytest.raises(UsageError, match="the setting 'heads' is for none of these combinations") as refused:
        call((["additive"], ["bilstm"]), seeds=1, config=config)
    assert "it is for transformer, multihead" in refused.value.hint


def test_combinations_that_cannot_be_built_are_left_out_with_the_reason(call, monkeypatch: pytest.MonkeyPatch) -> None:
    class Choosy:
        @staticmethod
        def of(config, *sizes: object) -> None:
            if config.encoder == "window":
                raise UsageError("a window has no final state")

    monkeypatch.setattr(comparison, "Architecture", Choosy)
    result, train, events = call(TWO, seeds=1)
    assert train.jobs == [Job("additive", "bilstm", 0)]
    assert result.skipped == (Skipped("additive", "window", "a window has no final state"),)
    assert "additive + window is left out: a window has no final state" in warnings_of(events)
    with pytest.raises(UsageError, match=r"no combination can be built; additive \+ window: a window has"):
        plan(["additive"], ["window"], 1, Config())


@pytest.mark.parametrize("names", [(["aditive"], ["bilstm"]), (["additive"], ["bilstn"])])
def test_unknown_names_end_it_before_anything_runs(call, names) -> None:
    with pytest.raises(UsageError) as caught:
        call(names)
    assert "did you mean" in caught.value.hint


def test_a_second_call_goes_on_where_the_first_ended(call) -> None:
    first, _, _ = call(seeds=1)
    again, train, events = call(seeds=1)
    assert train.calls == []
    assert again == first
    assert "1 of 1 runs are already in" in events[-1].message
    more, train, events = call(seeds=2)
    assert train.jobs == [Job("additive", "bilstm", 1)]
    assert more.runs[0] == first.runs[0]
    assert [event.number for event in events if isinstance(event, RunStarted)] == [2]


CHANGES = {
    "a text": {"table": replace(POSTS, texts=["another", *POSTS.texts[1:]])},
    "labels": {"table": replace(POSTS, labels=POSTS.labels[::-1])},
    "validation": {"valid": POSTS},
    "test": {"test": POSTS},
    "a setting": {"config": Config().override({"training": {"epochs": 3}})},
    "the share held out": {"config": Config().override({"data": {"valid_share": 0.2}})},
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_matters_makes_it_run_again(call, change: str) -> None:
    call(seeds=1)
    assert len(call(seeds=1, **CHANGES[change])[1].calls) == 1


def test_another_version_or_back_end_runs_again(call, monkeypatch: pytest.MonkeyPatch) -> None:
    call(seeds=1)
    monkeypatch.setenv("KERAS_BACKEND", "another")
    assert len(call(seeds=1)[1].calls) == 1
    monkeypatch.setattr(identity, "version", lambda name: "99")
    assert len(call(seeds=1)[1].calls) == 1


@pytest.mark.parametrize("damage", [lambda line: line[:40], lambda line: b"\xff\n", lambda line: b'{"key": "a", "seed": 1}\n'])
def test_a_damaged_line_is_told_and_its_run_done_again(call, tmp_path: Path, damage) -> None:
    first, _, _ = call(seeds=3)
    file = tmp_path / "out" / "runs.jsonl"
    *lines, last = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines) + damage(last))
    again, train, events = call(seeds=3)
    assert train.jobs == [Job("additive", "bilstm", 2)]
    assert f"{file}, line 3 is damaged and ignored" in warnings_of(events)
    assert again == first
    assert call(seeds=3)[1].calls == []


def test_an_interrupt_keeps_what_is_done(call, tmp_path: Path) -> None:
    result, train, _ = call(seeds=4, errors={3: KeyboardInterrupt()})
    assert result.interrupted
    assert [run.seed for run in result.runs] == [0, 1]
    assert len((tmp_path / "out" / "runs.jsonl").read_text(encoding="utf-8").splitlines()) == 2
    again, train, _ = call(seeds=4)
    assert [job.seed for job in train.jobs] == [2, 3]
    assert not again.interrupted
    assert call(seeds=5, errors={1: KeyboardInterrupt()})[0].interrupted


def test_a_failure_is_kept_and_tried_again_and_the_others_go_on(call, tmp_path: Path) -> None:
    result, _, events = call(seeds=3, errors={2: DeviceError("out of memory")})
    assert [run.seed for run in result.runs] == [0, 2]
    assert result.failures == (Failure("additive", "bilstm", 1, "out of memory", "", 5),)
    assert "additive + bilstm, seed 1 failed: out of memory" in warnings_of(events)
    lines = [json.loads(line) for line in (tmp_path / "out" / "runs.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line.get("message") for line in lines] == [None, "out of memory", None]
    again, train, _ = call(seeds=3)
    assert [job.seed for job in train.jobs] == [1]
    assert [run.seed for run in again.runs] == [0, 2, 1]
    assert again.failures == ()


def test_a_combination_without_a_run_is_named(call) -> None:
    result, _, events = call(TWO, seeds=1, errors={2: DeviceError("out of memory", hint="a smaller `batch_size`")})
    assert result.failed == {("additive", "window"): result.failures[0]}
    assert result.failures[0].exit_code == DeviceError.exit_code
    assert "additive + window, seed 0 failed: out of memory; a smaller `batch_size`" in warnings_of(events)
    assert markdown(result).endswith("; additive + window failed: out of memory\n")


def test_when_nothing_succeeds_the_last_error_is_raised(call) -> None:
    with pytest.raises(ModelError, match="differs"):
        call(seeds=2, errors={1: DeviceError("out of memory"), 2: ModelError("differs")})


def test_data_that_no_run_could_learn_from_is_told_before_the_first(call) -> None:
    rare = replace(POSTS, texts=[*POSTS.texts, "a", "b"], labels=[*POSTS.labels, "rare", "rare"])
    for data, says in (
        ({"test": rare}, "2 rows have a label that is not in the training data: 'rare'"),
        ({"table": replace(POSTS, labels=["fake"] * 60)}, "every row has the label"),
    ):
        with pytest.raises(DataError, match=says):
            call(**data)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(DataError, match="is a file, and not a folder"):
        RunFile(tmp_path / "file" / "runs.jsonl").read()
    with pytest.raises(DataError, match="cannot write"):
        RunFile(tmp_path / "none" / "runs.jsonl").add("key", Failure("additive", "bilstm", 0, "x"))


@pytest.mark.parametrize("content", ["text,label\na,b\n", '{"a": 1}\n', "a note", "\nnotes\n"])
def test_a_file_of_something_else_is_left_alone(call, tmp_path: Path, content: str) -> None:
    file = tmp_path / "out" / "runs.jsonl"
    file.parent.mkdir()
    file.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match="holds no runs, but something else"):
        call(seeds=1)
    assert file.read_text(encoding="utf-8") == content
    file.write_text('{"key": "abc", "se', encoding="utf-8")  # a first line that was cut short
    assert len(call(seeds=1)[0].runs) == 1


def run(attention: str, encoder: str, seed: int, accuracy: float, evidence: float | None = 0.25) -> Run:
    figures = accuracy, accuracy - 0.01, 0.5, 12_345, 2, 1.5, 9_876.5, evidence, evidence and 0.125, evidence and 0.83
    return Run(attention, encoder, seed, *figures)


RUNS = (
    run("dot", "bilstm", 0, 0.5, None),
    run("additive", "bilstm", 0, 0.8),
    run("additive", "bilstm", 1, 0.9),
    run("additive", "cnn", 0, 0.8),
    run("additive", "cnn", 1, 0.8),
)
RESULT = Comparison(RUNS, (Failure("dot", "bilstm", 1, "x"),), (Skipped("dot", "cnn", "why"),), 6, 54, 6, "validation", 6)
MARKDOWN = """\
| attention | encoder |    accuracy |    macro F1 | network alone | params | s/epoch | texts/s | evidence compr. | attention compr. | attention share |
|-----------|---------|-------------|-------------|---------------|--------|---------|---------|-----------------|------------------|-----------------|
| additive  | bilstm  | 0.85 ± 0.07 | 0.84 ± 0.07 |          0.50 | 12,345 |    1.50 |   9,876 |           0.250 |            0.125 |             83% |
| additive  | cnn     | 0.80 ± 0.00 | 0.79 ± 0.00 |          0.50 | 12,345 |    1.50 |   9,876 |           0.250 |            0.125 |             83% |
| dot       | bilstm  |        0.50 |        0.49 |          0.50 | 12,345 |    1.50 |   9,876 |               – |                – |               – |

trained on 54 rows, scored on 6 validation rows; mean ± standard deviation over 2 seeds (dot + bilstm: 1); network alone"""  # noqa: E501


def test_the_table_in_markdown_has_the_best_first() -> None:
    shown = markdown(RESULT)
    assert shown.startswith(MARKDOWN)
    assert shown.endswith("\n")
    assert "one seed;" in markdown(replace(RESULT, runs=RUNS[:1]))


@pytest.mark.parametrize("width", [80, 100, 120])
def test_the_table_on_a_terminal_loses_no_number(width: int) -> None:
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None, _environ={})
    console.print(table(RESULT, width))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert all(len(line) <= width for line in shown.splitlines())
    for number in ("0.85", "0.07", "12,345", "1.50", "9,876", "0.250", "83%", "–"):
        assert number in shown
    assert "…" not in shown
    assert ("0.125" in shown) is (width > 100)
    gone = "left out here: macro F1, attention compr. (--json or a wider terminal has them)"
    assert (gone in " ".join(shown.split())) is (width <= 100)


@pytest.mark.parametrize("width", [72, 60, 40])
def test_a_narrow_terminal_has_whole_columns_and_the_names_of_others(width: int) -> None:
    console = Console(file=io.StringIO(), width=width, color_system=None, _environ={})
    console.print(table(RESULT, width))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    gone = " ".join(shown.split()).split("left out here: ")[1].split(" (")[0].split(", ")
    whole = {"0.85": "accuracy", "12,345": "params", "1.50": "s/epoch", "9,876": "texts/s"}
    whole |= {"0.250": "evidence compr.", "83%": "attention share", "additive": "", "bilstm": ""}
    for value, header in whole.items():
        assert (f"{value} " in shown or f"{value}\n" in shown) is (header not in gone), value
    assert "params" in gone


def test_the_result_as_json() -> None:
    values = json.loads(json.dumps(RESULT.to_dict()))
    assert [(row["attention"], row["encoder"], row["seeds"]) for row in values["rows"]] == [
        ("additive", "bilstm", 2),
        ("additive", "cnn", 2),
        ("dot", "bilstm", 1),
    ]
    assert values["rows"][0]["figures"]["accuracy"]["deviation"] == pytest.approx(0.0707, abs=1e-4)
    assert values["rows"][2]["figures"]["evidence_comprehensiveness"] == {"mean": None, "deviation": None}
    assert len(values["runs"]) == 5
    assert values["skipped"] == [{"attention": "dot", "encoder": "cnn", "reason": "why"}]
    assert values["failures"][0]["message"] == "x"
    assert not values["interrupted"]


@pytest.mark.parametrize(("kind", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_the_picture(kind: str, start: bytes) -> None:
    pytest.importorskip("matplotlib")
    assert picture(RESULT, kind).startswith(start)


def test_a_picture_that_cannot_be_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=r"\.png or \.svg"):
        check_picture(tmp_path / "x.gif")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(UsageError, match="needs matplotlib") as caught:
        check_picture(tmp_path / "x.png")
    assert caught.value.hint == "pip install 'attnclf[plot]'"
