"""Explanation methods, one file each. Every module in this folder is imported, so a new file registers itself."""

from importlib import import_module
from pkgutil import iter_modules

from attnclf.explain.methods.base import METHODS as METHODS
from attnclf.explain.methods.base import Method as Method
from attnclf.explain.methods.base import label_of as label_of

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
