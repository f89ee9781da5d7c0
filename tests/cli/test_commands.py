"""eval, predict and explain as a user calls them: what they print, where, and how they end."""

import csv
import io
import json
import shutil
from pathlib import Path

import pytest

from attnclf.upgrades import FORMAT


def table(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


def test_predict_answers_each_text_on_its_line(run) -> None:
    code, out, err = run("predict", "좋아요", "get followers")
    assert code == 0
    assert [line.split()[-1] for line in out.splitlines()] == ["좋아요", "followers"]
    assert err == ""


def test_predict_reads_lines_from_a_pipe(run) -> None:
    lines = "좋아요\n\nDM me\r\nlast".encode()
    for arguments in (["predict"], ["predict", "-"], ["predict", "-f", "-"]):
        code, out, err = run(*arguments, stdin=lines)
        assert code == 0
        assert len(out.splitlines()) == 4
        assert "1 text holds nothing the model knows" in err


def test_no_text_on_a_terminal_is_a_usage_error_at_once(run) -> None:
    code, out, err = run("predict")
    assert (code, out) == (2, "")
    assert "no text given" in err
    assert run("explain")[0] == 2


def test_texts_and_a_file_at_once(run, tmp_path: Path) -> None:
    assert run("predict", "a", "-f", tmp_path / "b.csv")[0] == 2


def test_a_table_keeps_its_columns_and_rows(run, tmp_path: Path) -> None:
    path = table(tmp_path / "t.csv", 'id,text,note\n1,"좋아요, 정말","a ""b"""\n2,,\n3,DM me,x\n')
    code, out, _ = run("predict", "-f", path)
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert [row["id"] for row in rows] == ["1", "2", "3"]
    assert rows[0]["text"] == "좋아요, 정말"
    assert rows[0]["note"] == 'a "b"'
    assert all(0 <= float(row["probability"]) <= 1 for row in rows)


def test_a_large_table_streams_in_order(run, tmp_path: Path) -> None:
    n = 9_000
    path = table(tmp_path / "t.csv", "id,text\n" + "".join(f"{i},{'좋아요 ' * (i % 7)}\n" for i in range(n)))
    _, out, _ = run("predict", "-f", path, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [row["id"] for row in rows] == [str(i) for i in range(n)]
    assert rows[6]["probability"] == rows[13]["probability"]


def test_a_file_of_lines(run, tmp_path: Path) -> None:
    path = table(tmp_path / "t.txt", "좋아요\nDM me\n")
    code, out, _ = run("predict", "-f", path, "--format", "jsonl", "--top-k", "3")
    records = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [r["text"] for r in records] == ["좋아요", "DM me"]
    assert sum(records[0]["probabilities"].values()) == pytest.approx(1, abs=1e-5)


def test_top_k_beyond_the_labels(run) -> None:
    code, _, err = run("predict", "a", "--top-k", "9")
    assert code == 2
    assert "3 labels" in err


def test_output_goes_to_a_file_only_when_all_went_well(run, tmp_path: Path) -> None:
    target = table(tmp_path / "out.csv", "old")
    bad = table(tmp_path / "t.csv", "text\n좋아요\na,b\n")
    code, out, err = run("predict", "-f", bad, "-o", target)
    assert (code, out) == (3, "")
    assert "line 3" in err
    assert target.read_text(encoding="utf-8") == "old"
    good = table(tmp_path / "t.csv", "text\n좋아요\n")
    assert run("predict", "-f", good, "-o", target)[0] == 0
    assert target.read_text(encoding="utf-8").startswith("text,predicted,probability,known,truncated\n좋아요,")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out.csv", "t.csv"]


def test_a_name_that_says_nothing_of_a_format_is_said(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    table(tmp_path / "t.csv", "text\n좋아요\n")
    for name, says in (("o.md", "csv"), ("o.txt", "csv"), ("o.jsonlines", "csv"), ("o.csv", ""), ("o", "")):
        _, _, err = run("predict", "-f", "t.csv", "-o", name)
        assert (f"{name} is written as {says}" in err) == bool(says)
    assert "is written as" not in run("predict", "좋아요", "-o", "o.txt")[2]
    assert "is written as" not in run("predict", "-f", "t.csv", "-o", "o.md", "--format", "jsonl")[2]


def test_line_ends_inside_a_value_survive_the_round_trip(run, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b'text,id\n"one\ntwo",1\n"a\rb",2\n"c\r\nd",3\n')
    assert run("predict", "-f", path, "-o", tmp_path / "out.csv")[0] == 0
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as stream:
        assert [row["text"] for row in csv.DictReader(stream)] == ["one\ntwo", "a\rb", "c\r\nd"]
    assert run("predict", "-f", tmp_path / "out.csv")[0] == 0


def test_a_tsv_is_written_with_tabs(run, tmp_path: Path) -> None:
    path = table(tmp_path / "t.tsv", "text\tid\na, b\t1\n")
    assert run("predict", "-f", path, "-o", tmp_path / "out.tsv")[0] == 0
    assert (
        (tmp_path / "out.tsv")
        .read_text(encoding="utf-8")
        .startswith("text\tid\tpredicted\tprobability\tknown\ttruncated\na, b\t1\t")
    )


def test_output_keeps_mode_and_links(run, tmp_path: Path) -> None:
    private = table(tmp_path / "private.csv", "old")
    private.chmod(0o600)
    (tmp_path / "link.csv").symlink_to(private)
    assert run("predict", "좋아요", "-o", tmp_path / "link.csv")[0] == 0
    assert (tmp_path / "link.csv").is_symlink()
    assert private.stat().st_mode & 0o777 == 0o600
    assert "좋아요" in private.read_text(encoding="utf-8")


def test_half_a_character_is_written_as_an_escape(run, tmp_path: Path) -> None:
    assert run("predict", "a\udcff", "--format", "csv", "-o", tmp_path / "out.csv")[0] == 0
    assert "a\\udcff" in (tmp_path / "out.csv").read_text(encoding="utf-8")


def test_a_full_disk_is_one_clear_error(run) -> None:
    code, _, err = run("predict", "좋아요", "-o", "/dev/full")
    assert code == 3
    assert "cannot write /dev/full: No space left" in err


@pytest.mark.parametrize("content", ["", "text\n"])
def test_a_file_without_texts(run, tmp_path: Path, content: str) -> None:
    path = table(tmp_path / "t.csv", content)
    code, out, err = run("predict", "-f", path)
    assert (code, out) == (3, "")
    assert "t.csv" in err
    assert run("explain", "-f", table(tmp_path / "t.txt", ""))[0] == 3


def test_lines_end_at_line_feeds_only(run, tmp_path: Path) -> None:
    content = b"a\rb\r\nc\n"
    (tmp_path / "t.txt").write_bytes(content)
    from_file = run("predict", "-f", tmp_path / "t.txt", "--format", "jsonl")[1]
    assert from_file == run("predict", "--format", "jsonl", stdin=content)[1]
    assert [json.loads(line)["text"] for line in from_file.splitlines()] == ["a\rb", "c"]


def test_an_encoding_that_does_not_fit(run, tmp_path: Path) -> None:
    code, _, err = run("predict", "-f", table(tmp_path / "t.csv", "text\n좋아요\n"), "--encoding", "utf-16")
    assert code == 3
    assert "--encoding" in err


def test_a_closed_standard_input_is_no_text(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.cli.conftest.Terminal", lambda: None)
    assert run("predict")[0] == 2


@pytest.mark.parametrize("place", ["none/out.csv", "."])
def test_an_output_that_cannot_be_written(run, tmp_path: Path, place: str) -> None:
    code, _, err = run("predict", "a", "-o", tmp_path / place)
    assert code == 3
    assert "cannot write" in err


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"a\n\xff\xfe\n", "line 2: not utf-8"), (b"a\0b\n", "line 1: holds a NUL byte")],
)
def test_standard_input_that_is_not_text(run, content: bytes, says: str) -> None:
    code, _, err = run("predict", stdin=content)
    assert code == 3
    assert says in err


def test_a_megabyte_is_answered_with_a_warning(run) -> None:
    code, out, err = run("predict", stdin=b"DM me " * 180_000)
    assert code == 0
    assert len(out.splitlines()) == 1
    assert "longer than 100,000 tokens: what comes after token 100,000 is not read at all" in err
    assert "of those before, the network reads the first 20 and the last 20, and the rest is not read" in err


@pytest.mark.parametrize("damage", ["missing", "empty directory", "altered", "newer"], ids=lambda name: name.replace(" ", "-"))
def test_a_model_that_cannot_be_used(run, bundle_path: Path, tmp_path: Path, damage: str) -> None:
    model = tmp_path / "model"
    if damage == "empty directory":
        model.mkdir()
    elif damage != "missing":
        shutil.copytree(bundle_path, model)
        path = model / ("tokenizer.json" if damage == "altered" else "bundle.json")
        old, new = (b'"', b"'") if damage == "altered" else (b'"format": %d' % FORMAT, b'"format": 99')
        path.write_bytes(path.read_bytes().replace(old, new, 1))
    code, out, err = run("predict", "a", "-m", model)
    assert (code, out) == (4, "")
    assert err.startswith("error: ")
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) == 2


