"""A training that is interrupted anywhere and goes on ends with the same model, to the bit, as one that is not."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import attnclf
from attnclf.checkpoint import Checkpoints
from attnclf.config import Config
from attnclf.data import Columns, Table
from attnclf.errors import UsageError
from attnclf.results import Event, Note, StageStarted, StepEnded
from attnclf.trainable import epochs
from attnclf.training import Trained, train
from tests.conftest import ROOT

TINY = {"size": "small", "embedding": 8, "units": 4, "epochs": 3, "batch_size": 16, "baseline": False, "faithfulness": 5}
# With the encoder cnn and attention hard, one training in four differed from the others by 1e-8, without an interruption.
CONFIGS = {
    "words, as by default": {"level": "word"},
    "words, drawn attention": {"level": "word", "encoder": "embedding", "attention": "hard", "sampling": "gumbel"},
    "characters": {"level": "char", "encoder": "transformer", "heads": 2},
}
FILES = ("weights.safetensors", "model.onnx", "words.onnx", "features.safetensors", "tokenizer.json", "texts.bin")


class Killed(BaseException):
    """What no code of ours catches."""


def posts(rows: int = 120) -> Table:
    """Texts of accounts, four of each; a word speaks for the first label."""
    rng = np.random.default_rng(0)
    labels = ["ab"[row // 4 % 2] for row in range(rows)]
    words = [f"w{i}" for i in range(60)]
    texts = [" ".join(rng.choice(words, rng.integers(3, 15))) + (" good." if label == "a" else "") for label in labels]
    return Table(texts, labels, [f"account {row // 4}" for row in range(rows)], "posts", Columns(("text",), "label", "account"))


TABLE = posts()
Hears = Callable[[Event], None]


def at_step(epoch: int, step: int, error: type[BaseException] = Killed) -> Hears:
    def hears(event: Event) -> None:
        if isinstance(event, StepEnded) and (event.epoch, event.step) == (epoch, step):
            raise error

    return hears


def at(word: str, error: type[BaseException] = Killed) -> Hears:
    """When something is told or begun that has this word in it."""

    def hears(event: Event) -> None:
        if word in (event.message if isinstance(event, Note) else event.name if isinstance(event, StageStarted) else ""):
            raise error

    return hears


def trained(target: Path, settings: dict[str, Any], hears: Hears = lambda event: None, **how: Any) -> Trained:
    keep_best = how.pop("keep_best", False)
    config, checkpoints = Config().override_flat(TINY | settings), Checkpoints(target, **how)
    return train(TABLE, None, config, target, hears, checkpoints=checkpoints, keep_best=keep_best)


def content(model: Path) -> dict[str, Any]:
    """All that two trainings which do the same have alike."""
    files = {name: hashlib.sha256((model / name).read_bytes()).hexdigest() for name in FILES}
    lines = [json.loads(line) for line in (model / "history.jsonl").read_text(encoding="utf-8").splitlines()]
    scores = json.loads((model / "bundle.json").read_text(encoding="utf-8"))["scores"]
    of_training = {name: scores["training"][name] for name in ("epochs", "best_epoch", "mixing_weights", "accuracy")}
    history = [{name: value for name, value in line.items() if name != "seconds"} for line in lines]
    return files | {"history": history, "validation": scores["validation"], "training": of_training}


@pytest.mark.parametrize("name", CONFIGS)
def test_interrupted_in_an_epoch_it_ends_with_the_same_model(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, model, target = CONFIGS[name], tmp_path / "unbroken" / "model", tmp_path / "broken" / "model"
    train(TABLE, None, Config().override_flat(TINY | settings), model)
    monkeypatch.setattr(epochs, "KEEP_EVERY", 0.0)  # seconds: after each step
    with pytest.raises(Killed):
        trained(target, settings, at_step(2, 3))
    heard: list[Event] = []
    trained(target, settings, heard.append, resume=True)
    assert next((event.epoch, event.step) for event in heard if isinstance(event, StepEnded)) == (2, 3)
    assert content(target) == content(model)


WORDS = {"level": "word", "encoder": "embedding"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of WORDS, trained without an interruption, and keeping checkpoints."""
    model = tmp_path_factory.mktemp("whole") / "model"
    trained(model, WORDS)
    assert [path.name for path in model.parent.iterdir()] == ["model"]
    return model


