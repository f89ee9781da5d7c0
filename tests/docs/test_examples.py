"""The scores that the README shows are those of the present code. Only those are compared that do not depend on the network, so
that a small network and one epoch are enough."""

import re
from pathlib import Path
from typing import Any

import pytest

import attnclf
from attnclf.results import Event, Note
from tests.conftest import ROOT, SAMPLE
from tests.docs.markdown import Page

QUICK: dict[str, Any] = {"size": "small", "encoder": "embedding", "epochs": 1, "faithfulness": 0}


def without_the_network(scores: str) -> list[str]:
    return re.findall(r"(?:linear model|baseline) [\d.]+", scores)


@pytest.mark.filterwarnings("ignore::UserWarning")  # some texts of the sample are odd on purpose
def test_scores_of_the_readme_are_those_of_the_sample(tmp_path: Path) -> None:
    heard: list[Event] = []
    attnclf.train(SAMPLE / "train.csv", tmp_path / "model", verbose=0, on_event=heard.append, group_col="account", **QUICK)
    [scores] = (event.message for event in heard if isinstance(event, Note) and event.topic == "scores")
    lines = (line for fence in Page(ROOT / "README.md").fences for line in fence.code.splitlines())
    [shown] = (line for line in lines if line.startswith("scores "))
    assert without_the_network(shown) == without_the_network(scores) != []
