"""`train --init`: what cannot be begun with is refused with its exit code, before Keras starts."""

import sys
from pathlib import Path

import pytest

from tests.unit.model.pretrained import pretrained

ROWS = "text,label\n" + "".join(f"number {row},{'xy'[row % 2]}\n" for row in range(40))


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("posts.csv").write_text(ROWS, encoding="utf-8")
    Path("learned").write_bytes(pretrained(embedding=64, units=32, heads=4).file())


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        (("--init", "none"), 4, "--init: none cannot be read: No such file or directory"),
        (("--init", "posts.csv"), 4, "--init: posts.csv holds no weights to begin with"),
        (("--init", "learned"), 2, "by the encoder transformer; this network has bilstm"),
        (("--init", "learned", "--encoder", "transformer"), 2, "set --size small, or leave --init out"),
        (("--init", "learned", "--encoder", "transformer", "--size", "small", "--layers", "2"), 2, "set --layers 1"),
        (("--init", "learned", "--encoder", "transformer", "--level", "char"), 2, "set --level word"),
    ],
)
@pytest.mark.parametrize("dry", [("--dry-run",), ()])
def test_what_does_not_fit_is_refused(run, options: tuple[str, ...], code: int, says: str, dry: tuple[str, ...]) -> None:
    before = "keras" in sys.modules
    ended, out, err = run("train", "posts.csv", "-m", "model", *options, *dry)
    assert (ended, out) == (code, "")
    assert says in " ".join(err.split())
    assert not Path("model").exists()
    assert ("keras" in sys.modules) == before


def test_what_fits_is_said_to_be_fine_before_training(run) -> None:
    options = "--init", "learned", "--encoder", "transformer", "--size", "small", "--dry-run"
    code, _, err = run("train", "posts.csv", "-m", "model", *options)
    assert code == 0
    assert "nothing was trained or written" in err
