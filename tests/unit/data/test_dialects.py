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
    with pytest.raises(UsageError, match="delimiter: one character"):
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
