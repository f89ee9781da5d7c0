"""What would be dropped, merged, guessed or replaced without a word is refused, or said."""

import csv
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from attnclf.config import DataConfig
from attnclf.data import read_table, table_of
from attnclf.data.labels import nearly_equal
from attnclf.results import AccountRule
from tests.models import write_bundle

TABLE = "text,label,account\n" + "".join(f"text number {i},{'fake' if i % 2 else 'real'},u{i // 5}\n" for i in range(40))


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "t.csv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "v.csv").write_text(TABLE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "command",
    [
        ("predict", "-f", "t.csv", "-o", "t.csv"),
        ("predict", "-f", "*.csv", "-o", "./v.csv"),
        ("eval", "t.csv", "-o", "t.csv"),
        ("eval", "t.csv", "--report", "link.csv"),
        ("check", "t.csv", "-o", "t.csv"),
        ("check", "t.csv", "--valid", "v.csv", "-o", "v.csv"),
        ("explain", "-f", "t.csv", "--format", "jsonl", "-o", "t.csv"),
        ("explain", "--global", "t.csv", "-o", "t.csv"),
    ],
)
def test_what_is_read_is_not_replaced(run, bundle_path: Path, command: tuple[str, ...]) -> None:
    Path("link.csv").symlink_to("t.csv")
    model = [] if command[0] == "check" else ["-m", bundle_path]
    code, out, err = run(*command, *model)
    assert (code, out) == (2, "")
    assert "would replace the file that is read" in err
    assert Path("t.csv").read_text(encoding="utf-8") == Path("v.csv").read_text(encoding="utf-8") == TABLE


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("train", "t.csv", "--valid", "v.csv", "--valid", "t.csv"), "--valid is given 2 times, and takes one value"),
        (("train", "t.csv", "--valid=v.csv", "--valid", "t.csv"), "--valid is given 2 times"),
        (("check", "t.csv", "--label-col", "label", "--label-col", "account"), "--label-col is given 2 times"),
        (("predict", "-mone", "-mother", "so good"), "--model is given 2 times"),
        (("train", "-qmone", "-m", "other", "t.csv"), "--model is given 2 times"),
        (("eval", "t.csv", "-oa.json", "-o", "b.json"), "--output is given 2 times"),
        (("train", "t.csv", "--valid", "v.csv", "--valid-share", ".3"), "--valid-share a share to hold out"),
        (("train", "t.csv", "--mixed-accounts", "majority", "--dry-run"), "--mixed-accounts is for verdicts on accounts"),
        (("train", "t.csv", "--anyway", "--dry-run"), "--anyway is for verdicts on accounts"),
        (("train", "t.csv", "--input-format", "lines"), "lines have no labels"),
        (("predict", "so good", "--text-col", "nope"), "--text-col is for tables, and texts come as arguments"),
        (("explain", "so good", "--delimiter", ";"), "--delimiter is for tables, and texts come as arguments"),
        (("predict", "-f", "t.csv", "--input-format", "lines", "--text-col", "text"), "lines have no columns"),
        (("explain", "-f", "t.csv", "--input-format", "lines", "--delimiter", ";"), "lines have no columns"),
        (("train", "t.csv", "--group-col", "", "--dry-run"), "--group-col is empty"),
        (("train", "t.csv", "--valid=", "--dry-run"), "--valid is empty"),
        (("predict", "so good", "--format", ""), "--format is empty"),
        (("explain", "--global", ""), "--global is empty"),
        (("predict", "so good", "-m", ""), "--model is empty"),
        (("predict", "-", "so good"), "- is standard input, and other texts stand beside it"),
        (("explain", "so good", "-"), "- is standard input, and other texts stand beside it"),
    ],
)
def test_what_has_no_effect_is_refused(run, command: tuple[str, ...], says: str) -> None:
    code, _, err = run(*command)
    assert code == 2
    assert says in " ".join(err.split())


@pytest.mark.parametrize(
    "command",
    [
        ("train", "-", "--valid", "-"),
        ("check", "-", "--test", "-"),
        ("compare", "-", "--valid", "t.csv", "--test", "-"),
        ("eval", "-", "-"),
    ],
)
def test_standard_input_can_be_named_once(run, command: tuple[str, ...]) -> None:
    code, _, err = run(*command, stdin=TABLE.encode())
    assert (code, err) == (2, "error: standard input is named twice, and can be read once\n  name it once\n")


