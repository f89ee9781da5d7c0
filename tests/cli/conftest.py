"""What the tests of commands share: a command run as a user runs it, on a model with random weights."""

import contextlib
import io
import os
from pathlib import Path

import pytest

from attnclf.cli import main


@pytest.fixture
def run(
    bundle_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    tmp_path_factory: pytest.TempPathFactory,
):
    """Runs a command on the random model; returns (exit code, stdout, stderr). `stdin` is bytes from a pipe."""
    monkeypatch.setenv("ATTNCLF_MODEL", str(bundle_path))
    monkeypatch.setenv("COLUMNS", "100")

    def call(*arguments: str, stdin: bytes | None = None) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["attnclf", *map(str, arguments)])
        with contextlib.ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
            if stdin is not None:
                patch.setattr(
                    "sys.stdin", stack.enter_context(contextlib.closing(Pipe(stdin, tmp_path_factory.mktemp("pipe"))))
                )
            else:
                patch.setattr("sys.stdin", Terminal())
            with pytest.raises(SystemExit) as ended:
                main()
        out, err = capfd.readouterr()
        return int(ended.value.code or 0), out, err

    return call


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Pipe:
    """Standard input as a pipe with a real descriptor."""

    def __init__(self, content: bytes, directory: Path) -> None:
        path = directory / "stdin"
        path.write_bytes(content)
        self.buffer = path.open("rb")

    def isatty(self) -> bool:
        return False

    def close(self) -> None:
        self.buffer.close()


class Failing(io.StringIO):
    """Standard output that takes nothing."""

    def __init__(self, code: int) -> None:
        super().__init__()
        self.code = code

    def write(self, text: str) -> int:
        raise OSError(self.code, os.strerror(self.code))
