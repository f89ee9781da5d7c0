"""Weights to begin with: their file, what fits, and what is taken."""

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save

from attnclf.bundle.manifest import checksum_of
from attnclf.config import Config
from attnclf.errors import ModelError, UsageError
from attnclf.model.pretrained import KIND, Pretrained, identified, pretrained_of
from attnclf.reading.ngrams import hashes_of_words
from tests.unit.model.pretrained import LEARNED, config_of, pretrained


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_a_file_holds_what_was_learned(tmp_path: Path) -> None:
    learned = pretrained()
    path = written(tmp_path / "w.safetensors", learned.file())
    found = Pretrained.read(path)
    assert (found.encoder, found.settings, found.source, found.name) == ("transformer", learned.settings, "a test", path.name)
    assert found.settings == {"units": 4, "layers": 1, "heads": 2, "embedding": 8}
    assert found.checksum == checksum_of(path.read_bytes())
    assert found.arrays.keys() == learned.arrays.keys()
    assert all((found.arrays[name] == array).all() for name, array in learned.arrays.items())
    assert (found.hashes == learned.hashes).all()
    assert (found.table == learned.table).all()


def forged(learned: Pretrained, metadata: Mapping[str, str] | None = None, **arrays: Any) -> bytes:
    """Such a file, with other arrays and another header."""
    own = {"embedding.table": learned.table, "embedding.hashes": learned.hashes}
    own |= {f"encoder.{name}": array for name, array in learned.arrays.items()}
    own |= {name.replace("__", "."): array for name, array in arrays.items()}
    header = {"kind": KIND, "format": "1", "source": "", "settings": '{"embedding": 8, "encoder": "transformer", "heads": 2'}
    header["settings"] += ', "layers": 1, "units": 4}'
    return save({name: array for name, array in own.items() if array is not None}, header | dict(metadata or {}))


HUGE = '{"embedding": 8, "encoder": "transformer", "heads": 2, "layers": 1000000000, "units": 4}'
FOREIGN = '{"embedding": 8, "encoder": "bilstm", "heads": 2, "layers": 1, "units": 4}'
FILES = {
    "empty": (b"", "holds no weights"),
    "text": (b"account,text,label\n" * 100, "holds no weights"),
    "another file of safetensors": (save({"a": np.zeros(3, np.float32)}), "holds no weights"),
    "a header that is no JSON": (b"\x05\0\0\0\0\0\0\0[{}}]", "holds no weights"),
    "a newer format": (forged(pretrained(), {"format": "2"}), "is of format 2"),
    "cut short": (pretrained().file()[:-8], "is damaged: it is cut short"),
    "no vectors": (forged(pretrained(), embedding__table=None), "is damaged"),
    "an array of another shape": (
        forged(pretrained(), encoder__W=np.zeros((3, 8), np.float32)),
        r"W is float32 \(3, 8\) in place of float32 \(8, 8\)",
    ),
    "an array of another type": (forged(pretrained(), encoder__W=np.zeros((8, 8))), "W is float64"),
    "not a number": (
        forged(pretrained(), encoder__W=np.full((8, 8), np.nan, np.float32)),
        "W holds what is not a number",
    ),
    "an array too many": (forged(pretrained(), encoder__X=np.zeros(3, np.float32)), "its arrays are not those"),
    "hashes of another type": (forged(pretrained(), embedding__hashes=np.zeros(4, np.int64)), "its arrays are not those"),
    "more hashes than vectors": (forged(pretrained(), embedding__hashes=np.zeros(5, np.uint64)), "embedding.table is"),
    "settings beyond all": (forged(pretrained(), {"settings": HUGE}), "out of their ranges"),
    "settings that are none": (forged(pretrained(), {"settings": "[]"}), "is damaged"),
    "settings of another encoder": (forged(pretrained(), {"settings": FOREIGN}), "is damaged"),
}


@pytest.mark.parametrize("name", FILES)
def test_any_other_file_is_refused_and_named(name: str, tmp_path: Path) -> None:
    content, says = FILES[name]
    path = written(tmp_path / "other.bin", content)
    with pytest.raises(ModelError, match=says) as error:
        Pretrained.read(path)
    assert str(path) in error.value.message or "other.bin" in error.value.message
    assert error.value.hint


def test_a_file_that_is_not_there_and_what_is_no_file(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path, Path("a\0b")):
        with pytest.raises(ModelError, match="cannot be read"):
            Pretrained.read(path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ModelError, match="not a regular file"):
        Pretrained.read(tmp_path / "pipe")


