"""Tables: what is read, what is guessed, and one clear error for whatever cannot be used."""

import unicodedata
from pathlib import Path

import pandas as pd
import pytest

from attnclf.config import DataConfig
from attnclf.data import Columns, read_table, sources_of, table_of
from attnclf.data.columns import TEXT_NAMES, columns_of
from attnclf.data.formats import FORMATS
from attnclf.errors import DataError

DEFAULT = DataConfig()


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_quoted_values_may_hold_commas_quotes_and_line_ends(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", 'text,label\n"a, ""b""\nc",x\n한글,y\n')
    table = read_table([path], DEFAULT)
    assert table.texts == ['a, "b"\nc', "한글"]
    assert table.labels == ["x", "y"]


def test_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    table = read_table([write(tmp_path / "a.csv", b"\xef\xbb\xbftext,label\r\na,x\r\n\r\nb,y\r\n")], DEFAULT)
    assert (table.texts, table.labels) == (["a", "b"], ["x", "y"])


def test_tabs_by_extension(tmp_path: Path) -> None:
    table = read_table([write(tmp_path / "a.tsv", "text\tlabel\na, b\tx\n")], DEFAULT)
    assert table.texts == ["a, b"]


def test_other_encodings(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "내용,라벨\n좋아요,x\n".encode("cp949"))
    table = read_table([path], DataConfig(encoding="cp949"))
    assert table.texts == ["좋아요"]
    assert table.columns == Columns(("내용",), "라벨", guessed=("text", "label"))


def test_several_files_follow_each_other(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{name}.csv", f"text,label\n{name},x\n") for name in "ab"]
    assert read_table(paths, DEFAULT).texts == ["a", "b"]


def test_guesses_are_told_and_named_columns_are_not(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "id,Review,Sentiment\n1,a,x\n")
    table = read_table([path], DEFAULT)
    assert table.columns == Columns(("Review",), "Sentiment", guessed=("text", "label"))
    assert str(table.columns) == (
        "text column 'Review' (guessed), label column 'Sentiment' (guessed); name others with `text_col` and `label_col`"
    )
    named = read_table([path], DataConfig(text_col="Review"))
    assert named.columns.guessed == ("label",)
    assert str(named.columns) == "text column 'Review', label column 'Sentiment' (guessed); name another with `label_col`"
    assert read_table([path], DataConfig(text_col="Review", label_col="Sentiment")).columns.guessed == ()


def test_other_columns_of_another_file_are_told(tmp_path: Path) -> None:
    first = write(tmp_path / "a.csv", "text,label\na,x\n")
    second = write(tmp_path / "b.csv", "review,label\nb,y\n")
    alike = write(tmp_path / "c.csv", "text,label\na,x\n")
    table = read_table([first, alike, second], DEFAULT)
    assert table.texts == ["a", "a", "b"]
    assert table.columns.text == ("text",)
    (remark,) = table.remarks
    assert "b.csv: text column 'review' (guessed)" in remark


def test_columns_of_training_come_before_guesses(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "text,title,label\na,b,x\n")
    table = read_table([path], DEFAULT, Columns(("title",), "gone"))
    assert table.texts == ["b"]


@pytest.mark.parametrize(
    ("header", "names"),
    [
        (unicodedata.normalize("NFD", "내용,라벨"), ("내용", "라벨")),
        ("\ufeff\ufefftext,label", ("text", "label")),
        ('"고객\n리뷰",라벨 ', ("고객 리뷰", "라벨")),
        ("내용,라벨", (unicodedata.normalize("NFD", "내용"), "\u200b라벨")),
    ],
)
def test_names_of_columns_that_look_the_same_are_the_same(tmp_path: Path, header: str, names: tuple[str, str]) -> None:
    path = write(tmp_path / "a.csv", f"{header}\na,x\n")
    for config, trained in (
        (DataConfig(text_col=names[:1], label_col=names[1]), None),
        (DEFAULT, Columns(names[:1], names[1])),
    ):
        table = read_table([path], config, trained)
        assert (table.texts, table.labels, table.columns.guessed) == (["a"], ["x"], ())
    if names[0] in TEXT_NAMES:
        assert read_table([path], DEFAULT).columns.guessed == ("text", "label")


def test_of_names_that_look_the_same_the_exact_one_counts(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "text,text ,label\na,b,x\n")
    assert read_table([path], DataConfig(text_col="text ")).texts == ["b"]
    with pytest.raises(DataError, match="there is no column ' text'"):
        read_table([path], DataConfig(text_col=" text"))


def test_groups(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "text,label,user\na,x,u1\nb,y,u2\n")
    assert read_table([path], DataConfig(group_col="user")).groups == ["u1", "u2"]


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_a_file_without_the_column_of_accounts_that_others_have_is_named(tmp_path: Path, order: str) -> None:
    write(tmp_path / "a.csv", "text,label,user\na,x,u1\n")
    write(tmp_path / "b.csv", "text,label\na,x\n")
    with pytest.raises(DataError, match=r"^\S*b\.csv has no column 'user', which other files have"):
        read_table([tmp_path / f"{name}.csv" for name in order], DEFAULT, Columns(("text",), "label", "user"))


def test_empty_and_nan_texts_are_texts(tmp_path: Path) -> None:
    table = read_table([write(tmp_path / "a.csv", "text,label\n,x\nnan,y\n  ,x\n")], DEFAULT)
    assert table.texts == ["", "nan", "  "]
    assert table.empty_texts == 2


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "is empty"),
        ("text,label\n", "a header and no rows"),
        ("text,label,text\na,b,c\n", "'text' stands more than once"),
        ("text,label\na,x\nb\n", "line 3: 1 values where the header names 2"),
        ("text,label\na,x,y\n", "put quotes around"),
        ("text/label\na/x\n", "which column holds the label? no name says so (found: text/label)"),
        ("text,label\n\0a,x\n", "line 2: holds a NUL byte"),
        ("text,label\na,x\n좋,y\n".encode("cp949"), "line 3: not utf-8 text (byte 0xc1)"),
        ('text,label\nok,x\n"a, b,x\nc,y\n', "line 3: the quote that opens in this record is not closed"),
        ("text,label\na,\n", "line 2: column 'label' is empty"),
        ("words,label\na,x\n", "which column holds the text? no name says so (found: words, label)"),
        ("text,review,label\na,b,x\n", "'text' and 'review' could both be it"),
    ],
)
def test_what_cannot_be_read_says_where_and_what_to_do(tmp_path: Path, content: str | bytes, says: str) -> None:
    path = write(tmp_path / "a.csv", content)
    with pytest.raises(DataError) as caught:
        read_table([path], DEFAULT)
    assert says in str(caught.value)
    assert "a.csv" in str(caught.value)
    assert caught.value.hint


