"""What training finds is what is served: the parts of the model, their mix, and the scores that are told."""

from pathlib import Path

import numpy as np
import pytest

from attnclf.checkpoint import Checkpoints
from attnclf.config import Config
from attnclf.data import read_table
from attnclf.linear.mixing import fit_mixing_weights
from attnclf.processes import Place
from attnclf.reading.readers import build_reader
from attnclf.results import Note
from attnclf.served.session import Session
from attnclf.training import fitting, linear_fitting
from attnclf.training.machine import start_backend
from attnclf.training.preparation import labels_of
from attnclf.training.splitting import parts_of

SMALL = {"level": "word", "size": "small", "epochs": 1, "baseline": False, "faithfulness": 0}
NOTES: list[object] = []


@pytest.fixture(scope="module", params=[0.0, 0.5], ids=["unaligned", "aligned"])
def fitted(request: pytest.FixtureRequest, sample: Path):
    """The fit, the reader, and the validation rows."""
    config = Config().override_flat(SMALL | {"align": request.param})
    table = read_table([sample / "train.csv"], config.data)
    table = table.rows(range(0, len(table.texts), 8))
    labels = labels_of(table)
    train_part, valid_part = parts_of(table, None, labels, config, NOTES.append)
    reader = build_reader(train_part.texts, config.text)
    _, _, group = start_backend(config.training, Place())
    settings = config, NOTES.append, Checkpoints()
    found = fitting.fit_weights(labels, reader, train_part, valid_part, *settings, refit_linear=True, group=group)
    assert found is not None
    return found, reader, valid_part


def test_what_was_validated_is_what_is_served(fitted) -> None:
    found, reader, valid_part = fitted
    session = Session(found.unseen_graphs["model.onnx"], found.unseen_graphs["words.onnx"])
    served = session.run(reader, reader.ids(valid_part.texts)[0], ["logits"]).logits
    assert np.abs(served - found.logits).max() < 1e-3


def test_the_network_is_by_itself_and_the_mix_is_of_the_two(fitted) -> None:
    found, _, valid_part = fitted
    a, b = found.mixing_weights
    assert np.abs(a * found.network + b * found.linear.logits - found.logits).max() < 1e-3
    assert fit_mixing_weights(found.network, found.linear.logits, valid_part.targets) == pytest.approx((a, b), rel=1e-2)


def test_too_many_contributions_are_said(fitted, monkeypatch: pytest.MonkeyPatch) -> None:
    found, reader, valid_part = fitted
    ids = reader.ids(valid_part.texts)[0]
    shares = linear_fitting.linear_shares(reader, ids, found.linear, NOTES.append)
    totals = np.array([share.astype(np.float64).sum(axis=0) for share in shares]) + found.linear.bias
    assert np.abs(totals - found.linear.logits).max() < 2e-2  # of two bytes each
    monkeypatch.setattr(linear_fitting, "MOST_SHARES", 10)
    notes: list[Note] = []
    assert linear_fitting.linear_shares(reader, ids, found.linear, notes.append) is None
    assert "too many to hold" in notes[0].message
