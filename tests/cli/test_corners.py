"""Corners of the system: closed streams, full disks, names that lead nowhere, input that is too deep or too long."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from attnclf.cli import pipes
from attnclf.config import Config
from attnclf.data import read_table
from attnclf.errors import DataError, UsageError
from attnclf.explain.plausibility import rationale_of


def shell(bundle: Path, command: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """A command as a shell runs it; `attnclf` stands for this one."""
    return subprocess.run(
        ["sh", "-c", command.replace("attnclf", f"{sys.executable} -m attnclf")],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=os.environ | {"ATTNCLF_MODEL": str(bundle)} | variables,
    )


@pytest.mark.parametrize(("command", "code"), [("predict <&-", 2), ("predict - <&-", 3), ("predict -f - <&-", 3)])
def test_a_closed_standard_input_is_one_error(bundle_path: Path, command: str, code: int) -> None:
    done = shell(bundle_path, f"attnclf {command}")
    assert done.returncode == code
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_messages_that_find_no_room_stop_nothing(bundle_path: Path) -> None:
    done = shell(bundle_path, "attnclf predict 'a text' '' 2>/dev/full")  # of which one is warned of
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 2
    assert shell(bundle_path, "attnclf predict -f none.csv 2>/dev/full").returncode == 3
    assert shell(bundle_path, "attnclf predict 'a text' >/dev/full").returncode == 3


@pytest.mark.parametrize("asked", ["predict --help", "--help", "--version"])
def test_help_is_written_as_results_are(bundle_path: Path, asked: str) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    command = [sys.executable, "-m", "attnclf", *asked.split()]
    gone = subprocess.run(command, stdout=theirs, stderr=subprocess.PIPE, check=False, timeout=60)
    os.close(theirs)
    assert (gone.returncode, gone.stderr) == (0, b"")
    if Path("/dev/full").exists():
        full = shell(bundle_path, f"attnclf {asked} >/dev/full")
        assert full.returncode == 3
        assert full.stderr.startswith("error: cannot write standard output: No space left on device\n")


@pytest.mark.parametrize("name", ["loop", "n" * 300])
def test_names_that_lead_nowhere_are_errors(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "posts.csv").write_text("text,label\na,x\nb,y\n" * 20, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    problem = os.strerror(40 if name == "loop" else 36)
    for command, code in (
        (("predict", "-f", name), 3),
        (("predict", "a text", "-o", name), 3),
        (("predict", "a text", "-m", name), 4),
        (("train", "posts.csv", "-m", name), 3),
    ):
        found, _, said = run(*command)
        assert (found, problem in said, "Traceback" in said) == (code, True, False), said


@pytest.mark.parametrize("text", ["x = " + "[" * 3_000 + "]" * 3_000, "[training]\nepochs = " + "9" * 5_000])
def test_settings_without_end_are_one_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "settings.toml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"settings\.toml is not a TOML file"):
        Config.from_toml(tmp_path / "settings.toml")


@pytest.mark.parametrize("cell", ["[" * 100_000, "[[0, " + "9" * 5_000 + "]]"])
def test_a_rationale_without_end_is_one_error(cell: str) -> None:
    with pytest.raises(DataError, match="row 1: the rationale is not JSON"):
        rationale_of(cell, "a text", "row 1")


def test_no_columns_are_the_usual_ones(bundle_path: Path) -> None:
    done = shell(bundle_path, "attnclf explain 'a text'", COLUMNS="0")
    assert done.returncode == 0
    assert "prediction" in done.stdout
    assert "none.csv does not exist" in shell(bundle_path, "attnclf predict -f none.csv", COLUMNS="0").stderr


def test_a_header_of_forty_thousand_names_is_read_soon(tmp_path: Path) -> None:
    names = [f"column{i}" for i in range(40_000)]
    (tmp_path / "wide.csv").write_text(",".join([*names, "column7"]) + "\n", encoding="utf-8")
    started = time.process_time()
    with pytest.raises(DataError, match="column 'column7' stands more than once"):
        read_table([tmp_path / "wide.csv"], Config().data)
    assert time.process_time() - started < 5


def test_a_line_without_end_is_read_once_and_has_a_limit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "long").write_bytes(b"x" * (32 << 20) + b"\n" + b"y" * 10)
    monkeypatch.setattr(pipes, "BLOCK", 4_096)
    started = time.process_time()
    with (tmp_path / "long").open("rb") as stream:
        (first,), (last,) = pipes.arriving_lines(stream, b"", "utf-8")
    assert (len(first), last) == (32 << 20, "y" * 10)
    assert time.process_time() - started < 5
    monkeypatch.setattr(pipes, "LONGEST_LINE", 1 << 20)
    with (tmp_path / "long").open("rb") as stream, pytest.raises(DataError, match="line 1: longer than 1 MB"):
        list(pipes.arriving_lines(stream, b"", "utf-8"))
