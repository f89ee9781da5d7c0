"""Ctrl-C, SIGTERM and SIGHUP: each cleans up, has its exit code, and shows no traceback."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
# Runs a command, and sends it a signal when a module begins to be imported.
INTERRUPTED = """
import os, sys

class Finder:
    def find_spec(self, name, *_):
        if name == module:
            os.kill(os.getpid(), int(number))

_, module, number, *arguments = sys.argv
sys.argv = ["attnclf", *arguments]
sys.meta_path.insert(0, Finder())
from attnclf.cli import main
main()
"""


def set_up(ignored: bool = False) -> None:
    """What a background job may have changed."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_IGN if ignored else signal.SIG_DFL)


def writing(model: Path, out: Path, ignored: bool = False) -> "subprocess.Popen[bytes]":
    """A command that has begun to write a file, and waits for more lines."""
    process = subprocess.Popen(
        [sys.executable, "-m", "attnclf", "predict", "-o", str(out), "-m", str(model)],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: set_up(ignored),  # noqa: PLW1509
    )
    assert process.stdin is not None
    process.stdin.write(b"one line\n")
    process.stdin.flush()
    end = time.monotonic() + 60
    while not list(out.parent.glob(f".{out.name}.*")):
        assert time.monotonic() < end
        time.sleep(0.01)
    return process


@pytest.mark.parametrize("number", CODES)
def test_a_signal_cleans_up(bundle_path: Path, tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "out.csv").write_text("before", encoding="utf-8")
    process = writing(bundle_path, tmp_path / "out.csv")
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (CODES[number], b"")
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == "before"


def test_what_is_ignored_stays_ignored(bundle_path: Path, tmp_path: Path) -> None:
    """As under `nohup`."""
    process = writing(bundle_path, tmp_path / "out.csv", ignored=True)
    process.send_signal(signal.SIGHUP)
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert "one line" in (tmp_path / "out.csv").read_text(encoding="utf-8")


def test_what_a_killed_command_left_is_removed_by_the_next(bundle_path: Path, tmp_path: Path) -> None:
    process = writing(bundle_path, tmp_path / "out.csv")
    other = writing(bundle_path, tmp_path / "other.csv")
    process.kill()
    process.communicate()
    assert len(list(tmp_path.iterdir())) == 2
    again = writing(bundle_path, tmp_path / "out.csv")
    again.communicate(timeout=60)
    assert len(list(tmp_path.glob(".other.csv.*"))) == 1  # its writer lives
    other.communicate(timeout=60)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other.csv", "out.csv"]


@pytest.mark.parametrize("number", CODES)
@pytest.mark.parametrize("module", ["typer", "numpy", "rich.console", "onnxruntime", "tokenizers"])
def test_a_signal_while_modules_are_imported_shows_no_traceback(bundle_path: Path, module: str, number: signal.Signals) -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, module, str(int(number)), "predict", "a text", "-m", str(bundle_path)],
        capture_output=True,
        check=False,
        timeout=60,
        env=os.environ | {"PYTHONPATH": str(Path.cwd())},
        preexec_fn=set_up,
    )
    assert (done.returncode, done.stdout, done.stderr) == (CODES[number], b"", b"")


def test_an_interrupt_in_what_a_library_executes_keeps_its_exit_code(tmp_path: Path) -> None:
    (tmp_path / "interrupted.py").write_text(
        "import os, signal, sys\n"
        "from attnclf.cli.interrupts import Interrupts\n"
        "with Interrupts() as interrupts:\n"
        "    interrupts.in_order()\n"
        "    try:\n"
        "        exec('os.kill(os.getpid(), signal.SIGTERM)')\n"
        "    except KeyboardInterrupt:\n"
        "        sys.exit(interrupts.exit_code(1))\n",
        encoding="utf-8",
    )
    path = os.pathsep.join([str(tmp_path), str(Path.cwd())])
    done = subprocess.run([sys.executable, "-m", "interrupted"], check=False, timeout=60, env=os.environ | {"PYTHONPATH": path})
    assert done.returncode == 143


def test_handlers_are_as_before_after_a_command(run) -> None:
    before = [signal.getsignal(number) for number in CODES]
    assert run("--version")[0] == 0
    assert [signal.getsignal(number) for number in CODES] == before
