"""Attention mechanisms: each file one equation, read by Keras, NumPy and ONNX alike. A file is found by being here."""

from importlib import import_module
from pkgutil import iter_modules

from attnclf.model.mechanisms.base import MECHANISMS as MECHANISMS
from attnclf.model.mechanisms.base import Mechanism as Mechanism
from attnclf.model.mechanisms.base import Sizes as Sizes
from attnclf.model.mechanisms.base import Tokens as Tokens

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
