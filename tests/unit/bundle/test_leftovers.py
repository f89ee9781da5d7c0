"""Temporary files, interrupted at the worst moment."""

import os
from pathlib import Path
from typing import Any

import pytest

from attnclf.bundle.leftovers import temporary_file


def test_an_interrupt_between_making_a_file_and_knowing_it_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.open

    def interrupted(*arguments: Any) -> int:
        os.close(real(*arguments))
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", interrupted)
        with pytest.raises(KeyboardInterrupt), temporary_file(tmp_path / "out.csv"):
            raise AssertionError
    assert not list(tmp_path.iterdir())
