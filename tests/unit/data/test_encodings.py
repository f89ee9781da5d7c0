"""Encodings: by the mark, else UTF-8, else a guess that is said, else an error that helps."""

from pathlib import Path

import pytest

from attnclf.config import DataConfig
from attnclf.data import read_table
from attnclf.data.encodings import by_content
from attnclf.errors import DataError

KOREAN = ["정말 재미있게 봤습니다", "최악의 영화였어요 ㅠㅠ", "배우들의 연기가 훌륭했다", "돈이 아깝다 ㅋㅋㅋ"]
SENTENCES = {
    "cp949": KOREAN,
    "cp932": ["とても面白かったです。", "俳優の演技が素晴らしい", "二度と買いません", "ありがとうございます"],
    "euc_jp": ["とても面白かったです。", "俳優の演技が素晴らしい", "二度と買いません", "ありがとうございます"],
    "gb18030": ["这部电影非常好看", "演员的演技很差", "我再也不会买了", "质量非常好，物流很快"],
    "big5hkscs": ["這部電影非常好看", "演員的演技很差", "我再也不會買了", "品質非常好，謝謝賣家"],
    "cp1252": ["Le café était très bon", "J’ai dû attendre, hélas", "déjà vu – ça va?", "Noël à la forêt"],
    "cp1250": ["Film był bardzo dobry", "Źle się czuję, książka była świetna", "Żadnych problemów", "dziękuję"],
    "cp1251": ["Этот фильм мне очень понравился", "Ужасная игра актеров", "Не рекомендую никому", "Отличный товар"],
    "koi8-r": ["Этот фильм мне очень понравился", "Ужасная игра актеров", "Не рекомендую никому", "Отличный товар"],
    "cp1253": ["Η ταινία ήταν πολύ καλή", "Δεν μου άρεσε καθόλου", "Ευχαριστώ πολύ", "για την εξυπηρέτηση"],
}


