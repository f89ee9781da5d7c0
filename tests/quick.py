"""A plugin of pytest for `make quick`: a test that imports Keras, or what Keras runs on, is skipped when it does. These take
seconds to start, and every part tried in them takes minutes."""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from types import ModuleType

import pytest

SLOW = ("keras", "tensorflow", "jax", "torch")


class WithoutKeras(MetaPathFinder):
    """Finds nothing, and skips the test that looks for one of these."""

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> None:
        if name in SLOW:
            raise pytest.skip.Exception(f"needs {name}: `make test` runs it", allow_module_level=True)


sys.meta_path.insert(0, WithoutKeras())
