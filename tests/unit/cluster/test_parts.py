"""The files of a large run: what is written for what, what is finished, and whose folder it is."""

import json
import os
from pathlib import Path

import pytest

from attnclf.cluster.parts import MANIFEST, Part, broken, claim, parts_of
from attnclf.errors import DataError, UsageError


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("a/posts.csv", "b/posts.csv", "b/more.parquet", "b/old.json", "b/lines.txt", "b/t.tsv.gz"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_text("text\nx\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def targets(*names: str) -> list[str]:
    return [str(part.target) for part in parts_of(names, Path("out"))]


def test_files_of_the_same_name_stay_apart(here: Path) -> None:
    assert targets("in/*/posts.csv") == ["out/a/posts.csv", "out/b/posts.csv"]
    assert targets("in/b/posts.csv", "in/b/*.parquet") == ["out/posts.csv", "out/more.parquet"]


def test_a_file_is_named_once_and_by_a_path_that_holds_everywhere(here: Path) -> None:
    (part,) = parts_of(["in/a/posts.csv", "in/a/*", str(here / "in/a/posts.csv")], Path("out"))
    assert part.source == str(here / "in/a/posts.csv")


def test_a_file_keeps_its_format_where_that_can_be_written(here: Path) -> None:
    assert targets("in/b/*") == ["out/lines.txt", "out/more.parquet", "out/old.json.csv", "out/posts.csv", "out/t.tsv.gz"]
    assert targets("s3://bucket/x/posts.parquet") == ["out/posts.parquet"]


@pytest.mark.parametrize(
    ("name", "kind", "says"),
    [
        ("-", UsageError, "standard input"),
        ("in/a", UsageError, "'in/a' is a folder"),
        ("in/*.csv", DataError, "matches no file"),
        ("in/none.csv", DataError, "does not exist"),
    ],
)
def test_what_is_no_file_is_refused(here: Path, name: str, kind: type[Exception], says: str) -> None:
    with pytest.raises(kind, match=says):
        parts_of([name], Path("out"))


def test_nothing_is_written_twice_or_over_what_is_read(here: Path) -> None:
    with pytest.raises(UsageError, match="would both be written to"):
        parts_of(["s3://a/posts.csv", "s3://b/posts.csv"], Path("out"))
    with pytest.raises(UsageError, match="would replace the file that is read"):
        parts_of(["in/a/posts.csv"], Path("in/a"))


def test_a_part_is_finished_until_its_source_changes(here: Path) -> None:
    part, source = Part(str(here / "in/a/posts.csv"), here / "out/posts.csv"), here / "in/a/posts.csv"

    def finished() -> bool:
        removed = claim(here / "out", ASKED, [part])
        assert removed == 0 or not part.finished
        return part.finished

    assert not finished()
    part.target.write_text("x", encoding="utf-8")
    assert finished()
    source.write_text("text\ncorrected\n", encoding="utf-8")
    os.utime(source, ns=(0, 0))  # older than what was made from it
    assert not finished()
    part.target.write_text("x", encoding="utf-8")
    assert finished()
    manifest = here / "out" / MANIFEST
    older = {**json.loads(manifest.read_text(encoding="utf-8")), "files": {"posts.csv": str(source)}}  # as runs once noted it
    manifest.write_text(json.dumps(older), encoding="utf-8")
    assert claim(here / "out", ASKED, [part]) == 1
    assert not part.finished


def test_no_password_of_an_address_is_written(tmp_path: Path) -> None:
    one = part("https://ann:se@cret@host/posts.csv", tmp_path / "out")
    claim(tmp_path / "out", ASKED, [one])
    assert "https://ann:***@host/posts.csv" in (tmp_path / "out" / MANIFEST).read_text(encoding="utf-8")
    one.target.write_text("x", encoding="utf-8")
    claim(tmp_path / "out", ASKED, [one])
    assert one.finished
    manifest = tmp_path / "out" / MANIFEST
    older = {**json.loads(manifest.read_text(encoding="utf-8")), "files": {"posts.csv": one.source}}
    manifest.write_text(json.dumps(older), encoding="utf-8")
    assert claim(tmp_path / "out", ASKED, [one]) == 0
    assert one.finished  # nobody knows whether an address has changed


ASKED = {"model": "sha256:1", "options": {"top_k": 1, "names": ("text",)}}


def part(source: str, folder: Path, name: str = "posts.csv") -> Part:
    return Part(source, folder / name)


def test_a_folder_is_of_one_model_and_its_options(tmp_path: Path) -> None:
    out = tmp_path / "out"
    parts = [part("/in/posts.csv", out)]
    claim(out, {**ASKED, "model": "sha256:0"}, parts)  # which then wrote nothing
    claim(out, ASKED, parts)
    (out / "posts.csv").write_text("", encoding="utf-8")
    claim(out, ASKED, parts)
    with pytest.raises(UsageError, match="another model labelled, or other options"):
        claim(out, {**ASKED, "model": "sha256:2"}, parts)
    for damage in ("{", "[]", '{"files": 3}', "[" * 100_000):
        (out / MANIFEST).write_text(damage, encoding="utf-8")
        with pytest.raises(UsageError, match="another model"):
            claim(out, ASKED, parts)
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(DataError, match="cannot write to"):
        claim(tmp_path / "file" / "out", ASKED, [])


def test_a_file_of_the_same_name_from_elsewhere_does_not_count_as_finished(tmp_path: Path) -> None:
    out = tmp_path / "out"
    claim(out, ASKED, [part("/january/posts.csv", out)])
    (out / "posts.csv").write_text("", encoding="utf-8")
    claim(out, ASKED, [part("/january/more.csv", out, "more.csv")])  # more of the same run
    for source, name in (("/february/posts.csv", "posts.csv"), ("/february/more.csv", "more.csv")):
        with pytest.raises(UsageError, match=f"{name} in .* was made from /january/{name}, and not from {source}"):
            claim(out, ASKED, [part(source, out, name)])


def test_a_folder_with_files_of_somebody_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "posts.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match=r"holds files that are of no run of many files, such as posts\.csv"):
        claim(tmp_path, ASKED, [part("/in/posts.csv", tmp_path)])
    assert [path.name for path in tmp_path.iterdir()] == ["posts.csv"]


def test_why_an_engine_stopped_is_the_last_line_of_what_it_says() -> None:
    error = broken("Ray", "Traceback:\n  a line\nModuleNotFoundError: No module named 'attnclf'\n\n")
    assert error.message == "Ray stopped: ModuleNotFoundError: No module named 'attnclf'"
    assert "the same command goes on" in error.hint
    assert broken("Ray", "\n").message == "Ray stopped: it does not say why"