def test_scores_within_a_long_first_epoch_change_nothing(whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(epochs, "LONG", 4)  # steps
    monkeypatch.setattr(epochs, "LOOKS", (1 / 4, 1 / 2))
    told: list[Event] = []
    trained(tmp_path / "model", WORDS, told.append)
    says = [event.message.split(": validation log loss ") for event in told if isinstance(event, Note)]
    assert [place for place, *scores in says if scores] == ["step 2 of 7 in epoch 1", "step 4 of 7 in epoch 1"]
    assert content(tmp_path / "model") == content(whole)


def test_interrupted_everywhere_it_ends_with_the_same_model(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "model"
    monkeypatch.setattr(epochs, "KEEP_EVERY", 0.0)
    moments = [
        at_step(1, 3),
        at_step(1, 5),  # in the same epoch again
        at_step(3, 2),
        at("of which epoch"),  # the network is trained
    ]
    for number, moment in enumerate(moments):
        with pytest.raises(Killed):
            trained(target, WORDS, moment, resume=number > 0)
        assert not target.exists()
    heard: list[Event] = []
    trained(target, WORDS, heard.append, resume=True)
    assert content(target) == content(whole)
    assert not [event for event in heard if isinstance(event, StepEnded)]  # nothing was left to train
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what a training of WORDS left that was killed in the second epoch."""
    folder = tmp_path_factory.mktemp("killed")
    with pytest.raises(Killed):
        trained(folder / "model", WORDS, at_step(2, 5))
    return folder


def test_what_is_lost_is_since_the_last_epoch(whole: Path, killed: Path, tmp_path: Path) -> None:
    shutil.copytree(killed, tmp_path, dirs_exist_ok=True)
    heard: list[Event] = []
    trained(tmp_path / "model", WORDS, heard.append, resume=True)
    steps = [(event.epoch, event.step) for event in heard if isinstance(event, StepEnded)]
    assert steps[0] == (2, 1)
    assert content(tmp_path / "model") == content(whole)


def test_the_best_epoch_is_kept_as_a_model(whole: Path, tmp_path: Path) -> None:
    target, heard = tmp_path / "model", list[Event]()

    def hears(event: Event) -> None:
        heard.append(event)
        at_step(3, 2, KeyboardInterrupt)(event)

    kept = trained(target, WORDS, hears, keep_best=True)
    assert kept.interrupted
    assert kept.baseline is None
    assert any("interrupted after epoch 2: epoch " in event.message for event in heard if isinstance(event, Note))
    found = attnclf.load(target)
    facts = found.scores["training"]
    assert facts["epochs"] == 2
    history = content(target)["history"]
    assert history == content(whole)["history"][:2]
    best = history[facts["best_epoch"] - 1]
    assert found.scores["validation"]["log_loss"] == pytest.approx(best["log_loss"], abs=1e-6)
    assert facts["refitted"]
    assert min(facts["mixing_weights"]) > 0
    assert "interrupted after epoch 2" in (target / "README.md").read_text(encoding="utf-8")
    assert found.predict(["w1 good."]) is not None
    heard.clear()
    trained(target, WORDS, heard.append, resume=True)  # the checkpoint stayed
    assert next(event.epoch for event in heard if isinstance(event, StepEnded)) == 3
    assert content(target) == content(whole)


def test_the_best_epoch_is_kept_while_explanations_are_measured_and_has_a_rule_for_accounts(tmp_path: Path) -> None:
    settings = WORDS | {"group_col": "account", "valid_share": 0.3}
    kept = trained(tmp_path / "model", settings, at("measuring how", KeyboardInterrupt), keep_best=True)
    assert kept.interrupted
    assert kept.accounts is not None
    assert attnclf.load(tmp_path / "model").scores["training"]["epochs"] == 3


def test_before_an_epoch_has_ended_there_is_no_best(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path / "model", WORDS, at_step(1, 2, KeyboardInterrupt), keep_best=True)
    assert [path.name for path in tmp_path.iterdir()] == [".model.resume"]


def test_the_time_limit_counts_what_went_before(killed: Path, tmp_path: Path) -> None:
    shutil.copytree(killed, tmp_path, dirs_exist_ok=True)
    heard: list[Event] = []
    long_ago = Checkpoints(tmp_path / "model", resume=True)
    long_ago.started -= 3600
    config = Config().override_flat(TINY | WORDS | {"max_minutes": 60})
    train(TABLE, None, config, tmp_path / "model", heard.append, checkpoints=long_ago)
    assert len([event for event in heard if isinstance(event, StepEnded)]) == 1
    assert any("60 minutes are over at step 1" in event.message for event in heard if isinstance(event, Note))


def test_a_checkpoint_of_other_settings_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(Killed):
        trained(tmp_path / "model", WORDS, at("building the network"))
    with pytest.raises(UsageError, match=r"`dropout` is 0\.1, and was 0\.5"):
        trained(tmp_path / "model", WORDS | {"dropout": 0.1}, at("reading the texts"), resume=True)


OF_COMMAND = {"level": "word", "encoder": "embedding", "size": "small", "epochs": 3, "batch_size": 8, "device": "cpu"}
COMMAND = [sys.executable, "-m", "attnclf", "train", "posts.csv", "-m", "model", "--resume", "--no-baseline", "-v"]
COMMAND += [word for name, value in OF_COMMAND.items() for word in (f"--{name.replace('_', '-')}", str(value))]


@pytest.mark.filterwarnings("ignore:the word '.*' gives the label:UserWarning")
def test_a_killed_command_goes_on_for_real(tmp_path: Path) -> None:
    """SIGKILL leaves no time to clean up. Both commands together do what a training in another process does."""
    rows = [f"{text},{label}" for text, label in zip(TABLE.texts, TABLE.labels, strict=True)]
    (tmp_path / "posts.csv").write_text("\n".join(["text,label", *rows]) + "\n", encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(COMMAND, stderr=subprocess.PIPE, text=True, encoding="utf-8", cwd=tmp_path, env=environment)
    assert process.stderr is not None
    assert any(said.startswith("epoch 2/3") for said in process.stderr)  # said before it is kept: epoch 1 was kept for sure
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert not (tmp_path / "model").exists()
    done = subprocess.run(COMMAND, check=True, capture_output=True, text=True, encoding="utf-8", cwd=tmp_path, env=environment)
    assert "resume        goes on after epoch" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model", "posts.csv"]
    attnclf.train(tmp_path / "posts.csv", tmp_path / "unbroken", baseline=False, verbose=0, **OF_COMMAND)
    assert content(tmp_path / "model") == content(tmp_path / "unbroken")
