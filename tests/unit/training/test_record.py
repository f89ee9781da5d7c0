"""What is kept of the network's training."""

from attnclf.checkpoint import Checkpoints
from attnclf.results import EpochEnded, EpochScores
from attnclf.training.record import Record


def test_the_seconds_of_the_epochs_are_the_same_whenever_they_are_asked() -> None:
    checkpoints = Checkpoints()
    record = Record(checkpoints, lambda event: None)
    record.began = checkpoints.started + 3
    record(EpochEnded(1, 2, 0.5, EpochScores(0.5, 0.8, 0.8), 10.0, True, 0.001))
    record(EpochEnded(2, 2, 0.5, EpochScores(0.5, 0.8, 0.8), 19.0, True, 0.001))
    assert record.seconds == record.seconds == 16.0
