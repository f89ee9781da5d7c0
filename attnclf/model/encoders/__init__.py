"""Encoders: they turn token vectors into states that know their context.

Every module of this folder is imported, and so registered. A new encoder only needs a file here.
"""

from importlib import import_module
from pkgutil import iter_modules

from attnclf.model.encoders.base import ENCODERS as ENCODERS
from attnclf.model.encoders.base import Encoder as Encoder

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
