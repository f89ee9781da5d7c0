"""`info` says what a model is, without opening its graphs."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from attnclf.results import AccountRule, Interval, Threshold
from tests.models import write_bundle


def test_a_model_is_told_in_short(run, bundle_path: Path) -> None:
    code, out, err = run("info")
    assert (code, err) == (0, "")
    topics = {line.split()[0]: line for line in out.splitlines() if line and line[0] != " "}
    assert str(bundle_path) in out.replace("\n", "").replace(" ", "")
    assert "characters; of a long text the first" in topics["reads"]
    assert "additive attention" in topics["network"]
    assert topics["labels"].startswith("labels")


def test_all_that_is_kept_is_json(run, word_bundle_path: Path) -> None:
    code, out, _ = run("info", word_bundle_path, "--json")
    found = json.loads(out)
    assert code == 0
    assert found["model"] == str(word_bundle_path)
    assert found["config"]["text"]["level"] == "word"
    assert found["files"]["model.onnx"] == (word_bundle_path / "model.onnx").stat().st_size
    assert found["checksum"].startswith("sha256:")


def test_what_a_model_says_cannot_write_to_the_terminal(run, tmp_path: Path) -> None:
    path = write_bundle(tmp_path / "m", labels=("a", "b\x1b[2J", "c")).path
    code, out, _ = run("info", "-m", path)
    assert code == 0
    assert "\x1b" not in out
    assert "\\x1b" in out


def test_two_models_or_none(run, bundle_path: Path, word_bundle_path: Path, tmp_path: Path) -> None:
    code, out, err = run("info", bundle_path, "-m", word_bundle_path)
    assert (code, out) == (2, "")
    assert "two models are named" in err
    code, out, err = run("info", tmp_path / "none")
    assert (code, out) == (4, "")
    assert "there is no model at" in err
    damaged = shutil.copytree(bundle_path, tmp_path / "damaged")
    (damaged / "history.jsonl").write_text("{}\n", encoding="utf-8")
    assert run("info", damaged)[0] == 4


def test_nothing_heavy_is_imported(bundle_path: Path) -> None:
    code = (
        f"import sys\nsys.argv = ['attnclf', 'info', {str(bundle_path)!r}]\nfrom attnclf.cli import main\ntry: main()\n"
        "except SystemExit as e: assert not e.code\n"
        "print([m for m in ('onnxruntime', 'keras', 'pandas', 'scipy', 'sklearn') if m in sys.modules], file=sys.stderr)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stderr.strip() == "[]"


def test_the_thresholds_of_accounts_are_told_as_probabilities(run, tmp_path: Path) -> None:
    share = Interval(0.004, 0.0, 0.01)
    one = Threshold("fake", 0.01, 1.0, 400, share, 50, Interval(0.82, 0.69, 0.91), promised=True)
    rule = AccountRule((0.1, 0.0, -0.1), 2.0, 0.5, (0.2, 0.3, 0.5), 40, 3, (one,))
    out = " ".join(run("info", "-m", write_bundle(tmp_path / "m", accounts=rule).path)[1].split())
    assert "undecided below 3 posts; fake above p = 0.731: false positives 0.004 (0.000–0.010)" in out
