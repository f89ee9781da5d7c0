"""A search without training: its order, its clock, what is pruned, what is kept and taken up again."""

import itertools
import json
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from attnclf.comparison import identity
from attnclf.config import Config
from attnclf.errors import DataError, DeviceError, UsageError
from attnclf.results import Note, Tuned
from attnclf.tuning import trials
from attnclf.tuning.search import TrialEnded, TrialStarted, tune
from tests.unit.tuning.fakes import EPOCHS, POSTS, WITHOUT_OPTUNA, FakeModel, FakeTrain

pytest.importorskip("optuna", reason=WITHOUT_OPTUNA)

TRIAL = 10.0 * EPOCHS  # seconds of a whole trial
GROUPED = replace(POSTS, groups=[f"account {i // 3}" for i in range(60)])


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Tuned, FakeTrain, list]]:
    """Tunes with a fake training; returns what was found, the training with its calls, and the events."""
    monkeypatch.setattr(trials, "ServedModel", FakeModel)

    def tuned(minutes=8.0, train=None, table=POSTS, valid=None, given=(), config=None):
        train, events, file = train or FakeTrain(), [], tmp_path / "out" / "trials.jsonl"
        settings = {"importing": nullcontext, "train": train, "start": train.start, "clock": train.clock}
        return tune(table, valid, config or Config(), given, minutes, file, events.append, **settings), train, events

    return tuned


def notes_of(events: list) -> list[str]:
    return [event.message for event in events if isinstance(event, Note)]


def settings_of(result: Tuned) -> list[dict]:
    return [dict(trial.settings) for trial in result.trials]


def test_the_first_trial_is_the_default_and_the_best_is_found(call) -> None:
    result, train, events = call(minutes=30)
    assert result.trials[0].settings == result.default
    assert train.calls[0][2].model == Config().model
    assert result.first is result.trials[0]
    assert result.chosen.settings["dropout"] < 0.5  # the fake loss falls with it
    assert result.is_better
    assert result.chosen.log_loss == pytest.approx(0.3 + result.chosen.settings["dropout"], abs=0.02)
    started = [event.number for event in events if isinstance(event, TrialStarted)]
    assert started == [event.trial.number for event in events if isinstance(event, TrialEnded)]
    assert started[0] == 1


def test_nothing_is_done_after_training_in_a_trial(call) -> None:
    config = Config().override_flat({"faithfulness": 5, "min_posts": 3})
    _, train, _ = call(config=config, minutes=2)
    (_, _, trained), *_ = train.calls
    assert (trained.training.baseline, trained.training.faithfulness, trained.accounts.min_posts) == (False, 0, 1)


def test_all_trials_have_the_same_rows(call) -> None:
    _, train, _ = call()
    table, valid, _ = train.calls[0]
    assert len(train.calls) > 3
    assert all((t.texts, v.texts) == (table.texts, valid.texts) for t, v, _ in train.calls)
    assert sorted(table.texts + valid.texts) == sorted(POSTS.texts)


def test_no_trial_begins_that_would_not_fit(call) -> None:
    result, train, events = call(minutes=(2.5 * TRIAL) / 60)
    assert result.counted("cut") == 0
    assert train.now <= 2.5 * TRIAL
    assert "0.8 minutes are left, and a trial usually takes 1.5; no other begins" in notes_of(events)[-1]


def test_the_default_ends_whatever_the_clock_says(call) -> None:
    result, _, events = call(minutes=0.1)
    assert [trial.outcome for trial in result.trials] == ["done"]
    assert notes_of(events)[-1] == "the minutes are over; no other begins"
    assert result.chosen is result.first


@pytest.mark.parametrize("minutes", [float("nan"), float("inf"), 0.0, -1.0])
def test_minutes_are_a_number_of_some(call, minutes: float) -> None:
    with pytest.raises(UsageError, match="`minutes` is"):
        call(minutes=minutes)


def test_the_start_of_keras_is_no_trials_time(call) -> None:
    result, train, _ = call(minutes=4, train=FakeTrain(starting=1000.0))
    assert {trial.seconds for trial in result.done} == {TRIAL}
    assert train.now == 1000 + sum(trial.seconds for trial in result.trials) > 1000 + TRIAL


