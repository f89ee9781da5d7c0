"""A search as a table, in words and as a picture."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from attnclf.render.tuning import changed, markdown, picture, table, verdict
from attnclf.results import Trial
from tests.unit.results.test_tuned import DEFAULT, FIRST, other, tuned

PRUNED = Trial(3, {"size": "small", "dropout": 0.2}, "pruned", 20.0, (0.7, 0.8))
RESULT = tuned(FIRST, other(2, 0.05), PRUNED)
MARKDOWN = """\
| trial | log loss |        lower by | accuracy | macro F1 | epochs | seconds | settings                 |
|-------|----------|-----------------|----------|----------|--------|---------|--------------------------|
|     2 |   0.4500 | 0.0500 ± 0.0100 |   0.8000 |   0.7900 |      2 |      60 | size small, dropout 0.02 |
|     1 |   0.5000 |               – |   0.8000 |   0.7900 |      2 |      60 | the default              |

trained on 90,000 rows, scored on 10,000 validation rows; 2 trials done; 1 pruned"""


def test_the_table_in_markdown_has_the_best_first() -> None:
    shown = markdown(RESULT)
    assert shown.startswith(MARKDOWN)
    assert shown.endswith(verdict(RESULT) + "\n")


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_table_on_a_terminal_loses_no_number(width: int) -> None:
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None, _environ={})
    console.print(table(RESULT, width))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert all(len(line) <= width for line in shown.splitlines())
    assert "0.0500 ± 0.0100" in shown
    assert "…" not in shown
    assert ("0.7900" in shown) is (width > 100)
    assert ("left out here: macro F1, epochs (--json" in " ".join(shown.split())) is (width <= 100)


@pytest.mark.parametrize(
    ("result", "says"),
    [
        (RESULT, r"Trial 2 is better than the default.*0\.0500 ± 0\.0100.*2\.3 standard errors.*flatter it"),
        (tuned(FIRST, other(2, 0.01)), r"The default was as good as it gets: trial 2 may be better by chance.*is taken"),
        (tuned(FIRST, other(2, -0.01)), "as good as it gets: none of the 1 other trial has a lower"),
        (tuned(FIRST, other(2, -0.01), PRUNED), "none of the 2 other trials have a lower"),
        (tuned(FIRST), "No trial but the default's"),
        (tuned(), "nothing can be said"),
        (replace(tuned(FIRST), interrupted=True), r"^Interrupted. So far: No trial but the default's was made\.$"),
        (
            replace(tuned(FIRST, other(2, 0.01)), interrupted=True),
            r"^Interrupted. So far: The default was.*needs over 10,000 rows\)\.$",
        ),
    ],
)
def test_the_verdict(result, says: str) -> None:
    import re

    assert re.search(says, verdict(result))


def test_what_differs_from_the_default() -> None:
    assert changed(DEFAULT, DEFAULT) == "the default"
    assert changed({"size": "medium", "dropout": 0.25}, DEFAULT) == "dropout 0.25"


def test_the_picture_shows_every_trial() -> None:
    pytest.importorskip("matplotlib")
    drawn = picture(RESULT, "svg").decode()
    assert "<svg" in drawn
    assert picture(RESULT, "png").startswith(b"\x89PNG")
    orange = "#d55e00"
    assert orange in drawn
    assert orange not in picture(tuned(FIRST, other(2, 0.01)), "svg").decode()  # the default is taken
