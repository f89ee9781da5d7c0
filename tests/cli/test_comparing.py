"""`compare` as a user calls it: once for real, and with a fake training where it is about what stands on the screen."""

import errno
import functools
import io
import json
import sys
from pathlib import Path

import pytest
from rich.console import Console

from attnclf.cli import compare as compare_command
from attnclf.cli.compare import ComparisonProgress
from attnclf.comparison import RunEnded, RunStarted, compare
from attnclf.errors import DeviceError
from attnclf.results import Job, Note, StepEnded
from tests.cli.conftest import Failing
from tests.e2e.test_whole import few_posts
from tests.e2e.test_whole import run as run_for_real
from tests.unit.comparison.test_comparison import RUNS, FakeTrain


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    path = tmp_path / "posts.csv"
    lines = [f"DM me {i},{label}" for i, label in enumerate(["fake", "real", "shop"] * 10)]
    path.write_text("\n".join(["text,label", *lines]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def fake(bundle_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeTrain:
    """The training that `compare` does, in an empty directory."""
    train = FakeTrain(bundle_path)
    monkeypatch.setattr(compare_command, "compare", functools.partial(compare, train=train))
    monkeypatch.chdir(tmp_path)
    return train


def test_compare_for_real_and_again(sample: Path, tmp_path: Path) -> None:
    options = ("--attention", "additive", "--seeds", 1, "--epochs", 1, "--size", "small", "-o", tmp_path / "runs")
    few = few_posts(sample, tmp_path, 400)
    first = run_for_real("compare", few, *options)
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith("| attention | encoder | accuracy")
    assert "| additive  | bilstm  |" in first.stdout
    assert "run 1/1  additive + bilstm, seed 0  accuracy 0." in first.stderr
    assert "oneDNN" not in first.stderr
    again = run_for_real("compare", few, *options, "--json")
    assert again.returncode == 0, again.stderr
    assert "1 of 1 runs are already in" in again.stderr
    (row,) = json.loads(again.stdout)["rows"]
    figures = {name: spread["mean"] for name, spread in row["figures"].items()}
    assert figures["accuracy"] > 0.6
    assert figures["parameters"] > 1_000
    assert figures["epochs"] == 1
    assert figures["texts_per_second"] > 0
    assert figures["evidence_comprehensiveness"] > 0


def test_one_line_a_run_and_a_table(run, fake: FakeTrain, posts: Path) -> None:
    code, out, err = run("compare", posts, "--attention", "additive", "--encoder", "bilstm, window,bilstm", "--device", "cpu")
    assert code == 0
    assert [line[:14] for line in err.splitlines() if line.startswith("run ")] == [f"run {n}/4  addit" for n in (1, 2, 3, 4)]
    assert [line.split()[1] for line in out.splitlines()[2:4]] == ["additive"] * 2
    assert "\x1b" not in out + err
    assert all(config.training.device == "cpu" for _, _, config in fake.calls)
    assert Path("attnclf-compare/runs.jsonl").exists()


def test_all_is_every_name_and_the_encoder_is_the_default(run, fake: FakeTrain, posts: Path) -> None:
    Path("settings.toml").write_text('[model]\nencoder = "window"\n[training]\nepochs = 7\n', encoding="utf-8")
    code, out, _ = run("compare", posts, "--seeds", 1, "--json", "--config", "settings.toml", "--batch-size", 8)
    result = json.loads(out)
    assert code == 0
    assert {row["encoder"] for row in result["rows"]} == {"window"}
    names = {part["attention"] for part in result["rows"] + result["skipped"]}
    assert names == set(compare_command.MECHANISMS.names())
    assert (fake.calls[0][2].training.epochs, fake.calls[0][2].training.batch_size) == (7, 8)


def test_a_file_of_settings_names_the_mechanism_and_no_seed(run, fake: FakeTrain, posts: Path) -> None:
    settings = '[model]\nattention = "dot"\n[training]\nseed = 7\nbaseline = false\n'
    Path("settings.toml").write_text(settings, encoding="utf-8-sig")  # as Windows writes it
    code, out, err = run("compare", posts, "--seeds", 2, "--json", "--config", "settings.toml")
    assert (code, [row["attention"] for row in json.loads(out)["rows"]]) == (0, ["dot"])
    assert "runs have the seeds 0 to 1 and no baseline; not used of settings.toml: seed, baseline\n" in err
    asked = "--seeds", 1, "--json", "--config", "settings.toml", "--attention", "additive"
    _, out, err = run("compare", posts, *asked)
    assert "runs have the seed 0 and no baseline" in err
    assert [row["attention"] for row in json.loads(out)["rows"]] == ["additive"]


def test_a_combination_whose_runs_all_failed_ends_in_an_error(run, fake: FakeTrain, posts: Path) -> None:
    fake.errors = {2: DeviceError("out of memory", hint="a smaller `batch_size`")}
    code, out, err = run("compare", posts, "--attention", "additive,dot", "--seeds", 1)
    assert code == 5
    assert "| additive " in out
    assert err.endswith("error: every run of dot + bilstm failed: out of memory\n  a smaller --batch-size\n")


def test_a_column_that_gives_the_label_away_is_told(run, fake: FakeTrain, tmp_path: Path) -> None:
    rows = [f"DM me {i},{label},{label}{i % 4}" for i, label in enumerate(["fake", "real", "shop"] * 10)]
    (tmp_path / "posts.csv").write_text("\n".join(["text,label,account", *rows]) + "\n", encoding="utf-8")
    assert "column 'account' gives the label away" in run("compare", "posts.csv", "--attention", "dot", "--seeds", 1)[2]


def test_an_interrupt_shows_what_is_done_and_how_to_go_on(run, fake: FakeTrain, posts: Path) -> None:
    fake.errors = {3: KeyboardInterrupt()}
    code, out, err = run("compare", posts, "--attention", "additive", "--seeds", 4)
    assert code == 130
    assert "| additive" in out
    assert err.endswith(
        "interrupted; 2 of 4 runs are done and kept in attnclf-compare/runs.jsonl, and the same command goes on from there\n"
    )
    fake.errors = {}
    assert run("compare", posts, "--attention", "additive", "--seeds", 4)[0] == 0
    assert len(fake.calls) == 5
    fake.errors = {6: KeyboardInterrupt()}
    assert run("compare", posts, "--attention", "additive", "--seeds", 1, "--epochs", 2)[:2] == (130, "")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--attention", "aditive"), "did you mean 'additive'"),
        (("--encoder", "bilstn,window"), "did you mean 'bilstm'"),
        (("--attention", "additive,"), "not a list of names"),
        (("--plot", "x.gif"), ".png or .svg"),
        (("--seeds", "0"), "--seeds"),
        (("--size", "huge"), "small, medium, large"),
    ],
)
def test_options_that_make_no_sense(run, fake: FakeTrain, posts: Path, arguments: tuple[str, ...], says: str) -> None:
    code, out, err = run("compare", posts, *arguments)
    assert (code, out) == (2, "")
    assert says in err
    assert fake.calls == []
    assert not Path("attnclf-compare").exists()


def test_an_output_that_cannot_be_written_is_refused_before_the_work(run, fake: FakeTrain, posts: Path) -> None:
    code, out, err = run("compare", posts, "--plot", "none/x.png")
    assert (code, out, fake.calls) == (3, "", [])
    assert "there is no folder none" in err
    assert "name another file with --plot" in err


def test_a_folder_whose_place_a_file_has_is_refused(run, fake: FakeTrain, posts: Path) -> None:
    code, _, err = run("compare", posts, "-o", posts)
    assert (code, fake.calls) == (3, [])
    assert err.endswith(f"error: '{posts}' is a file, and not a folder\n  name another folder with -o\n")


@pytest.mark.parametrize(
    ("arguments", "expected", "says"),
    [
        (("--attention", "aditive"), 2, "did you mean 'additive'"),
        (("--encoder", "cnn,bilstn"), 2, "did you mean 'bilstm'"),
        (("-o", "file/below"), 3, "file' is a file, and not a folder"),
        (("-o", "other"), 3, "holds no runs, but something else"),
        (("-o", "/proc/none"), 3, "cannot write /proc/none"),
    ],
)
def test_names_and_the_folder_are_checked_before_tables_are_read(
    run, fake: FakeTrain, arguments: tuple[str, ...], expected: int, says: str
) -> None:
    Path("file").write_text("", encoding="utf-8")
    Path("other").mkdir()
    Path("other/runs.jsonl").write_text('{"patient": "Kim"}', encoding="utf-8")
    code, _, err = run("compare", "none.csv", *arguments)
    assert (code, says in err) == (expected, True), err
    assert Path("other/runs.jsonl").read_text(encoding="utf-8") == '{"patient": "Kim"}'
    assert {path.name for path in Path().iterdir()} == {"file", "other"}


def test_a_plot_without_matplotlib(run, fake: FakeTrain, posts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    code, _, err = run("compare", posts, "--plot", "x.png")
    assert code == 2
    assert "pip install 'attnclf[plot]'" in err
    assert fake.calls == []


def test_a_plot(run, fake: FakeTrain, posts: Path) -> None:
    pytest.importorskip("matplotlib")
    code, _, err = run("compare", posts, "--attention", "additive", "--plot", "x.SVG")
    assert code == 0
    assert err.endswith("plot          x.SVG\n")
    assert "<svg" in Path("x.SVG").read_text(encoding="utf-8")


def test_a_plot_is_drawn_where_the_table_finds_no_room(
    run, fake: FakeTrain, posts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("matplotlib")
    monkeypatch.setattr("sys.stdout", Failing(errno.ENOSPC))
    code, _, err = run("compare", posts, "--attention", "additive", "--plot", "x.svg")
    assert (code, "cannot write standard output" in err) == (3, True)
    assert "<svg" in Path("x.svg").read_text(encoding="utf-8")


def test_validation_and_test_files_need_no_groups(run, fake: FakeTrain, tmp_path: Path) -> None:
    posts, others = tmp_path / "grouped.csv", tmp_path / "others.csv"
    rows = [f"DM me {i},{label},{i % 10}" for i, label in enumerate(["fake", "real", "shop"] * 10)]
    posts.write_text("\n".join(["text,label,account", *rows]) + "\n", encoding="utf-8")
    others.write_text("text,label\nDM,fake\nme,real\n", encoding="utf-8")
    options = ("--attention", "additive", "--seeds", 1, "--group-col", "account", "--json")
    code, out, _ = run("compare", posts, *options, "--valid", others, "--test", others)
    assert code == 0
    assert json.loads(out)["scored_rows"] == 2
    assert run("compare", posts, *options)[0] == 0
    table, valid, _ = fake.calls[-1]
    assert len(table.texts) + len(valid.texts) == 30


def test_numbers_of_test_rows_are_labels_however_they_are_written(run, fake: FakeTrain, tmp_path: Path) -> None:
    posts, others = tmp_path / "numbers.csv", tmp_path / "others.csv"
    posts.write_text("text,label\n" + "".join(f"DM me {i},{i % 3}\n" for i in range(30)), encoding="utf-8")
    others.write_text("text,label\nDM,0.0\nme,2.0\n", encoding="utf-8")
    _, _, err = run("compare", posts, "--attention", "additive", "--seeds", 1, "--test", others)
    assert "2 labels are read as in training, such as '0.0' as 0" in " ".join(err.split())
    assert "not in the training data" not in err
    assert set(fake.calls[0][0].labels) == {"0", "1", "2"}


def test_progress_on_a_terminal_shows_run_combination_epoch_and_time() -> None:
    console = Console(file=io.StringIO(), width=120, force_terminal=True, color_system=None, _environ={})
    with ComparisonProgress(console) as progress:
        progress(RunStarted(3, 8, Job("dot", "cnn", 1)))
        progress(StepEnded(2, 4, 1, 2, 0.5))
        progress(Note("told above the bar"))
        progress._progress.refresh()
        progress(RunEnded(3, 8, RUNS[0], 60))
        (task,) = progress._progress.tasks
        assert task.completed == pytest.approx(2 + 1.5 / 4)
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    for part in ("run 3/8  dot + cnn, seed 1", "epoch 2/4", "left", "told above the bar\n", "accuracy 0.50, macro F1 0.49"):
        assert part in shown
