"""Tables of JSON Lines."""

from pathlib import Path

import pytest

from attnclf.config import DataConfig
from attnclf.data import format_of, read_table, sources_of
from attnclf.data.formats import format_named
from attnclf.data.formats.delimited import CommaSeparated
from attnclf.data.formats.json_lines import JsonLines
from attnclf.data.sources import Source
from attnclf.errors import DataError

DEFAULT = DataConfig()
GOOD = '{"text": "정말 \\"재미\\n있다\\"", "label": "x", "n": 3}\n\n{"label": "y", "text": "b", "more": [1, true]}\n'


def source(path: Path) -> Source:
    (found,) = sources_of([path])
    return found


def write(path: Path, content: str) -> Path:
    path.write_bytes(content.encode())
    return path


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.csv", "a"])
def test_objects_are_rows_whatever_the_file_is_called(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, GOOD)
    table = read_table([path], DEFAULT)
    assert table.texts == ['정말 "재미\n있다"', "b"]
    assert table.labels == ["x", "y"]
    with JsonLines().open(source(path), DEFAULT) as records:
        assert records.header == ["text", "label", "n", "more"]
        assert [(row.values["n"], row.values["more"], row.number) for row in records.rows] == [
            (3, None, 1),
            (None, [1, True], 3),
        ]


def test_a_byte_order_mark_is_no_part_of_the_first_object(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "\ufeff" + GOOD)
    assert isinstance(format_of(source(path)), JsonLines)
    assert read_table([path], DEFAULT).labels == ["x", "y"]


def test_a_missing_text_is_empty_and_a_missing_label_is_told(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", '{"text": null, "label": "x"}\n{"text": "b"}\n')
    with pytest.raises(DataError, match="line 2: column 'label' is empty"):
        read_table([path], DEFAULT)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "is empty"),
        ("{}\n", "is empty"),
        ('{"text": "a", "label": "x"}\n[1]\n', "line 2: not a JSON object: [1]"),
        ('{"text": "a", "label": "x"}\n{"text": "b"\n', "line 2: not JSON"),
        ("[" * 100_000 + "\n", "line 1: not JSON"),
    ],
)
def test_what_cannot_be_read_says_where(tmp_path: Path, content: str, says: str) -> None:
    with pytest.raises(DataError) as caught:
        read_table([write(tmp_path / "a.jsonl", content)], DEFAULT)
    assert says in str(caught.value)
    assert caught.value.hint


def test_a_name_decides_where_nothing_recognises_the_content(tmp_path: Path) -> None:
    assert isinstance(format_of(source(write(tmp_path / "a.csv", "text,label\n{a},x\n"))), CommaSeparated)
    assert isinstance(format_of(source(write(tmp_path / "b.csv", "{text,label\na,x\n"))), CommaSeparated)
    assert isinstance(format_named(".jsonl"), JsonLines)
    assert format_of(source(write(tmp_path / "some.txt", "a text, and no table\n"))) is None
    assert format_of(source(write(tmp_path / "code.txt", "{\nint main() { return 0; }\n}\n"))) is None
    assert isinstance(format_of(source(write(tmp_path / "one.txt", '{\n  "text": "a"\n}\n'))), JsonLines)  # which refuses it
