"""What separates the values of a file, and whether its quotes quote: decided on the whole file, and said."""

import os
import threading
from pathlib import Path

import pytest

from attnclf.config import Config, DataConfig
from attnclf.data import read_table
from attnclf.errors import DataError, UsageError

DEFAULT = DataConfig()
TEXT = DataConfig(text_col="text", label_col="label")


def write(path: Path, content: str) -> Path:
    path.write_bytes(content.encode())
    return path


def test_in_a_table_of_tabs_a_lone_quote_is_a_letter(tmp_path: Path) -> None:
    """Read as quotation, two posts would vanish inside the first."""
    lines = ["text\tlabel", '"열린 따옴표\tx', "두번째 글\ty", '세번째 글"\tx', "네번째\ty"]
    table = read_table([write(tmp_path / "a.tsv", "\n".join(lines) + "\n")], DEFAULT)
    assert table.texts == ['"열린 따옴표', "두번째 글", '세번째 글"', "네번째"]
    assert "quotes are read as letters: otherwise 1 record spans several lines; `quoting=quotes` over" in table.remarks[0]
    lines[3] = "세번째 글\tx"
    table = read_table([write(tmp_path / "b.tsv", "\n".join(lines) + "\n")], DEFAULT)
    assert table.texts == ['"열린 따옴표', "두번째 글", "세번째 글", "네번째"]
    assert "quotes are read as letters: line 2 has one that nothing closes" in table.remarks[0]


def test_quotation_that_is_consistent_is_quotation_with_tabs_too(tmp_path: Path) -> None:
    content = 'text\tlabel\n"a\tb"\tx\n"line\nend"\ty\n"say ""so"""\tx\n'
    table = read_table([write(tmp_path / "a.tsv", content)], DEFAULT)
    assert table.texts == ["a\tb", "line\nend", 'say "so"']
    assert table.remarks == (f"{tmp_path / 'a.tsv'}: 1 record spans several lines",)


def test_without_doubt_nothing_is_said(tmp_path: Path) -> None:
    table = read_table([write(tmp_path / "a.csv", 'text,label\n"a, b",x\nhe said "no",y\n')], DEFAULT)
    assert table.texts == ["a, b", 'he said "no"']
    assert table.remarks == ()


@pytest.mark.parametrize(("separator", "name"), [(";", "semicolons"), ("|", "bars"), ("\t", "tabs")])
def test_another_separator_than_the_name_lets_expect_is_found_and_said(tmp_path: Path, separator: str, name: str) -> None:
    rows = [("text", "label"), ("a, b, and c", "x"), ('"quoted"', "y")]
    content = "".join(separator.join(row) + "\n" for row in rows)
    table = read_table([write(tmp_path / "a.csv", content)], DEFAULT)
    assert table.texts == ["a, b, and c", "quoted"]
    assert f"columns are separated by {name}" in table.remarks[0]


