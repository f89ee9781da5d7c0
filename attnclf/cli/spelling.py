"""What the library says in Python's words, as the command line says it.

The library names settings in backquotes: "`level=char` reads every character". Here that becomes "--level char reads …".
"""

import dataclasses
import re

from attnclf.config import Config

CODE = re.compile(r"`([^`]+)`")
SETTING = re.compile(r"([a-z_]+)(?:=(\S+))?")
CALLS = {"attnclf.train(data)": "attnclf train DATA"}
ARGUMENTS = ("valid", "target", "against", "by", "top_k")  # of the Python API that are not settings


def option_names() -> dict[str, str]:
    """How the command line spells each setting and argument: `{"text_col": "--text-col", …}`."""
    sections = (getattr(Config(), section.name) for section in dataclasses.fields(Config))
    names = [field.name for section in sections for field in dataclasses.fields(section)]
    return {name: f"--{name.replace('_', '-')}" for name in (*names, *ARGUMENTS)} | {"model": "-m/--model"}


def as_options(message: str) -> str:
    """The message with options in place of settings, and commands in place of calls."""
    return CODE.sub(_respelled, message) if "`" in message else message


def _respelled(match: re.Match[str]) -> str:
    code, options = match[1], option_names()
    if code in CALLS:
        return f"`{CALLS[code]}`"
    if not (setting := SETTING.fullmatch(code)) or setting[1] not in options:
        return match[0]
    option = options[setting[1]]
    return option if setting[2] in (None, "True") else f"{option} {setting[2]}"
