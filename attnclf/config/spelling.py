"""Sentences in which the library names settings, as others spell these: the command line its options, the page a command."""

import re
from collections.abc import Callable

# What is quoted is somebody's data, and stays as it is.
CODE = re.compile(r"'[^'\n]*'|`([a-z_]+)(?:=([^`\s]+))?`|`attnclf\.train\(data\)`")


def respelled(message: str, option_of: Callable[[str], str | None]) -> str:
    """The message with options in place of settings, and commands in place of calls.

    `option_of` gives the option of a setting, None where there is none.

    >>> respelled("`level=char` reads every character", {"level": "--level"}.get)
    '--level char reads every character'
    """

    def one(match: re.Match[str]) -> str:
        if match[0].startswith("`attnclf"):
            return "`attnclf train DATA`"
        option = option_of(match[1] or "")
        if option is None:
            return match[0]
        return option if match[2] in (None, "True") else f"{option} {match[2]}"

    return CODE.sub(one, message) if "`" in message else message
