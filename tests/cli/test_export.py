"""`export` as a user runs it: what is written, what is said, what is refused."""

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from attnclf.export import quantised
from attnclf.export.files import NAMES
from attnclf.results import AccountRule
from attnclf.results.exported import Measure, Quantisation
from tests.models import write_bundle

TABLE = "text,label\nget 1000 followers,fake\nthe library again,real\n좋아요 정말,shop\nso tired,nobody\n"
LOST = Quantisation("posts.csv", 3, Measure(100, 10.0, 0.9, 0.3), Measure(30, 12.0, 0.8, 0.4), 0.1, 1e-6, 3)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "posts.csv").write_text(TABLE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_an_export_is_a_folder_that_replaces_an_export(run, here: Path, word_bundle_path: Path) -> None:
    code, out, err = run("export", "onnx", "-m", word_bundle_path, "-o", "out")
    assert (code, out) == (0, "")
    assert err.startswith(f"export        out, {len(NAMES)} files, ")
    assert {path.name for path in Path("out").iterdir()} == NAMES
    code, _, err = run("export", "onnx", "-o", "out")  # at character level: fewer files
    assert (code, {path.name for path in Path("out").iterdir()}) == (0, NAMES - {"words.onnx", "features.safetensors"})
    Path("out/node_modules").mkdir()
    code, _, err = run("export", "onnx", "-o", "out")
    assert code == 3
    assert err.startswith(
        "error: 'out' holds 'node_modules', and nothing but an export is replaced\n  name another folder with -o"
    )


def test_int8_says_what_it_costs(run, here: Path, word_bundle_path: Path) -> None:
    code, out, err = run(
        "export", "onnx", "-m", word_bundle_path, "-o", "out", "--int8", "--data", "posts.csv", "--max-loss", "1"
    )
    assert code == 0
    assert out.splitlines()[0].split() == ["posts.csv", "(3", "rows)", "float32", "int8"]
    assert "1 row has a label that the model does not know ('nobody'); such rows are left out" in err
    found = json.loads(Path("out/attnclf.json").read_text(encoding="utf-8"))
    assert found["int8"]["rows"] == 3
    assert found["int8"]["before"]["bytes"] > found["int8"]["after"]["bytes"]
    assert "## int8" in Path("out/README.md").read_text(encoding="utf-8")
    code, _, err = run("predict", "-m", "out", "a text")
    assert code == 4
    assert "out is not an attnclf model: bundle.json" in err


def test_nothing_is_written_where_it_costs_too_much(run, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quantised, "measured", lambda *_: LOST)
    arguments = "export", "onnx", "-o", "out", "--int8", "--data", "posts.csv"
    code, out, err = run(*arguments, "--max-loss", "0.05")
    assert code == 6
    assert "0.9" in out
    assert "error: int8 costs 0.1000 of the accuracy, and --max-loss allows 0.05; nothing was written\n" in err
    assert not Path("out").exists()
    assert run("export", "onnx", "-o", "out")[0] == 0
    before = Path("out/model.onnx").read_bytes()
    assert run(*arguments)[0] == 6
    assert Path("out/model.onnx").read_bytes() == before
    monkeypatch.setattr(quantised, "measured", lambda *_: replace(LOST, after=LOST.before))
    assert run(*arguments, "--max-loss", "0")[0] == 0
    assert Path("out/model.onnx").read_bytes() != before


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("tflite", "-o", "out"), 2, "KIND is 'tflite'\n  one of onnx, mlflow"),
        (("onnx", "-o", "out", "--int8"), 2, "--int8 needs a labelled table to measure on\n  pass one with --data"),
        (("mlflow", "-o", "out", "--int8", "--data", "posts.csv"), 2, "--int8 is for onnx"),
        (("mlflow", "-o", "out", "--data", "x"), 2, "--data is for onnx --int8\n  leave it out\n"),
        (("onnx", "-o", "out", "--data", "posts.csv"), 2, "--data is for --int8\n  leave it out, or add --int8\n"),
        (("onnx", "-o", "out", "--text-col", "x"), 2, "--text-col is for --int8"),
        (("onnx", "-o", "out", "--label-col", "x"), 2, "--label-col is for --int8"),
        (("onnx", "-o", "out", "--encoding", "utf-8"), 2, "--encoding is for --int8"),
        (("onnx", "-o", "out", "--input-format", "csv"), 2, "--input-format is for --int8"),
        (("onnx", "-o", "out", "--delimiter", ";"), 2, "--delimiter is for --int8"),
        (("onnx", "-o", "out", "--quoting", "none"), 2, "--quoting is for --int8"),
        (("onnx", "-o", "out", "--max-loss", "0"), 2, "--max-loss is for --int8"),
        (("onnx", "-o", "out", "--int8", "--data", "posts.csv", "--max-loss", "nan"), 2, "--max-loss is nan"),
        (("onnx", "-o", "out", "--int8", "--data", "posts.csv", "--max-loss", "1.5"), 2, "--max-loss is 1.5"),
        (("onnx", "-o", "out", "--int8", "--data", "no.csv"), 3, "no.csv"),
        (("onnx", "-o", "posts.csv"), 3, "'posts.csv' is a file, and not a folder"),
        (("onnx", "-o", "posts.csv/out"), 3, "posts.csv' is a file, and not a folder"),
        (("onnx", "-o", "out", "-m", "nowhere"), 4, "there is no model at nowhere"),
    ],
)
def test_what_makes_no_sense_is_refused(run, here: Path, arguments: tuple[str, ...], code: int, says: str) -> None:
    ended, out, err = run("export", *arguments)
    assert (ended, out) == (code, "")
    assert says in err
    assert not Path("out").exists()


