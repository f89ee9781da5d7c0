"""The same rows in every format, compression and encoding are the same table; what comes out is what went in."""

import bz2
import csv
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import cast

import pandas as pd
import pytest
from backports import zstd

from attnclf.config import DataConfig
from attnclf.data import read_table, sources_of, table_of
from attnclf.data.formats import FORMATS, WrittenFormat, format_of, written_as
from attnclf.errors import DataError, UsageError

DEFAULT = DataConfig()
NAMES = ("text", "label", "n")
# 200 rows of what tables hold: separators, quotes, line ends, Korean, and what only Unicode has.
PARTS = ["a, b; c|d", 'say "so"', "line\nend", "정말 재미있다", "café", "tab\there", "=1+1", " blanks ", "'", "_x000D_", "{}"]
BEYOND = ["😀 emoji", "e\u0301", "한글 자모 ㅋㅋ", "ไทย"]


def rows_of(parts: list[str]) -> list[tuple[str, str, str]]:
    return [
        (f"{parts[i % len(parts)]} {parts[i * 7 % len(parts)]} {i}", "가짜" if i % 3 else "real", str(i)) for i in range(200)
    ]


ROWS = rows_of(PARTS + BEYOND)
KOREAN = [(text.replace("é", "e"), label, n) for text, label, n in rows_of(PARTS)]  # what cp949 can hold
LATIN = ["Le café était très bon", "J’ai dû attendre, hélas", "déjà vu; ça va?", "Noël à la forêt", "tab\there", "line\nend"]
WESTERN = [(text, label.replace("가짜", "fake"), n) for text, label, n in rows_of(LATIN)]

Rows = list[tuple[str, str, str]]


def delimited(rows: Rows, delimiter: str = ",") -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator="\n").writerows([NAMES, *rows])
    return stream.getvalue()


def json_lines(rows: Rows) -> str:
    return "".join(json.dumps(dict(zip(NAMES, row, strict=True)), ensure_ascii=False) + "\n" for row in rows)


def json_array(rows: Rows) -> str:
    return json.dumps([dict(zip(NAMES, row, strict=True)) for row in rows], ensure_ascii=False, indent=1)


def parquet(rows: Rows) -> bytes:
    return cast(bytes, pd.DataFrame(rows, columns=list(NAMES)).to_parquet(index=False))


def workbook(rows: Rows) -> bytes:
    stream = io.BytesIO()
    with FORMATS.make("excel", {}).writing(stream, NAMES, "", None) as write:  # type: ignore[attr-defined]
        for row in rows:
            write(row)
    return stream.getvalue()


TEXTS: dict[str, tuple[str, Callable[[Rows], str]]] = {
    "csv": (".csv", delimited),
    "semicolons": (".csv", lambda rows: delimited(rows, ";")),
    "bars": (".txt", lambda rows: delimited(rows, "|")),
    "tsv": (".tsv", lambda rows: delimited(rows, "\t")),
    "jsonl": (".jsonl", json_lines),
    "json": (".json", json_array),
    "jsonl by content": (".txt", json_lines),
    "json by content": ("", json_array),
}
BINARIES: dict[str, tuple[str, Callable[[Rows], bytes]]] = {
    "parquet": (".parquet", parquet),
    "parquet by content": (".dat", parquet),
    "excel": (".xlsx", workbook),
    "excel by content": ("", workbook),
}


def zipped(data: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("__MACOSX/._data", b"chaff")
        archive.writestr("data", data)
    return stream.getvalue()


COMPRESSIONS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "plain": ("", bytes),
    "gzip": (".gz", gzip.compress),
    "bzip2": (".bz2", bz2.compress),
    "xz": (".xz", lzma.compress),
    "zstd": (".zst", zstd.compress),
    "zip": (".zip", zipped),
    "gzip by content": (".bin", gzip.compress),
}
ENCODINGS = {
    "utf-8": ROWS,
    "utf-8-sig": ROWS,
    "utf-16": ROWS,
    "utf-16-le": ROWS,
    "utf-32": ROWS,
    "cp949": KOREAN,
    "cp1252": WESTERN,
}


