"""The learning rate, at the steps that matter."""

import math
from collections.abc import Iterable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from attnclf.config import TrainingConfig
from attnclf.results import EpochEnded, EpochScores, Note


def test_it_rises_to_the_peak_and_falls_to_nothing_in_each_cycle() -> None:
    from attnclf.trainable.schedule import Cycles

    rates = np.array([float(Cycles(0.1, [20, 40], warmup=0.1)(step)) for step in range(60)])
    assert rates[[0, 1, 20, 23]] == pytest.approx([0.05, 0.1, 0.025, 0.1])
    assert rates[11] == pytest.approx(0.05)  # halfway down
    assert (np.diff(rates[2:20]) < 0).all()
    assert (np.diff(rates[24:]) < 0).all()
    assert 0 < rates[[19, 59]].max() < 0.002
    assert rates.max() == pytest.approx(0.1)


def test_a_single_step_is_not_lost() -> None:
    from attnclf.trainable.schedule import Cycles

    assert float(Cycles(0.1, [1], warmup=0.1)(0)) == pytest.approx(0.1)
    assert float(Cycles(0.1, [1, 3], warmup=0.0)(1)) == pytest.approx(0.1)


def test_few_epochs_are_one_cycle() -> None:
    from attnclf.trainable.cycles import cycles_of

    assert [cycles_of(epochs) for epochs in (1, 5, 6, 9, 20)] == [[1], [5], [2, 4], [3, 6], [6, 14]]


def trained(losses: Iterable[float], told: list[Any], without: float = math.inf) -> Any:
    """What follows the epochs of a model with these validation log losses, after they have ended; at most nine."""
    from attnclf.checkpoint import NetworkState
    from attnclf.trainable.epochs import Epochs

    model, least = SimpleNamespace(stop_training=False, alignment=None, weights=[], linear=None), iter(losses)
    judge = lambda: (EpochScores(next(least), 0.5, 0.5), (1.0, 1.0))  # noqa: E731
    keeper = Epochs(judge, replace(TrainingConfig(), epochs=9, patience=5), 1, told.append, 0.0, NetworkState())
    keeper.without_network = without
    keeper.set_model(model)
    for epoch in range(9):
        keeper.on_epoch_begin(epoch)
        keeper.on_epoch_end(epoch, {"loss": 1.0})
        if model.stop_training:
            break
    return keeper


@pytest.mark.parametrize(("best", "last"), [(1, 8), (3, 8), (5, 9)])
def test_patience_waits_for_the_last_cycle(best: int, last: int) -> None:
    """Nine epochs are cycles of three and six; with patience 5 an early best does not keep the second from running."""
    keeper = trained((abs(epoch - best) / 10 for epoch in range(1, 10)), [])
    assert (keeper.best_epoch, keeper.epoch) == (best, last)


def test_an_epoch_tells_the_rate_of_its_last_step() -> None:
    """With one step an epoch: cycles of three and six steps, each of which ends near 0."""
    from attnclf.trainable.schedule import schedule_of

    told: list[Any] = []
    trained([0.5] * 9, told)
    config = replace(TrainingConfig(), epochs=9)
    rates = [event.learning_rate for event in told if isinstance(event, EpochEnded)]
    assert rates == pytest.approx([float(schedule_of(config, 1)(step)) for step in range(9)])
    assert rates[2] < rates[3]


@pytest.mark.parametrize(("without", "last"), [(0.6, 9), (0.3, 3), (0.3005, 3), (0.302, 9)])
def test_a_network_that_adds_nothing_stops_after_the_first_cycle(without: float, last: int) -> None:
    """The least validation log loss of its three epochs is .3."""
    told: list[Any] = []
    keeper = trained([0.5, 0.4, 0.3, *[0.1] * 6], told, without)
    assert keeper.epoch == last
    says = [event.message for event in told if isinstance(event, Note)]
    assert len(says) == (last == 3)
    assert not says or "added nothing in 3 epochs: validation log loss 0.300 with it" in says[0]
