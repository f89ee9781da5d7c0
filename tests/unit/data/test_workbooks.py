"""Workbooks as people have them: sheets that are hidden, blank rows, titles, and formulas that nobody computed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import xlsxwriter

from attnclf.config import DataConfig
from attnclf.data import read_table, sources_of
from attnclf.data.columns import FORMULAS, columns_of
from attnclf.data.formats import FORMATS
from attnclf.errors import DataError

DEFAULT = DataConfig()
ROWS = [["번호", "리뷰", "라벨"], [1, "so good", "x"], [2, "좋아요", "y"]]


def book(path: Path, sheets: dict[str, Sequence[Sequence[Any]]], hidden: str = "") -> Path:
    with xlsxwriter.Workbook(path) as written:
        for name, rows in sheets.items():
            sheet = written.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
            if name == hidden:
                sheet.hide()
        written.worksheets()[-1].activate()
    return path


def texts_of(path: Path) -> list[str]:
    """The texts as `predict` reads them."""
    (source,) = sources_of([path])
    with FORMATS.make("excel", {}).open(source, DEFAULT) as records:
        columns = columns_of(records, DEFAULT, source.name, labelled=False)
        return list(map(columns.text_of, records.rows))


def test_a_blank_row_in_is_a_row_out(tmp_path: Path) -> None:
    one = book(tmp_path / "one.xlsx", {"a": [["text"], ["so good"], [None], [None], ["bad"]]})
    assert texts_of(one) == ["so good", "", "", "bad"]
    assert texts_of(book(tmp_path / "two.xlsx", {"a": [*ROWS, [], [3, "bad", "x"]]})) == ["so good", "좋아요", "", "bad"]


def test_blank_rows_are_not_trained_on_and_counted(tmp_path: Path) -> None:
    table = read_table([book(tmp_path / "t.xlsx", {"a": [*ROWS, [], [], [3, "bad", "x"]]})], DEFAULT)
    assert (table.texts, list(table.lines)) == (["so good", "좋아요", "bad"], [2, 3, 6])
    assert table.remarks[-1].endswith("t.xlsx: 2 blank rows are left out")
    (tmp_path / "t.csv").write_text("text,label\na,x\n,\nb,y\n,\n", encoding="utf-8")
    assert read_table([tmp_path / "t.csv"], DEFAULT).texts == ["a", "b"]
    (tmp_path / "t.csv").write_text("text,label\n,\n,\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"t\.csv has no row but blank ones"):
        read_table([tmp_path / "t.csv"], DEFAULT)


@pytest.mark.parametrize("name", ["t.jsonl", "t.json", "t.parquet"])
def test_blank_rows_of_typed_tables_are_not_trained_on_either(tmp_path: Path, name: str) -> None:
    frame = pd.DataFrame({"text": ["a", None, "b", ""], "label": ["x", None, "y", None], "n": [1.5, None, 2.5, None]})
    if name == "t.parquet":
        frame.to_parquet(tmp_path / name, index=False)
    else:
        frame.to_json(tmp_path / name, orient="records", lines=name == "t.jsonl")
    table = read_table([tmp_path / name], DEFAULT)
    assert (table.texts, table.labels) == (["a", "b"], ["x", "y"])
    assert table.remarks[-1].endswith("2 blank rows are left out")


def test_the_first_sheet_that_is_shown_is_read_and_some_others_are_named(tmp_path: Path) -> None:
    sheets = {"설정": [["text"], ["x"]], "데이터": ROWS, **{f"{month}월": ROWS for month in range(1, 9)}}
    table = read_table([book(tmp_path / "t.xlsx", sheets, hidden="설정")], DEFAULT)
    assert table.texts == ["so good", "좋아요"]
    assert "sheet '데이터' is read, not '1월', '2월', '3월' and 6 more;" in table.remarks[0]
    only = read_table([book(tmp_path / "u.xlsx", {"숨김": ROWS, "빈": []}, hidden="숨김")], DEFAULT)
    assert only.texts == ["so good", "좋아요"]


def test_an_error_on_columns_says_which_sheet_was_read(tmp_path: Path) -> None:
    path = book(tmp_path / "t.xlsx", {"안내": [["3월 리뷰입니다"], ["문의: 홍길동"]], "데이터": ROWS})
    with pytest.raises(DataError, match="which column holds the label") as caught:
        read_table([path], DEFAULT)
    assert "sheet '안내' is read, not '데이터'" in caught.value.hint


@pytest.mark.parametrize("title", [["2026년 3월 고객 리뷰"], ["리뷰"], ["계정 정보", None, "게시물"]])
@pytest.mark.parametrize("between", [[], [[]], [[None, None, "단위: 건"], []]])
def test_a_title_above_the_header_is_refused_with_the_row_of_the_header(
    tmp_path: Path, title: list[str], between: list[list[Any]]
) -> None:
    path = book(tmp_path / "t.xlsx", {"데이터": [title, *between, *ROWS]})
    says = rf"sheet '데이터', row {len(between) + 2}: looks like the header \(번호, 리뷰, 라벨\), and what stands above it like"
    with pytest.raises(DataError, match=says):
        read_table([path], DEFAULT)
    with pytest.raises(DataError, match=says):
        texts_of(path)


def test_columns_without_names_are_no_title(tmp_path: Path) -> None:
    path = book(tmp_path / "t.xlsx", {"a": [["text", None, None], ["so good", "review of it", 3], ["title", None, None]]})
    assert texts_of(path) == ["so good", "title"]
    path = book(tmp_path / "u.xlsx", {"a": [["label", None, "text"], ["x", "text", "so good"], ["y", "so", "bad"]]})
    assert read_table([path], DEFAULT).texts == ["so good", "bad"]


def test_a_column_that_is_empty_throughout_may_hold_formulas(tmp_path: Path) -> None:
    for place, role in ((1, "리뷰"), (2, "라벨")):
        rows = [ROWS[0], *([None if column == place else cell for column, cell in enumerate(row)] for row in ROWS[1:])]
        path = book(tmp_path / f"{place}.xlsx", {"a": rows})
        with pytest.raises(DataError, match=f"column '{role}' is empty in every row") as caught:
            read_table([path], DEFAULT, labelled=False)
        assert FORMULAS in caught.value.hint
    assert texts_of(tmp_path / "1.xlsx") == ["", ""]


@pytest.mark.parametrize("above", [[], [[]]])
def test_cells_that_are_merged_over_rows_are_told(tmp_path: Path, above: list[list[Any]]) -> None:
    rows = [*above, ["계정", "내용", "라벨"], ["ann", "a", "x"], [None, "b", "x"], ["bob", "c", "y"], [None, "d", "y"]]
    path = book(tmp_path / "t.xlsx", {"a": rows})
    assert read_table([path], DEFAULT).remarks == ()
    with xlsxwriter.Workbook(path) as written:
        sheet = written.add_worksheet("a")
        for number, row in enumerate(rows, 1):
            sheet.write_row(number, 1, row)
        sheet.merge_range(0, 1, 0, 3, "")  # of no rows of the table
        for top, name in ((len(above) + 2, "ann"), (len(above) + 4, "bob")):
            sheet.merge_range(top, 1, top + 1, 1, name)
    table = read_table([path], DataConfig(group_col="계정"))
    assert table.groups == ["ann", "", "bob", ""]
    (said,) = table.remarks
    assert "2 cells are merged over several rows (in '계정'), and only the first of these rows has the value" in said