def cases() -> list[tuple[str, str, str]]:
    """The formats × encodings × compressions that make sense."""
    found = [(form, encoding, compression) for form in TEXTS for encoding in ENCODINGS for compression in COMPRESSIONS]
    found = [(f, e, c) for f, e, c in found if e != "utf-16-le" or TEXTS[f][0] == ".csv"]  # JSON has a mark, or is UTF-8
    found = [(f, e, c) for f, e, c in found if c != "zip" or TEXTS[f][0] not in ("", ".txt")]
    return found + [(form, "", compression) for form in BINARIES for compression in COMPRESSIONS]


@pytest.mark.parametrize(("form", "encoding", "compression"), cases())
def test_the_same_rows_are_the_same_table(tmp_path: Path, form: str, encoding: str, compression: str) -> None:
    rows = ENCODINGS.get(encoding, ROWS)
    suffix = (TEXTS | BINARIES)[form][0]
    data = TEXTS[form][1](rows).encode(encoding) if encoding else BINARIES[form][1](rows)
    ending, compress = COMPRESSIONS[compression]
    path = tmp_path / f"data{suffix}{ending}"
    path.write_bytes(compress(data))
    table = read_table([path], DataConfig(text_col=("text", "n"), label_col="label"))
    assert table.texts == [f"{text} ␞ {n}" for text, _, n in rows]
    assert table.labels == [label for _, label, _ in rows]


@pytest.mark.parametrize(
    ("form", "name", "idle"),
    [
        ("parquet", "parquet", "`encoding`, `delimiter` and `quoting` do nothing"),
        ("excel", "excel", "`encoding`, `delimiter` and `quoting` do nothing"),
        ("jsonl", "jsonl", "`delimiter` and `quoting` do nothing"),
        ("json", "json", "`delimiter` and `quoting` do nothing"),
        ("csv", "csv", ""),
    ],
)
def test_settings_that_a_format_does_not_use_are_told(tmp_path: Path, form: str, name: str, idle: str) -> None:
    suffix, content_of = (TEXTS | BINARIES)[form]
    content = content_of([("so, good", "real", "1"), ("so bad", "fake", "2")])
    (tmp_path / f"a{suffix}").write_bytes(content if isinstance(content, bytes) else content.encode())
    (source,) = sources_of([tmp_path / f"a{suffix}"])
    with FORMATS.make(name, {}).open(source, DataConfig(encoding="utf-8", delimiter=",", quoting="quotes")) as records:
        assert records.remarks == ((f"read as {name}, where {idle}",) if idle else ())
    with FORMATS.make(name, {}).open(source, DEFAULT) as records:
        assert records.remarks == ()


@pytest.mark.parametrize("name", [name for name in FORMATS.names() if hasattr(FORMATS.make(name, {}), "writing")])
@pytest.mark.parametrize("compression", ["", "gzip", "zstd"])
def test_what_is_written_is_read_again(tmp_path: Path, name: str, compression: str) -> None:
    from attnclf.data.compression import compressing

    format_ = cast(WrittenFormat, FORMATS.make(name, {}))
    path = tmp_path / f"out{format_.written[0]}"
    assert written_as(path) == written_as(path.with_name(path.name + ".gz")) == name
    with (
        path.open("wb") as file,
        compressing(file, compression) if compression else file as stream,
        format_.writing(stream, NAMES, "", None) as write,
    ):
        for row in ROWS:
            write(row)
    (source,) = sources_of([path])
    with FORMATS.make(name, {}).open(source, DEFAULT) as records:
        assert records.header == list(NAMES)
        assert [tuple(row.text(name) for name in NAMES) for row in records.rows] == ROWS


def test_typed_values_keep_their_type_from_parquet_to_parquet_and_json(tmp_path: Path) -> None:
    frame = pd.DataFrame({"text": ["a", None], "n": [1, 2], "x": [0.5, float("nan")], "ok": [True, False]})
    frame["day"] = pd.to_datetime(["2026-01-02", "2026-01-03"])
    frame.to_parquet(tmp_path / "a.parquet", index=False)
    (source,) = sources_of([tmp_path / "a.parquet"])
    format_ = cast(WrittenFormat, FORMATS.make("parquet", {}))
    with (
        format_.open(source, DEFAULT) as records,
        (tmp_path / "b.parquet").open("wb") as stream,
        format_.writing(stream, [*records.header, "p"], "", records.types) as write,
    ):
        for row in records.rows:
            write([*row.values.values(), 0.25])
    again = pd.read_parquet(tmp_path / "b.parquet")
    assert again["n"].dtype == "int64" and again["ok"].dtype == bool and again["p"].dtype == "float64"
    pd.testing.assert_frame_equal(again[list(frame)], pd.read_parquet(tmp_path / "a.parquet"))


