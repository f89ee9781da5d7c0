"""`check`, and what `train` says and refuses before it trains."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

HEAVY = ("tensorflow", "keras", "jax", "torch", "onnx", "spox")
GOOD, BAD = ["lovely", "superb", "charming"], ["awful", "boring", "horrid"]
THINGS = ["film", "plot", "scene", "actor", "song", "ending"]


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    """A table with one wrong label (on line 7), an empty text (on line 12) and a column that gives the label away."""
    random = np.random.default_rng(0)
    rows = ["text,label,code"]
    for n in range(100):
        label = "good" if n % 2 else "bad"
        text = f"{random.choice(THINGS)} {random.choice(GOOD if n % 2 else BAD)} {random.choice(THINGS)} {n}"
        given = "bad" if n == 5 else label
        rows.append(f"{'' if n == 10 else text},{given},{given[0]}")
    path = tmp_path / "r.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_check_says_what_it_understood_and_what_it_found(run, reviews: Path) -> None:
    code, out, err = run("check", reviews)
    assert (code, err) == (0, "")
    lines = [line.rstrip() for line in out.splitlines()]
    assert f"data {reviews}: 100 rows, 2 labels".replace(" ", "") in "".join(out.split())  # long paths are folded
    assert any(line.startswith("columns    text column 'text', label column 'label'") for line in lines)
    assert "not read   'code'" in lines
    assert "labels     bad 51, good 49" in lines
    assert "scripts    Latin 100%" in lines
    assert "column 'code' gives the label away" in out
    assert "1 text is empty" in out
    assert "r.csv:12" in out
    assert out.index("warning") < out.index("note")
    assert "rows whose label is probably wrong: 1 of 99 judged" in out
    after = lines[lines.index("rows whose label is probably wrong: 1 of 99 judged") :]
    assert "r.csv:7  'bad'" in after[1]
    assert "rather 'good'" in after[1]
    assert any(word in after[3].split(",")[0] for word in GOOD)


def test_what_was_guessed_of_a_table_is_said_in_options(run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(("text,label\n" + "정말 좋아요,a\n오늘 라떼,b\n" * 9).encode("cp949"))
    out = " ".join(run("check", tmp_path / "t.csv", "--no-label-errors")[1].split())
    assert "read as cp949, which is a guess: it is not UTF-8; --encoding names another" in out


def test_languages_are_shares_of_all_texts(run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("text,label\n" + "정말 좋아요,a\nok 1,b\n" * 20, encoding="utf-8")
    assert "languages  Korean 50%; cannot be told 50%" in run("check", tmp_path / "t.csv", "--no-label-errors")[1]


def test_check_as_json(run, reviews: Path) -> None:
    code, out, err = run("check", reviews, "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert found["labels"] == {"bad": 51, "good": 49}
    kinds = {finding["kind"]: finding for finding in found["findings"]}
    assert {"empty-texts", "column-gives-label", "wrong-labels"} <= set(kinds)
    assert all(set(f) == {"kind", "severity", "message", "count", "examples", "advice"} for f in found["findings"])
    assert kinds["empty-texts"]["examples"] == [
        {"place": {"file": str(reviews), "line": 12}, "text": "", "remark": "label bad"}
    ]
    (error,) = found["label_errors"]
    assert (error["place"]["line"], error["label"], error["suggested"]) == (7, "bad", "good")
    assert error["probability"] + error["suggested_probability"] == pytest.approx(1)
    assert error["words"][0]["text"] in GOOD
    assert found["label_search"] == {"rows": 99, "skipped": ""}


def test_advice_names_options(run, reviews: Path) -> None:
    _, out, _ = run("check", reviews, "--no-label-errors", "--json")
    (leak,) = [finding for finding in json.loads(out)["findings"] if finding["kind"] == "column-gives-label"]
    assert "--group-col" in leak["advice"]
    assert "`" not in leak["advice"]


def test_remarks_on_files_name_options(run, reviews: Path) -> None:
    book = reviews.with_suffix(".xlsx")
    pd.read_csv(reviews).to_excel(book, index=False, engine="xlsxwriter")
    for form in ([], ["--json"]):
        _, out, _ = run("check", book, "--no-label-errors", "--delimiter", ";", *form)
        assert "--delimiter does nothing" in " ".join(out.split())


def test_check_without_the_search(run, reviews: Path) -> None:
    code, out, _ = run("check", reviews, "--no-label-errors")
    assert code == 0
    assert "no search for wrong labels: it was not asked for" in out
    assert "probably wrong" not in out


def test_no_rows_are_shown_where_none_are_asked_for(run, reviews: Path) -> None:
    _, out, _ = run("check", reviews, "--top", "0")
    assert "of which 0 are shown; --json has all" in out
    assert out.splitlines()[-1].startswith("rows whose label is probably wrong")


def test_check_into_a_file(run, reviews: Path, tmp_path: Path) -> None:
    code, out, _ = run("check", reviews, "--no-label-errors", "-o", tmp_path / "found.txt")
    assert (code, out) == (0, "")
    assert "1 text is empty" in (tmp_path / "found.txt").read_text(encoding="utf-8")


def test_strict_prints_the_report_and_fails(run, reviews: Path) -> None:
    code, out, err = run("check", reviews, "--no-label-errors", "--strict", "warning")
    assert code == 3
    assert "1 text is empty" in out
    assert "2 findings of severity warning or worse: column-gives-label, empty-texts" in err
    assert "leave --strict out" in err
    assert run("check", reviews, "--no-label-errors", "--strict", "error")[0] == 0
    code, out, err = run("check", reviews, "--strict", "everything")
    assert (code, out) == (2, "")
    assert "error, warning, note" in err


def test_overlap_of_files_with_other_column_names(run, reviews: Path, tmp_path: Path) -> None:
    first = reviews.read_text(encoding="utf-8").splitlines()[1].split(",")[0]
    other = tmp_path / "v.csv"
    other.write_text(f"review,class\n{first},good\nsomething new,fine\n", encoding="utf-8")
    code, out, _ = run("check", reviews, "--valid", other, "--no-label-errors", "--json")
    kinds = {finding["kind"]: finding for finding in json.loads(out)["findings"]}
    assert code == 0
    assert kinds["shared-texts-train-valid"]["examples"][0]["place"] == {"file": str(other), "line": 2}
    assert "1 has another label there" in kinds["shared-texts-train-valid"]["message"]
    assert kinds["unknown-labels-valid"]["severity"] == "error"
    assert [file["role"] for file in json.loads(out)["files"]] == ["train", "valid"]


def test_rows_without_a_label_are_a_finding_of_check_and_an_error_of_train(run, reviews: Path, tmp_path: Path) -> None:
    lines = reviews.read_text(encoding="utf-8").splitlines()
    for row in (3, 30, 31, 60):
        lines[row] = lines[row].replace(",good,", ", ,").replace(",bad,", ",,")
    reviews.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "v.csv").write_text("text,label\nsomething new,\nsomething old,good\n", encoding="utf-8")
    code, out, err = run("check", reviews, "--valid", tmp_path / "v.csv", "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert (found["rows"], sum(found["labels"].values())) == (96, 96)
    kinds = {finding["kind"]: finding for finding in found["findings"]}
    empty = kinds["empty-labels"]
    assert (empty["severity"], empty["count"]) == ("error", 4)
    assert empty["message"] == "4 rows have no label, and are left out of all other counts"
    assert [example["place"]["line"] for example in empty["examples"]] == [4, 31, 32]
    assert empty["examples"][0]["text"] == lines[3].split(",")[0]
    assert empty["advice"] == "give each such row a label, or remove it: training stops at the first"
    assert (kinds["empty-labels-valid"]["count"], kinds["empty-labels-valid"]["severity"]) == (1, "error")
    code, out, _ = run("check", reviews, "--no-label-errors", "--strict", "error")
    assert (code, "r.csv:4  “" in out) == (3, True)
    code, _, err = run("train", reviews, "--dry-run", "-m", tmp_path / "m")
    assert (code, "r.csv, line 4: column 'label' is empty, as it is in 3 more rows\n" in err) == (3, True)
    assert err.endswith("  give each such row a label, or remove it; attnclf check shows more of them\n")


def test_a_table_without_any_label_cannot_be_checked(run, tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text('{"text": "a", "label": null}\n{"text": "b"}\n', encoding="utf-8")
    code, out, err = run("check", tmp_path / "t.jsonl")
    assert (code, out) == (3, "")
    assert "t.jsonl: column 'label' is empty in every row" in err
    assert "--label-col" in err


def test_a_data_error_of_check(run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    code, out, err = run("check", tmp_path / "t.csv")
    assert (code, out) == (3, "")
    assert "which column holds the text?" in err


def test_train_prints_the_short_form_and_a_dry_run_stops_there(run, reviews: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    code, out, err = run("train", reviews, "--dry-run", "-m", tmp_path / "model")
    assert (code, out) == (0, "")
    assert "data          warning: column 'code' gives the label away" in err
    assert "name it with --group-col" in err
    assert "data          warning: 1 text is empty" in err
    assert "rows repeat" not in err
    assert "rows to train on" in err
    assert "level         word" in err
    assert err.splitlines()[-1].split() == ["dry", "run", "nothing", "was", "trained", "or", "written"]
    assert sorted(tmp_path.rglob("*")) == before


def test_a_quiet_dry_run_says_warnings(run, reviews: Path, tmp_path: Path) -> None:
    command = "train", reviews, "--dry-run", "-m", tmp_path / "model"
    said = run(*command)[2]
    assert run(*command, "-q") == (0, "", "".join(line for line in said.splitlines(True) if "warning: " in line))


def test_a_column_with_longer_texts_is_named_by_check_and_train(run, tmp_path: Path) -> None:
    rows = [f"short {n},a body of many more words than the title has {n},{'good' if n % 2 else 'bad'}" for n in range(60)]
    (tmp_path / "t.csv").write_text("\n".join(["title,description,class", *rows]) + "\n", encoding="utf-8")
    said = "column 'title' was guessed to hold the texts; column 'description', which is not read, holds longer ones"
    for command in (["check", "--json"], ["train", "--dry-run", "-m", tmp_path / "model"]):
        code, out, err = run(*command, tmp_path / "t.csv")
        assert code == 0
        assert said in out + err
        assert "--text-col names the columns of texts" in out + err


def test_strict_stops_training_before_it_begins(run, reviews: Path, tmp_path: Path) -> None:
    for more in ([], ["--dry-run"]):
        code, out, err = run("train", reviews, "--strict", "warning", "-m", tmp_path / "model", *more)
        assert (code, out) == (3, "")
        assert "2 findings of severity warning or worse: column-gives-label, empty-texts" in err
    assert not (tmp_path / "model").exists()
    assert run("train", reviews, "--strict", "error", "--dry-run", "-m", tmp_path / "model")[0] == 0


@pytest.mark.parametrize("command", [["check"], ["train", "--dry-run"]])
def test_keras_is_not_imported(command: list[str], reviews: Path, tmp_path: Path) -> None:
    code = (
        f"import sys; sys.argv = ['attnclf', *{command!r}, {str(reviews)!r}]\nfrom attnclf.cli import main\ntry: main()\n"
        f"except SystemExit as e: assert not e.code\nprint([m for m in {HEAVY!r} if m in sys.modules])"
    )
    environment = os.environ | {"ATTNCLF_MODEL": str(tmp_path / "model")}
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert result.stdout.splitlines()[-1] == "[]"
