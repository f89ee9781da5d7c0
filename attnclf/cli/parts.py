"""The parts of a model that `train --help` lists: mechanisms, normalizers, encoders."""

from typing import Any

from attnclf.model.encoders import ENCODERS
from attnclf.model.mechanisms import MECHANISMS
from attnclf.model.normalizers import NORMALIZERS
from attnclf.registry import Registry


def _listed(title: str, parts: Registry[Any]) -> str:
    """The names of parts and what they do, a line each, as help shows them."""
    width = max(map(len, parts.meanings)) + 2
    return "\n".join(["\b", title, *(f"  {part:<{width}}{meaning}" for part, meaning in parts.meanings.items())])


PARTS = "\n\n".join([_listed("Attention:", MECHANISMS), _listed("Normalizers:", NORMALIZERS), _listed("Encoders:", ENCODERS)])
