"""`--processes`: what cannot be is one error, and the process that watches ends all when one ends badly. Without JAX."""

import json
import os
import sys
import textwrap
import time
from pathlib import Path

import pytest
import typer

from attnclf.cli import processes
from attnclf.cli.processes import Launch, started
from attnclf.errors import DeviceError, UsageError
from attnclf.processes import NUMBER, RANK, Place

SCRIPT = """
import json, os, pathlib, signal, sys, time
rank = int(os.environ["KERAS_DISTRIBUTION_PROCESS_ID"])
pathlib.Path(f"pid-{rank}").write_text(str(os.getpid()))
def others():
    while not all(pathlib.Path(f"pid-{i}").exists() and pathlib.Path(f"pid-{i}").read_text() for i in range(2)):
        time.sleep(0.01)
"""


@pytest.fixture(autouse=True)
def in_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(processes, "GRACE", 0.5)
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.setattr("attnclf.processes.importlib.util.find_spec", lambda name: object())


def run(first: str, second: str) -> int:
    """Runs two processes with these lines, after each has seen the other."""
    lines = f"others()\nif rank == 0:\n{textwrap.indent(first, '    ')}\nelse:\n{textwrap.indent(second, '    ')}\n"
    return Launch(2, [sys.executable, "-c", SCRIPT + lines]).run()


def all_ended() -> bool:
    for rank in range(2):
        try:
            os.kill(int(Path(f"pid-{rank}").read_text()), 0)
        except ProcessLookupError:
            continue
        return False
    return True


def test_each_process_is_told_its_place() -> None:
    line = "pathlib.Path(f'env-{rank}').write_text(json.dumps({k: v for k, v in os.environ.items() if 'KERAS_DISTR' in k}))"
    assert run(line + "\nwhile not pathlib.Path('env-1').exists(): time.sleep(.01)\ntime.sleep(.1)", line) == 0
    found = [json.loads(Path(f"env-{rank}").read_text()) for rank in range(2)]
    assert [one[RANK] for one in found] == ["0", "1"]
    assert {one[NUMBER] for one in found} == {"2"}
    assert len({tuple(sorted(set(one.items()) - {(RANK, one[RANK])})) for one in found}) == 1  # the same address
    assert all_ended()


def test_the_first_says_itself_what_is_wrong() -> None:
    assert run("sys.exit(3)", "time.sleep(60)") == 3
    assert all_ended()


def test_what_the_first_said_is_enough_when_all_fail_alike() -> None:
    assert run("time.sleep(.2); sys.exit(3)", "sys.exit(3)") == 3


@pytest.mark.parametrize("first", [f"time.sleep(.2); sys.exit({processes.LOST})", "time.sleep(60)"])
def test_a_process_that_is_killed_ends_all_and_is_named(first: str) -> None:
    before = time.monotonic()
    with pytest.raises(DeviceError, match="process 1 of 2 was ended by SIGKILL, and with it the training"):
        run(first, "os.kill(os.getpid(), signal.SIGKILL)")
    assert all_ended()
    assert time.monotonic() - before < 50  # it does not wait for the first one


def test_the_error_of_another_process_is_shown() -> None:
    with pytest.raises(DeviceError, match="process 1 of 2 failed, and with it the training: no such file"):
        run("time.sleep(60)", "print('no such file', file=sys.stderr); sys.exit(3)")


def test_a_first_process_that_is_killed_ends_all() -> None:
    with pytest.raises(DeviceError, match="process 0 of 2 was ended by SIGKILL"):
        run("os.kill(os.getpid(), signal.SIGKILL)", "time.sleep(60)")
    assert all_ended()


def test_the_others_end_with_the_first() -> None:
    assert run("pass", "time.sleep(60)") == 0
    assert all_ended()


def test_an_interrupt_reaches_the_first_which_ends_as_it_likes(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(seconds: float) -> None:
        if Path("ready").exists():
            raise KeyboardInterrupt

    monkeypatch.setattr(processes.time, "sleep", interrupted)
    first = "signal.signal(signal.SIGINT, lambda *_: sys.exit(130))\npathlib.Path('ready').touch()\ntime.sleep(60)"
    assert run(first, "time.sleep(60)") == 130
    assert all_ended()


def test_standard_input_cannot_be_read_twice() -> None:
    with pytest.raises(UsageError, match="standard input"):
        started(2, ["-"], Place())


def test_the_option_and_the_environment_must_agree() -> None:
    with pytest.raises(UsageError, match="--processes 3"):
        started(3, ["a.csv"], Place(0, 2, together=True))
    assert not started(2, ["a.csv"], Place(0, 2, together=True))
    assert not started(1, ["a.csv"], Place())
    assert not started(None, ["a.csv"], Place())


def test_another_back_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KERAS_BACKEND")
    with pytest.raises(UsageError, match="needs Keras on JAX, and Keras' back end is tensorflow"):
        started(2, ["a.csv"], Place())


def test_a_failure_is_the_exit_code_of_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Launch, "run", lambda self: 130)
    with pytest.raises(typer.Exit) as ended:
        started(2, ["a.csv"], Place())
    assert ended.value.exit_code == 130
