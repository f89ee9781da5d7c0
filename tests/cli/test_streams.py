"""Where results go: to a reader that goes away, and to a terminal that a text would like to command."""

import errno
import io
import os
import pty
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from attnclf.cli.output import open_output
from attnclf.cli.training import show_report
from attnclf.scoring.metrics import report
from tests.cli.conftest import Failing

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
    assert b"error:" not in process.stderr.read()
    assert process.wait(timeout=60) == 0
    process.stderr.close()


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("eval", "--fail-under", "accuracy=1.1", "--report", "page.html"), 6),
        (("eval", "--json", "--fail-under", "accuracy=1.1"), 6),
        (("check", "--strict", "note"), 3),
    ],
)
def test_what_a_command_does_beside_its_results_does_not_depend_on_their_reader(
    bundle_path: Path, sample: Path, tmp_path: Path, command: tuple[str, ...], code: int
) -> None:
    """`attnclf eval test.csv --fail-under … | head -1` under pipefail."""
    ours, theirs = os.pipe()
    os.close(ours)
    name, *options = command
    arguments = ["-m", "attnclf", name, str(sample / "test.csv"), *options]
    environment = os.environ | {"ATTNCLF_MODEL": str(bundle_path), "PYTHONPATH": str(Path.cwd())}
    ended = subprocess.run(
        [sys.executable, *arguments],
        check=False,
        stdout=theirs,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env=environment,
        timeout=300,
    )
    os.close(theirs)
    assert ended.returncode == code, ended.stderr.decode()
    assert b"Traceback" not in ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == (["page.html"] if "--report" in options else [])


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_page_is_written_where_the_scores_find_no_room(
    run, sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    monkeypatch.setattr("sys.stdout", Failing(errno.ENOSPC))
    code, _, err = run("eval", sample / "test.csv", *options, "--report", tmp_path / "e.html", "--fail-under", "accuracy=1.1")
    assert code == 3
    assert "cannot write standard output: No space left on device" in err
    assert "</html>" in (tmp_path / "e.html").read_text(encoding="utf-8")


COMMANDS = {
    "predict": ("predict", "so good"),
    "explain": ("explain", "so good"),
    "explain --global": ("explain", "--global", "t.csv"),
    "eval": ("eval", "t.csv", "--report", "e.html"),
    "check": ("check", "t.csv"),
    "compare": ("compare", "t.csv"),
    "lesson": ("lesson", "gates", "--json", "--html", "e.html"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_closed_standard_output_is_found_before_the_work(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdout", None)
    code, _, err = run(*COMMANDS[name])  # t.csv is not there, and is not read
    hint = "leave it open" if name in ("compare", "lesson") else "write to a file with -o"
    assert (code, err) == (3, f"error: standard output is closed\n  {hint}\n")
    assert not list(tmp_path.iterdir())


def test_standard_output_stays_where_the_reader_of_another_pipe_went_away(capfd: pytest.CaptureFixture[str]) -> None:
    """As in `attnclf eval … -o >(head -1)`."""
    ours, theirs = os.pipe()
    with open_output(Path(f"/dev/fd/{theirs}")) as stream:
        os.close(ours)
        stream.write("lost")
    os.close(theirs)
    os.write(1, b"kept")
    assert capfd.readouterr().out == "kept"


def test_the_report_of_a_training_needs_no_reader(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """Else `attnclf train posts.csv | head -1` fails after the model is written."""
    ours, theirs = os.pipe()
    os.close(ours)
    with os.fdopen(theirs, "wb", buffering=0) as raw:
        monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, "utf-8", write_through=True))
        scores = report(["a", "b"], np.array([0, 1], np.int32), np.eye(2))
        show_report(SimpleNamespace(report=scores, baseline=None, accounts=None), Path("m"))  # type: ignore[arg-type]


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


def test_a_terminal_is_not_written_in_the_encoding_of_the_table(bundle_path: Path, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(("text\n" + "정말 좋아요\n오늘 라떼\n" * 9).encode("cp949"))
    ours, theirs = pty.openpty()
    process = started(bundle_path, "predict", "-f", tmp_path / "t.csv", stdout=theirs, stderr=subprocess.PIPE)
    said = process.communicate(timeout=60)[1].decode()
    os.close(theirs)
    shown = os.read(ours, 65_536).decode()
    os.close(ours)
    assert "정말 좋아요," in shown
    assert "read as cp949" in said
    assert "written as" not in said


def test_a_file_gets_the_bytes_that_came_in(bundle_path: Path, tmp_path: Path) -> None:
    (tmp_path / "evil.csv").write_text(EVIL, encoding="utf-8")
    process = started(bundle_path, "predict", "-f", tmp_path / "evil.csv", "-o", tmp_path / "out.csv")
    assert process.wait(timeout=60) == 0
    written = (tmp_path / "out.csv").read_text(encoding="utf-8")
    for line in EVIL.splitlines()[1:]:
        assert f"\n{line}," in written