@pytest.mark.parametrize("content", [b"", "\ufeff".encode()])
@pytest.mark.parametrize("command", [("predict", "-f", "-"), ("explain",)])
def test_an_empty_pipe_is_an_error_and_the_output_stays(run, command: tuple[str, ...], content: bytes) -> None:
    Path("o.jsonl").write_text("old", encoding="utf-8")
    code, _, err = run(*command, "-o", "o.jsonl", stdin=content)
    assert (code, "standard input holds no texts" in err) == (3, True)
    assert Path("o.jsonl").read_text(encoding="utf-8") == "old"


def test_an_empty_text_is_a_text(run) -> None:
    assert run("predict", "")[0] == run("predict", "--", "--format", "")[0] == 0


def test_a_setting_of_a_file_is_not_told_as_an_option(run) -> None:
    Path("c.toml").write_text("[model]\nencoder = 'cnn'\nattention = 'multihead'\nheads = 2\n", encoding="utf-8")
    command = "train", "t.csv", "--config", "c.toml", "--dry-run"
    code, _, err = run(*command, "--attention", "additive")
    assert code == 2
    assert "c.toml: [model] heads is for" in err
    assert "multihead, and the encoder is cnn, with additive attention" in err
    assert "--heads" not in err
    assert run(*command)[0] == 0
    code, _, err = run(*command, "--attention", "additive", "--heads", "2")
    assert code == 2
    assert "--heads is no setting of the encoder cnn" in err


def test_a_setting_that_is_on_in_a_file_can_be_turned_off(run) -> None:
    Path("c.toml").write_text("[model]\nattention = 'additive'\nshared = true\n", encoding="utf-8")
    assert run("train", "t.csv", "--config", "c.toml", "--dry-run")[0] == 2
    assert run("train", "t.csv", "--config", "c.toml", "--no-shared", "--dry-run")[0] == 0


