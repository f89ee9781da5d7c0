"""Training as a person follows it: on a terminal, off it, quiet and verbose."""

import io
import os

import pytest
from rich.console import Console

from attnclf.errors import UsageError
from attnclf.progress import NORMAL, QUIET, VERBOSE, TrainingProgress, without_chatter
from attnclf.results import EpochEnded, EpochScores, Event, Note, StageStarted, StepEnded

EVENTS: list[Event] = [
    Note("cpu (asked for)", topic="device"),
    StageStarted("fitting the linear model"),
    Note("C 30", topic="linear model", detail=True),
    StepEnded(1, 2, 1, 2, 0.7),
    StepEnded(1, 2, 2, 2, 0.6),
    EpochEnded(1, 2, 0.6, EpochScores(0.5, 0.81, 0.82), 3.0, True, 0.001),
    StepEnded(2, 2, 1, 2, 0.5),
    Note("it is slow", warning=True, topic="network"),
]
EPOCH = "epoch 1/2  loss 0.6000  validation log loss 0.5000, macro F1 0.810  kept\n"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def console_on(file: io.StringIO, **environment: str) -> Console:
    return Console(file=file, width=120, color_system=None, _environ={"TERM": "xterm"} | environment)


def shown(verbosity: int, terminal: bool) -> str:
    console = console_on(Terminal() if terminal else io.StringIO())
    with TrainingProgress(console, verbosity, str.upper) as progress:
        for event in EVENTS:
            progress(event)
        if terminal:
            progress._progress.refresh()
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_off_a_terminal_each_decision_and_each_epoch_is_a_line() -> None:
    lines = "device        CPU (ASKED FOR)\n" + EPOCH + "network       warning: IT IS SLOW\n"
    assert shown(NORMAL, terminal=False) == lines


def test_details_are_for_those_who_ask() -> None:
    text = shown(VERBOSE, terminal=False)
    assert "fitting the linear model …\nlinear model  C 30\n" in text
    assert EPOCH in shown(VERBOSE, terminal=True)


@pytest.mark.parametrize("terminal", [True, False])
def test_quiet_says_nothing(terminal: bool) -> None:
    assert shown(QUIET, terminal) == ""


def test_on_a_terminal_a_live_line_shows_stage_epoch_step_loss_score_and_time() -> None:
    text = shown(NORMAL, terminal=True)
    for part in ("fitting the linear model", "epoch 2/2", "step 1/2", "loss 0.500", "validation F1 0.810", "left 0:00"):
        assert part in text
    assert EPOCH not in text
    assert "C 30" not in text


@pytest.mark.parametrize("environment", [{"TERM": "dumb"}, {"FORCE_COLOR": "1"}])
def test_nothing_moves_where_nothing_can(environment: dict[str, str]) -> None:
    file = Terminal() if "TERM" in environment else io.StringIO()
    with TrainingProgress(console_on(file, **environment)) as progress:
        for event in EVENTS:
            progress(event)
    assert EPOCH in file.getvalue()
    assert "\n\n" not in file.getvalue()
    assert "\x1b[?25l" not in file.getvalue()


@pytest.mark.parametrize("events", [EVENTS[:2], EVENTS[:5]], ids=["stage", "steps"])
def test_an_interrupt_gives_the_cursor_back(events: list[Event]) -> None:
    file = Terminal()
    with pytest.raises(KeyboardInterrupt), TrainingProgress(console_on(file)) as progress:
        for event in events:
            progress(event)
        assert file.getvalue().count("\x1b[?25l") > file.getvalue().count("\x1b[?25h")
        raise KeyboardInterrupt
    assert file.getvalue().count("\x1b[?25l") == file.getvalue().count("\x1b[?25h") > 0


def test_nothing_moves_while_keras_starts() -> None:
    file = Terminal()
    with TrainingProgress(console_on(file)) as progress:
        progress(StageStarted("reading the texts"))
        with progress.importing():
            assert file.getvalue().count("\x1b[?25l") == file.getvalue().count("\x1b[?25h") > 0
            assert file.getvalue().endswith("starting Keras …\r")
        assert file.getvalue().endswith("\x1b[2K")


def test_chatter_is_shown_only_when_the_start_fails(capfd: pytest.CaptureFixture[str]) -> None:
    with without_chatter():
        os.write(2, b"chatter 1")
    with pytest.raises(UsageError), without_chatter():
        os.write(2, b"chatter 2")
        raise UsageError("says itself what is wrong")
    assert capfd.readouterr().err == ""
    with pytest.raises(RuntimeError), without_chatter():
        os.write(2, b"chatter 3")
        raise RuntimeError
    assert capfd.readouterr().err == "chatter 3"
