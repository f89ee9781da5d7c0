"""Settings as commands and TOML files have them: what a file has, and what trains the same model again."""

import json
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attnclf.cli.spelling import option_names
from attnclf.config import Config
from attnclf.config.files import toml_values
from attnclf.data.addresses import masked
from attnclf.errors import UsageError
from attnclf.model.architecture import settings_of_others
from attnclf.visible import visible


def train_command_of(data: Sequence[str], given: Mapping[str, Any], valid: str | None, config: Path | None, model: Path) -> str:
    """The `attnclf train` that has these settings, by name, over those of the TOML file `config`. Quoted for a shell.

    Passwords of addresses are left out: the command is shown.
    """
    words = ["attnclf", "train", *map(masked, data)]
    for name, value in given.items():
        for one in value if isinstance(value, list | tuple) else [value]:
            words += [option_names()[name], str(one)]
    for option, path in (("--valid", valid), ("--config", config), ("-m", model)):
        words += [option, masked(str(path))] if path else []
    return shlex.join(words)


def config_of(file: Path | None, given: Mapping[str, Mapping[str, Any]]) -> Config:
    """The settings of options over those of the `file`. Raises UsageError, which names the file for what only the file has."""
    config = Config.of(file, given)
    of_file = names_in(file) - given.get("model", {}).keys()
    for name, having in settings_of_others(config.model).items() if of_file else ():
        if name in of_file:
            parts = f"the encoder is {config.model.encoder}, with {config.model.attention} attention"
            what = f"{file}: [model] {name} is for {', '.join(having)}, and {parts}"
            raise UsageError(what, hint="take it out of the file, or name one of these")
    return config


def names_in(config: Path | None) -> set[str]:
    """The names of the settings that a TOML file has, whatever their section; none without a file."""
    sections = toml_values(config).values() if config else ()
    return {name for section in sections for name in section}


def toml_of(config: Config, *comments: str) -> str:
    """The settings that are not the defaults, as TOML that `--config` reads, after comments of a line each."""
    defaults = Config().override({"model": {"size": config.model.size}}).to_dict()
    lines = [f"# {visible(comment)}" for comment in comments]
    for section, settings in config.to_dict().items():
        changed = {name: value for name, value in settings.items() if value != defaults[section][name]}
        if section == "model" and config.model.size != Config().model.size:
            changed = {"size": config.model.size, **changed}
        if changed:
            lines += ["", f"[{section}]", *(f"{name} = {_toml(value)}" for name, value in changed.items())]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    """JSON is TOML for strings, numbers, truth and lists, but for one character that TOML forbids."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