def test_an_interrupt_at_the_start_of_keras_leaves_no_trial(call) -> None:
    train = FakeTrain()
    train.start = lambda config: (_ for _ in ()).throw(KeyboardInterrupt)  # type: ignore[method-assign]
    result, _, _ = call(train=train)
    assert (result.trials, result.interrupted, train.calls) == ((), True, [])


def test_what_runs_at_the_deadline_is_ended_and_tried_next(call) -> None:
    slow = FakeTrain(loss=lambda config: 0.5)
    minutes = 2.2 * TRIAL / 60

    def loss(config: Config) -> float:
        slow.seconds = 10.0 if len(slow.calls) == 1 else 40.0
        return 0.5

    slow.loss = loss
    result, _, _ = call(minutes=minutes, train=slow)
    assert [trial.outcome for trial in result.trials] == ["done", "cut"]
    assert slow.now <= 60 * minutes + 40
    again, _, _ = call(minutes=60)
    assert [dict(trial.settings) for trial in again.trials[1:3]] == [dict(result.trials[1].settings)] * 2
    assert again.trials[2].outcome == "done"
    assert result.default not in settings_of(again)[1:]


def test_what_is_worse_than_the_median_is_pruned_when_its_first_cycle_has_ended(call) -> None:
    result, train, _ = call(minutes=60)
    pruned = [trial for trial in result.trials if trial.outcome == "pruned"]
    assert pruned
    assert {len(trial.curve) for trial in pruned} == {3}  # of nine epochs
    assert all(trial.curve[0] > min(t.log_loss for t in result.done) for trial in pruned)
    assert set(train.epochs) == {3, EPOCHS}


def test_a_second_call_goes_on_where_the_first_ended(call) -> None:
    first, _, _ = call(minutes=8)
    again, train, events = call(minutes=8)
    assert train.calls == []
    assert again.trials == first.trials
    assert notes_of(events)[1].startswith(
        f"{len(first.trials) - first.counted('cut')} trials, and 1 that was cut off, of 8.0 min"
    )
    more, train, events = call(minutes=16)
    assert more.trials[: len(first.trials)] == first.trials
    assert len(train.calls) == len(more.trials) - len(first.trials) > 0
    whole = [event.seconds for event in events if isinstance(event, TrialStarted)]
    assert whole[0] == pytest.approx(sum(trial.seconds for trial in first.trials))


def test_in_pieces_it_proposes_what_it_would_have_proposed(call, tmp_path: Path) -> None:
    whole, _, _ = call(minutes=12)
    (tmp_path / "out" / "trials.jsonl").unlink()
    for minutes in (4, 8, 12):
        pieces, _, _ = call(minutes=minutes)
    ended = [settings_of(replace(one, trials=tuple(t for t in one.trials if t.outcome != "cut"))) for one in (whole, pieces)]
    assert len(ended[1]) > 6
    assert ended[0][: len(ended[1])] == ended[1]
    (tmp_path / "out" / "trials.jsonl").unlink()
    other, _, _ = call(minutes=12, config=Config().override_flat({"seed": 1}))
    assert settings_of(other)[0] == settings_of(whole)[0]
    assert settings_of(other) != settings_of(whole)


@pytest.mark.parametrize("number", [1, 3])
def test_an_interrupt_keeps_what_is_done_and_tries_the_rest_again(call, number: int) -> None:
    result, train, _ = call(train=FakeTrain(errors={number: KeyboardInterrupt()}))
    assert result.interrupted
    assert [trial.outcome for trial in result.trials] == ["done"] * (number - 1) + ["cut"]
    assert (result.chosen is None) is (number == 1)
    again, train, events = call()
    assert f"{'0 trials' if number == 1 else '2 trials'}, and 1 that was cut off, of " in notes_of(events)[1]
    assert not again.interrupted
    assert train.calls[0][2].model == Config().override_flat(dict(result.trials[-1].settings)).model
    assert again.first is not None


