"""`tune` as a user calls it, with a fake training for trials and for the model."""

import errno
import functools
import io
import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from rich.console import Console

from attnclf.cli import tune as tune_module
from attnclf.cli.tuning_progress import TuningProgress
from attnclf.config import Config
from attnclf.errors import DataError
from attnclf.results import EpochEnded, EpochScores, Note, StepEnded
from attnclf.tuning import trials
from attnclf.tuning.search import TrialEnded, TrialStarted, tune
from tests.cli.conftest import Failing
from tests.unit.results.test_tuned import FIRST, other
from tests.unit.tuning.fakes import POSTS, WITHOUT_OPTUNA, FakeModel, FakeTrain


@pytest.fixture
def posts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    lines = [f"{text},{label}" for text, label in zip(POSTS.texts, POSTS.labels, strict=True)]
    Path("posts.csv").write_text("\n".join(["text,label", *lines]) + "\n", encoding="utf-8")
    return Path("posts.csv")


class Shown:
    """Stands where the training of the model does. It raises `error`, if there is one."""

    def __init__(self) -> None:
        self.calls: list[tuple[Config, Path]] = []
        self.error: Exception | None = None

    def __call__(self, table, valid, config, model, verbosity, strict, resume, keep_best, told) -> object:
        self.calls.append((config, model))
        if self.error:
            raise self.error
        return type("Trained", (), {"report": None, "baseline": None, "accounts": None})()


@pytest.fixture
def model_training(monkeypatch: pytest.MonkeyPatch) -> Shown:
    shown = Shown()
    monkeypatch.setattr(tune_module, "train_shown", shown)
    monkeypatch.setattr("attnclf.render.terminal.report", lambda *_: "the report")
    return shown


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeTrain:
    """The training of trials."""
    pytest.importorskip("optuna", reason=WITHOUT_OPTUNA)
    train = FakeTrain()
    monkeypatch.setattr(trials, "ServedModel", FakeModel)
    monkeypatch.setattr(tune_module, "tune", functools.partial(tune, train=train, start=train.start, clock=train.clock))
    return train