def test_numbers_and_truth_values_as_labels_keep_their_type(tmp_path: Path) -> None:
    pd.DataFrame({"text": ["a", "b"], "label": [0, 1]}).to_parquet(tmp_path / "a.parquet")
    table = read_table([tmp_path / "a.parquet"], DEFAULT)
    assert (table.labels, table.label_type) == (["0", "1"], "int")
    (tmp_path / "a.jsonl").write_text('{"text": "a", "label": true}\n{"text": "b", "label": false}\n')
    table = read_table([tmp_path / "a.jsonl"], DEFAULT)
    assert (table.labels, table.label_type) == (["True", "False"], "bool")
    (tmp_path / "a.csv").write_text("text,label\na,0\nb,1\n")
    assert read_table([tmp_path / "a.csv"], DEFAULT).label_type == "str"


def test_lines_of_fasttext(tmp_path: Path) -> None:
    path = tmp_path / "train.txt"
    path.write_text("__label__가짜 팔로워 늘려드려요\n\n__label__real  so good \n")
    table = read_table([path], DEFAULT)
    assert (table.texts, table.labels) == (["팔로워 늘려드려요", "so good"], ["가짜", "real"])
    path.write_text("__label__a x\n__label__b __label__c y\n")
    with pytest.raises(DataError, match="line 2: more than one label"):
        read_table([path], DEFAULT)
    path.write_text("__label__a x\nno label here\n")
    with pytest.raises(DataError, match="line 2: column 'label' is empty"):
        read_table([path], DEFAULT)


def test_a_folder_for_each_label(tmp_path: Path) -> None:
    for label, number, text in (("fake", 1, "so\ncheap"), ("fake", 2, "무료"), ("real", 1, ""), ("real", 2, "lunch\n")):
        (tmp_path / "posts" / label).mkdir(parents=True, exist_ok=True)
        (tmp_path / "posts" / label / f"{number}.txt").write_text(text, encoding="utf-8")
    (tmp_path / "posts" / "real" / ".hidden").write_text("x")
    table = read_table([tmp_path / "posts"], DEFAULT)
    assert (table.texts, table.labels) == (["so\ncheap", "무료", "", "lunch"], ["fake", "fake", "real", "real"])
    assert "4 files in 2 folders, one for each label" in table.remarks[0]
    with pytest.raises(DataError, match=r"is a folder without folders of texts.*\n.*name a file in it: 1\.txt, 2\.txt"):
        read_table([tmp_path / "posts" / "fake"], DEFAULT)