def test_a_killed_process_loses_one_trial_which_is_tried_again(call) -> None:
    class Killed(BaseException):
        pass

    with pytest.raises(Killed):
        call(train=FakeTrain(errors={2: Killed()}))
    again, _, _ = call()
    assert [trial.outcome for trial in again.trials[:3]] == ["done", "cut", "done"]
    assert again.trials[2].settings == again.trials[1].settings


def test_a_failure_is_told_and_the_others_go_on(call) -> None:
    result, _, events = call(train=FakeTrain(errors={2: DeviceError("out of memory")}))
    assert [trial.outcome for trial in result.trials[:2]] == ["done", "failed"]
    assert result.trials[1].message == "out of memory"
    assert "trial 2 failed: out of memory" in notes_of(events)
    assert len(result.done) > 1


def test_if_the_default_fails_its_error_is_raised_and_the_next_call_tries_it_again(call) -> None:
    with pytest.raises(DeviceError, match="out of memory"):
        call(train=FakeTrain(errors={1: DeviceError("out of memory")}))
    assert call()[0].first is not None


CHANGES = {
    "a text": {"table": replace(POSTS, texts=POSTS.texts[:-1], labels=POSTS.labels[:-1])},
    "validation": {"valid": POSTS},
    "a setting": {"config": Config().override_flat({"epochs": 3})},
    "what is given": {"given": {"size"}},
}


@pytest.mark.parametrize("change", CHANGES)
def test_trials_of_something_else_are_kept_apart_and_that_is_said(call, change: str) -> None:
    first, _, _ = call(minutes=4)
    other, train, events = call(minutes=4, **CHANGES[change])
    assert len(train.calls) == len(other.trials)
    assert any("also holds trials with other rows, other settings" in note for note in notes_of(events))
    assert call(minutes=4)[0].trials == first.trials


def test_another_version_has_trials_of_its_own(call, monkeypatch: pytest.MonkeyPatch) -> None:
    call(minutes=2)
    monkeypatch.setattr(identity, "version", lambda name: "99")
    assert call(minutes=2)[1].calls


def test_a_small_space_is_tried_once_and_no_more(call) -> None:
    given = {"encoder", "attention", "learning_rate", "dropout"}
    result, train, events = call(minutes=1000, given=given)
    assert [dict(trial.settings) for trial in result.trials] == [{"size": "medium"}, {"size": "small"}]
    assert len(train.calls) == 2
    assert "proposals were tried before" in notes_of(events)[-1]


def test_a_last_line_that_was_cut_short_is_removed(call, tmp_path: Path) -> None:
    first, _, _ = call(minutes=4)
    file = tmp_path / "out" / "trials.jsonl"
    with file.open("ab") as stream:
        stream.write(b'{"op_code": 5, "wor')
    again, train, events = call(minutes=4)
    assert (again.trials, train.calls) == (first.trials, [])
    assert any("was cut short" in note for note in notes_of(events))
    assert all(json.loads(line) for line in file.read_bytes().splitlines())


def test_a_file_that_is_none_of_ours(call, tmp_path: Path) -> None:
    file = tmp_path / "out" / "trials.jsonl"
    file.parent.mkdir()
    for content in ('{"op_code":0,"worker_id":"x"}\n', '{"op_code":0,"worker_id":"x"}\n{"op_co'):
        file.write_text(content, encoding="utf-8")
        with pytest.raises(DataError, match="damaged, or not a journal"):
            call()
        assert file.read_text(encoding="utf-8") == content
    file.unlink()
    file.mkdir()
    with pytest.raises(DataError, match="cannot write"):
        call()


@pytest.mark.parametrize(
    "content",
    ['{"trial": 1, "patient": "Kim"}', '{"trial": 1}\n{"trial": 2}', "a,b\n1,2", "a,b\n1,2\n", "0", "my notes\n", "\n", "\n\n"],
)
def test_a_foreign_file_is_left_as_it_is(call, tmp_path: Path, content: str) -> None:
    file = tmp_path / "out" / "trials.jsonl"
    file.parent.mkdir()
    file.write_text(content, encoding="utf-8")
    for _ in range(2):  # its lock was given back
        with pytest.raises(DataError, match="holds no trials, but something else"):
            call()
    assert file.read_text(encoding="utf-8") == content


