"""The split of a search is the one that training makes of the same table."""

from contextlib import nullcontext
from dataclasses import replace

import pytest

from attnclf.config import Config
from attnclf.results import ignore
from attnclf.training.preparation import labels_of
from attnclf.training.splitting import parts_of
from attnclf.tuning import trials
from attnclf.tuning.rows import Rows
from tests.unit.tuning.fakes import POSTS, FakeModel, FakeTrain

GROUPED = replace(POSTS, groups=[f"account {i // 3}" for i in range(60)])


@pytest.mark.parametrize("table", [POSTS, GROUPED], ids=["rows", "accounts"])
@pytest.mark.parametrize("seed", [0, 7])
def test_the_split_is_that_of_train(table, seed: int) -> None:
    config = Config().override_flat({"seed": seed, "group_col": "account" if table.groups else ""})
    rows = Rows.of(table, None, config, ignore)
    train_part, valid_part = parts_of(table, None, labels_of(table), config, ignore)
    assert rows.train.texts == list(train_part.texts)
    assert rows.valid.texts == list(valid_part.texts)
    assert rows.targets.tolist() == valid_part.targets.tolist()
    assert len(rows.groups) == (len(rows.valid.texts) if table.groups else 0)
    assert rows.families == list(train_part.groups)
    assert not rows.train.groups


def test_trials_know_the_accounts_of_the_rows_to_train_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "ServedModel", FakeModel)
    rows, train = Rows.of(GROUPED, None, Config().override_flat({"group_col": "account"}), ignore), FakeTrain()
    runner = trials.TrialRunner(rows, train, train.start, nullcontext, train.clock, ignore)
    runner.run(trials.config_of_trials(Config()), lambda epoch, loss: False, None)
    assert train.families == [list(rows.families)]
    assert len(set(rows.families)) > 1


def test_a_validation_file_leaves_all_rows_to_train_on() -> None:
    valid = POSTS.rows(range(9))
    rows = Rows.of(POSTS, valid, Config(), ignore)
    assert (rows.train.texts, rows.valid.texts) == (POSTS.texts, valid.texts)
    assert rows.checksum() != Rows.of(POSTS, POSTS, Config(), ignore).checksum()
    by_account = Rows.of(GROUPED, valid, Config(), ignore)
    assert len(by_account.families) == len(POSTS.texts)
    assert rows.checksum() != by_account.checksum()
