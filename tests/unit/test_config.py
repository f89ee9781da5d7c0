"""Settings: one place for defaults, and an error that helps for whatever else is asked."""

import re
from pathlib import Path

import pytest

from attnclf.config import SIZES, Config
from attnclf.errors import UsageError


def test_overrides_keep_the_rest() -> None:
    config = Config().override({"model": {"units": 7}})
    assert config.model.units == 7
    assert config.model.embedding == Config().model.embedding
    assert config.training == Config().training


def test_a_stored_configuration_reads_back() -> None:
    config = Config().override({"text": {"level": "word"}, "training": {"seed": 3}})
    assert Config.from_dict(config.to_dict()) == config


def test_a_stored_configuration_with_a_setting_missing_is_refused() -> None:
    values = Config().to_dict()
    del values["model"]["units"]
    with pytest.raises(UsageError, match="missing"):
        Config.from_dict(values)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"modle": {}}, "did you mean 'model'"),
        ({"model": {"unit": 3}}, "did you mean 'units'"),
        ({"model": 3}, "must be a table"),
        ({"model": {"units": "many"}}, "a value of type int; found 'many'"),
        ({"model": {"units": True}}, "a value of type int"),
        ({"model": {"embedding": 0}}, "from 1 to 8,192; found 0"),
        ({"model": {"dropout": "a"}}, "a number"),
        ({"model": {"dropout": 1.0}}, "from 0 to 0.95"),
        ({"text": {"level": "letter"}}, "one of auto, char, word; found 'letter'"),
        ({"model": {"size": "huge"}}, "one of small, medium, large; found 'huge'"),
        ({"model": {"size": ["small"]}}, "one of small, medium, large"),
        ({"training": {"baseline": 1}}, "a value of type bool"),
    ],
)
def test_what_cannot_be_is_refused_with_the_rule(values, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        Config().override(values)
    assert says in str(caught.value)


@pytest.mark.parametrize("size", SIZES)
def test_a_size_sets_the_numbers_that_are_not_set_beside_it(size: str) -> None:
    config = Config().override({"model": {"size": size, "units": 9}})
    assert (config.model.size, config.model.units) == (size, 9)
    assert config.model.embedding == SIZES[size].get("embedding", Config().model.embedding)
    assert Config.from_dict(config.to_dict()) == config
    back = config.override({"model": {"size": "medium"}})
    assert back == Config().override({"model": {"units": 9}})  # what was set by hand stays


def test_a_size_leaves_what_a_file_names_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("[model]\nembedding = 128\nunits = 5\n", encoding="utf-8")
    model = Config.of(path, {"model": {"size": "small"}}).model
    assert (model.size, model.embedding, model.units, model.values_units) == ("small", 128, 5, 64)
    with pytest.raises(UsageError, match="`size`: one of small"):
        Config.of(path, {"model": {"size": "huge"}})


def test_a_setting_is_named_by_the_file_that_has_it_or_by_itself(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        Config.of(None, {"training": {"seed": 4_294_969_000}})
    assert str(caught.value).startswith("`seed`: from 0 to 4,294,967,295; found 4,294,969,000")
    path = tmp_path / "settings.toml"
    path.write_text("[model]\ndropout = 0.951\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"settings\.toml: \[model\] dropout: from 0 to 0.95; found 0.951"):
        Config.of(path, {})


def test_settings_by_name_find_their_section() -> None:
    config = Config().override_flat({"units": 9, "seed": 2, "level": "char", "label_col": "y"})
    assert (config.model.units, config.training.seed, config.text.level, config.data.label_col) == (9, 2, "char", "y")
    with pytest.raises(UsageError, match="did you mean 'units'"):
        Config().override_flat({"unitz": 1})


def test_toml(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text('[model]\nunits = 5\n[text]\nlevel = "word"\n', encoding="utf-8")
    assert Config.from_toml(path).model.units == 5


@pytest.mark.parametrize("content", ["[model\n", "units = 3\n", "[model]\nunits = 'a'\n"])
def test_toml_that_is_wrong_names_the_file(tmp_path: Path, content: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=r"settings\.toml"):
        Config.from_toml(path)


def test_toml_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(b"\xef\xbb\xbf[model]\nunits = 5\n")
    assert Config.from_toml(path).model.units == 5


@pytest.mark.parametrize(
    ("content", "says", "hint"),
    [
        (b"epochs = 3\n", "epochs stands outside of all sections", r"\[training\]"),
        ("[data]\n# 한글\n".encode("cp949"), r"is not UTF-8 \(line 2\)", "save it as UTF-8"),
        (b"[accounts]\nmax_false_positive_rate = {fake = 0.01}\n", "a list of names", "fake=0.01"),
    ],
)
def test_toml_that_is_wrong_has_a_way_out(tmp_path: Path, content: bytes, says: str, hint: str) -> None:
    (tmp_path / "settings.toml").write_bytes(content)
    with pytest.raises(UsageError, match=says) as refused:
        Config.from_toml(tmp_path / "settings.toml")
    assert re.search(hint, refused.value.hint)


def test_toml_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read the configuration"):
        Config.from_toml(tmp_path / "none.toml")


def test_no_setting_stands_in_two_sections() -> None:
    names = [name for section in Config().to_dict().values() for name in section]
    assert len(names) == len(set(names))