@pytest.mark.parametrize("encoding", SENTENCES)
def test_a_language_shows_its_encoding_and_the_guess_is_said(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    texts = SENTENCES[encoding] * 8
    path.write_bytes(("text,label\n" + "".join(f'"{text}",x\n' for text in texts)).encode(encoding))
    table = read_table([path], DataConfig())
    assert table.texts == texts
    assert "which is a guess: it is not UTF-8; `encoding` names another" in table.remarks[0]


@pytest.mark.parametrize(
    ("content", "wanted", "said"),
    [
        ("정말 좋아요", "latin-1", "iso8859-1"),
        ("정말 좋아요", "utf-8", ""),
        ("plain", "latin-1", ""),
        ("déjà".encode("latin-1"), "latin-1", ""),
        (b"caf\xc3", "latin-1", ""),
    ],
)
def test_utf_8_that_is_read_as_another_encoding_is_told(tmp_path: Path, content: str | bytes, wanted: str, said: str) -> None:
    (tmp_path / "a.csv").write_bytes(b"label,text\nx," + (content if isinstance(content, bytes) else content.encode()))
    remarks = read_table([tmp_path / "a.csv"], DataConfig(encoding=wanted)).remarks
    told = f"{tmp_path / 'a.csv'}: the whole file is valid utf-8, and is read as {said}, as asked"
    assert remarks == ((told,) if said else ())


def test_what_is_not_sure_is_an_error_that_shows_both_readings() -> None:
    with pytest.raises(DataError) as caught:
        by_content(["text,label\n뷁,x\n".encode("cp949")], "a.csv")
    assert "a.csv, line 2: not utf-8 text (byte 0x94)" in str(caught.value)
    german_and_spanish = "text,label\nschön,x\nmañana,y\n".encode("cp1252")
    with pytest.raises(DataError, match=r"it could be cp1252 or cp1250\n.*“mañana,y” in cp1252, and “mańana,y” in cp1250"):
        by_content([german_and_spanish], "a.csv")


def test_one_bad_byte_in_utf_8_is_no_other_encoding(tmp_path: Path) -> None:
    """Read as another encoding, every other row would be garbage."""
    path = tmp_path / "a.csv"
    lines = ["text,label", *(f"{text},x" for text in KOREAN * 10)]
    path.write_bytes("\n".join(lines).encode() + b"\nbroken \xc1,x\n")
    with pytest.raises(DataError, match=r"line 42: not utf-8 text \(byte 0xc1\), as all the rest is") as caught:
        read_table([path], DataConfig())
    assert "mend it" in caught.value.hint


@pytest.mark.parametrize("size", [1, 40])  # times as many lines in UTF-8, and before a block ends or in it
def test_two_files_of_two_encodings_that_were_joined_are_told(size: int) -> None:
    first, second = ("".join(f"{text},x\n" for text in KOREAN * n) for n in (5 * size, 5))
    content = b"text,label\n" + first.encode() + second.encode("cp949")
    line = len(KOREAN) * 5 * size + 1
    for blocks in ([content], [content[:50], content[50:]]):
        with pytest.raises(DataError, match=f"a.csv: utf-8 up to line {line}, and cp949 from line {line + 1} on") as caught:
            by_content(blocks, "a.csv")
        assert "two files seem to be joined" in caught.value.hint


@pytest.mark.parametrize("start", ["회사,내용,라벨\n", "id,text,label\n첫 구매인데 좋아요,1,x\n", "id,text,label\n첫,1,x\n"])
def test_pairs_that_happen_to_be_utf_8_at_the_start_of_a_table_are_no_other_file(tmp_path: Path, start: str) -> None:
    (tmp_path / "a.csv").write_bytes((start + "".join(f"1,{text},x\n" for text in KOREAN * 5)).encode("cp949"))
    table = read_table([tmp_path / "a.csv"], DataConfig())
    assert table.texts[-1] == KOREAN[-1]
    assert "read as cp949, which is a guess" in table.remarks[0]


def test_no_hint_leads_in_a_circle(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(("text,label\n" + "".join(f"{text},x\n" for text in KOREAN * 5)).encode("cp949"))
    with pytest.raises(DataError, match="not utf-8 text") as caught:
        read_table([path], DataConfig(encoding="utf-8"))
    assert caught.value.hint == "leave `encoding` out: it is cp949"
    assert read_table([path], DataConfig()).texts == KOREAN * 5
    path.write_bytes(b"text,label\n\x80\xff,x\n")
    with pytest.raises(DataError) as caught:
        read_table([path], DataConfig(encoding="cp949"))
    assert "damaged" in caught.value.hint


def test_a_mark_counts_more_than_what_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("text,label\n무료,x\n".encode("utf-8-sig"))
    table = read_table([path], DataConfig(encoding="cp949"))
    assert table.texts == ["무료"]
    assert "read as utf-8-sig, since it begins with that byte-order mark, and not as cp949" in table.remarks[0]
    path.write_bytes(b"\x84\x31\x95\x33" + "text,label\n免费,x\n".encode("gb18030"))
    assert read_table([path], DataConfig()).texts == ["免费"]


def test_a_character_may_lie_on_the_edge_of_two_blocks() -> None:
    data = ("a" * 3 + "가" * 9).encode()
    for cut in range(len(data)):
        assert by_content([data[:cut], data[cut:]], "a").name == "utf-8"
    with pytest.raises(DataError, match="line 1: not utf-8"):
        by_content([data[:-1]], "a")


def test_lines_are_counted_over_all_blocks() -> None:
    plain = ("text number one\n" * 10).encode()
    korean = ("무료 팔로워\n" * 10).encode()
    with pytest.raises(DataError, match=r"line 31: not utf-8 text \(byte 0xc1\), as all the rest is"):
        by_content([korean, korean, plain, b"broken \xc1\n"], "a")
    with pytest.raises(DataError, match="line 21: holds a NUL byte"):
        by_content([plain, plain, b"and \0 more text\n"], "a")
    assert by_content([plain, plain, "\n".join(KOREAN).encode("cp949")], "a").name == "cp949"
    half = korean[: len(korean) // 2 + 1]
    with pytest.raises(DataError, match="line 21: not utf-8 text"):
        by_content([korean, korean, "무료".encode()[:4]], "a")
    assert by_content([half, korean[len(half) :]], "a").name == "utf-8"


def test_a_pair_may_be_cut_at_the_edge_of_a_block_of_utf_16() -> None:
    data = "text,label\n무료 😀,x\n".encode("utf-16-le")
    assert by_content([data[:-8], data[-8:]], "a").name == "utf-16-le"