def test_a_network_of_the_same_sizes_fits() -> None:
    pretrained().check(config_of(), "word")


@pytest.mark.parametrize(
    ("settings", "level", "says", "hint"),
    [
        ({}, "char", "vectors of words, and this training reads characters", "set `level=word`"),
        ({"encoder": "bilstm"}, "word", "by the encoder transformer; this network has bilstm", "set `encoder=transformer`"),
        ({"units": 8}, "word", "it has units 4, and this network units 8", "set `units=4`, or"),
        (
            {"layers": 2, "heads": 4},
            "word",
            "it has layers 1, heads 2, and this network layers 2, heads 4",
            "set `layers=1`, `heads=2`, or",
        ),
        ({"embedding": 16}, "word", "it has token vectors of 8, and this network token vectors of 16", "set `embedding=8`, or"),
    ],
)
def test_what_does_not_fit_is_one_error_that_names_both_and_what_to_set(
    settings: dict[str, Any], level: Any, says: str, hint: str
) -> None:
    with pytest.raises(UsageError, match=re.escape(says)) as error:
        pretrained().check(config_of(**settings), level)
    assert hint in error.value.hint


def test_the_size_sets_what_has_no_option() -> None:
    small = Config().override_flat({"encoder": "transformer", "size": "small"}).model
    learned = pretrained(embedding=64, units=32, heads=4)
    learned.check(small, "word")
    with pytest.raises(UsageError) as error:
        learned.check(Config().override_flat({"encoder": "transformer"}).model, "word")
    assert error.value.hint.startswith("set `size=small`, or")
    with pytest.raises(UsageError) as error:
        learned.check(Config().override_flat({"encoder": "transformer", "units": 10}).model, "word")
    assert error.value.hint.startswith("set `size=small`, `units=32`, or")


def fresh(words: tuple[str, ...]) -> dict[str, np.ndarray]:
    """The weights of a network whose vocabulary is these words, all −1."""
    shapes = {f"encoder.{name}": array.shape for name, array in pretrained().arrays.items()}
    shapes |= {"embedding.table": (len(words) + 2, 8), "head.W": (8, 2), "attention.v": (4, 1), "linear.table": (9, 3)}
    return {name: np.full(shape, -1, np.float32) for name, shape in shapes.items()}


def test_vectors_are_found_by_their_words_and_the_rest_stays_as_it_was() -> None:
    learned, words = pretrained(), ("new", "good", "w1", "other")
    taken, note = learned.begin(fresh(words), hashes_of_words(words))
    table = taken.pop("embedding.table")
    assert (table[3] == learned.table[LEARNED.index("good")]).all()
    assert (table[4] == learned.table[LEARNED.index("w1")]).all()
    assert (table[[0, 1, 2, 5]] == -1).all()
    assert taken.keys() == {f"encoder.{name}" for name in learned.arrays}
    assert all((taken[f"encoder.{name}"] == array).all() for name, array in learned.arrays.items())
    assert not note.warning
    assert "16 of 18 weight arrays taken" in note.message
    assert "vectors of 2 of 4 n-grams and words" in note.message
    assert note.message.endswith("the other vectors, attention, head begin at random")


@pytest.mark.parametrize(("learned", "words"), [(("a", "b"), ("x", "y")), (("zz",), ("x",)), ((), ("x",)), (("a",), ())])
def test_that_no_word_is_known_is_a_warning(learned: tuple[str, ...], words: tuple[str, ...]) -> None:
    hashes = hashes_of_words(learned) if learned else np.zeros(0, np.uint64)
    table = np.zeros((len(learned), 8), np.float32)
    taken, note = replace(pretrained(), hashes=hashes, table=table).begin(fresh(words), hashes_of_words(words))
    assert (taken["embedding.table"] == -1).all()
    assert note.warning


def test_a_training_is_known_by_the_content_of_the_file_and_not_by_its_name(tmp_path: Path) -> None:
    one = written(tmp_path / "one", pretrained().file())
    same, other = written(tmp_path / "same", one.read_bytes()), written(tmp_path / "other", pretrained(seed=1).file())
    configs = [Config().override_flat({"init": path}) for path in (one, same, other)]
    known = [identified(config, pretrained_of(config)).training.init for config in configs]
    assert known[0] == known[1] != known[2]
    assert identified(Config(), pretrained_of(Config())) == Config()