@pytest.mark.parametrize("end", [b"", b'{"op_code": 5, "wor'])
@pytest.mark.parametrize("number", [2, -1])
def test_a_damaged_line_is_named(call, tmp_path: Path, number: int, end: bytes) -> None:
    call(minutes=2)
    file = tmp_path / "out" / "trials.jsonl"
    lines = file.read_bytes().splitlines()
    lines[number - 1 if number > 0 else number] = b"\x00" * 8
    content = b"\n".join([*lines, end])
    file.write_bytes(content)
    with pytest.raises(DataError, match=f"is damaged in line {number if number > 0 else len(lines)}\n"):
        call(minutes=2)
    assert file.read_bytes() == content


def test_a_journal_whose_first_line_was_cut_short_begins_anew(call, tmp_path: Path) -> None:
    call(minutes=2)
    file = tmp_path / "out" / "trials.jsonl"
    file.write_bytes(file.read_bytes()[:20])
    _, train, events = call(minutes=2)
    assert train.calls
    assert any("was cut short" in note for note in notes_of(events))


def test_two_at_once_would_spoil_each_other(call, tmp_path: Path) -> None:
    train = FakeTrain()

    def loss(config: Config) -> float:
        with pytest.raises(UsageError, match="another process is tuning"):
            call()
        return 0.5

    train.loss = loss
    assert len(call(minutes=0.1, train=train)[0].done) == 1


def test_notes_of_training_are_told_once_and_those_of_the_data_not_at_all(call) -> None:
    _, _, events = call()
    counts = {note: notes_of(events).count(note) for note in ("cpu", "memory is short", "54 rows")}
    assert counts == {"cpu": 1, "memory is short": 1, "54 rows": 0}


def test_rows_of_an_account_count_as_one(call) -> None:
    result, train, _ = call(table=GROUPED, config=Config().override_flat({"group_col": "account"}))
    table, valid, config = train.calls[0]
    assert (table.groups, valid.groups, config.data.group_col) == ([], [], "")
    assert 0 < result.valid_groups < result.valid_rows
    names = dict(zip(GROUPED.texts, GROUPED.groups, strict=True))
    assert not {names[text] for text in table.texts} & {names[text] for text in valid.texts}


def test_gains_are_differences_row_by_row(call) -> None:
    result, _, _ = call(minutes=4)
    assert result.first.gain is None
    for trial in result.done:
        if trial is not result.first:
            assert trial.gain == pytest.approx(result.first.log_loss - trial.log_loss, abs=1e-6)
            assert trial.gain_error == pytest.approx(0, abs=1e-3)  # the fake rows have the same noise in every trial


def test_the_linear_model_is_fitted_once(call) -> None:
    train, seen = FakeTrain(), []
    inner = train.__call__

    def remembering(*arguments, checkpoints, **settings):
        seen.append(checkpoints.state.linear)
        checkpoints.keep(linear="fitted")
        return inner(*arguments, checkpoints=checkpoints, **settings)

    remembering.start, remembering.clock = train.start, train.clock
    call(minutes=4, train=remembering)
    assert seen[:2] == [None, "fitted"]
    assert set(seen[1:]) == {"fitted"}


def test_rare_labels_are_left_out_before_the_split(call) -> None:
    rare = replace(POSTS, texts=[*POSTS.texts, "a", "b"], labels=[*POSTS.labels, "rare", "rare"])
    _, train, _ = call(table=rare, minutes=2, config=Config().override_flat({"min_rows": 3}))
    table, valid, config = train.calls[0]
    assert "rare" not in table.labels + valid.labels
    assert config.data.min_rows == 1


def test_whole_accounts_are_not_tuned(call) -> None:
    config = Config().override_flat({"encoder": "hierarchical", "group_col": "account"})
    with pytest.raises(UsageError, match="whole accounts"):
        call(table=GROUPED, config=config)


def test_numbers_of_trials_go_up(call) -> None:
    result, _, _ = call(minutes=20)
    numbers = [trial.number for trial in result.trials]
    assert all(a < b for a, b in itertools.pairwise(numbers))
