"""Where results go: to a reader that goes away, and to a terminal that a text would like to command."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

EVIL = "text\n\x1b]0;owned\x07\x1b[2Jhi\nsoft\u00adhyphen\n"


def started(bundle: Path, *arguments: object, **settings: object) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "attnclf", *map(str, arguments), "-m", str(bundle)]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, **settings)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    "command", [("explain",), ("explain", "--format", "jsonl"), ("explain", "--format", "html"), ("predict",)]
)
def test_a_reader_that_goes_away_is_no_failure(bundle_path: Path, sample: Path, command: tuple[str, ...]) -> None:
    """`attnclf explain -f posts.csv | head -1` under pipefail."""
    process = started(bundle_path, *command, "-f", sample / "test.csv", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(timeout=60) == 0
    process.stderr.close()


def test_a_table_cannot_command_the_terminal(bundle_path: Path, tmp_path: Path) -> None:
    (tmp_path / "evil.csv").write_text(EVIL, encoding="utf-8")
    ours, theirs = pty.openpty()
    process = started(bundle_path, "predict", "-f", tmp_path / "evil.csv", stdout=theirs)
    assert process.wait(timeout=60) == 0
    os.close(theirs)
    shown = os.read(ours, 65_536).decode()
    os.close(ours)
    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert "\\x1b]0;owned\\x07\\x1b[2Jhi," in shown
    assert "soft\\xadhyphen," in shown


def test_a_file_gets_the_bytes_that_came_in(bundle_path: Path, tmp_path: Path) -> None:
    (tmp_path / "evil.csv").write_text(EVIL, encoding="utf-8")
    process = started(bundle_path, "predict", "-f", tmp_path / "evil.csv", "-o", tmp_path / "out.csv")
    assert process.wait(timeout=60) == 0
    written = (tmp_path / "out.csv").read_text(encoding="utf-8")
    for line in EVIL.splitlines()[1:]:
        assert f"\n{line}," in written