def test_explain_shows_text_evidence_and_numbers(run) -> None:
    code, out, err = run("explain", "좋아요 정말", "--method", "both")
    assert code == 0
    assert err == ""
    for part in ("prediction", "attention: where the model looked", "evidence:", "the sum", "strongest tokens", "not a cause"):
        assert part in out


@pytest.mark.parametrize(
    ("method", "shown", "hidden"), [("attention", "attention:", "evidence:"), ("evidence", "evidence:", "attention:")]
)
def test_explain_by_one_method(run, method: str, shown: str, hidden: str) -> None:
    _, out, _ = run("explain", "좋아요", "--method", method)
    assert shown in out
    assert hidden not in out


def test_explain_colours_when_it_may(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLORTERM", "truecolor")
    assert "\x1b[38;2;0;0;0;48;2;" in run("explain", "좋아요 정말")[1]
    monkeypatch.setenv("COLORTERM", "")
    monkeypatch.setenv("TERM", "xterm")
    assert "48;" not in run("explain", "좋아요 정말")[1]  # 16 colours cannot show five steps: numbers instead
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("NO_COLOR", "1")
    assert "48;2;" not in run("explain", "좋아요 정말")[1]


def test_explain_as_json_lines(run) -> None:
    _, out, _ = run("explain", "좋아요 DM", "", "--format", "jsonl", "--by", "word", "--target", "shop")
    first, second = (json.loads(line) for line in out.splitlines())
    assert first["target"] == "shop"
    assert first["unit"] == "word"
    assert [t["text"] for t in first["tokens"]] == ["좋아요", "DM"]
    assert sum(t["evidence"] for t in first["tokens"]) == pytest.approx(first["log_odds"], abs=1e-4)
    assert second["text"] == ""


def test_explain_as_html(run, tmp_path: Path) -> None:
    path = table(tmp_path / "t.csv", "text\n<b>좋아요</b>\nDM me\n")
    code, _, _ = run("explain", "-f", path, "--format", "html", "-o", tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert code == 0
    assert page.count("<article>") == 2
    assert "<b>" not in page


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--target", "fakee"), "did you mean 'fake'"),
        (("--format", "pdf"), "one of text, jsonl, html"),
        (("--by", "letter"), "one of word, token"),
        (("--method", "magic"), "magic"),
    ],
)
def test_explain_options_that_make_no_sense(run, arguments: tuple[str, ...], says: str) -> None:
    code, out, err = run("explain", "a", *arguments)
    assert (code, out) == (2, "")
    assert says in err


