"""What holds for JSON in both of its forms: an object on each line, and an array of objects."""

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from attnclf.config import DataConfig
from attnclf.data import read_table, sources_of
from attnclf.data.formats import json_array
from attnclf.errors import DataError

GOOD = '{"text": "so good", "label": "y"}'


def lines_of(objects: Sequence[str | bytes]) -> bytes:
    return b"".join((one if isinstance(one, bytes) else one.encode()) + b"\n" for one in objects)


def array_of(objects: Sequence[str | bytes]) -> bytes:
    return b"[" + b",\n".join(one if isinstance(one, bytes) else one.encode() for one in objects) + b"]\n"


BOTH = pytest.mark.parametrize(
    ("name", "content_of", "unit"), [("a.jsonl", lines_of, "line"), ("a.json", array_of, "item")], ids=["lines", "array"]
)
Content = Callable[[Sequence[str | bytes]], bytes]


@BOTH
@pytest.mark.parametrize(
    ("text", "read"),
    [
        (r"half \ud83d alone", "half \ud83d alone"),
        (r"half at the end \ud83d", "half at the end \ud83d"),
        (r"the wrong way \ude00\ud83d round", "the wrong way \ude00\ud83d round"),
        (r"whole \ud83d\ude00", "whole 😀"),
        (r"no escape \\ud83d", r"no escape \ud83d"),
    ],
)
def test_half_a_character_is_kept_in_a_text(
    tmp_path: Path, name: str, content_of: Content, unit: str, text: str, read: str
) -> None:
    (tmp_path / name).write_bytes(content_of([GOOD, f'{{"text": "{text}", "label": "x"}}']))
    assert read_table([tmp_path / name], DataConfig()).texts == ["so good", read]


@BOTH
@pytest.mark.parametrize(
    ("value", "says", "how"),
    [
        ('{"ko": "so good"}', "{'ko': 'so good'}", "pandas.json_normalize does"),
        ('["so", "good"]', "['so', 'good']", "join its parts to one text"),
    ],
)
def test_a_list_or_an_object_is_no_text(
    tmp_path: Path, name: str, content_of: Content, unit: str, value: str, says: str, how: str
) -> None:
    (tmp_path / name).write_bytes(content_of([GOOD, f'{{"id": 1, "text": {value}, "label": "x"}}']))
    for config in (DataConfig(), DataConfig(text_col=("id", "text"))):
        with pytest.raises(DataError, match="flatten the table first") as error:
            read_table([tmp_path / name], config)
        assert error.value.message.endswith(f"{name}, record 2: column 'text' holds {says}, and a text is a string")
        assert error.value.hint.endswith(how)


@BOTH
def test_half_a_character_in_a_label_is_refused(tmp_path: Path, name: str, content_of: Content, unit: str) -> None:
    (tmp_path / name).write_bytes(content_of([GOOD, r'{"text": "a", "label": "x\ud83d"}']))
    with pytest.raises(DataError, match=rf"{name}, {unit} 2: the label 'x\\ud83d' holds half a character"):
        read_table([tmp_path / name], DataConfig())


@BOTH
@pytest.mark.parametrize("encoding", ["auto", "utf-8"])
@pytest.mark.parametrize("bad", [b"\xff", b"\xed\xa0\xbd"], ids=["no UTF-8", "half a character"])
def test_bytes_that_are_no_text_are_named_with_their_line(
    tmp_path: Path, name: str, content_of: Content, unit: str, encoding: str, bad: bytes
) -> None:
    objects: list[str | bytes] = [GOOD.replace("good", f"good {n}") for n in range(5_000)]
    objects[3_210] = b'{"text": "so ' + bad + b'", "label": "y"}'
    (tmp_path / name).write_bytes(content_of(objects))
    with pytest.raises(DataError, match=rf"{name}, line 3211: not utf-8 text \(byte 0x{bad[0]:02x}\)"):
        read_table([tmp_path / name], DataConfig(encoding=encoding))


@BOTH
@pytest.mark.parametrize(
    ("repeated", "key"),
    [
        ('{"text": "a", "text": "b", "label": "x"}', "text"),
        ('{"text": "a", "label": "x", "label": "x"}', "label"),
        (r'{"text": "a", "label": "x", "t\u0065xt": "b"}', "text"),
        ('{"text": "a", "label": "x", "more": [{"n": 1, "n": 2}]}', "n"),
    ],
)
def test_a_key_that_stands_twice_is_refused(
    tmp_path: Path, name: str, content_of: Content, unit: str, repeated: str, key: str
) -> None:
    (tmp_path / name).write_bytes(content_of([GOOD, repeated, GOOD]))
    with pytest.raises(DataError, match=rf"{name}, {unit} 2.*: the key '{key}' stands more than once in one object") as caught:
        read_table([tmp_path / name], DataConfig())
    assert caught.value.hint == "keep one of them, or rename the others"


