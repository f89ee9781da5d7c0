"""Tables and pipes as people have them: what goes in comes out, and what is decided is said."""

import csv
import gzip
import io
import json
import re
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from attnclf.config import DataConfig
from attnclf.data import format_of, sources_of
from tests.models import write_bundle

TEXTS = ["좋아요 정말 좋아요", "get 1000, now", 'say "so"', "line\nend", "", "😀"]
LINES = ["무료 팔로워", "정말 좋아요", "오늘 라떼"]


def table_of(texts: list[str]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows([("id", "text"), *enumerate(texts)])
    return stream.getvalue()


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_a_table_on_a_pipe_is_a_table(run, compress) -> None:
    code, out, err = run("predict", stdin=compress(table_of(TEXTS).encode()))
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert [row["text"] for row in rows] == TEXTS
    assert "standard input: read as a table; --input-format lines reads one text a line" in err
    _, as_lines, _ = run("predict", "--input-format", "lines", "--format", "jsonl", stdin=b"id,text\n0,so good\n")
    assert [json.loads(line)["text"] for line in as_lines.splitlines()] == ["id,text", "0,so good"]


def test_json_lines_on_a_pipe_are_rows(run) -> None:
    content = "".join(json.dumps({"id": i, "text": text}, ensure_ascii=False) + "\n" for i, text in enumerate(TEXTS))
    _, out, _ = run("predict", "--format", "jsonl", stdin=content.encode())
    records = [json.loads(line) for line in out.splitlines()]
    assert [record["text"] for record in records] == TEXTS
    assert [record["row"]["id"] for record in records] == list(range(6))


def test_a_header_alone_is_a_text(run) -> None:
    _, out, _ = run("predict", "--format", "jsonl", stdin=b"text\n")
    assert json.loads(out)["text"] == "text"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
def test_lines_on_a_pipe_in_any_encoding(run, encoding: str) -> None:
    content = "\n".join(["plain", *LINES * 3]).encode(encoding)
    code, out, err = run("predict", "--format", "jsonl", stdin=content)
    assert code == 0
    assert [json.loads(line)["text"] for line in out.splitlines()] == ["plain", *LINES * 3]
    assert ("standard input: read as cp949, which is a guess" in err) == (encoding == "cp949")
    assert run("predict", "--format", "jsonl", "--encoding", encoding, stdin=content)[1] == out


def test_a_table_on_a_pipe_whose_first_character_happens_to_be_valid_utf_8(run) -> None:
    content = table_of(["첫 구매인데 좋아요", *LINES * 3]).encode("cp949")
    code, out, err = run("predict", "--format", "jsonl", stdin=content)
    assert (code, "standard input: read as cp949, which is a guess" in err) == (0, True)
    assert [json.loads(line)["text"] for line in out.splitlines()] == ["첫 구매인데 좋아요", *LINES * 3]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp949", "utf-16"])
def test_the_encoding_that_came_in_goes_out(run, tmp_path: Path, encoding: str) -> None:
    (tmp_path / "in.csv").write_bytes(table_of(LINES * 4).encode(encoding))
    code, _, err = run("predict", "-f", tmp_path / "in.csv", "-o", tmp_path / "out.csv")
    assert code == 0
    assert f"written as {encoding}, as the table is" in err
    out = (tmp_path / "out.csv").read_bytes()
    assert out.startswith(table_of([]).rstrip().encode(encoding))
    rows = list(csv.DictReader(io.StringIO(out.decode(encoding))))
    assert [row["text"] for row in rows] == LINES * 4
    run("predict", "-f", tmp_path / "in.csv", "-o", tmp_path / "plain.csv", "--output-encoding", "utf-8")
    assert (tmp_path / "plain.csv").read_bytes() == out.decode(encoding).encode()


def test_what_an_encoding_does_not_have_is_an_error_and_no_file(run, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(table_of(TEXTS), encoding="utf-8")
    code, _, err = run("predict", "-f", tmp_path / "in.csv", "-o", tmp_path / "o.csv", "--output-encoding", "cp949")
    assert code == 3
    row = next(number for number, text in enumerate(TEXTS, 1) if "😀" in text)
    assert f"row {row}, column 'text': cp949 has no '😀'" in err
    assert "--output-encoding utf-8" in err
    assert not (tmp_path / "o.csv").exists()


@pytest.mark.parametrize("name", ["o.parquet", "o.xlsx", "o.tsv", "o.csv.gz", "o.parquet.zst", "o.xlsx.gz"])
def test_the_name_says_in_what_to_write(run, tmp_path: Path, name: str) -> None:
    (tmp_path / "in.csv").write_text(table_of(TEXTS), encoding="utf-8")
    assert run("predict", "-f", tmp_path / "in.csv", "-o", tmp_path / name)[0] == 0
    _, again, err = run("predict", "-f", tmp_path / name, "--format", "csv")
    assert "the table has 'predicted', 'probability', 'known', 'truncated' already" in (told := " ".join(err.split()))
    assert "what is written now is 'predicted.2', 'probability.2', 'known.2', 'truncated.2'" in told
    rows = list(csv.DictReader(io.StringIO(again)))
    assert [row["text"] for row in rows] == TEXTS
    assert all(row["predicted"] == row["predicted.2"] for row in rows)
    assert {float(row["probability"]) - float(row["probability.2"]) for row in rows} == {0.0}


def test_a_column_without_a_name_is_none_that_is_written(run, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(",text\n1,latte\n", encoding="utf-8")
    assert "already" not in run("predict", "-f", tmp_path / "in.csv")[2]


def test_numbers_stay_numbers_in_parquet(run, tmp_path: Path) -> None:
    pd.DataFrame({"id": [7, 8], "text": LINES[:2]}).to_parquet(tmp_path / "in.parquet", index=False)
    run("predict", "-f", tmp_path / "in.parquet", "-o", tmp_path / "out.parquet")
    out = pd.read_parquet(tmp_path / "out.parquet")
    assert (out["id"].dtype, out["probability"].dtype, out["truncated"].dtype) == ("int64", "float64", "bool")
    assert list(out["id"]) == [7, 8]


def test_what_cannot_be_written_is_refused(run, tmp_path: Path) -> None:
    for name, code, says in (("o.xls", 2, ".xls files are read, and not written"), ("o.csv.zip", 3, "zip archives are not")):
        ended, _, err = run("predict", "a", "-o", tmp_path / name)
        assert (ended, says in err) == (code, True)
        assert not (tmp_path / name).exists()


def test_several_files_and_globs(run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(table_of(["a"]))
    (tmp_path / "b.jsonl").write_text('{"text": "b", "id": 1}\n')
    code, out, _ = run("predict", "-f", tmp_path / "a.csv", "-f", tmp_path / "b.jsonl")
    assert code == 0
    assert [(row["id"], row["text"]) for row in csv.DictReader(io.StringIO(out))] == [("0", "a"), ("1", "b")]
    assert run("predict", "-f", f"{tmp_path}/*.*")[1] == out
    (tmp_path / "c.csv").write_text("text\nc\n")
    code, _, err = run("predict", "-f", f"{tmp_path}/*.csv")
    assert (code, "c.csv has the columns text, and" in err) == (3, True)
    (tmp_path / "d.txt").write_text("d\n")
    code, _, err = run("predict", "-f", tmp_path / "a.csv", "-f", tmp_path / "d.txt")
    assert (code, "is a table and" in err) == (3, True)


def test_an_evaluation_reads_what_training_reads(run, tmp_path: Path) -> None:
    rows = [{"text": f"좋아요 {i}", "label": "fake" if i % 2 else "real"} for i in range(20)]
    pd.DataFrame(rows).to_parquet(tmp_path / "t.parquet")
    folder = tmp_path / "texts"
    for i, row in enumerate(rows):
        (folder / row["label"]).mkdir(parents=True, exist_ok=True)
        (folder / row["label"] / f"{i}.txt").write_text(row["text"], encoding="utf-8")
    scores = [json.loads(run("eval", path, "--json")[1])["accuracy"] for path in (tmp_path / "t.parquet", folder)]
    assert scores[0] == scores[1]
    fasttext = "".join(f"__label__{row['label']} {row['text']}\n" for row in rows)
    assert json.loads(run("eval", "-", "--json", stdin=fasttext.encode())[1])["accuracy"] == scores[0]


@pytest.fixture
def two_columns(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """`run`, on a model that reads titles and bodies."""
    path = write_bundle(tmp_path / "m", text_col=("title", "body")).path
    monkeypatch.setenv("ATTNCLF_MODEL", str(path))
    return run


def test_columns_of_texts_are_found_and_told_apart(two_columns, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("body,id,title\n좋아요,1,get 1000\n,2,\nb,3,\n", encoding="utf-8")
    _, out, _ = two_columns("predict", "-f", table, "--format", "jsonl")
    records = [json.loads(line) for line in out.splitlines()]
    assert [record["text"] for record in records] == ["get 1000 ␞ 좋아요", "", " ␞ b"]
    assert json.loads(two_columns("predict", "get 1000 ␞ 좋아요", "--format", "jsonl")[1])["label"] == records[0]["label"]
    explained = [json.loads(line) for line in two_columns("explain", "-f", table, "--format", "jsonl")[1].splitlines()]
    columns = {token["column"] for token in explained[0]["tokens"] if "␞" not in token["text"]}
    assert columns == {"title", "body"}
    assert {token["column"] for token in explained[0]["tokens"] if "␞" in token["text"]} == {None}
    assert {token["column"] for token in explained[2]["tokens"] if token["text"].strip() == "b"} == {"body"}
    shown = two_columns("explain", "get 1000 ␞ 좋아요")[1]
    by_column = re.search("evidence by column: title ([+−][0-9.]+), body ([+−][0-9.]+)", shown)
    assert by_column
    sums = [sum(t["evidence"] for t in explained[0]["tokens"] if t["column"] == name) for name in ("title", "body")]
    assert [float(found.replace("−", "-")) for found in by_column.groups()] == pytest.approx(sums, abs=0.006)


def test_a_table_without_one_of_the_columns_is_refused(two_columns, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("title,id\na,1\n")
    code, _, err = two_columns("predict", "-f", tmp_path / "t.csv")
    assert code == 3
    assert "the model reads the columns 'title' and 'body', and there is no 'body' (found: title, id)" in err
    assert two_columns("predict", "-f", tmp_path / "t.csv", "--text-col", "title")[0] == 0


TYPES = {"int": ("-1", "0", "1"), "float": ("-0.5", "0.25", "1.5"), "bool": ("False", "True")}


@pytest.fixture(params=TYPES)
def typed(run, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """`run`, on a model whose labels have a type, and that type."""
    kind, labels = request.param, TYPES[request.param]
    monkeypatch.setenv("ATTNCLF_MODEL", str(write_bundle(tmp_path / "m", labels=labels, label_type=kind).path))
    return run, {"int": int, "float": float, "bool": bool}[kind]


def test_labels_keep_their_type_where_a_format_has_it(typed, tmp_path: Path) -> None:
    run, kind = typed
    (tmp_path / "t.jsonl").write_text("".join(json.dumps({"text": text, "ok": True}) + "\n" for text in LINES * 3))
    for name in ("o.parquet", "o.xlsx", "o.csv"):
        code, _, err = run("predict", "-f", tmp_path / "t.jsonl", "-o", tmp_path / name, "--top-k", "2")
        assert code == 0, err
    frame = pd.read_parquet(tmp_path / "o.parquet")
    (sheet,) = sources_of([tmp_path / "o.xlsx"])
    with format_of(sheet).open(sheet, DataConfig()) as records:
        rows = [row.values for row in records.rows]
    lines = list(csv.DictReader((tmp_path / "o.csv").read_text().splitlines()))
    for name in ("predicted", "predicted_2"):
        assert frame[name].dtype == {int: "int64", float: "float64", bool: "bool"}[kind]
        assert [row[name] for row in rows] == frame[name].tolist()
        assert (type(rows[0][name]) is bool) == (kind is bool)
        assert [line[name] for line in lines] == [str(v).lower() if kind is bool else str(v) for v in frame[name].tolist()]
    assert {line["ok"] for line in lines} == {"true"}
    assert set(frame["ok"]) == {"true"}


def test_truth_values_come_out_as_they_came_in(run, tmp_path: Path) -> None:
    pd.DataFrame({"text": LINES, "ok": [True, False, None]}).to_parquet(tmp_path / "t.parquet")
    rows = list(csv.DictReader(io.StringIO(run("predict", "-f", tmp_path / "t.parquet")[1])))
    assert [row["ok"] for row in rows] == ["true", "false", ""]
    assert {row["truncated"] for row in rows} <= {"true", "false"}
    records = map(json.loads, run("predict", "-f", tmp_path / "t.parquet", "--format", "jsonl")[1].splitlines())
    assert [record["row"]["ok"] for record in records] == [True, False, None]
    assert run("predict", "-f", tmp_path / "t.parquet", "-o", tmp_path / "o.xlsx")[0] == 0
    (sheet,) = sources_of([tmp_path / "o.xlsx"])
    with format_of(sheet).open(sheet, DataConfig()) as found:
        assert [row.values["ok"] for row in found.rows] == [True, False, ""]


def test_numbers_that_parquet_does_not_hold_stay_text(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = ("1", str(2**63))
    monkeypatch.setenv("ATTNCLF_MODEL", str(write_bundle(tmp_path / "m", labels=labels, label_type="int").path))
    (tmp_path / "t.csv").write_text(table_of(LINES), encoding="utf-8")
    assert run("predict", "-f", tmp_path / "t.csv", "-o", tmp_path / "o.parquet")[0] == 0
    assert set(pd.read_parquet(tmp_path / "o.parquet")["predicted"]) <= set(labels)


@pytest.mark.parametrize("spelled", [("true", "false"), ("True", "False"), ("TRUE", "FALSE")])
def test_a_model_of_truth_values_knows_them_in_a_text(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spelled: tuple[str, str]
) -> None:
    path = write_bundle(tmp_path / "m", labels=("False", "True"), label_type="bool").path
    monkeypatch.setenv("ATTNCLF_MODEL", str(path))
    (tmp_path / "t.csv").write_text("text,label\n" + "".join(f"좋아요 {i},{spelled[i % 2]}\n" for i in range(8)))
    code, out, err = run("eval", tmp_path / "t.csv", "--json")
    assert (code, "does not know" in err) == (0, False)
    assert [(label["label"], label["support"]) for label in json.loads(out)["labels"]] == [("False", 4), ("True", 4)]


def test_a_folder_for_each_label_in_an_archive(run, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        for i, text in enumerate(["one\ntwo", *LINES]):
            archive.writestr(f"t/{'fake' if i % 2 else 'real'}/{i}.txt", text)
    for arguments, stdin in ((("-f", tmp_path / "t.zip"), None), ((), (tmp_path / "t.zip").read_bytes())):
        code, out, err = run("predict", *arguments, stdin=stdin)
        rows = list(csv.DictReader(io.StringIO(out)))
        assert (code, "4 files in 2 folders, one for each label" in err) == (0, True)
        assert [row["file"] for row in rows] == ["fake/1.txt", "fake/3.txt", "real/0.txt", "real/2.txt"]
        assert rows[2]["text"] == "one\ntwo"
    assert json.loads(run("eval", tmp_path / "t.zip", "--json")[1])["rows"] == 4
    out = run("predict", "-f", tmp_path / "t.zip", "--input-format", "lines", "--format", "jsonl")[1]
    assert [json.loads(line)["text"] for line in out.splitlines()] == [LINES[0], LINES[2], "one", "two", LINES[1]]


def test_what_may_be_meant_otherwise_in_a_table_is_told(run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(table_of(LINES) * 3, encoding="utf-8")
    code, out, err = run("predict", "-f", tmp_path / "t.csv")
    assert (code, len(list(csv.DictReader(io.StringIO(out))))) == (0, 11)
    assert " ".join(err.split()).count("line 5: repeats the header, and is read as a text") == 1
    pd.DataFrame({"오늘 라떼": LINES}).to_excel(tmp_path / "t.xlsx", index=False, engine="xlsxwriter")
    assert "its first row was read as a header" in run("predict", "-f", tmp_path / "t.xlsx")[2]
    pd.DataFrame({"text": [None, None], "id": [1, 2]}).to_excel(tmp_path / "t.xlsx", index=False, engine="xlsxwriter")
    code, out, err = run("predict", "-f", tmp_path / "t.xlsx")
    assert (code, len(out.splitlines())) == (0, 3)
    assert "every text is empty; if it holds formulas" in " ".join(err.split())


def test_files_of_an_archive_that_do_not_go_together_are_to_be_unpacked(run, tmp_path: Path) -> None:
    for name, content in (("b.csv", "review\nb\n"), ("d.txt", "so good\nbad\n")):
        with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
            archive.writestr("a.csv", "text\na\n")
            archive.writestr(name, content)
        code, _, err = run("predict", "-f", tmp_path / "t.zip")
        assert (code, "unpack the archive first, and name " in err) == (3, True)
