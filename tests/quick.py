"""A plugin of pytest for `make quick`: a test that would import Keras is skipped when it does. Keras takes seconds to start,
and every part tried in it takes minutes."""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from types import ModuleType

import pytest


class WithoutKeras(MetaPathFinder):
    """Finds nothing, and skips the test that looks for Keras."""

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> None:
        if name == "keras":
            raise pytest.skip.Exception("needs Keras: `make test` runs it", allow_module_level=True)


sys.meta_path.insert(0, WithoutKeras())
