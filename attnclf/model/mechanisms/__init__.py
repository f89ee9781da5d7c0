"""Attention mechanisms: one equation per file, shared by Keras, NumPy and ONNX.

Every module of this folder is imported, and so registered. A new mechanism only needs a file here.
"""

from importlib import import_module
from pkgutil import iter_modules

from attnclf.model.mechanisms.base import MECHANISMS as MECHANISMS
from attnclf.model.mechanisms.base import Mechanism as Mechanism
from attnclf.model.mechanisms.base import Sizes as Sizes
from attnclf.model.mechanisms.base import Tokens as Tokens

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