@pytest.mark.parametrize(
    ("backend", "says"), [("torch_", "attnclf trains on tensorflow, jax, torch"), ("jax", "not installed")]
)
def test_a_back_end_that_is_not_there_is_said_before_anything_is_read(
    run, monkeypatch: pytest.MonkeyPatch, backend: str, says: str
) -> None:
    for name in [name for name in sys.modules if name == "keras" or name.startswith("keras.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr("attnclf.installation.back_ends.find_spec", lambda _: None)
    monkeypatch.setenv("KERAS_BACKEND", backend)
    commands = [("train", "t.csv", "--dry-run"), ("train", "t.csv"), ("explain", "a", "--method", "ig"), ("lesson", "focus")]
    for command in commands:
        code, _, err = run(*command)
        assert code == 5
        assert f"KERAS_BACKEND names the back end '{backend}'" in err
        assert says in err


def test_a_text_that_looks_like_an_option_may_come_twice(run) -> None:
    assert run("predict", "--", "-m", "-m")[0] == 0


def test_the_value_of_an_option_may_look_like_another(run, bundle_path: Path) -> None:
    assert run("predict", "so good", "-o", "-m", "-m", bundle_path)[0] == 0
    assert Path("-m").is_file()


def test_accounts_that_look_the_same_are_one(run) -> None:
    Path("t.csv").write_text(TABLE.replace(",u7\n", ",u7 \n", 2).replace(",u6\n", ",  \n"), encoding="utf-8")
    _, _, err = run("train", "t.csv", "--group-col", "account", "--dry-run")
    told = " ".join(err.split())
    assert "1 account had blanks or hidden characters around it" in told  # in two rows, and rows of blanks name none
    assert "5 rows name no account" in told
    assert "accounts have several labels" in told  # said before training, not after it


def test_rare_labels_are_left_out_of_the_validation_rows_too(run) -> None:
    Path("t.csv").write_text(TABLE + "one of a kind,other,u9\n", encoding="utf-8")
    Path("v.csv").write_text(TABLE + "another one,other,u9\n", encoding="utf-8")
    code, _, err = run("train", "t.csv", "--valid", "v.csv", "--min-rows", "2", "--dry-run")
    assert code == 0, err
    assert "v.csv: 1 row of these labels is left out, too" in " ".join(err.split())


def test_no_validation_row_left_is_an_error(run) -> None:
    Path("t.csv").write_text(TABLE + "one of a kind,other,u9\n", encoding="utf-8")
    Path("v.csv").write_text("text,label\nanother one,other\n", encoding="utf-8")
    code, _, err = run("train", "t.csv", "--valid", "v.csv", "--min-rows", "2", "--dry-run")
    assert (code, "v.csv: no rows are left to validate on" in err) == (3, True)


def test_validation_rows_are_read_by_the_columns_of_the_training_rows(run) -> None:
    Path("v.csv").write_text(TABLE.replace("account", "title"), encoding="utf-8")
    assert run("train", "v.csv", "--dry-run")[0] == 3  # text or title?
    assert run("train", "t.csv", "--valid", "v.csv", "--dry-run")[0] == 0


def test_columns_of_validation_rows_are_to_be_named_as_those_of_the_training_rows(run) -> None:
    Path("v.csv").write_text(TABLE.replace("label", "kind"), encoding="utf-8")
    advice = "name its columns as in t.csv: text column 'text', label column 'label'"
    for more in ([], ["--label-col", "label"]):
        for command in (["train", "--dry-run"], ["compare", "--seeds", "1"]):
            code, _, err = run(*command, "t.csv", "--valid", "v.csv", *more)
            assert (code, advice in " ".join(err.split()), "--label-col" in err.split("error: ")[1]) == (3, True, False)


def test_a_share_that_a_file_names_beside_validation_rows_is_not_used_and_that_is_said(run) -> None:
    Path("c.toml").write_text("[data]\nvalid_share = 0.4\n", encoding="utf-8")
    asked = "train", "t.csv", "--config", "c.toml", "--dry-run"
    says = "valid_share of c.toml is not used: --valid names the rows to validate on"
    assert says in " ".join(run(*asked, "--valid", "t.csv")[2].split())
    assert says not in " ".join(run(*asked, "--valid", "t.csv", "-q")[2].split())
    assert "valid_share" not in run(*asked)[2]


def test_a_dry_run_says_what_would_be_trained_and_what_it_did_not_look_at(run) -> None:
    _, _, err = run("train", "t.csv", "--dry-run", "--device", "gpu", "--epochs", "3", "--no-baseline")
    says = "at most 3 epochs would be trained; whether the device can be had was not looked at (--device is gpu)"
    assert says in " ".join(err.split())
    assert "epochs and a baseline would" in " ".join(run("train", "t.csv", "--dry-run")[2].split())


def test_labels_that_only_validation_rows_have_are_refused_with_the_place(run) -> None:
    Path("v.csv").write_text(TABLE + "another one,other,u9\n", encoding="utf-8")
    code, _, err = run("train", "t.csv", "--valid", "v.csv", "--dry-run")
    assert code == 3
    assert f"v.csv:{len(TABLE.splitlines()) + 1}: 1 row has a label that is not in the training data: 'other'" in err
    assert "add training rows of it, or leave these rows out; known: " in err
    Path("v.csv").write_text("text,label,user\na new one,other,u9\nanother one,third,u9\n", encoding="utf-8")
    _, _, err = run("train", "t.csv", "--valid", "v.csv", "--dry-run")
    assert "add training rows of these, or leave these rows out; known: " in " ".join(err.split())
    assert "no validation row" not in err


def test_numbers_of_validation_and_test_rows_are_labels_however_they_are_written(run) -> None:
    rows = [(f"text number {i}", i % 2) for i in range(40)]
    Path("t.csv").write_text("text,label\n" + "".join(f"{text},{label}\n" for text, label in rows), encoding="utf-8")
    Path("v.csv").write_text("text,label\n" + "".join(f"{text},{label}.0\n" for text, label in rows), encoding="utf-8")
    says = "v.csv: 40 labels are read as in training, such as '0.0' as 0"
    code, _, err = run("train", "t.csv", "--valid", "v.csv", "--dry-run")
    assert (code, says in " ".join(err.split())) == (0, True), err
    _, out, _ = run("check", "t.csv", "--valid", "v.csv", "--test", "v.csv", "--no-label-errors", "--json")
    assert [says in file["remarks"] for file in json.loads(out)["files"]] == [False, True, True]
    assert not {"another label", "unknown-labels", "missing-labels"} & set(re.findall("another label|[a-z]+-labels", out))


def test_unknown_labels_of_validation_rows_that_differ_in_writing_only_are_told_so(run) -> None:
    Path("v.csv").write_text(TABLE + "another one,FAKE,u9\n", encoding="utf-8")
    code, _, err = run("train", "t.csv", "--valid", "v.csv", "--dry-run")
    assert (code, "'FAKE'; 'FAKE' differs from 'fake' in case only" in " ".join(err.split())) == (3, True), err
    _, out, _ = run("check", "t.csv", "--valid", "v.csv", "--no-label-errors", "--json")
    assert "that no training row has: 'FAKE'; 'FAKE' differs from 'fake' in case only" in out


def test_a_number_written_in_two_ways_is_said(run) -> None:
    Path("t.csv").write_text("text,label\n" + "a,1\nb,0\nc,1.0\nd,0.0\n" * 5, encoding="utf-8")
    _, _, err = run("train", "t.csv", "--dry-run")
    assert "'1' (5 rows) and '1.0' (5 rows)" in " ".join(err.split())


@pytest.fixture
def folder() -> Callable[[str, bytes], None]:
    def write(path: str, content: bytes) -> None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(content)

    return write


def test_linked_folders_of_texts_are_read(run, folder) -> None:
    for i in range(3):
        folder(f"texts/real/{i}.txt", b"a fine day %d" % i)
        folder(f"elsewhere/{i}.txt", b"get followers %d" % i)
    Path("texts/fake").symlink_to("../elsewhere")
    _, _, err = run("train", "texts", "--dry-run")
    assert "6 files in 2 folders" in " ".join(err.split())


def test_guessed_encodings_of_a_folder_are_said(run, folder) -> None:
    for i in range(4):
        folder(f"texts/a/{i}.txt", ("오늘 성수동에서 라떼 마셨는데 너무 좋았다 " * 9).encode("cp949"))
        folder(f"texts/b/{i}.txt", b"plain %d" % i)
    _, _, err = run("train", "texts", "--dry-run")
    assert "4 files: read as cp949, which is a guess" in " ".join(err.split())
    folder("texts/a/4.txt", "오늘".encode())
    _, _, err = run("train", "texts", "--dry-run", "--encoding", "latin-1")
    assert "1 file: the whole file is valid utf-8, and is read as iso8859-1, as asked" in " ".join(err.split())


def test_parquet_files_of_one_schema_keep_their_types(run) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    for name in ("a", "b"):
        pq.write_table(pa.table({"id": pa.array([1, 2], pa.int64()), "text": ["so good", "so bad"]}), f"{name}.parquet")
    assert run("predict", "-f", "[ab].parquet", "-o", "out.parquet")[0] == 0
    assert pq.read_schema("out.parquet").field("id").type == pa.int64()
    pq.write_table(pa.table({"id": ["x"], "text": ["so good"]}), "b.parquet")
    _, _, err = run("predict", "-f", "[ab].parquet", "-o", "out.parquet")
    assert "columns of different types: they are written as text" in " ".join(err.split())
    assert pq.read_schema("out.parquet").field("id").type == pa.string()


def test_what_is_asked_to_be_a_table_is_one(run) -> None:
    Path("t.txt").write_text("id;msg\n1;so good\n2;so bad\n", encoding="utf-8")
    code, out, err = run("predict", "-f", "t.txt", "--text-col", "messge")
    assert (code, out) == (3, "")
    assert "there is no column 'messge'" in err
    code, out, _ = run("predict", "-f", "t.txt", "--text-col", "msg", "--delimiter", ";")
    assert (code, len(out.splitlines())) == (0, 3)


def test_why_quotes_are_read_as_letters_is_said(run) -> None:
    Path("q.csv").write_text('text,label\n"good" stuff,pos\n"fine",neg\n"nice",pos\n', encoding="utf-8")
    _, _, err = run("predict", "-f", "q.csv")
    assert "quotes are read as letters: otherwise a value goes on after its closing quote" in " ".join(err.split())


def test_lines_that_begin_like_a_table_are_said_to_be_lines(run) -> None:
    Path("t.txt").write_text("id, text, label\n1, so good, real\n", encoding="utf-8")
    code, out, err = run("predict", "-f", "t.txt")
    assert (code, len(out.splitlines())) == (0, 2)
    assert "t.txt: read as one text a line, the first line too; --input-format csv reads a table" in " ".join(err.split())
    Path("t.txt").write_text("hello, you\nso good\n", encoding="utf-8")
    assert run("predict", "-f", "t.txt")[2] == ""
    Path("t.txt").write_text("Class, please sit down\nso good\n", encoding="utf-8")
    assert run("predict", "-f", "t.txt")[2] == ""
    Path("t.txt").write_text("원문,라벨\n\n정말 재미있다,negative\n", encoding="utf-8")
    assert "--input-format csv reads a table" in " ".join(run("predict", "-f", "t.txt")[2].split())


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (
            "원문\t라벨\n정말 재미있다\tnegative\n",
            "read as one text a line, the first line too; --input-format tsv reads a table",
        ),
        ("1\thello, there\n\n2\tbuy followers\n", "each line has 2 values separated by tabs, read as one text; --input-format"),
        ("1\t\thello\n2\tx\tbuy\n3\tcut", "each line has 3 values separated by tabs"),
        ("1\thello\nbuy followers\n", ""),
        ("hello\nbuy\n", ""),
    ],
)
def test_tables_whose_columns_have_no_known_name_are_said_to_be_read_as_lines(run, content: str, says: str) -> None:
    Path("t.txt").write_text(content, encoding="utf-8")
    for code, out, err in (run("predict", "-f", "t.txt"), run("predict", "-f", "-", stdin=content.encode())):
        assert (code, out.count("\n")) == (0, content.count("\n") + (content[-1] != "\n"))
        assert " ".join(err.split()).count(says or "warning") == bool(says)
    assert "tabs" not in run("predict", "-f", "t.txt", "--input-format", "lines")[2]


