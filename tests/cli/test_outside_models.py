"""A model directory holds nothing but its model: an output that would lie in one is refused before the work."""

import shutil
from pathlib import Path

import pytest

from attnclf import bundle as bundles
from attnclf.cli import curves
from attnclf.errors import DataError

INSIDE = {
    "predict -o": ("predict", "-f", "t.csv", "-o", "m/x.csv"),
    "predict --on": ("predict", "-f", "t.csv", "-o", "m/sub", "--on", "spark"),
    "explain -o": ("explain", "-f", "t.csv", "-o", "m/x.html"),
    "explain --global": ("explain", "--global", "t.csv", "-o", "m/x.html"),
    "eval -o": ("eval", "t.csv", "-o", "m/x.json"),
    "eval --report": ("eval", "t.csv", "--report", "m/README.md"),
    "check -o": ("check", "t.csv", "-o", "m/x.json"),
    "compare -o": ("compare", "t.csv", "-o", "m"),
    "compare -o, below": ("compare", "t.csv", "-o", "m/none/yet"),
    "compare --plot": ("compare", "t.csv", "--plot", "m/x.svg"),
    "export -o": ("export", "onnx", "-o", "m/onnx"),
    "lesson --html": ("lesson", "gates", "--html", "m/x.html"),
    "by a link": ("predict", "-f", "t.csv", "-o", "link/x.csv"),
}


@pytest.fixture
def model(bundle_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model in the folder m, a link to it, and a table."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(bundle_path, "m")
    Path("link").symlink_to("m")
    Path("t.csv").write_text("text,label\na,x\nb,y\n", encoding="utf-8")
    return tmp_path / "m"


@pytest.mark.parametrize("name", INSIDE)
def test_no_output_goes_into_a_model_directory(run, model: Path, name: str) -> None:
    before = {path.name: path.read_bytes() for path in model.iterdir()}
    code, out, err = run(*INSIDE[name])
    assert (code, out) == (2, "")
    assert f"the model directory {model}" in err.replace("\n", " ")
    assert "nothing but its model" in err
    assert {path.name: path.read_bytes() for path in model.iterdir()} == before


def test_curves_go_neither_into_a_model_nor_to_where_one_will_be(run, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curves, "_library", lambda: None)  # as if it were installed
    for folder, target in (("m/curves", "other"), ("other/curves", "other"), ("other", "other")):
        code, _, err = run("train", "t.csv", "-m", target, "--tensorboard", folder)
        assert code == 2
        assert "name another place with --tensorboard" in err
    assert not Path("other").exists()


def test_no_model_goes_into_a_model_directory(run, model: Path) -> None:
    code, _, err = run("train", "t.csv", "-m", "m/sub")
    assert code == 3
    assert "lies in the model directory" in err
    with pytest.raises(DataError, match="lies in the model directory"):
        bundles.load(model).copy_to(model / "sub")
    bundles.load(model)


def test_a_bundle_json_of_others_is_no_model(run, model: Path) -> None:
    Path("site").mkdir()
    Path("site/bundle.json").write_text("{}", encoding="utf-8")
    assert run("predict", "-f", "t.csv", "-o", "site/x.csv")[0] == 0
    assert Path("site/x.csv").exists()
