"""`tune` for real, on a few posts: trials, pruning or not, the table, the model; and a second call."""

import json
from pathlib import Path

import pytest

from tests.e2e.test_whole import few_posts, run
from tests.unit.tuning.fakes import WITHOUT_OPTUNA

pytest.importorskip("optuna", reason=WITHOUT_OPTUNA)


def test_tune_for_real_and_again(sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    few = few_posts(sample, tmp_path, 300)
    (tmp_path / "fast.toml").write_text(
        "[training]\nfaithfulness = 0\nbaseline = false\n[model]\nunits = 8\n", encoding="utf-8"
    )
    options = ("--epochs", 2, "--config", "fast.toml", "--minutes", 0.5, "-m", "model", "--save-config", "found.toml")
    first = run("tune", few, *options)
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith("| trial | log loss |")
    assert "trial 1  log loss 0." in first.stderr
    assert "oneDNN" not in first.stderr
    assert "trials.jsonl" in {path.name for path in Path("attnclf-tune").iterdir()}

    again = run("tune", few, *options, "--json")
    assert again.returncode == 0, again.stderr
    found = json.loads(again.stdout)
    assert found["trials"]
    chosen = next(trial for trial in found["trials"] if trial["number"] == found["chosen"])
    history = (Path("model") / "history.jsonl").read_text(encoding="utf-8").splitlines()
    least = min(json.loads(line)["log_loss"] for line in history)
    assert least == pytest.approx(min(chosen["curve"]), abs=1e-4)  # the model of the trial, again
