"""`train --tensorboard`: what TensorBoard reads back, and what is refused. The training is made up."""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from attnclf import bundle as bundles
from attnclf.cli import curves
from attnclf.cli.curves import curves_in
from attnclf.results import EpochEnded, EpochScores, Event, Note
from attnclf.scoring import metrics
from attnclf.training import Trained

EPOCHS = [EpochEnded(n, 3, 0.6 / n, EpochScores(0.5 / n, 0.8, 0.82), 3.0 * n, True, 0.001 * n) for n in (1, 2, 3)]
REPORT = metrics.report(("x", "y"), np.array([0, 1], np.int32), np.eye(2))
TRAIN = "train", "posts.csv", "-m", "model", "-q", "--tensorboard"


@pytest.fixture
def told(bundle_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Event]:
    """The events that training tells of; a test may change them."""
    (tmp_path / "posts.csv").write_text("text,label\na,x\nb,y\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    events: list[Event] = list(EPOCHS)

    def train(table, valid, config, target, on_event, *_: object) -> Trained:  # type: ignore[no-untyped-def]
        for event in events:
            on_event(event)
        return Trained(bundles.load(bundle_path), REPORT, None, 0.5, 1.0)

    monkeypatch.setattr("attnclf.training.train", train)
    return events


@pytest.fixture
def tensorboard() -> None:
    pytest.importorskip("tensorboard", reason="needs attnclf[tensorboard]: `make test-extras` runs it")


def read(folder: Path) -> dict[str, list[tuple[int, float]]]:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.util.tensor_util import make_ndarray

    found = EventAccumulator(str(folder))
    found.Reload()
    return {
        tag: [(event.step, float(make_ndarray(event.tensor_proto))) for event in found.Tensors(tag)]
        for tag in found.Tags()["tensors"]
    }


@pytest.mark.usefixtures("tensorboard", "told")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_tensorboard_reads_a_curve_for_each_number(run: Callable[..., tuple[int, str, str]]) -> None:
    assert run(*TRAIN, "runs/one")[0] == 0
    found = read(Path("runs/one"))
    assert set(found) == {"loss/training", "loss/validation", "score/macro_f1", "score/accuracy", "learning_rate"}
    assert found["loss/training"] == [(1, pytest.approx(0.6)), (2, pytest.approx(0.3)), (3, pytest.approx(0.2))]
    assert [value for _, value in found["learning_rate"]] == pytest.approx([0.001, 0.002, 0.003])


@pytest.mark.usefixtures("tensorboard")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_folder_holds_one_training(run, told: list[Event]) -> None:
    del told[2:]
    assert run(*TRAIN, "runs")[0] == 0
    code, _, err = run(*TRAIN, "runs")
    assert code == 2
    assert err == "error: 'runs' holds the curves of another training\n  name another folder with --tensorboard\n"
    told[:] = EPOCHS[2:]
    assert run(*TRAIN, "runs", "--resume")[0] == 0
    assert [step for step, _ in read(Path("runs"))["learning_rate"]] == [1, 2, 3]


@pytest.mark.usefixtures("tensorboard")
def test_without_an_epoch_nothing_is_left(run, told: list[Event]) -> None:
    told.clear()
    assert run(*TRAIN, "runs")[0] == 0
    assert not list(Path("runs").iterdir())


@pytest.mark.usefixtures("tensorboard", "told")
def test_curves_go_to_a_folder_that_can_be_written(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, _, err = run(*TRAIN, "posts.csv")
    assert (code, err.splitlines()[0]) == (3, "error: 'posts.csv' is a file, and curves go to a folder")
    code, _, err = run(*TRAIN, "posts.csv/in")
    assert (code, err.splitlines()[0]) == (3, "error: cannot write to 'posts.csv/in': Not a directory")


@pytest.mark.usefixtures("tensorboard")
def test_a_full_disk_ends_the_curves_and_not_the_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def __init__(self, stream: object) -> None: ...

        def write(self, data: bytes) -> None:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(curves, "_library", lambda: (Full, *LIBRARY()[1:]))
    heard: list[Event] = []
    with curves_in(tmp_path, heard.append) as listen:
        for event in EPOCHS:
            listen(event)
    assert [event for event in heard if not isinstance(event, Note)] == EPOCHS
    (note,) = (event for event in heard if isinstance(event, Note))
    assert note.message == f"no more curves: cannot write to '{tmp_path}': No space left on device"


LIBRARY = curves._library


@pytest.mark.usefixtures("told")
def test_what_is_missing_is_said_before_anything_is_read(run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "tensorboard"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    code, _, err = run("train", "no-such-file.csv", "--tensorboard", "runs")
    assert (code, err) == (2, "error: --tensorboard needs TensorBoard\n  pip install 'attnclf[tensorboard]'\n")
