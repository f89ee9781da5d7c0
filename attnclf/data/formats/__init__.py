"""The formats of tables, one file each.

Every file in this folder is imported, which registers its format. A table's content says which format it has, or else the
ending of its name.
"""

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from attnclf.data.formats.base import FORMATS as FORMATS
from attnclf.data.formats.base import Format as Format
from attnclf.data.formats.base import Records as Records
from attnclf.data.formats.base import Row as Row

START = 65_536  # bytes by which a format recognises a file

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")


def format_of(path: Path) -> Format | None:
    """The format of the table at `path`: that which recognises its content, else that of its name, else None."""
    start = _start(path)
    return next((format_ for format_ in _all() if format_.recognises(start)), None) or format_named(path)


def format_named(path: Path) -> Format | None:
    """The format with the ending of this file name; None if there is none."""
    return next((format_ for format_ in _all() if path.suffix.lower() in format_.extensions), None)


def _all() -> list[Format]:
    return [FORMATS.make(name, {}) for name in FORMATS.names()]


def _start(path: Path) -> bytes:
    """The first bytes of a file; none of what is no file, such as a pipe, which can be read only once."""
    if not path.is_file():
        return b""
    try:
        with path.open("rb") as stream:
            return stream.read(START)
    except OSError:  # opening it again will say why
        return b""