def test_a_lone_column_whose_texts_hold_commas_can_be_read_as_lines(run) -> None:
    Path("p.csv").write_text("text\nso good\nwell, no\n", encoding="utf-8")
    code, _, err = run("predict", "-f", "p.csv")
    assert (code, "p.csv, line 3: 2 values where the header names 1 column\n" in err) == (3, True)
    assert "; --input-format lines reads each line as a text" in err
    code, out, err = run("predict", "-f", "p.csv", "--input-format", "lines")
    assert (code, out.count("\n")) == (0, 3)
    assert "warning: p.csv: its first line, 'text', was read as a text; take it out if it is a header" in " ".join(err.split())
    Path("p.csv").write_text("text\n", encoding="utf-8")
    assert run("predict", "-f", "p.csv", "--input-format", "lines")[2] == ""


@pytest.mark.parametrize("blank", ["  \n", ",,\n", "\n\r\n", ' ," "\n'])
def test_blank_lines_before_a_header_are_no_texts(run, blank: str) -> None:
    table = blank + "text,label\nso good,real\nso bad,fake\n"
    Path("b.txt").write_text(table, encoding="utf-8")
    assert run("predict", "-f", "b.txt")[1] == run("predict", "-f", "-", stdin=table.encode())[1]
    assert [row["text"] for row in csv.DictReader(run("predict", "-f", "b.txt")[1].splitlines())] == ["so good", "so bad"]
    Path("b.txt").write_text(blank + "id, text, label\n1, so good, real\n", encoding="utf-8")
    assert "b.txt: read as one text a line, the first line too" in run("predict", "-f", "b.txt")[2]


