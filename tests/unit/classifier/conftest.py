"""A training that takes a moment: what it decides before any weight moves is real, and the weights are random."""

from pathlib import Path
from typing import Any

import pytest

from attnclf.config import Config
from attnclf.data import Table
from attnclf.results import Note, OnEvent
from attnclf.training import Trained
from attnclf.training.preparation import accounts_of, labels_of, resolved, without_rare_labels
from attnclf.training.splitting import parts_of
from tests.models import write_untrained

FEW_ROWS = "ignore:.*(rows to validate on|of the rows are held out):UserWarning"  # which every table here has
TINY = {"embedding": 4, "units": 3, "attention_units": 3, "values_units": 4, "embedded": 40}


def untrained(
    table: Table, valid: Table | None, config: Config, target: Path, on_event: OnEvent, importing, **_: object
) -> Trained:
    table, valid, config = accounts_of(table, valid, config, on_event)
    table = without_rare_labels(table, config.data.min_rows, on_event)
    labels = labels_of(table)
    train_part, _ = parts_of(table, valid, labels, config, on_event)
    config = resolved(config, table, train_part, len(labels), on_event)
    with importing:
        on_event(Note("nothing was trained"))
    config = config.override_flat(TINY)
    bundle = write_untrained(target, config, train_part.texts, labels, table.label_type)
    on_event(Note(f"{target}, made in 0 s", topic="model"))
    return Trained(bundle, None, None, 0.5, 0.0)  # type: ignore[arg-type]


@pytest.fixture
def quick_training(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attnclf.training.train", untrained)


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> list[Table]:
    """The tables that training gets."""
    seen: list[Table] = []

    def train(table: Table, *rest: Any, **more: Any) -> Trained:
        seen.append(table)
        return untrained(table, *rest)

    monkeypatch.setattr("attnclf.training.train", train)
    return seen
