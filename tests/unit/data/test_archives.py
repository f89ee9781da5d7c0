"""Zip archives as systems write them: names in other encodings than the archive says."""

import zipfile
from pathlib import Path

import pytest

from attnclf.config import DataConfig
from attnclf.data import read_table

DEFAULT = DataConfig()
SAID = "names in the archive are read as"


def zip_with(path: Path, folders: list[bytes], files: int = 3) -> Path:
    """An archive with a folder for each of these names, as their bytes are and without a word on their encoding."""
    with zipfile.ZipFile(path, "w") as archive:
        for number, folder in enumerate(folders):
            for file in range(files):
                archive.writestr(f"{chr(65 + number) * len(folder)}/{file}.txt", f"a text {number} {file}")
    data = path.read_bytes()
    for number, folder in enumerate(folders):
        data = data.replace(chr(65 + number).encode() * len(folder) + b"/", folder + b"/")
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("encoding", "labels"),
    [("cp949", ["긍정", "부정"]), ("utf-8", ["긍정", "부정"]), ("utf-8", ["é", "à"]), ("cp932", ["よい", "わるい"])],
)
def test_names_that_do_not_say_their_encoding_are_read_by_their_bytes(tmp_path: Path, encoding: str, labels: list[str]) -> None:
    path = zip_with(tmp_path / "t.zip", [label.encode(encoding) for label in labels])
    table = read_table([path], DEFAULT)
    assert set(table.labels) == set(labels)
    assert table.texts[0].startswith("a text")
    (said,) = [remark for remark in table.remarks if SAID in remark]
    assert f"{SAID} {encoding}" in said


def test_names_as_an_archive_has_them_are_not_spoken_of(tmp_path: Path) -> None:
    table = read_table([zip_with(tmp_path / "t.zip", ["né".encode("cp437"), b"other"])], DEFAULT)
    assert (set(table.labels), SAID in "".join(table.remarks)) == ({"né", "other"}, False)
    with zipfile.ZipFile(tmp_path / "u.zip", "w") as archive:
        for label in ("긍정", "부정"):
            archive.writestr(f"{label}/1.txt", "a text")
    table = read_table([tmp_path / "u.zip"], DEFAULT)
    assert (table.labels, SAID in "".join(table.remarks)) == (["긍정", "부정"], False)


def test_the_names_of_tables_in_an_archive_are_read_so_too(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        for name in ("AAAA", "BBBB"):
            archive.writestr(f"{name}.csv", "text,label\nso good,x\n")
    data = (tmp_path / "t.zip").read_bytes()
    (tmp_path / "t.zip").write_bytes(data.replace(b"AAAA", "리뷰".encode("cp949")).replace(b"BBBB", "댓글".encode("cp949")))
    table = read_table([tmp_path / "t.zip"], DEFAULT)
    assert [file.rpartition(": ")[2] for file in table.files] == ["댓글.csv", "리뷰.csv"]
    assert [SAID in remark for remark in table.remarks] == [True]


TABLE = "text,label\nso good,x\nbad,y\n"


def archive(path: Path, *names: str, **others: str) -> Path:
    """An archive with a table of each of these names, and other files."""
    with zipfile.ZipFile(path, "w") as written:
        for name in names:
            written.writestr(name, TABLE)
        for name, content in others.items():
            written.writestr(f"{name}.txt", content)
    return path


def test_what_is_for_people_beside_tables_is_left_out(tmp_path: Path) -> None:
    table = read_table(
        [archive(tmp_path / "t.zip", "a.csv", "d/b.csv", README="Hello\nthere", LICENSE="Do what you want")], DEFAULT
    )
    assert (len(table.texts), len(table.remarks)) == (4, 1)
    assert table.remarks[0].endswith("a.csv: LICENSE.txt, README.txt stand beside the tables, and are left out")
    alone = read_table([archive(tmp_path / "u.zip", README=TABLE)], DEFAULT)
    assert (alone.texts, alone.remarks) == (["so good", "bad"], ())


@pytest.mark.parametrize(
    "names", [("train.csv", "test.csv"), ("posts_dev.csv", "posts-validation.csv"), ("Training.csv", "test_1.csv")]
)
def test_parts_of_a_split_that_are_read_as_one_table_are_told(tmp_path: Path, names: tuple[str, str]) -> None:
    (said,) = read_table([archive(tmp_path / "t.zip", *names)], DEFAULT).remarks
    assert all(name in said for name in names)
    assert said.endswith("parts of a split: unpack the archive first, and name only those that are meant")
    for name in names:
        (tmp_path / name).write_text(TABLE)
    (said,) = read_table([str(tmp_path / "*.csv")], DEFAULT).remarks
    assert said.endswith("parts of a split: name only those that are meant")


def test_other_names_are_no_parts_of_a_split(tmp_path: Path) -> None:
    names = ("train-00000-of-00002.csv", "train-00001-of-00002.csv", "contest.csv", "devices.csv")
    assert read_table([archive(tmp_path / "test.zip", *names)], DEFAULT).remarks == ()