NAMES = ["ann", "ann ", "ann\u200b", "Ann", "", "  ", "bob"]
RULED = AccountRule((0.1, 0.0, -0.1), 2.0, 0.5, (0.2, 0.3, 0.5), 40)


@pytest.fixture
def ruled(tmp_path: Path) -> Path:
    """A model with a rule for accounts, and a table whose names look alike."""
    rows = "".join(f"get {i} followers,{name},{'fake' if i % 2 else 'real'}\n" for i, name in enumerate(NAMES))
    (tmp_path / "names.csv").write_text(f"text,account,label\n{rows}", encoding="utf-8")
    return write_bundle(tmp_path / "ruled", accounts=RULED).path


@pytest.mark.parametrize(
    "command",
    [
        ("predict", "-f", "names.csv"),
        ("predict", "-f", "names.csv", "--accounts"),
        ("explain", "-f", "names.csv", "--accounts"),
        ("explain", "-f", "names.csv", "--account", "ann "),
        ("eval", "names.csv"),
        ("train", "names.csv", "--group-col", "account", "--dry-run", "--anyway"),
        ("check", "names.csv", "--group-col", "account"),
    ],
)
def test_names_of_accounts_that_are_merged_or_nearly_equal_are_told(run, ruled: Path, command: tuple[str, ...]) -> None:
    own = [] if command[0] in ("train", "check") else ["-m", ruled]
    _, out, err = run(*command, *own)
    told = " ".join((out + err).split())
    assert "1 account had blanks or hidden characters around it" in told
    assert "accounts 'ann' (3 rows) and 'Ann' (1 row) differ in case" in told


