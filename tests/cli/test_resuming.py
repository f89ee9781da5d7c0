"""`train --resume` and `--keep-best`: what is said at an interruption, and the exit codes. The training is made up."""

import errno
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

import attnclf
from attnclf import bundle as bundles
from attnclf.checkpoint import Checkpoints, Identity
from attnclf.errors import DataError
from attnclf.results import Event
from attnclf.scoring import metrics
from attnclf.training import Trained, _prepared
from tests.cli.conftest import Failing
from tests.unit.checkpoint.examples import MACHINE, network


@dataclass
class FakeTrain:
    """Keeps two epochs, and ends as it is told to."""

    bundle: bundles.Bundle
    ends: BaseException | None = None
    keeps: bool = True
    interrupted: bool = False
    calls: list[Checkpoints] = field(default_factory=list)

    def __call__(
        self, table, valid, config, target, on_event, importing, strict=None, checkpoints=None, keep_best=False, place=None
    ) -> Trained:
        self.calls.append(checkpoints)
        try:
            checkpoints.open(on_event)
            data = _prepared(table, valid, config, on_event, strict)
            checkpoints.begin(Identity.of(config, table, valid, data.valid_part.rows))
            checkpoints.compute_on(MACHINE, "vocabulary")
            if self.keeps:
                checkpoints.keep(network=network(2))
            if self.ends is not None:
                raise self.ends
        finally:
            checkpoints.close()
        return Trained(replace(self.bundle, path=target), REPORT, None, 0.5, 1.0, None, self.interrupted)


ROWS = "text,label\n" + "".join(f"number {row},{'xy'[row % 2]}\n" for row in range(40))
REPORT = metrics.report(("x", "y"), np.array([0, 1], np.int32), np.eye(2))


@pytest.fixture
def fake(bundle_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeTrain:
    (tmp_path / "posts.csv").write_text(ROWS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    found = FakeTrain(bundles.load(bundle_path))
    monkeypatch.setattr("attnclf.training.train", found)
    return found


TRAIN = "train", "posts.csv", "-m", "model"


@pytest.mark.parametrize(
    ("stdout", "expected", "says"),
    [
        (Failing(errno.EPIPE), 0, ""),
        (Failing(errno.ENOSPC), 3, "error: cannot write standard output: No space left on device\n  the model is written; "),
        (None, 3, "error: standard output is closed\n  the model is written; its scores: attnclf info -m model\n"),
    ],
)
def test_a_report_that_cannot_be_printed_is_told(
    run, fake: FakeTrain, monkeypatch: pytest.MonkeyPatch, stdout: Failing | None, expected: int, says: str
) -> None:
    monkeypatch.setattr("attnclf.cli.output.os.dup2", lambda *_: None)
    monkeypatch.setattr("sys.stdout", stdout)
    code, _, said = run(*TRAIN, "-q")
    assert code == expected
    assert says in said
    assert says or not said


def test_an_interrupt_says_how_to_go_on(run, fake: FakeTrain) -> None:
    fake.ends = KeyboardInterrupt()
    code, out, said = run(*TRAIN)
    assert (code, out) == (130, "")
    assert "interrupted; nothing was written to model; the same again with --resume goes on after epoch 2\n" in said
    assert Path(".model.resume").is_dir()


def test_resume_goes_on(run, fake: FakeTrain) -> None:
    fake.ends = KeyboardInterrupt()
    run(*TRAIN)
    fake.ends = None
    code, out, said = run(*TRAIN, "--resume")
    assert code == 0
    assert "accuracy" in out
    assert "resume        goes on after epoch 2, kept on " in said
    assert fake.calls[-1].state.network is not None


def test_without_resume_what_there_is_to_go_on_with_is_said(run, fake: FakeTrain) -> None:
    run(*TRAIN)
    _, _, said = run(*TRAIN)
    assert "holds a checkpoint of an earlier training (kept on " in said
    assert "--resume would go on with it" in said
    _, _, said = run(*TRAIN[:-1], "other", "--resume")
    assert "there is nothing to go on from; training starts from the beginning" in said


def test_an_interrupt_before_anything_was_kept(run, fake: FakeTrain) -> None:
    fake.ends, fake.keeps = KeyboardInterrupt(), False
    code, _, said = run(*TRAIN, "--keep-best")
    assert code == 130
    assert "nothing was written to model, since no epoch had ended" in said
    assert "there is nothing to go on from: it had kept nothing yet\n" in said


def test_what_was_refused_names_options(run, fake: FakeTrain) -> None:
    run(*TRAIN)
    code, _, said = run(*TRAIN, "--resume", "--seed", "3")
    assert code == 2
    assert "model.resume is of another training: --seed is 3, and was 0\n" in said
    assert "give the same data and settings as before, or leave out --resume to start from the beginning" in said
    Path("posts.csv").write_text(ROWS.replace("number 7,", "number seven,"), encoding="utf-8")
    code, _, said = run(*TRAIN, "--resume")
    assert code == 3
    assert "is of another training: 1 row has changed\n" in said
    (Path(".model.resume") / "resume.json").write_bytes(b"{}")
    code, _, said = run(*TRAIN, "--resume")
    assert code == 4
    assert "resume.json is damaged" in said
    assert "leave out --resume" in said
    assert run(*TRAIN)[0] == 0


def test_an_error_after_something_was_kept_says_how_to_go_on(run, fake: FakeTrain) -> None:
    fake.ends = DataError("cannot write model: no space left")
    code, _, said = run(*TRAIN)
    assert code == 3
    assert "the same again with --resume goes on after epoch 2" in said
    fake.keeps = False
    assert "again" not in run(*TRAIN[:-1], "other")[2]


def test_the_best_epoch_is_shown_and_the_code_is_that_of_an_interrupt(run, fake: FakeTrain) -> None:
    fake.interrupted = True
    code, out, said = run(*TRAIN, "--keep-best")
    assert code == 130
    assert "accuracy" in out
    assert "the model was written to model; the same again with --resume goes on after epoch 2" in said


def test_a_dry_run_says_what_would_be_gone_on_with(run, fake: FakeTrain) -> None:
    run(*TRAIN)
    before = sorted(Path(".model.resume").iterdir())
    code, _, said = run(*TRAIN, "--resume", "--dry-run")
    assert code == 0
    assert "goes on after epoch 2, kept on " in said
    assert run(*TRAIN, "--resume", "--dry-run", "--seed", "4")[0] == 2
    assert sorted(Path(".model.resume").iterdir()) == before
    assert run(*TRAIN, "--dry-run")[0] == 0


def test_python_hears_how_to_go_on(fake: FakeTrain) -> None:
    heard: list[Event] = []
    fake.ends = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        attnclf.train("posts.csv", "model", on_event=heard.append)
    assert heard[-1].message == "interrupted; the same again with `resume=True` goes on after epoch 2"
    heard.clear()
    fake.ends, fake.interrupted = None, True
    with pytest.raises(KeyboardInterrupt), pytest.warns(UserWarning, match="goes on after epoch 2"):
        attnclf.train("posts.csv", "model", resume=True, keep_best=True, on_event=heard.append)
    assert any("goes on after epoch 2" in event.message for event in heard)
