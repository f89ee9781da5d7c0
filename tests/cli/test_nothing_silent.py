"""What would be dropped, merged, guessed or replaced without a word is refused, or said."""

from collections.abc import Callable
from pathlib import Path

import pytest

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
        (("train", "t.csv", "--valid", "v.csv", "--valid-share", ".3"), "--valid-share a share to hold out"),
        (("train", "t.csv", "--mixed-accounts", "majority", "--dry-run"), "--mixed-accounts is for verdicts on accounts"),
        (("train", "t.csv", "--anyway", "--dry-run"), "--anyway is for verdicts on accounts"),
        (("train", "t.csv", "--input-format", "lines"), "lines have no labels"),
        (("predict", "so good", "--text-col", "nope"), "--text-col is for tables, and texts come as arguments"),
        (("explain", "so good", "--delimiter", ";"), "--delimiter is for tables, and texts come as arguments"),
    ],
)
def test_what_has_no_effect_is_refused(run, command: tuple[str, ...], says: str) -> None:
    code, _, err = run(*command)
    assert code == 2
    assert says in " ".join(err.split())


def test_a_text_that_looks_like_an_option_may_come_twice(run) -> None:
    assert run("predict", "--", "-m", "-m")[0] == 0


def test_accounts_that_look_the_same_are_one(run) -> None:
    Path("t.csv").write_text(TABLE.replace(",u7\n", ",u7 \n", 2).replace(",u6\n", ",  \n"), encoding="utf-8")
    _, _, err = run("train", "t.csv", "--group-col", "account", "--dry-run")
    told = " ".join(err.split())
    assert "7 accounts had blanks or hidden characters around them" in told
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
    assert "read 4 files as cp949, which is a guess" in " ".join(err.split())


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