def test_an_overview_of_whole_accounts_tells_of_their_names(run, ruled: Path, tmp_path: Path) -> None:
    whole = write_bundle(tmp_path / "whole", encoder="hierarchical", whole=True).path
    code, _, err = run("explain", "--global", "names.csv", "-m", whole)
    told = " ".join(err.split())
    assert code == 0
    assert "1 account had blanks or hidden characters around it" in told
    assert "accounts 'ann' (3 rows) and 'Ann' (1 row) differ in case" in told
    assert "warning: 2 rows name no account: each counts as an account of its own" in told
    Path("user.csv").write_text(Path("names.csv").read_text(encoding="utf-8").replace("account", "user"), encoding="utf-8")
    assert "name it with --group-col" in run("explain", "--global", "user.csv", "-m", whole)[2]
    again = run("explain", "--global", "user.csv", "-m", whole, "--group-col", "user", "--format", "jsonl")
    assert again[:2] == run("explain", "--global", "names.csv", "-m", whole, "--format", "jsonl")[:2]


def test_an_overview_of_posts_does_without_accounts(run, ruled: Path) -> None:
    Path("posts.csv").write_text("text,user\nget followers,ann\n", encoding="utf-8")
    assert run("explain", "--global", "posts.csv", "-m", ruled)[2] == ""
    code, _, err = run("explain", "--global", "posts.csv", "-m", ruled, "--group-col", "user")
    assert code == 0
    assert "warning: --group-col has no effect: the words of posts are shown" in err


def test_rows_that_name_no_account_are_told(run, ruled: Path) -> None:
    _, _, err = run("predict", "-f", "names.csv", "-m", ruled)
    assert "2 rows name no account: no verdict stands beside such a row" in err
    for command in ("predict", "explain"):
        _, _, err = run(command, "-f", "names.csv", "--accounts", "-m", ruled)
        assert err.count("no account") == 1
        assert "2 rows name no account, and count in none" in err