def test_what_an_export_replaces_is_said(run, here: Path, word_bundle_path: Path) -> None:
    assert "replaced" not in run("export", "onnx", "-m", word_bundle_path, "-o", "out")[2]
    first = json.loads(Path("out/attnclf.json").read_text(encoding="utf-8"))["model"]
    _, _, err = run("export", "onnx", "-o", "out", "--int8", "--data", "posts.csv", "--max-loss", "1")
    assert err.splitlines()[-1].endswith(f" MB; it replaced an export of the model {first}, in float32")
    _, _, err = run("export", "onnx", "-o", "out")
    assert err.splitlines()[-1].endswith(", in int8")


def test_few_rows_to_measure_on_are_said_and_only_their_file_is_named(run, here: Path) -> None:
    odd = here / "a|`b.csv"
    odd.write_text("text,label\nget 1000 followers,fake\n", encoding="utf-8")
    code, out, err = run("export", "onnx", "-o", "new/out", "--int8", "--data", odd, "--max-loss", ".5")
    assert code == 0
    assert "warning: of 1 row one is 1 of the accuracy, and --max-loss allows 0.5: measure on more rows" in err
    assert out.startswith("a|`b.csv (1 row) ")
    assert "measure on more rows" not in run("export", "onnx", "-o", "x", "--int8", "--data", odd, "--max-loss", "0")[2]
    assert "contributions miss the logits by (1 row)" in out
    page = Path("new/out/README.md").read_text(encoding="utf-8")
    assert "On 1 row of `a|'b.csv`, one core" in page
    assert "measured on 1 row." in page
    assert str(here) not in page + Path("new/out/attnclf.json").read_text(encoding="utf-8")


def test_what_is_not_exported_is_said(run, here: Path) -> None:
    rule = AccountRule((0.1, -0.1, 0.0), 1.0, 0.5, (0.4, 0.3, 0.3), 9)
    write_bundle(here / "accounts", level="word", accounts=rule)
    _, _, err = run("export", "onnx", "-m", "accounts", "-o", "out")
    assert "warning: accounts are not exported" in err
    write_bundle(here / "sentences", level="word", encoder="hierarchical")
    code, _, err = run("export", "onnx", "-m", "sentences", "-o", "other")
    assert (code, Path("other").exists()) == (2, False)
    assert "reads texts by sentences, and its graphs are not exported\n  train one with another --encoder" in err


def test_mlflow_is_named_where_it_is_missing(run, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "mlflow"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "mlflow", None)
    code, _, err = run("export", "mlflow", "-o", "out")
    assert (code, err) == (2, "error: export mlflow needs MLflow\n  pip install 'attnclf[mlflow]'\n")


def test_an_export_that_is_interrupted_leaves_the_one_before(run, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("export", "onnx", "-o", "out")[0] == 0
    kept = shutil.copytree("out", "kept")
    monkeypatch.setattr("attnclf.cli.export.write_through", _full)
    code, _, err = run("export", "onnx", "-o", "out")
    assert (code, "No space left on device" in err) == (3, True)
    assert {path.name: path.read_bytes() for path in Path("out").iterdir()} == {
        path.name: path.read_bytes() for path in Path(kept).iterdir()
    }
    assert {path.name for path in here.iterdir()} == {"posts.csv", "out", "kept"}


def _full(path: Path, content: bytes) -> None:
    raise OSError(28, "No space left on device")
