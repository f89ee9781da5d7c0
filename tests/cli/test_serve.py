"""`serve` before it serves: what is missing is said, with what to do. How it answers is in tests/service."""

import subprocess
import sys
from pathlib import Path

import pytest

from attnclf.cli import serve


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """What would be served, in a process that has the extra."""
    import types

    calls: list[tuple[object, ...]] = []
    module = types.ModuleType("attnclf.service.serving")
    module.serve = lambda *arguments: calls.append(arguments)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "attnclf.service.serving", module)
    monkeypatch.setattr(serve, "find_spec", lambda name: object())
    monkeypatch.delenv("ATTNCLF_TOKEN", raising=False)
    return calls


def test_without_the_extra_the_command_that_installs_it_is_said(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "find_spec", lambda name: None if name in ("fastapi", "jinja2") else object())
    code, out, err = run("serve")
    assert (code, out) == (2, "")
    assert "serve needs fastapi and jinja2" in err
    assert "pip install 'attnclf[serve]'" in err


def test_limits_and_address_are_those_of_the_options(run, served, bundle_path: Path) -> None:
    assert run("serve")[0] == 0
    assert run("serve", "--port", "9", "--max-body", ".5", "--max-texts", "3", "--max-rate", "2", "--timeout", "4")[0] == 0
    (path, host, port, _, limits, token, _, _), (_, _, other, _, changed, _, _, _) = served
    assert (path, host, port, token) == (bundle_path, "127.0.0.1", 8000, "")
    assert limits == serve.DEFAULT
    assert (other, changed.body, changed.texts, changed.rate, changed.seconds) == (9, 1 << 19, 3, 2, 4)


def test_a_token_comes_from_a_file_or_the_environment(run, served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").write_text("from-a-file\n", encoding="utf-8")
    monkeypatch.setenv("ATTNCLF_TOKEN", "from-environment")
    assert run("serve")[0] == 0
    code, _, err = run("serve", "--token-file", tmp_path / "token")
    assert code == 0
    assert "token, and not that of ATTNCLF_TOKEN" in err.replace("\n", " ")
    assert [call[5] for call in served] == ["from-environment", "from-a-file"]


@pytest.mark.parametrize("option", ["--max-body", "--max-rate", "--timeout"])
@pytest.mark.parametrize("value", ["inf", "nan", "1e+308"])
def test_limits_are_numbers(run, served, option: str, value: str) -> None:
    code, _, err = run("serve", option, value)
    assert (code, err.splitlines()[0]) == (2, f"error: {option} is {value}")
    assert not served


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
def test_a_token_may_come_from_an_editor_of_windows(run, served, tmp_path: Path, codec: str) -> None:
    (tmp_path / "token").write_bytes("from-a-file\r\n".encode(codec))
    assert run("serve", "--token-file", tmp_path / "token")[0] == 0
    assert served[0][5] == "from-a-file"


def test_a_token_in_the_environment_that_is_empty_is_an_error(run, served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTNCLF_TOKEN", "")
    code, _, err = run("serve")
    assert (code, served) == (2, [])
    assert "ATTNCLF_TOKEN holds no token that can be asked for: it is empty" in err.replace("\n", " ")


def test_a_proxy_is_an_address_or_a_network(run, served) -> None:
    assert run("serve", "--proxy", "10.0.0.0/24")[0] == 0
    assert [call[-1] for call in served] == ["10.0.0.0/24"]
    code, _, err = run("serve", "--proxy", "*")
    assert code == 2
    assert "--proxy is '*'" in err


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "it is empty"),
        (b"short\n", "it has 5 characters"),
        (b"two words here", "it has blanks"),
        ("토큰입니다토큰".encode(), "letters beyond ASCII"),
        (b"\xff" * 20, "it is no text"),
    ],
)
def test_a_token_that_cannot_be_asked_for(run, served, tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "token").write_bytes(content)
    code, _, err = run("serve", "--token-file", tmp_path / "token")
    assert code == 2
    assert str(tmp_path / "token") in err.replace("\n", "")
    assert says in err.replace("\n", " ")
    assert not served
    assert run("serve", "--token-file", tmp_path / "none")[0] == 2


@pytest.mark.parametrize(
    ("address", "warned"),
    [("127.0.0.1", False), ("127.0.1.1", False), ("::1", False), ("0.0.0.0", True), ("::", True), ("fe80::1%eth0", True)],
)
def test_other_machines_without_a_token_are_warned_of(
    run, served, capfd: pytest.CaptureFixture[str], address: str, warned: bool
) -> None:
    """By the address that is listened at, whatever its name."""
    assert run("serve", "--host", "localhost")[0] == 0
    served[0][6](address, "http://…")
    assert ("no token is asked for" in capfd.readouterr().err) == warned


def test_no_other_command_and_no_python_interface_imports_the_extra(bundle_path: Path) -> None:
    code = (
        "import sys, attnclf\nattnclf.load\n"
        f"sys.argv = ['attnclf', 'predict', '-m', {str(bundle_path)!r}, 'a']\nfrom attnclf.cli import main\ntry: main()\n"
        "except SystemExit as e: assert not e.code\n"
        "print([m for m in sys.modules if m.split('.')[0] in "
        "('fastapi', 'starlette', 'uvicorn', 'jinja2', 'prometheus_client', 'pydantic') or 'attnclf.service' in m], "
        "file=sys.stderr)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stderr.splitlines()[-1] == "[]"


def test_on_a_terminal_the_address_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    serve._show_address("http://127.0.0.1:8000")
    assert capsys.readouterr().err == ""  # a log that a program reads
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    serve._show_address("http://127.0.0.1:8000")
    assert "the page is at http://127.0.0.1:8000" in capsys.readouterr().err
