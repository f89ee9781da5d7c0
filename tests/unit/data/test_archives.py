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