def test_a_table_of_one_column_has_no_separator(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", 'text\n"a; b"\nc; d\n')
    with pytest.raises(DataError, match="which column holds the label"):
        read_table([path], DEFAULT)


def test_what_is_asked_for_is_done(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", 'text,label\n"a\nb",x\nc,y\n')
    assert read_table([path], TEXT).texts == ["a\nb", "c"]
    quotes = write(tmp_path / "b.tsv", 'id\ttext\tlabel\n1\t"a\tx\n2\tb\ty\n3\tc"\tx\n')
    assert read_table([quotes], DataConfig(quoting="quotes")).texts == ["a\tx\n2\tb\ty\n3\tc"]
    assert read_table([quotes], DEFAULT).texts == ['"a', "b", 'c"']
    plain = write(tmp_path / "c.csv", 'text;label\n"a";x\n')
    assert read_table([plain], DataConfig(delimiter=";", quoting="letters")).texts == ['"a"']
    with pytest.raises(DataError, match="which column holds the label"):
        read_table([plain], DataConfig(delimiter="|"))


@pytest.mark.parametrize("delimiter", [";;", '"', "\n"])
def test_a_separator_is_one_character(delimiter: str) -> None:
    with pytest.raises(UsageError, match="`delimiter`: one character"):
        Config().override({"data": {"delimiter": delimiter}})


def test_an_unclosed_quote_is_named_where_it_opened(tmp_path: Path) -> None:
    lines = ["text,label", *(f"post {n},x" for n in range(40)), '"it, opens,y', *(f"post {n},x" for n in range(40))]
    with pytest.raises(DataError, match="line 42: the quote that opens in this record is not closed"):
        read_table([write(tmp_path / "a.csv", "\n".join(lines) + "\n")], DEFAULT)


def test_a_pipe_is_read_once_in_the_usual_dialect(tmp_path: Path) -> None:
    """As `attnclf train <(zcat posts.csv.gz)` gives it."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=("text,label\na,x\nb,y\n",))
    writer.start()
    assert read_table([pipe], DEFAULT).texts == ["a", "b"]
    writer.join()


@pytest.mark.parametrize("separator", [",", ";"])
def test_a_post_over_two_lines_is_one_post_where_texts_hold_the_separator(tmp_path: Path, separator: str) -> None:
    content = 'text,label\nfirst,pos\n"line two, a\nline three",neg\nlast,pos\n'.replace(",", separator)
    table = read_table([write(tmp_path / "a.csv", content)], DEFAULT)
    assert table.texts == ["first", f"line two{separator} a\nline three", "last"]
    assert "1 record spans several lines" in table.remarks[-1]


def test_whole_rows_inside_a_value_show_that_quotes_are_letters_with_commas_too(tmp_path: Path) -> None:
    content = 'id,document,label\n1,"열린 따옴표,x\n2,두번째 글,y\n3,세번째 글",x\n4,네번째,y\n'
    assert len(read_table([write(tmp_path / "a.csv", content)], DEFAULT).texts) == 4


def test_a_header_in_quotes_shows_that_quotes_quote(tmp_path: Path) -> None:
    content = '"text","label"\n"line one","pos"\n"line two, a\nline three","neg"\n'
    assert read_table([write(tmp_path / "a.csv", content)], DEFAULT).labels == ["pos", "neg"]
    broken = write(tmp_path / "b.csv", '"text","label"\n"a","pos"\n"b" c,"neg"\n')
    with pytest.raises(DataError, match="line 3: a quoted value goes on after its closing quote"):
        read_table([broken], DEFAULT)


def test_a_hint_at_letters_is_given_only_where_it_helps(tmp_path: Path) -> None:
    helps = write(tmp_path / "a.tsv", 'text\tlabel\n"a\tx\nb\ty\n')
    with pytest.raises(DataError, match="not closed") as caught:
        read_table([helps], DataConfig(quoting="quotes"))
    assert "`quoting=letters`" in caught.value.hint
    assert read_table([helps], DataConfig(quoting="letters")).texts == ['"a', "b"]
    with pytest.raises(DataError, match="line 2: the quote that opens in this record is not closed") as caught:
        read_table([write(tmp_path / "b.csv", 'n,text,label\n1,"open, yes,x\n2,b,y\n')], DEFAULT)
    assert "letters" not in caught.value.hint


@pytest.mark.parametrize(("separator", "encoding"), [(";", "utf-8"), ("\t", "utf-16"), ("|", "utf-8-sig")])
def test_excel_says_in_a_first_line_what_separates(tmp_path: Path, separator: str, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(f"sep={separator}\ntext,label\na b,x\nc,\n".replace(",", separator).encode(encoding))
    with pytest.raises(DataError, match="line 4: column 'label' is empty"):
        read_table([path], DEFAULT)
    path.write_bytes(f"sep={separator}\ntext,label\na b,x\n".replace(",", separator).encode(encoding))
    assert read_table([path], DEFAULT).texts == ["a b"]


def test_columns_without_a_name_are_called_by_their_place(tmp_path: Path) -> None:
    table = read_table([write(tmp_path / "a.csv", "text,label,,\na,x,,\n")], DEFAULT, keep_others=True)
    assert list(table.others) == ["column 3", "column 4"]