def test_whole_numbers_name_one_account_however_they_are_written(run, tmp_path: Path) -> None:
    rows = [{"text": f"get {i} followers", "label": "fake", "account": i % 2 + (0.0 if i % 3 else 0)} for i in range(8)]
    (tmp_path / "t.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    table = read_table(["t.jsonl"], DataConfig(group_col="account"))
    assert set(table.groups) == {"0", "1"}
    assert "accounts that came as floats are named as integers: 1.0 is 1" in table.remarks
    frame = pd.DataFrame({"text": ["a", "b"], "label": ["x", "y"], "account": [7, None]})
    assert table_of(frame, DataConfig(group_col="account")).groups == ["7", ""]
    pd.DataFrame(rows).to_parquet(tmp_path / "t.parquet")
    assert set(read_table(["t.parquet"], DataConfig(group_col="account")).groups) == {"0", "1"}


def test_long_numbers_of_accounts_are_compared_digit_by_digit() -> None:
    ids = {"1234567890123456788": 1, "1234567890123456789": 1, "007": 1, "7": 2, "7.0": 1}
    assert nearly_equal(ids) == [["7", "007", "7.0"]]


def test_a_lone_column_of_no_known_name_may_have_no_header(run) -> None:
    says = "p.csv: its first line was read as a header; --input-format lines reads all lines as texts"
    Path("p.csv").write_text("get followers\nlatte\n", encoding="utf-8")
    assert f"warning: {says}" in " ".join(run("predict", "-f", "p.csv")[2].split())
    assert run("predict", "-f", "p.csv", "--input-format", "lines")[1].count("\n") == 2
    for name, content in (("q.csv", "Review\nlatte\n"), ("q.jsonl", '{"words": "latte"}\n')):
        Path(name).write_text(content, encoding="utf-8")
        assert "read as a header" not in run("predict", "-f", name)[2]


@pytest.mark.parametrize("command", ["predict", "explain"])
def test_the_name_of_a_file_as_a_text_is_told(run, command: str) -> None:
    code, _, err = run(command, "t.csv", "so good", "x" * 5_000)
    assert code == 0
    assert "warning: the text 't.csv' is the name of a file, and its name is read; -f reads the file" in " ".join(err.split())
    assert err.count("name of a file") == 1


@pytest.mark.parametrize(
    ("command", "name", "begins"),
    [
        (("explain", "so good"), "why.html", "<!doctype html>"),
        (("explain", "so good"), "why.htm", "<!doctype html>"),
        (("explain", "so good"), "why.jsonl", '{"text":'),
        (("explain", "so good"), "why.txt", "prediction"),
        (("explain", "--global", "t.csv"), "words.html", "<!doctype html>"),
        (("explain", "--global", "t.csv"), "words.jsonl", "{"),
        (("eval", "t.csv"), "scores.json", "{"),
        (("eval", "t.csv"), "scores.txt", "t.csv"),
        (("check", "t.csv", "--no-label-errors"), "found.json", "{"),
    ],
)
def test_the_name_of_the_file_chooses_the_format(
    run, bundle_path: Path, command: tuple[str, ...], name: str, begins: str
) -> None:
    model = [] if command[0] == "check" else ["-m", bundle_path]
    code, out, err = run(*command, "-o", name, *model)
    assert (code, out) == (0, "")
    assert "is written as" not in err
    assert Path(name).read_text(encoding="utf-8").lower().startswith(begins)


@pytest.mark.parametrize("command", [("predict", "so good"), ("explain", "so good"), ("eval", "t.csv")])
def test_a_name_of_no_format_is_told(run, bundle_path: Path, command: tuple[str, ...]) -> None:
    code, _, err = run(*command, "-o", "why.docx", "-m", bundle_path)
    assert code == 0
    assert "why.docx is written as text: no format of this command has the ending .docx" in " ".join(err.split())


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("r.pdf", True),
        ("r.jsonl", True),
        ("r.xlsx", True),
        ("r.json.gz", True),
        ("r.htm.gz", False),
        ("r", False),
        ("r.2024.01", False),
    ],
)
def test_a_page_that_is_named_as_something_else_is_told(run, name: str, told: bool) -> None:
    code, _, err = run("eval", "t.csv", "--report", name)
    assert (code, f"{name} is written as html" in err) == (0, told)


def test_a_format_beside_the_name_of_another_is_refused(run, bundle_path: Path) -> None:
    code, _, err = run("explain", "so good", "--format", "text", "-o", "why.html", "-m", bundle_path)
    assert code == 2
    assert "--format is text, and -o names a file of html" in " ".join(err.split())
    assert not Path("why.html").exists()


@pytest.mark.parametrize("command", [("predict", "-f"), ("explain", "-f"), ("explain", "--global"), ("eval",)])
def test_what_no_part_of_the_model_reads_is_warned_of(run, tmp_path: Path, command: tuple[str, ...]) -> None:
    model = write_bundle(tmp_path / "m", level="word", max_length=4, longest=9).path
    (tmp_path / "t.csv").write_text(f"text,label\n{'so good ' * 5},fake\n{'so good ' * 3},real\n", encoding="utf-8")
    err = run(*command, tmp_path / "t.csv", "-m", model)[2]
    assert "warning: 1 text is longer than 9 tokens: what comes after token 9 is not read at all" in err
    assert "1 text is longer than the 4 tokens the network reads: it reads the first 2 and the last 2, and the linear" in err