def test_a_workbook_names_its_sheet_and_row(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(path)
    for name, rows in {"empty": [], "posts": [["text", "label"], ["a", 1], [None, None], ["b", None]], "more": [["x"]]}.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    book.close()
    with pytest.raises(DataError, match=r"a\.xlsx, sheet 'posts', row 4: column 'label' is empty") as caught:
        read_table([path], DEFAULT)
    assert "or remove it; sheet 'posts' is read, not 'more'" in caught.value.hint
    (source,) = sources_of([path])
    with FORMATS.make("excel", {}).open(source, DEFAULT) as records:
        assert records.remarks == ("sheet 'posts' is read, not 'more'; save another as a file of its own to read it",)
        assert [row.values["label"] for row in records.rows] == [1, "", ""]


BROKEN: list[tuple[str, bytes, str]] = [
    ("a.json", b'{"text": ["a"], "label": ["x"]}', "holds one object of whole columns"),
    ("a.json", b'{\n"text": ["a"],\n"label": ["x"]\n}', "holds one object of whole columns, not an object for each row"),
    ("a.json", b'{\n"data": [{"text": "a"}],\n"version": 1\n}', "holds one object, with its rows in 'data'"),
    ("a.json", b'{"data": [{"text": "a"}], "version": 1}', "holds one object, with its rows in 'data'"),
    ("a.json", b'["a", "b"]', "holds an array of texts"),
    ("a.jsonl", b'[\n["a", "x"],\n["b", "y"]\n]', "holds an array of values without names"),
    ("a.jsonl", b'{\n"text": "a"\n}\n{\n"text": "b"\n}\n', "holds objects of several lines each"),
    ("a.json", b'{\n"text": "a"\n}\n', "holds objects of several lines each"),
    ("a.txt", b'{\n"text": "a"\n}\n{\n"text": "b"\n}\n', "holds objects of several lines each"),
    ("a.json", b'{"text": "a"\n', "a.json is not a JSON array of objects"),
    ("a.json", b'[{"text": "a", "label": "x"}, 3]', "item 2: not an object: 3"),
    ("a.json", b'[{"text": "a", "label": "x"}, {"text"', "item 2, line 1: not JSON"),
    ("a.json", b"[]", "is not a JSON array of objects"),
    ("a.jsonl", b'{"text":{"0":"a","1":"b"},"label":{"0":"x","1":"y"}}\n', "not an object for each row"),
    ("a.parquet", b"PAR1 and then nothing", "a damaged Parquet file"),
    ("a.csv", gzip.compress(b"text,label\n" + b"a,x\n" * 9999)[:-20], "the gzip data is damaged or cut short"),
    ("a.csv", bz2.compress(b"text,label\na,x\n" * 9)[:-9], "the bzip2 data is damaged or cut short"),
    ("a.csv", lzma.compress(b"text,label\na,x\n" * 9)[:-9], "the xz data is damaged or cut short"),
    ("a.csv", zstd.compress(b"text,label\na,x\n" * 9)[:9] + b"?????????", "the zstd data is damaged or cut short"),
    ("a.csv", zipped(b"text,label\na,x\n")[:-30], "the zip archive is damaged or cut short"),
    ("a.xlsx", workbook(ROWS)[:-2000], "the zip archive is damaged or cut short"),
    ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "is a document of old Office that cannot be read"),
    ("a.csv", b"%PDF-1.7\n...", "is a PDF document"),
    ("a.csv", b"\x80\x04\x95\x10\x00", "is a Python pickle"),
    ("a.csv", b"<!DOCTYPE html>\n<html><body>404", "is an HTML page"),
    ("a.csv", b"version https://git-lfs.github.com/spec/v1\noid x\n", "is a Git LFS pointer"),
    ("a.csv", bytes(257) + b"ustar  \0" + bytes(300), "is a tar archive"),
    ("a.csv", b"SQLite format 3\0....", "is an SQLite database"),
]


@pytest.mark.parametrize(
    ("name", "content", "in_excel"),
    [
        ("a.xls", b"<html><body>a", True),
        ("a.xls", b"<table><tr><td>text", True),
        ("a.csv", b"<!doctype html>\n<html><TABLE>", True),
        ("a.xls", b'<?xml version="1.0"?>\n<Workbook>', True),
        ("a.csv", b"<html><body>404", False),
        ("a.xml", b'<?xml version="1.0"?>\n<posts>', False),
        ("a.xls", b"{\\rtf1", False),
    ],
)
def test_pages_that_excel_opens_are_to_be_saved_there(tmp_path: Path, name: str, content: bytes, in_excel: bool) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_table([tmp_path / name], DEFAULT)
    assert (caught.value.hint == "open it in Excel, and save it as .xlsx if it shows the table") == in_excel


