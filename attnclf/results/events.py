"""What training says while it runs, and who listens."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Note:
    """A decision or a warning, in words: the device chosen and why, a column guessed.

    `topic` is what it is about, in a word or two. `detail` is for those who ask for more than the usual.
    """

    message: str
    warning: bool = False
    topic: str = ""
    detail: bool = False


@dataclass(frozen=True)
class StageStarted:
    """Something that takes a while begins, such as "fitting the linear model"."""

    name: str


@dataclass(frozen=True)
class StepEnded:
    """`step` of `steps` in `epoch` of `epochs` is done; `loss` is the mean over the epoch so far."""

    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float


@dataclass(frozen=True)
class EpochScores:
    """What the validation rows say of an epoch's weights."""

    log_loss: float
    macro_f1: float
    accuracy: float


@dataclass(frozen=True)
class EpochEnded:
    """An epoch is done, `seconds` after training began: mean training loss, validation scores, whether its weights are kept,
    having the least validation log loss so far, or within .001 of it, and the learning rate of its last step."""

    epoch: int
    epochs: int
    loss: float
    scores: EpochScores
    seconds: float
    best: bool
    learning_rate: float


Event = Note | StageStarted | StepEnded | EpochEnded
OnEvent = Callable[[Event], None]


def ignore(event: Event) -> None:
    """An `OnEvent` for callers who do not care."""