def test_the_line_of_bad_bytes_is_exact_in_a_long_file(tmp_path: Path) -> None:
    lines = [b"text,label"] + [b"row number %d,x" % i for i in range(5000)]
    lines[3210] = b"\xff\xfe,x"
    with pytest.raises(DataError, match="line 3211"):
        read_table([write(tmp_path / "a.csv", b"\n".join(lines))], DEFAULT)


def test_a_missing_file_names_its_neighbours(tmp_path: Path) -> None:
    write(tmp_path / "posts.csv", "")
    with pytest.raises(DataError, match=r"posts\.csv"):
        read_table([tmp_path / "post.csv"], DEFAULT)
    with pytest.raises(DataError, match="does not exist either"):
        read_table([tmp_path / "none" / "post.csv"], DEFAULT)


def test_a_directory_is_not_a_table(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is a folder without folders of texts"):
        read_table([tmp_path], DEFAULT)


def test_an_unknown_encoding(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no encoding 'klingon'"):
        read_table([write(tmp_path / "a.csv", "text,label\na,x\n")], DataConfig(encoding="klingon"))


@pytest.mark.parametrize(
    ("config", "says"),
    [
        (DataConfig(text_col="txt", label_col="label"), r"no column 'txt' \(found: text, label\)"),
        (DataConfig(text_col="label", label_col="label"), "the column 'label' is named for text and for label"),
        (DataConfig(group_col="user"), "no column 'user'"),
    ],
)
def test_named_columns_must_be_there(tmp_path: Path, config: DataConfig, says: str) -> None:
    with pytest.raises(DataError, match=says):
        read_table([write(tmp_path / "a.csv", "text,label\na,x\n")], config)


def test_a_megabyte_of_text_is_a_text(tmp_path: Path) -> None:
    table = read_table([write(tmp_path / "a.csv", "text,label\n" + "a" * 2**20 + ",x\n")], DEFAULT)
    assert len(table.texts[0]) == 2**20


def test_a_data_frame_is_a_table() -> None:
    frame = pd.DataFrame({"text": ["a", None, float("nan"), "nan"], "label": [0, 1, 1, 0]})
    table = table_of(frame, DEFAULT)
    assert table.texts == ["a", "", "", "nan"]
    assert table.labels == ["0", "1", "1", "0"]


def test_a_data_frame_with_a_missing_label_is_refused() -> None:
    with pytest.raises(DataError, match="row 1: column 'label' is empty, as it is in 1 more row\n"):
        table_of(pd.DataFrame({"text": ["a", "b", "c"], "label": ["x", None, ""]}), DEFAULT)
    with pytest.raises(DataError, match="no rows"):
        table_of(pd.DataFrame({"text": [], "label": []}), DEFAULT)


def test_a_column_that_is_named_and_stands_twice_in_a_data_frame_is_refused() -> None:
    rows = [["a", "b", "x", "u"], ["c", "d", "y", "v"]]
    for name in ("text", "label", "user"):
        frame = pd.DataFrame(rows, columns=["text", name, "label", "user"])
        with pytest.raises(DataError, match=f"column '{name}' stands more than once"):
            table_of(frame, DataConfig(text_col="text", label_col="label", group_col="user"))
    frame = pd.DataFrame(rows, columns=["text", "other", "label", "other"])
    assert table_of(frame, DEFAULT).texts == ["a", "c"]


@pytest.mark.parametrize("title", ["# exported 2026-03-01", "고객 리뷰 목록\n", "고객 리뷰,,", "고객,,리뷰 목록"])
@pytest.mark.parametrize("separator", [",", ";"])
def test_a_title_above_the_header_is_refused_with_the_line_of_the_header(tmp_path: Path, title: str, separator: str) -> None:
    path = write(tmp_path / "t.csv", f"{title}\nid,text,label\n1,so good,x\n2,bad,y\n".replace(",", separator))
    says = rf"t\.csv, line {title.count(chr(10)) + 2}: looks like the header \(id, text, label\)"
    with pytest.raises(DataError, match=says):
        read_table([path], DEFAULT)


def test_texts_with_separators_are_no_header_below_a_title(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", 'what they said\n"good, text"\nso; text\n"text"\n')
    with pytest.raises(DataError, match="which column holds the label"):
        read_table([path], DEFAULT)
    path = write(tmp_path / "u.csv", "text\nlabel;text\n")
    with pytest.raises(DataError, match="which column holds the label"):
        read_table([path], DEFAULT)


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        (",text\n0,so good\n1,title\n2,bad\n", ["so good", "title", "bad"]),  # as pandas writes a series
        ('prompt\n"make a table:\nid,text,label\n1,a,b"\n', ["make a table:\nid,text,label\n1,a,b"]),
    ],
)
def test_values_that_look_like_a_header_are_none(tmp_path: Path, content: str, texts: list[str]) -> None:
    (source,) = sources_of([write(tmp_path / "t.csv", content)])
    with FORMATS.make("csv", {}).open(source, DEFAULT) as records:
        columns = columns_of(records, DEFAULT, source.name, labelled=False)
        assert list(map(columns.text_of, records.rows)) == texts


def test_the_header_of_a_file_that_was_joined_to_another_is_left_out(tmp_path: Path) -> None:
    part = "id,text,label\n1,so good,x\n2,label,text\n"
    table = read_table([write(tmp_path / "t.csv", part * 6)], DEFAULT)
    assert (len(table.texts), set(table.labels)) == (12, {"x", "text"})
    (said,) = table.remarks
    assert said.endswith("t.csv: the header stands again, and is left out, in lines 4, 7, 10 and 2 more")


def test_an_error_on_columns_says_how_the_table_was_read(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="which column holds the label") as caught:
        read_table([write(tmp_path / "t.csv", "text;kind\na;x\n")], DEFAULT)
    assert "columns are separated by semicolons" in caught.value.hint