def test_eval_prints_a_report(run, tmp_path: Path) -> None:
    path = table(tmp_path / "t.csv", "text,label\n좋아요,fake\nDM me,real\n,shop\n")
    code, out, err = run("eval", path)
    assert code == 0
    assert err == "warning: 1 text holds nothing the model knows (empty, or all unknown tokens)\n"
    for part in ("accuracy", "macro f1", "log loss", "brier", "calibration error", "precision", "true ↓"):
        assert part in out


def test_eval_as_json_and_floors(run, tmp_path: Path) -> None:
    path = table(tmp_path / "t.csv", "text,label\n좋아요,fake\nDM me,real\n")
    code, out, err = run("eval", path, "--json", "--fail-under", "accuracy=1.5")
    assert code == 6
    assert json.loads(out)["rows"] == 2
    assert "below 1.5" in err
    assert run("eval", path, "--fail-under", "accuracy=0")[0] == 0
    assert run("eval", path, "--fail-under", "acuracy=0")[0] == 2


@pytest.mark.parametrize(
    ("content", "says"),
    [("text,label\n", "no rows"), ("text,label\na,unheard\n", "'unheard'"), ("words,label\na,fake\n", "--text-col")],
)
def test_eval_on_data_it_cannot_use(run, tmp_path: Path, content: str, says: str) -> None:
    code, out, err = run("eval", table(tmp_path / "t.csv", content))
    assert (code, out) == (3, "")
    assert says in err


def test_version_and_help(run) -> None:
    assert run("--version")[1].startswith("attnclf ")
    code, out, _ = run("train", "--help")
    assert code == 0
    assert "additive" in out
    assert run("predikt")[0] == 2


def test_json_lines_go_in_and_come_out(run, tmp_path: Path) -> None:
    source, target = tmp_path / "posts.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"id": 1, "text": "좋아요"}\n{"id": 2, "text": "get 1000"}\n', encoding="utf-8")
    target.write_text("text,label\n", encoding="utf-8")  # what is there before says nothing of what is written
    assert run("predict", "-f", str(source), "-o", str(target))[0] == 0
    records = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert [record["row"]["id"] for record in records] == [1, 2]
    assert [record["text"] for record in records] == ["좋아요", "get 1000"]
    _, out, _ = run("predict", "-f", str(source))
    assert out.startswith("id,text,predicted,")