@pytest.mark.parametrize(("name", "content", "says"), BROKEN, ids=[says for _, _, says in BROKEN])
def test_what_cannot_be_read_is_named_for_what_it_is(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_table([path], DEFAULT)
    assert says in caught.value.message
    assert str(path) in caught.value.message
    assert caught.value.hint


def test_several_files_of_an_archive_follow_each_other(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("b.csv", "text,label\nb,y\n")
        archive.writestr("a.jsonl.gz", gzip.compress(b'{"text": "a", "label": "x"}\n'))
    assert read_table([tmp_path / "a.zip"], DEFAULT).texts == ["a", "b"]
    assert read_table([str(tmp_path / "*.zip")], DEFAULT).texts == ["a", "b"]
    with pytest.raises(DataError, match="matches no file"):
        read_table([str(tmp_path / "*.csv")], DEFAULT)


def test_addresses_are_read_by_fsspec() -> None:
    import fsspec

    with fsspec.open("memory://posts/a.csv.gz", "wb") as stream:
        stream.write(gzip.compress("text,label\n무료,x\n".encode()))
    assert read_table(["memory://posts/a.csv.gz"], DEFAULT).texts == ["무료"]
    with pytest.raises(DataError, match="cannot read memory://posts/none"):
        read_table(["memory://posts/none.csv"], DEFAULT)
    with pytest.raises(DataError, match=r"cannot read memory://ann:\*\*\*@host/none\.csv") as caught:
        read_table(["memory://ann:secret@host/none.csv"], DEFAULT)
    assert "secret" not in str(caught.value)
    with pytest.raises(DataError, match="klingon://"):
        read_table(["klingon://posts/none.csv"], DEFAULT)


def test_what_is_asked_for_counts_more_than_what_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text('{"text": "a"}\n')
    (source,) = sources_of([path])
    assert type(format_of(source)).__name__ == "JsonLines"
    assert format_of(source, "lines") is None
    assert type(format_of(source, "tsv")).__name__ == "TabSeparated"
    path.write_text("review;stars\nso good;5\n")
    (source,) = sources_of([path])
    assert type(format_of(source, columns={"review"})).__name__ == "CommaSeparated"
    assert format_of(source, columns={"text"}) is None


def test_only_some_formats_are_written(tmp_path: Path) -> None:
    assert written_as(tmp_path / "a.page.gz") == ""
    with pytest.raises(UsageError, match=r"\.xls files are read, and not written"):
        written_as(tmp_path / "a.xls")
    with pytest.raises(DataError, match="33,000 characters"):
        workbook([("x" * 33_000, "y", "1")])


def test_labels_of_one_type_are_one_label(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("".join(f'{{"text": "t", "label": {label}}}\n' for label in ("0", "1", "1.0", "-0.0")))
    table = read_table([path], DEFAULT)
    assert (table.labels, table.label_type) == (["0.0", "1.0", "1.0", "0.0"], "float")
    assert table.remarks == ("labels come in several types (float and int), and count as float",)
    table = table_of(pd.DataFrame({"text": list("abcd"), "label": [0, 1.0, 1, -0.0]}, dtype=object), DEFAULT)
    assert (table.labels, table.label_type) == (["0.0", "1.0", "1.0", "0.0"], "float")
    path.write_text('{"text": "t", "label": true}\n{"text": "t", "label": 0}\n')
    assert read_table([path], DEFAULT).labels == ["1", "0"]
    path.write_text('{"text": "t", "label": ["a", "b"]}\n')
    with pytest.raises(DataError, match=r"line 1: column 'label' holds \['a', 'b'\], and a row has one label"):
        read_table([path], DEFAULT)
    frame = pd.DataFrame({"text": ["t"], "label": [Decimal("1.10")]})
    frame.to_parquet(tmp_path / "a.parquet")
    assert read_table([tmp_path / "a.parquet"], DEFAULT).labels == ["1.10"]


def test_fasttext_splits_at_any_blank(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("__label__a\tgood one\n")
    table = read_table([path], DEFAULT)
    assert (table.labels, table.texts) == (["a"], ["good one"])
    path.write_text("__label__a,__label__b good\n")
    with pytest.raises(DataError, match="more than one label"):
        read_table([path], DEFAULT)


def test_what_a_name_promises_and_the_content_is_not(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_text("text,label\na,x\n")
    with pytest.raises(DataError, match=r"is named \.xlsx, and its content is something else"):
        read_table([path], DEFAULT)
    assert read_table([path], DataConfig(input_format="csv")).texts == ["a"]


@pytest.mark.parametrize(
    "content", ["Review, my thoughts\nGood, really\n", "title\n", "text and more\nb\n", "text,label\nno commas\n"]
)
def test_prose_is_no_table(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(content)
    (source,) = sources_of([path])
    assert format_of(source, columns={"text", "review", "title"}) is None


def test_files_of_a_folder_that_are_left_out_are_counted(tmp_path: Path) -> None:
    for name in ("pos/a.txt", "pos/deep/x.txt", "pos/y.html", "top.txt"):
        (tmp_path / "f" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "f" / name).write_text("a")
    assert (
        "1 files in 1 folders, one for each label; 3 other files are left out"
        in read_table([tmp_path / "f"], DEFAULT).remarks[0]
    )


def test_names_that_name_nothing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the name of a file is empty"):
        sources_of([""])
    for names in (["-", "-"], ["-", "/dev/stdin"], ["/dev/fd/0", "/dev/stdin"]):
        with pytest.raises(UsageError, match="standard input is named twice"):
            sources_of(names)


@pytest.mark.parametrize(
    ("others", "told"),
    [
        (("a.csv",), "named 2 times, and each of its rows is read 2 times"),
        (("*.csv",), "named 2 times, and each of its rows is read 2 times"),
        (("a.csv", "b.csv"), "named 2 times, and each of its rows is read 2 times"),
        (("./a.csv",), "the same file as ./a.csv, and each of its rows is read 2 times"),
        (("link",), "the same file as link, and each of its rows is read 2 times"),
        (("a.csv", "hard", "b.csv", "link", "hard"), "the same file as hard and link, and each of its rows is read 5 times"),
    ],
)
def test_files_that_are_named_more_than_once_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, others: tuple[str, ...], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.csv", "b.csv"):
        Path(name).write_text("text,label\nso good,x\n", encoding="utf-8")
    Path("link").symlink_to("a.csv")
    Path("hard").hardlink_to("a.csv")
    table = read_table(["a.csv", *others], DEFAULT)
    assert table.remarks == (f"a.csv: {told}",)
    assert read_table(["a.csv", "b.csv"], DEFAULT).remarks == ()


def test_a_folder_that_two_names_lead_to_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for label in ("x", "y"):
        (tmp_path / "folder" / label).mkdir(parents=True)
        (tmp_path / "folder" / label / "a.txt").write_text("so good", encoding="utf-8")
    Path("again").symlink_to("folder")
    remarks = read_table(["folder", "again"], DEFAULT).remarks
    assert "folder: the same folder as again, and each of its rows is read 2 times" in remarks


@pytest.mark.parametrize("name", ["out.csv.bz2", "out.csv.gz"])
def test_a_byte_order_mark_is_written_wherever_it_goes(tmp_path: Path, name: str) -> None:
    from attnclf.cli.output import open_bytes

    with open_bytes(tmp_path / name) as stream, FORMATS.make("csv", {}).writing(stream, NAMES, "utf-16", None) as write:  # type: ignore[attr-defined]
        write(["한글", "x", "1"])
    (source,) = sources_of([tmp_path / name])
    assert source.start.startswith(("\ufeff" + ",".join(NAMES)).encode("utf-16")[2:])


def test_values_that_do_not_fit_a_column_are_an_error_and_no_traceback(tmp_path: Path) -> None:
    format_ = cast(WrittenFormat, FORMATS.make("parquet", {}))
    for first, last in ((1, 1.5), (True, 7), (1, 2**70)):
        with (
            pytest.raises(DataError, match="column 'n' has a value that is not of its type"),
            (tmp_path / "o.parquet").open("wb") as stream,
            format_.writing(stream, ["n"], "", None) as write,
        ):
            for value in [first] * 4096 + [last]:
                write([value])
    with (tmp_path / "o.parquet").open("wb") as stream, format_.writing(stream, ["n"], "", None) as write:
        write(["half \ud83d"])
    assert list(pd.read_parquet(tmp_path / "o.parquet")["n"]) == ["half \\ud83d"]


TEXTS_OF_LABELS = {
    "neg/1.txt": "so\nbad",
    "neg/2.txt": "지루하다\n",
    "pos/1.txt": "",
    "pos/2.md": "good, really",
    "pos/deep/3.txt": "left out",
    "pos/4.html": "left out",
    "README.txt": "left out",
}


def archive_of(path: Path, files: dict[str, str | bytes], top: str = "") -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(top + name, content)
        archive.writestr("__MACOSX/neg/._1.txt", "chaff")
    return path


@pytest.mark.parametrize("top", ["", "train/", "data/train/", "./"])
@pytest.mark.parametrize("wanted", ["auto", "folder"])
def test_an_archive_with_a_folder_for_each_label_is_that_folder(tmp_path: Path, top: str, wanted: str) -> None:
    for name, content in TEXTS_OF_LABELS.items():
        (tmp_path / "folder" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "folder" / name).write_text(content, encoding="utf-8")
    path = archive_of(tmp_path / "train.zip", dict(TEXTS_OF_LABELS), top)
    config = DataConfig(input_format=wanted)
    packed, plain = read_table([path], config), read_table([tmp_path / "folder"], config)
    assert (packed.texts, packed.labels) == (plain.texts, plain.labels)
    assert packed.texts == ["so\nbad", "지루하다", "", "good, really"]
    assert packed.files == (str(path),)
    says = "4 files in 2 folders, one for each label; 3 other files are left out"
    assert [says in table.remarks[0] for table in (packed, plain)] == [True, True]


def test_archives_of_folders_beside_each_other_and_within(tmp_path: Path) -> None:
    one = archive_of(tmp_path / "1.zip", {"neg/a.txt": "a", "pos/b.txt": "b"})
    two = archive_of(tmp_path / "2.zip", {"neg/c.txt": "c", "pos/d.txt": "d"})
    assert read_table([one, two, one], DEFAULT).texts == list("abcdab")
    both = archive_of(tmp_path / "3.zip", {"x.zip": one.read_bytes(), "y.csv": "text,label\ne,neg\n"})
    table = read_table([both], DEFAULT)
    assert (table.texts, table.labels) == (["a", "b", "e"], ["neg", "pos", "neg"])


def test_a_text_of_an_archive_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = archive_of(tmp_path / "t.zip", {"neg/a.txt": "a", "pos/b.txt": b"b\nc \xff d\n" + b"plain\n" * 9})
    with pytest.raises(DataError, match=r"t\.zip: pos/b\.txt, line 2: not utf-8 text \(byte 0xff\)"):
        read_table([path], DataConfig(encoding="utf-8"))


@pytest.mark.parametrize(
    "files",
    [
        {"a/x.csv": "text,label\nso good,x\n", "b/y.csv": "text,label\nso good,x\n"},
        {"a/x.txt": "__label__x so good\n", "b/y.txt": "__label__x so good\n"},
        {"a/x.txt": "text,label\nso good,x\n", "b/y.txt": "text,label\nso good,x\n"},
        {"a/x.txt": '{"text": "so good", "label": "x"}\n', "b/y.txt": '{"text": "so good", "label": "x"}\n'},
    ],
)
def test_tables_in_the_folders_of_an_archive_are_tables(tmp_path: Path, files: dict[str, str | bytes]) -> None:
    table = read_table([archive_of(tmp_path / "t.zip", files)], DEFAULT)
    assert (table.texts, table.labels) == (["so good"] * 2, ["x"] * 2)


def test_one_folder_in_an_archive_names_no_labels(tmp_path: Path) -> None:
    path = archive_of(tmp_path / "t.zip", {"neg/a.txt": "so bad", "neg/b.txt": "worse"})
    with pytest.raises(DataError, match=r"t\.zip: neg/a\.txt"):
        read_table([path], DEFAULT)
    with pytest.raises(DataError, match=r"t\.zip: neg/a\.txt is a file, not a folder"):
        read_table([path], DataConfig(input_format="folder"))


@pytest.mark.parametrize("before", ["\n", "\r\n\r\n", "  \n", ",\n"])
def test_blank_records_before_the_header_are_skipped(tmp_path: Path, before: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"{before}text,label\na,x\nb\n", encoding="utf-8", newline="")
    lines = before.count("\n")
    with pytest.raises(DataError, match=rf"line {lines + 3}: 1 values"):
        read_table([path], DEFAULT)
    path.write_text(f"{before}text,label\na,x\nb,y\n", encoding="utf-8", newline="")
    table = read_table([path], DEFAULT)
    assert (table.texts, list(table.lines)) == (["a", "b"], [lines + 2, lines + 3])


def test_columns_without_a_name_are_called_by_their_places_and_that_is_told(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(",text,label,\n1,a,x,2\n", encoding="utf-8")
    table = read_table([path], DEFAULT, keep_others=True)
    assert list(table.others) == ["column 1", "column 4"]
    assert any("2 columns have no name, and are called by their places" in remark for remark in table.remarks)
    path.write_text(",text,label\n1,a,x\n", encoding="utf-8")  # as pandas writes its index
    table = read_table([path], DEFAULT, keep_others=True)
    assert (list(table.others), table.remarks) == ([""], ())