@BOTH
def test_numbers_are_read_alike(tmp_path: Path, name: str, content_of: Content, unit: str) -> None:
    numbers = ["7", "1.5", "1e3", "-0.0", "123456789012345678901234567890", "NaN", "-Infinity"]
    (tmp_path / name).write_bytes(content_of([f'{{"text": {number}, "label": "x"}}' for number in numbers]))
    texts = ["7", "1.5", "1000.0", "0.0", "123456789012345678901234567890", "", "-inf"]
    assert read_table([tmp_path / name], DataConfig()).texts == texts


@BOTH
@pytest.mark.parametrize(("value", "says"), [("9" * 5_000, "Exceeds the limit"), ("[" * 100_000, "nested too deeply")])
def test_what_python_refuses_is_told(tmp_path: Path, name: str, content_of: Content, unit: str, value: str, says: str) -> None:
    (tmp_path / name).write_bytes(content_of([GOOD, f'{{"text": {value}, "label": "x"}}']))
    with pytest.raises(DataError, match=f"{name}, {unit} 2.*: not JSON .{says}"):
        read_table([tmp_path / name], DataConfig())


@pytest.mark.parametrize("block", [1, 2, 7, 64, 700, 2_000, 1 << 16])
def test_an_array_reads_the_same_in_blocks_of_any_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(json_array, "BLOCK", block)
    random_ = random.Random(block)
    values = ['a "quoted" \\ text', "😀 \ud83d", "가나다", -1.5e-7, 12, True, None, float("inf"), [1, {"n": []}], {}, "x" * 300]
    values += ["a text }, { like two", [{"a": 1}, {"b": {"c": 2}}, {}]]
    records = [{"text": random_.choice(values), "label": random_.choice("xy"), "n": random_.choice(values)} for _ in range(200)]
    for written in (json.dumps(records), json.dumps(records, indent=2), json.dumps(records, ensure_ascii=False) + "\n\n"):
        (tmp_path / "a.json").write_bytes(written.encode("utf-8", "backslashreplace"))
        (source,) = sources_of([tmp_path / "a.json"])
        with json_array.JsonArray().open(source, DataConfig()) as found:
            assert [(row.number, row.values) for row in found.rows] == list(enumerate(records, 1))


@pytest.mark.parametrize("block", [1, 1 << 16])
@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('[{"text": "a"},\n {"text" "b"}]', "item 2, line 2: not JSON (Expecting ':' delimiter)"),
        ('[{"text": "a"},\n {"text": "b"},\n]', "item 3, line 3: not JSON (Expecting value)"),
        ('[{"text": "a"}\n {"text": "b"}]', "after item 1, line 2: not JSON ('{' where a comma or the end of the array"),
        ('[{"text": "a"},\n {"text": "b"}\n', "after item 2, line 3: not JSON (the array is not closed)"),
        ('[{"text": "a"},\n {"text": "b', "item 2, line 2: not JSON (Unterminated string starting at)"),
        ('[{"text": "a"}]\n[{"text": "b"}]', "line 2: not JSON ('[' after the end of the array)"),
        ('[{"text": "a"}, [1, 2]]', "item 2: not an object: [1, 2]"),
    ],
)
def test_an_array_that_is_broken_says_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int, content: str, says: str
) -> None:
    monkeypatch.setattr(json_array, "BLOCK", block)
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(DataError) as caught:
        read_table([tmp_path / "a.json"], DataConfig())
    assert says in caught.value.message
    assert caught.value.hint


def test_a_broken_array_is_not_read_to_its_end(tmp_path: Path) -> None:
    class Counted:
        def __init__(self) -> None:
            self.taken = 0

        def read(self, size: int) -> str:
            self.taken += size
            return ('[{"text" 1}' + " " * size)[:size] if self.taken == size else " " * size

    stream = Counted()
    rest = json_array._Rest(stream)  # type: ignore[arg-type]
    assert rest.take() == "["
    with pytest.raises(ValueError, match="Expecting ':' delimiter"):
        rest.value()
    assert stream.taken == json_array.BLOCK
