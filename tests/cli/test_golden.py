"""`explain` in each kind of terminal, letter by letter, from a scorer whose numbers are chosen.

After a change that is meant: `GOLDEN=write pytest tests/cli/test_golden.py`, then read the difference.
"""

import io
import os
from pathlib import Path

import pytest
from rich.console import Console
from rich.style import Style

from attnclf.cli import screen
from attnclf.config import TextConfig
from attnclf.explain import by_word, explain
from attnclf.reading.readers import build_reader
from attnclf.render import terminal
from attnclf.served.model import ServedModel
from tests.models import FakeServedModel

GOLDEN = Path(__file__).parent / "golden"
VOTES = {"f0llowers": (4.0, 3.0), "팔로워": (3.0, 2.0), "라떼": (2.0, -2.5), "👍🏽": (1.0, -1.0), "fast": (0.5, 1.0)}
TEXT = "get f0llowers fast 팔로워 with a 라떼 👍🏽 \x1b[31m\u202e unread tail"
DEPTHS = {"truecolor": "truecolor", "256": "256", "16": "standard", "plain": None}


@pytest.mark.parametrize("width", [100, 30])
@pytest.mark.parametrize("depth", DEPTHS)
def test_explain_in_a_terminal(served_words: ServedModel, depth: str, width: int) -> None:
    words = build_reader([TEXT.split("unread", maxsplit=1)[0]], TextConfig(level="word", min_count=1, longest=13))
    fake = FakeServedModel(served_words.bundle, words, VOTES)
    (result,) = explain(fake, [TEXT])
    system = DEPTHS[depth]
    Style._add.cache_clear()  # Rich keeps the codes of a style for the depth that it was first printed in
    console = Console(
        file=io.StringIO(),
        width=width,
        force_terminal=True,
        color_system=system,
        highlight=False,
        legacy_windows=False,
        _environ={},
    )
    methods = ("signed_attention", "evidence")
    console.print(terminal.explanation(by_word(result), methods, colour=screen.has_colour(console)))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    path = GOLDEN / f"{depth}-{width}.txt"
    if os.environ.get("GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(shown, encoding="utf-8")
    assert shown == path.read_text(encoding="utf-8")