def test_without_optuna_it_says_what_installs_it(run, posts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    code, out, err = run("tune", posts, "-m", "model")
    assert (code, out) == (2, "")
    assert "tuning needs Optuna" in err
    assert "pip install 'attnclf[tune]'" in err
    assert not Path("attnclf-tune").exists()


def test_a_table_the_command_and_the_model(run, fake: FakeTrain, posts: Path, model_training: Shown) -> None:
    code, out, err = run("tune", posts, "--minutes", 30, "--size", "small", "-m", "model", "--save-config", "s.toml")
    assert code == 0, err
    assert out.startswith("| trial | log loss |")
    assert "is better than the default" in out
    assert out.endswith("the report\n\n") or out.endswith("the report\n")
    ((config, model),) = model_training.calls
    assert model == Path("model")
    assert config.model.dropout < 0.5
    assert Config.from_toml(Path("s.toml")) == config
    assert err.splitlines()[-1].startswith("warning: settings were chosen by these validation rows")
    assert "trial 1  log loss 0.80" in err
    assert "\x1b" not in out + err
    assert "settings      s.toml\n" in err
    assert "size" not in out.split("\n\n")[0]  # it was given, so it is not varied
    (line,) = (line for line in err.splitlines() if line.startswith("command"))
    assert settings_of_train(line.removeprefix("command").strip()) == config


def settings_of_train(command: str) -> Config:
    """The settings that `attnclf train` resolves for this command."""
    from attnclf.cli import train as train_module

    seen: list[Config] = []

    def train_shown(table, valid, config, *rest, **named):
        seen.append(config)
        raise typer.Exit(0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train_module, "train_shown", train_shown)
        patch.setattr(sys, "argv", shlex.split(command))
        from attnclf.cli import main

        with pytest.raises(SystemExit):
            main()
    return seen[0]


def test_the_file_of_settings_has_the_command_with_the_rows_that_were_held_out(
    run, fake: FakeTrain, posts: Path, model_training: Shown
) -> None:
    Path("valid.csv").write_text(posts.read_text(encoding="utf-8"), encoding="utf-8")
    asked = "--minutes", 10, "-m", "model", "--size", "small", "--valid", "valid.csv", "--save-config", "s.toml"
    assert run("tune", posts, *asked)[0] == 0
    command = "attnclf train posts.csv --valid valid.csv --config s.toml -m model"
    assert Path("s.toml").read_text(encoding="utf-8").splitlines()[1] == f"# {command}"
    ((config, _),) = model_training.calls
    assert settings_of_train(command) == config


def test_the_default_is_taken_where_nothing_is_better(run, fake: FakeTrain, posts: Path, model_training: Shown) -> None:
    fake.loss = lambda config: 0.5
    code, out, err = run("tune", posts, "--minutes", 10, "-m", "model")
    assert code == 0, err
    assert "The default was as good as it gets" in out
    assert model_training.calls == [(Config(), Path("model"))]
    assert "command       attnclf train posts.csv -m model" in err
    assert "flatter" not in err  # nothing was chosen by its score
    assert "dry run" not in err


def test_json_and_a_plot(run, fake: FakeTrain, posts: Path, model_training: Shown) -> None:
    pytest.importorskip("matplotlib")
    code, out, err = run("tune", posts, "--minutes", 10, "-m", "model", "--json", "--plot", "x.svg")
    assert code == 0, err
    found = json.loads(out)
    assert found["trials"][0]["number"] == found["chosen"]
    assert found["verdict"].startswith("Trial")
    assert (found["train_rows"], found["valid_rows"], found["interrupted"]) == (54, 6, False)
    assert "<svg" in Path("x.svg").read_text(encoding="utf-8")


def test_the_chosen_settings_are_saved_where_the_trials_find_no_room(
    run, fake: FakeTrain, posts: Path, model_training: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout", Failing(errno.ENOSPC))
    code, _, err = run("tune", posts, "--minutes", 10, "-m", "model", "--save-config", "s.toml")
    assert (code, "cannot write standard output" in err) == (3, True)
    assert Config.from_toml(Path("s.toml"))
    assert model_training.calls == []


def test_settings_of_a_file_are_kept(run, fake: FakeTrain, posts: Path, model_training: Shown) -> None:
    Path("a.toml").write_text('[model]\nencoder = "cnn"\ndropout = 0.5\n', encoding="utf-8")
    code, _, err = run("tune", posts, "--minutes", 10, "--config", "a.toml", "-m", "model")
    assert code == 0, err
    assert {config.model.encoder for _, _, config in fake.calls} == {"cnn"}
    assert {config.model.dropout for _, _, config in fake.calls} == {0.5}
    assert "--config a.toml -m model" in err


def test_an_interrupt_shows_what_is_done_and_how_to_go_on(run, fake: FakeTrain, posts: Path, model_training: Shown) -> None:
    fake.errors = {3: KeyboardInterrupt()}
    code, out, err = run("tune", posts, "-m", "model")
    assert code == 130
    assert out.count("\n| ") == 2  # trials that are done
    assert "attnclf train posts.csv" in err
    assert err.endswith(
        "interrupted; 2 trials are kept in attnclf-tune/trials.jsonl, and the same command goes on from there; "
        "no model was trained\n"
    )
    assert model_training.calls == []
    fake.errors = {}
    assert run("tune", posts, "--minutes", 5, "-m", "model")[0] == 0
    assert len(model_training.calls) == 1


def test_an_interrupt_of_the_default(run, fake: FakeTrain, posts: Path, model_training: Shown) -> None:
    fake.errors = {1: KeyboardInterrupt()}
    code, out, err = run("tune", posts, "-m", "model")
    assert (code, out) == (130, "")
    assert "interrupted; 0 trials are kept" in err


@pytest.mark.parametrize(("error", "expected"), [(typer.Exit(130), 130), (DataError("the disk is full"), 3)])
def test_after_an_interrupt_or_an_error_of_the_last_training_it_says_how_to_go_on(
    run, fake: FakeTrain, posts: Path, model_training: Shown, error: Exception, expected: int
) -> None:
    model_training.error = error
    code, out, err = run("tune", posts, "--minutes", 2, "-m", "model")
    assert code == expected
    assert out.startswith("| trial")
    assert "the trials are kept. The training alone goes on by: attnclf train posts.csv -m model --resume\n" in err


def test_a_model_that_cannot_be_written_is_told_before_the_trials(run, fake: FakeTrain, posts: Path) -> None:
    Path("model").write_text("", encoding="utf-8")
    code, _, err = run("tune", posts, "-m", "model")
    assert code == 3
    assert "model is a file" in err
    assert fake.calls == []


def test_no_other_command_imports_optuna() -> None:
    pytest.importorskip("optuna", reason=WITHOUT_OPTUNA)
    code = (
        "import sys\nfrom attnclf.cli.app import COMMANDS, Commands\n"
        "for name in COMMANDS: Commands()[name]\nprint([m for m in ('optuna', 'sqlalchemy', 'alembic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--minutes", "0"), "--minutes"),
        (("--minutes", "nan"), "--minutes is nan"),
        (("--minutes", "inf"), "--minutes is inf"),
        (("--plot", "x.gif"), ".png or .svg"),
        (("--size", "huge"), "small, medium, large"),
        (("--test", "test.csv"), "--test"),
        (
            ("--size", "small", "--encoder", "cnn", "--attention", "dot", "--dropout", ".3", "--learning-rate", ".01"),
            "nothing is left",
        ),
    ],
)
def test_options_that_make_no_sense(run, fake: FakeTrain, posts: Path, arguments: tuple[str, ...], says: str) -> None:
    code, out, err = run("tune", posts, "-m", "model", *arguments)
    assert (code, out) == (2, "")
    assert says in err
    assert fake.calls == []
    assert not Path("attnclf-tune").exists()


