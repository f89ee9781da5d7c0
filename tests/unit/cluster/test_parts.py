"""The files of a large run: what is written for what, what is finished, and whose folder it is."""

import os
from pathlib import Path

import pytest

from attnclf.cluster.parts import MANIFEST, Part, claim, parts_of
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


def test_a_part_is_finished_when_it_is_newer_than_its_source(here: Path) -> None:
    part = Part(str(here / "in/a/posts.csv"), here / "out.csv")
    assert not part.finished
    part.target.write_text("x", encoding="utf-8")
    assert part.finished
    os.utime(part.target, ns=(0, 0))
    assert not part.finished


def test_a_folder_is_of_one_model_and_its_options(tmp_path: Path) -> None:
    asked = {"model": "sha256:1", "options": {"top_k": 1, "names": ("text",)}}
    claim(tmp_path / "out", {**asked, "model": "sha256:0"})  # which then wrote nothing
    claim(tmp_path / "out", asked)
    (tmp_path / "out" / "posts.csv").write_text("", encoding="utf-8")
    claim(tmp_path / "out", asked)
    with pytest.raises(UsageError, match="another model labelled, or other options"):
        claim(tmp_path / "out", {**asked, "model": "sha256:2"})
    (tmp_path / "out" / MANIFEST).write_text("{", encoding="utf-8")
    with pytest.raises(UsageError, match="another model"):
        claim(tmp_path / "out", asked)
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(DataError, match="cannot write to"):
        claim(tmp_path / "file" / "out", asked)
