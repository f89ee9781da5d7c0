"""A training that is interrupted anywhere and goes on ends with the same model, to the bit, as one that is not."""

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
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


@pytest.fixture(scope="module", params=CONFIGS)
def unbroken(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, Any]]]:
    settings, model = CONFIGS[request.param], tmp_path_factory.mktemp("unbroken") / "model"
    train(TABLE, None, Config().override_flat(TINY | settings), model)
    yield model, settings


def test_interrupted_everywhere_it_ends_with_the_same_model(
    unbroken: tuple[Path, dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, settings = unbroken
    target = tmp_path / "model"
    monkeypatch.setattr(epochs, "KEEP_EVERY", 0.0)  # seconds: after each step
    moments = [
        at_step(1, 3),
        at_step(1, 5),  # in the same epoch again
        at_step(3, 2),
        at("of which epoch"),  # the network is trained
    ]
    for number, moment in enumerate(moments):
        with pytest.raises(Killed):
            trained(target, settings, moment, resume=number > 0)
        assert not target.exists()
    heard: list[Event] = []
    trained(target, settings, heard.append, resume=True)
    assert content(target) == content(model)
    assert not [event for event in heard if isinstance(event, StepEnded)]  # nothing was left to train
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


WORDS = {"level": "word", "encoder": "embedding"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of WORDS, trained without an interruption, and keeping checkpoints."""
    model = tmp_path_factory.mktemp("whole") / "model"
    trained(model, WORDS)
    assert [path.name for path in model.parent.iterdir()] == ["model"]
    return model


def test_what_is_lost_is_since_the_last_epoch(whole: Path, tmp_path: Path) -> None:
    with pytest.raises(Killed):
        trained(tmp_path / "model", WORDS, at_step(2, 5))
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


def test_the_time_limit_counts_what_went_before(tmp_path: Path) -> None:
    with pytest.raises(Killed):
        trained(tmp_path / "model", WORDS, at_step(2, 1))
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


COMMAND = [sys.executable, "-m", "attnclf", "train", "posts.csv", "--no-baseline", "--level", "word", "--encoder", "embedding"]
COMMAND += ["--size", "small", "--epochs", "3", "--batch-size", "8", "--device", "cpu", "-v"]


def test_a_killed_command_goes_on_for_real(tmp_path: Path) -> None:
    """SIGKILL leaves no time to clean up."""
    rows = [f"{text},{label}" for text, label in zip(TABLE.texts, TABLE.labels, strict=True)]
    (tmp_path / "posts.csv").write_text("\n".join(["text,label", *rows]) + "\n", encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run([*COMMAND, "-m", "unbroken"], check=True, capture_output=True, cwd=tmp_path, env=environment)
    line = [*COMMAND, "-m", "model", "--resume"]
    for word in ("linear model", "epoch 1/3", "epoch 3/3"):
        process = subprocess.Popen(line, stderr=subprocess.PIPE, text=True, encoding="utf-8", cwd=tmp_path, env=environment)
        assert process.stderr is not None
        assert any(said.startswith(word) for said in process.stderr)
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL
    done = subprocess.run(line, check=True, capture_output=True, text=True, encoding="utf-8", cwd=tmp_path, env=environment)
    assert "resume        goes on after epoch" in done.stderr
    assert content(tmp_path / "model") == content(tmp_path / "unbroken")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model", "posts.csv", "unbroken"]
