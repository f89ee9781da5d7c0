"""Damaged tables of every format: an error that helps, or a table, and never anything else."""

import random
from pathlib import Path

import pytest

from attnclf.config import DataConfig
from attnclf.data import read_table
from attnclf.errors import AttnclfError
from tests.unit.data.test_formats import BINARIES, COMPRESSIONS, ROWS, TEXTS

CONFIG = DataConfig(text_col="text", label_col="label")
PIECES = [b'"', b"\n", b"\r", b",", b"\0", b"{", b"}", b"[", b"\\", b"\xef\xbb\xbf", b"\xff\xfe", b"\t", "가".encode(), b"null"]
FORMS = [*TEXTS, *BINARIES, *(f"csv {name}" for name in COMPRESSIONS)]


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The same with one to five changes."""
    changed = bytearray(data)
    for _ in range(chance.choice([1, 1, 2, 5])):
        place = chance.randrange(len(changed) + 1)
        kind = chance.randrange(5)
        if kind == 0 and place < len(changed):
            changed[place] = chance.randrange(256)
        elif kind == 1:
            del changed[place : place + chance.choice([1, 2, 10, 200])]
        elif kind == 2:
            changed = changed[:place]
        elif kind == 3:
            other = chance.randrange(len(changed) + 1)
            changed[place:place] = changed[other : other + 30]
        else:
            changed[place:place] = chance.choice(PIECES)
    return bytes(changed)


@pytest.mark.parametrize("form", FORMS)
def test_a_damaged_table_is_an_error_or_a_table(tmp_path: Path, form: str) -> None:
    name, _, compression = form.partition(" ")
    compression = compression if name == "csv" else ""
    suffix, make = TEXTS[form] if form in TEXTS else BINARIES[form] if form in BINARIES else TEXTS["csv"]
    made = make(ROWS[:12])
    data = made.encode() if isinstance(made, str) else made
    ending, compress = COMPRESSIONS[compression or "plain"]
    path = tmp_path / f"data{suffix}{ending}"
    chance = random.Random(form)
    read = refused = 0
    for _ in range(40):
        path.write_bytes(mutated(compress(data), chance))
        try:
            table = read_table([path], CONFIG)
        except AttnclfError as error:
            assert error.hint
            assert str(path) in error.message
            refused += 1
        else:
            assert len(table.texts) == len(table.labels) == len(table.lines) > 0
            read += 1
    assert read + refused == 40
    assert refused
