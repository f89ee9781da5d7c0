"""Files of settings: TOML."""

import tomllib
from pathlib import Path
from typing import Any

from attnclf.errors import UsageError


def toml_values(path: Path) -> dict[str, Any]:
    """What a TOML file holds, which may begin with a byte order mark. Raises UsageError."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UsageError(f"cannot read the configuration {path}: {error.strerror}") from error
    except RecursionError as error:
        raise UsageError(f"{path} is not a TOML file of settings: it is nested too deep") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise UsageError(f"{path} is not UTF-8 (line {line})", hint="save it as UTF-8") from error
    except ValueError as error:  # TOML, or a number of thousands of digits
        raise UsageError(f"{path} is not a TOML file: {error}") from error