def test_an_output_that_cannot_be_written_is_refused_before_the_work(run, fake: FakeTrain, posts: Path) -> None:
    code, out, err = run("tune", posts, "-m", "model", "--save-config", "none/s.toml")
    assert (code, out, fake.calls) == (3, "", [])
    assert "there is no folder none" in err
    assert "name another file with --save-config" in err


@pytest.mark.parametrize("arguments", [("-o", "m"), ("-o", "m/trials"), ("--save-config", "m/s.toml"), ("--plot", "m/x.svg")])
def test_nothing_is_to_be_written_to_where_the_model_will_be(
    run, fake: FakeTrain, posts: Path, arguments: tuple[str, ...]
) -> None:
    posts.unlink()  # which is not even read
    code, out, err = run("tune", posts, "-m", "m", *arguments)
    assert (code, out, list(posts.parent.iterdir())) == (2, "", [])
    assert f"the model directory {posts.parent.absolute() / 'm'}" in err.replace("\n", " ")


def test_progress_on_a_terminal_shows_trial_epoch_and_time() -> None:
    console = Console(file=io.StringIO(), width=120, force_terminal=True, color_system=None, _environ={})
    with TuningProgress(console, 8) as progress:
        progress(TrialStarted(3, {"size": "small", "dropout": 0.5}, FIRST.settings, 90.0))
        progress(StepEnded(2, 4, 1, 2, 0.5))
        progress(EpochEnded(2, 4, 0.5, EpochScores(0.4321, 0.8, 0.8), 3.0, True, 0.001))
        progress(Note("told above the bar"))
        progress._progress.refresh()
        progress(TrialEnded(other(3, 0.1)))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    line = "trial 3  log loss 0.4000, accuracy 0.8000  60 s  size small, dropout 0.03\n"
    for part in ("trial 3  epoch 2/4", "1.5 of 8 minutes", "least log loss 0.4321", "told above the bar\n", line):
        assert part in shown
    assert progress.told == {Note("told above the bar")}
