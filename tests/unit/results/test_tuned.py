"""When one of many trials is better than the default, and when that may be chance."""

from dataclasses import replace

import numpy as np
import pytest

from attnclf.results import Trial, Tuned
from attnclf.scoring.paired import paired_gain

DEFAULT = {"size": "medium", "dropout": 0.5}
FIRST = Trial(1, DEFAULT, "done", 60.0, (0.6, 0.5), 0.5, 0.8, 0.79)


def other(number: int, gain: float, error: float = 0.01) -> Trial:
    settings = {"size": "small", "dropout": number / 100}
    return Trial(number, settings, "done", 60.0, (0.6, 0.5 - gain), 0.5 - gain, 0.8, 0.79, gain, error)


def tuned(*trials: Trial) -> Tuned:
    searched = {"size": "medium, small", "dropout": "0.2 to 0.7"}
    return Tuned(trials, DEFAULT, searched, 8.0, 90_000, 10_000, 0, interrupted=False)


def test_clearly_better_is_two_errors_for_one_trial() -> None:
    assert tuned(FIRST, other(2, 0.0201)).chosen == other(2, 0.0201)
    assert tuned(FIRST, other(2, 0.0199)).chosen == FIRST
    assert tuned(FIRST, other(2, -0.1)).chosen == FIRST


def test_the_best_of_many_must_be_better_by_more() -> None:
    chance = [other(number, 0.001) for number in range(3, 12)]
    assert tuned(FIRST, other(2, 0.0201), *chance).chosen == FIRST
    assert tuned(FIRST, other(2, 0.03), *chance).chosen == other(2, 0.03)
    assert tuned(FIRST, *chance).errors_needed == pytest.approx(2.80, abs=0.01)  # 1 - Φ(2.80) = (1 - Φ(2)) / 9
    pruned = [replace(trial, outcome="pruned", log_loss=None, gain=None, gain_error=None) for trial in chance]
    assert tuned(FIRST, *pruned).others == 9  # they were candidates, too
    assert tuned(FIRST, replace(chance[0], outcome="cut"), replace(chance[1], outcome="failed")).others == 0


@pytest.mark.parametrize(("accounts", "needed"), [(2, 13.97), (3, 4.53), (5, 2.87), (31, 2.09)])  # a table of Student's t
def test_an_error_found_by_few_accounts_is_known_badly(accounts: int, needed: float) -> None:
    result = replace(tuned(FIRST, other(2, 0.02)), valid_groups=accounts)
    assert result.errors_needed == pytest.approx(needed, abs=0.01)
    assert replace(result, valid_groups=0, valid_rows=accounts).errors_needed == result.errors_needed


def test_by_chance_no_more_trials_pass_on_two_accounts_than_on_many() -> None:
    draws = np.random.default_rng(0).normal(size=(20_000, 2))
    found = [paired_gain(gains, np.zeros(2), ("a", "b")) for gains in draws]
    result = replace(tuned(FIRST), valid_groups=2)
    assert np.mean([gain > result.errors_needed * error for gain, error in found]) == pytest.approx(0.0228, abs=0.003)


def test_the_best_is_first_and_the_rest_behind() -> None:
    cut = Trial(4, {"size": "small", "dropout": 0.2}, "cut", 9.0, (0.7,))
    result = tuned(FIRST, other(2, -0.1), other(3, 0.1), cut)
    assert [trial.number for trial in result.done] == [3, 1, 2]
    found = result.to_dict()
    assert [trial["number"] for trial in found["trials"]] == [3, 1, 2, 4]
    assert (found["chosen"], found["is_better"]) == (3, True)
    assert found["trials"][3]["outcome"] == "cut"


def test_without_the_default_nothing_is_chosen() -> None:
    assert tuned().chosen is None
    assert tuned(replace(FIRST, outcome="cut")).chosen is None
    assert tuned(FIRST).chosen == FIRST
