"""Explanation methods, one file each. A file is found by being here."""

from importlib import import_module
from pkgutil import iter_modules

from attnclf.explain.methods.base import METHODS as METHODS
from attnclf.explain.methods.base import Method as Method

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
