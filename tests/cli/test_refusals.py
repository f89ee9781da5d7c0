"""Trainings that cannot be: one clear error, and nothing is left behind."""

import sys
from pathlib import Path

import pytest

BAD = {
    "missing": (None, 3, "does not exist"),
    "empty": ("", 3, "is empty"),
    "header only": ("text,label\n", 3, "no rows"),
    "one label": ("text,label\n" + "a,x\n" * 5, 3, "every row has the label 'x'"),
    "a row for each label": ("text,label\na,x\nb,y\n", 3, "every label has a single row"),
    "missing column": ("words,kind\na,x\n", 3, "--text-col"),
    "duplicated column": ("text,label,label\na,x,x\n", 3, "stands more than once"),
    "all texts empty": ("text,label\n,x\n,x\n,y\n,y\n", 3, "is empty"),
    "ragged": ("text,label\na,x\nb\n", 3, "line 3"),
    "nul": ("text,label\na\0,x\n", 3, "NUL"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_data_is_one_clear_error_before_keras_starts(
    run, monkeypatch: pytest.MonkeyPatch, name: str, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "keras", None)  # to import it would be another error
    content, expected, says = BAD[name]
    if content is not None:
        (tmp_path / "t.csv").write_text(content, encoding="utf-8")
    code, out, err = run("train", tmp_path / "t.csv", "-m", tmp_path / "model")
    assert (code, out) == (expected, "")
    assert says in err
    assert "Traceback" not in err
    assert err.count("error: ") == 1
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize(
    ("arguments", "expected", "says"),
    [
        (("--device", "gpu"), 5, "sees no GPU"),
        (("--precision", "mixed_float16"), 5, "needs a GPU"),
        (("--attention", "aditive"), 2, "did you mean 'additive'"),
        (("--level", "letter"), 2, "auto, char, word"),
        (("--epochs", "-1"), 2, "from 0"),
        (("--config", "none.toml"), 2, "none.toml"),
        (("-m", "/proc/model"), 3, "cannot write a model"),
        (("--valid", "none.csv"), 3, "none.csv"),
    ],
)
def test_options_that_cannot_be_met(
    run, sample: Path, tmp_path: Path, arguments: tuple[str, ...], expected: int, says: str
) -> None:
    code, _, err = run("train", sample / "test.csv", *(() if "-m" in arguments else ("-m", tmp_path / "model")), *arguments)
    assert code == expected, err
    assert says in err
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []
