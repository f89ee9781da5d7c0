"""The formats of tables, one file each.

Every file in this folder is imported, which registers its format. A table's file name ending says which format it has.
"""

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from attnclf.data.formats.base import FORMATS as FORMATS
from attnclf.data.formats.base import Format as Format
from attnclf.data.formats.base import Records as Records
from attnclf.data.formats.base import Row as Row

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")


def format_of(path: Path) -> Format | None:
    """The format of the table at `path`; None when no format has the ending of its name."""
    formats = (FORMATS.make(name, {}) for name in FORMATS.names())
    return next((format_ for format_ in formats if path.suffix.lower() in format_.extensions), None)
