"""Texts of large tables lie in a temporary file, and are read as a list is."""

import errno
import tempfile
from pathlib import Path

import pytest

from attnclf.config import Config, DataConfig
from attnclf.data import read_table, stored
from attnclf.data.stored import StoredTexts, TextCollector, taken
from attnclf.errors import DataError
from attnclf.training.splitting import parts_of

TEXTS = ["좋아요", "", "a", "half \ud83d", "get 1000 followers", "👍🏽", "", "끝"]


def collected(texts: list[str]) -> TextCollector:
    collector = TextCollector()
    for text in texts:
        collector.append(text)
    return collector


@pytest.fixture(params=[0, 12, 10**9], ids=["at once", "after some", "never"])
def collector(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> TextCollector:
    monkeypatch.setattr(stored, "IN_MEMORY", request.param)
    monkeypatch.setattr(stored, "WRITTEN_AT_ONCE", 5)
    return collected(TEXTS)


def test_they_are_read_as_a_list(collector: TextCollector) -> None:
    assert len(collector) == len(TEXTS)
    texts = collector.texts()
    assert isinstance(texts, StoredTexts) == (stored.IN_MEMORY < 10**9)
    assert list(texts) == TEXTS
    assert [texts[i] for i in (0, 3, -1)] == [TEXTS[i] for i in (0, 3, -1)]
    assert list(texts[1:7:2]) == TEXTS[1:7:2]
    assert list(taken(texts, [5, 0, 5])) == ["👍🏽", "좋아요", "👍🏽"]
    assert texts.index("끝") == 7


def test_texts_without_a_letter_can_be_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "IN_MEMORY", -1)
    assert list(collected(["", ""]).texts()) == ["", ""]


def test_a_stored_table_is_split_as_one_in_memory(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notes: dict[int, list[object]] = {}
    sides = {}
    for limit in (10**9, 1_000):
        monkeypatch.setattr(stored, "IN_MEMORY", limit)
        table = read_table([sample / "train.csv"], DataConfig(group_col="account"))
        notes[limit] = []
        parts = parts_of(table, None, ("fake", "real"), Config(), notes[limit].append)
        assert isinstance(parts[1].texts, StoredTexts) == (limit < 10**9)
        sides[limit] = [(list(part.texts), part.targets.tolist(), list(part.rows)) for part in parts]
        assert list(table.rows([7, 3]).texts) == [table.texts[7], table.texts[3]]
    assert sides[10**9] == sides[1_000]
    assert notes[10**9] == notes[1_000]


def test_without_room_for_the_file_it_says_where(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(stored, "IN_MEMORY", 4)
    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    with pytest.raises(DataError, match="cannot be kept in a temporary file: No space left on device") as caught:
        collected(TEXTS)
    assert "TMPDIR" in (caught.value.hint or "")
