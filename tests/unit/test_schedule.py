"""The learning rate, at the steps that matter."""

import numpy as np
import pytest


def test_it_rises_to_the_peak_and_falls_to_nothing_in_each_cycle() -> None:
    from attnclf.nn.schedule import Cycles

    rates = np.array([float(Cycles(0.1, [20, 40], warmup=0.1)(step)) for step in range(60)])
    assert rates[[0, 2, 20, 24]] == pytest.approx([0, 0.1, 0, 0.1], abs=1e-7)
    assert rates[1] == pytest.approx(0.05)
    assert rates[11] == pytest.approx(0.05)  # halfway down
    assert (np.diff(rates[2:20]) < 0).all()
    assert (np.diff(rates[24:]) < 0).all()
    assert rates[[19, 59]].max() < 0.002
    assert rates.max() == pytest.approx(0.1)


def test_few_epochs_are_one_cycle() -> None:
    from attnclf.nn.schedule import cycles_of

    assert [cycles_of(epochs) for epochs in (1, 5, 6, 9, 20)] == [[1], [5], [2, 4], [3, 6], [6, 14]]
