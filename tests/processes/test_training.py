"""Two processes train what one trains; one writes, and the end of one is the end of all. Over the loopback, on the CPU."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

pytest.importorskip("jax", reason="needs JAX: pip install 'attnclf[jax]', or make test-processes")

from attnclf.processes import ADDRESSES, NUMBER, RANK

ROOT = Path(__file__).parent.parent.parent
MOST = 1500  # seconds, on a machine that is busy: JAX compiles each step for each shape of a batch
AGREEMENT = 1e-4
TRAIN = ["--level", "char", "--encoder", "embedding", "--size", "small", "--max-length", "8", "--align", "0", "--no-baseline"]
WORKING = "epoch 2/"  # what a training says once its second epoch has ended, and the first is kept


@pytest.fixture(scope="module", autouse=True)
def compiled_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What JAX has compiled in one test need not be compiled in the next."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAX_COMPILATION_CACHE_DIR", str(tmp_path_factory.mktemp("compiled")))
        yield


def environment(**more: str) -> dict[str, str]:
    return os.environ | {"KERAS_BACKEND": "jax", "TF_CPP_MIN_LOG_LEVEL": "3", "OMP_NUM_THREADS": "1"} | more


def steps(file: Path, **more: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tests.processes.steps", file], cwd=ROOT, env=environment(**more))


def test_two_processes_give_the_weights_of_one(tmp_path: Path) -> None:
    """After 54 steps, with dropout, the alignment of attention, weights of examples, and batches that have to be filled up."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    places = [{ADDRESSES: address, NUMBER: "2", RANK: rank} for rank in "01"]
    running = [steps(tmp_path / f"two-{rank}", **place) for rank, place in enumerate(places)]
    try:
        assert [process.wait(MOST) for process in running] == [0, 0]
    finally:
        for process in running:
            process.kill()
    assert steps(tmp_path / "one").wait(MOST) == 0
    assert not (tmp_path / "two-1").exists()
    one, two = load_file(tmp_path / "one"), load_file(tmp_path / "two-0")
    assert one.keys() == two.keys()
    assert {name: float(np.abs(one[name] - two[name]).max()) for name in one} == {
        name: pytest.approx(0, abs=AGREEMENT) for name in one
    }
    assert all(np.abs(one[name]).max() > 0.01 for name in one if not name.startswith("linear"))


@pytest.fixture
def table(sample: Path, tmp_path: Path) -> Path:
    lines = (sample / "train.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    path = tmp_path / "posts.csv"
    path.write_text("".join(lines[:1] + lines[1::25]), encoding="utf-8")
    return path


def train(table: Path, epochs: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "attnclf", "train", table, *TRAIN, "--processes", "2", "--epochs", str(epochs), "-v"]
    return subprocess.Popen(
        [*command, "-m", table.parent / "model"],
        cwd=ROOT,
        env=environment(),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 (background jobs ignore it)
    )


def processes_of(training: subprocess.Popen[str]) -> list[int]:
    children = Path(f"/proc/{training.pid}/task/{training.pid}/children").read_text()
    return [int(number) for number in children.split()]


def until_it_works(training: subprocess.Popen[str]) -> str:
    said = ""
    while WORKING not in said:
        line = training.stderr.readline()  # type: ignore[union-attr]
        assert line, said
        said += line
    return said


def test_one_model_is_written_and_one_report_printed(table: Path) -> None:
    training = train(table, epochs=2)
    report, said = training.communicate(timeout=MOST)
    assert training.returncode == 0, said
    assert report.count("accuracy") == 1
    assert "Gloo" not in report + said
    assert said.count("121 rows") == 1
    assert "2 devices in 2 processes share each batch of 64" in said
    model = table.parent / "model"
    assert {path.name for path in table.parent.iterdir()} == {"posts.csv", "model"}
    assert (model / "bundle.json").exists()
    answer = [sys.executable, "-m", "attnclf", "predict", "안녕", "-m", model, "--format", "jsonl"]
    assert b"label" in subprocess.run(answer, cwd=ROOT, env=environment(), check=True, stdout=subprocess.PIPE).stdout


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc to find the processes")
@pytest.mark.parametrize("how", ["killed", "interrupted"])
def test_the_end_of_one_is_the_end_of_all(table: Path, how: str) -> None:
    training = train(table, epochs=4000)
    try:
        said = until_it_works(training)
        processes = processes_of(training)
        assert len(processes) == 2
        if how == "killed":
            os.kill(processes[1], signal.SIGKILL)
        else:
            training.send_signal(signal.SIGINT)
        report, rest = training.communicate(timeout=MOST)
    finally:
        training.kill()
    said += rest
    assert not report
    assert "Traceback" not in said
    assert "--resume goes on after" in said
    if how == "killed":
        assert training.returncode == 5
        assert said.count("error:") == 1
        assert "process 1 of 2 was ended by SIGKILL" in said
    else:
        assert training.returncode == 130
        assert "error:" not in said
        assert said.count("interrupted; nothing was written") == 1
    assert {path.name for path in table.parent.iterdir()} == {"posts.csv", ".model.resume"}
    time.sleep(0.2)
    assert not any(Path(f"/proc/{number}").exists() for number in processes)
