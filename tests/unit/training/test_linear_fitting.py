"""The linear model beside the network: what it is fitted to, and what is said of that."""

import numpy as np
import pytest

from attnclf.checkpoint import Checkpoints
from attnclf.config import TextConfig
from attnclf.reading.readers import WordReader, build_reader
from attnclf.results import Event, Note
from attnclf.training.linear_fitting import LabelledRows, fitted_linear_model, refitted_linear_model
from attnclf.training.splitting import SplitPart

TEXTS = ["good day", "bad night", "good sun today", "bad rain", "so good", "so bad"] * 6
TARGETS = np.array([1, 0, 1, 0, 1, 0] * 6, np.int32)


@pytest.fixture
def read() -> tuple[WordReader, LabelledRows, LabelledRows]:
    reader = build_reader(TEXTS, TextConfig(level="word", min_count=1))
    assert isinstance(reader, WordReader)
    parts = [SplitPart(TEXTS[rows], TARGETS[rows]) for rows in (slice(0, 24), slice(24, None))]
    train, valid = ((reader.ids(part.texts)[0], part) for part in parts)
    return reader, train, valid


def test_all_rows_are_fitted_to_without_a_word(read: tuple[WordReader, LabelledRows, LabelledRows]) -> None:
    reader, train, valid = read
    events: list[Event] = []
    linear = fitted_linear_model(reader, train, valid, 2, Checkpoints(), events.append)
    refitted = refitted_linear_model(linear, reader, train, valid, Checkpoints(), events.append)
    assert not [event for event in events if isinstance(event, Note) and event.warning]
    assert refitted.choice == linear.choice
    assert not np.array_equal(refitted.table, linear.table)


def test_what_it_reaches_by_itself_is_told(read: tuple[WordReader, LabelledRows, LabelledRows]) -> None:
    reader, train, (ids, part) = read
    wrong = np.arange(len(part.targets)) % 4 == 0
    valid = ids, SplitPart(part.texts, np.where(wrong, 1 - part.targets, part.targets))
    told: list[Event] = []
    fitted_linear_model(reader, train, valid, 2, Checkpoints(), told.append)
    (says,) = [event.message for event in told if isinstance(event, Note) and not event.detail]
    assert says.endswith("; validation accuracy 0.750 by itself")


def test_a_sample_is_told_of_each_time(
    read: tuple[WordReader, LabelledRows, LabelledRows], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the model is of a checkpoint: the card of a resumed training would lack it else."""
    reader, train, valid = read
    monkeypatch.setattr("attnclf.linear.model.MOST_COUNTED", (2 * len(train[0].flat) + reader.feature_numbers) // 2)
    kept = Checkpoints()
    for _ in range(2):
        warnings: list[str] = []

        def listen(event: Event, warnings: list[str] = warnings) -> None:
            if isinstance(event, Note) and event.warning:
                warnings.append(event.message)

        linear = fitted_linear_model(reader, train, valid, 2, kept, listen)
        refitted_linear_model(linear, reader, train, valid, kept, listen)
        first, second = warnings
        assert first.startswith("fitted to ")
        assert " of 24 rows, drawn at random" in first
        assert second.startswith("in the end fitted to ")
        assert " of 36 rows, drawn at random" in second
    assert kept.state.linear is linear
