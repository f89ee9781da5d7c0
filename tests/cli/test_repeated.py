"""A command and a TOML file that train the same again."""

import tomllib
from pathlib import Path

import pytest

from attnclf.cli.repeated import toml_of, train_command_of
from attnclf.config import Config

SETTINGS = [
    {},
    {"size": "small"},
    {"size": "large", "learning_rate": 0.0012, "dropout": 0.35, "encoder": "cnn"},
    {"text_col": ["title", 'te"xt\x7f\\'], "delimiter": "\t", "min_rows": 3, "input_attention": True},
]


@pytest.mark.parametrize("settings", SETTINGS)
def test_the_file_gives_the_same_settings(settings: dict, tmp_path: Path) -> None:
    config = Config().override_flat(settings)
    (tmp_path / "settings.toml").write_text(toml_of(config, "The default is taken."), encoding="utf-8")
    assert Config.from_toml(tmp_path / "settings.toml") == config


def test_comments_of_the_file_are_a_line_each(tmp_path: Path) -> None:
    text = toml_of(Config(), "The default is taken.", "attnclf train 'a\nb\x01'")
    assert text.startswith("# The default is taken.\n# attnclf train 'a")
    assert tomllib.loads(text) == {}


def test_the_file_holds_what_is_no_default_and_nothing_else() -> None:
    text = toml_of(Config().override_flat({"size": "small", "dropout": 0.35}), "why")
    assert text.startswith("# why\n")
    assert tomllib.loads(text) == {"model": {"size": "small", "dropout": 0.35}}


def test_the_command_names_options_and_quotes() -> None:
    given = {"text_col": ["title", "the text"], "label_col": "label", "learning_rate": 0.0012, "epochs": 3}
    command = train_command_of(["my posts.csv"], given, "valid.csv", Path("a.toml"), Path("model"))
    assert command == (
        "attnclf train 'my posts.csv' --text-col title --text-col 'the text' --label-col label --learning-rate 0.0012 "
        "--epochs 3 --valid valid.csv --config a.toml -m model"
    )
    assert "secret" not in train_command_of(["http://ann:secret@host/p.csv"], {}, None, None, Path("m"))
    assert "--dropout 0.12345678 " in train_command_of(["p.csv"], {"dropout": 0.12345678}, None, None, Path("m"))
    assert train_command_of(["posts.csv"], {}, None, None, Path("m")) == "attnclf train posts.csv -m m"
