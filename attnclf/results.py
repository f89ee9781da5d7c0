"""Everything that crosses from one floor to the next, as frozen dataclasses of plain values."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

# --- what training says while it runs ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Note:
    """A decision or a warning, in words: the device chosen and why, a column guessed."""

    message: str
    warning: bool = False


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
    """An epoch is done, `seconds` after training began: mean training loss, validation scores, and whether its weights are
    kept, having the least validation log loss so far, or within .001 of it."""

    epoch: int
    epochs: int
    loss: float
    scores: EpochScores
    seconds: float
    best: bool


Event = Note | StepEnded | EpochEnded
OnEvent = Callable[[Event], None]


def ignore(event: Event) -> None:
    """An `OnEvent` for callers who do not care."""


# --- scores -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LabelScore:
    """One label's precision, recall and F1 in [0, 1]; `support` is how many rows carry the label."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class Report:
    """How well probabilities met the labels of `rows` rows. Rows of `confusion` are true labels, columns predicted ones, in
    the order of `labels`; `log_loss` is in nats."""

    rows: int
    accuracy: float
    macro_f1: float
    weighted_f1: float
    log_loss: float
    brier: float
    calibration_error: float
    labels: tuple[LabelScore, ...]
    confusion: tuple[tuple[int, ...], ...]

    SCORES = ("accuracy", "macro_f1", "weighted_f1", "log_loss", "brier", "calibration_error")

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as JSON holds them."""
        return dataclasses.asdict(self)


@dataclass(frozen=True)
class Baseline:
    """A classical classifier trained on the same rows: its name and its report on the same validation rows."""

    name: str
    report: Report


# --- answers ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Prediction:
    """The labels of one text, most probable first, with their probabilities.

    `known` is the share of its tokens that training saw; `truncated` says that the text is longer than the model reads.
    """

    text: str
    labels: tuple[str, ...]
    probabilities: tuple[float, ...]
    known: float
    truncated: bool

    @property
    def label(self) -> str:
        return self.labels[0]

    @property
    def probability(self) -> float:
        return self.probabilities[0]


@dataclass(frozen=True)
class TokenScore:
    """A piece [start, end) of the original text, in code points. `attention` is its weight in [0, 1]; `evidence` is signed, in
    nats of log-odds: positive supports the target. `known` is false where the model has never seen the token. `scores` are
    those of the further methods asked for, by name."""

    text: str
    start: int
    end: int
    attention: float
    evidence: float
    known: bool
    scores: Mapping[str, float] = field(default_factory=dict)

    def score(self, method: str) -> float:
        """What `method` gives it."""
        return {"attention": self.attention, "evidence": self.evidence, **self.scores}[method]


@dataclass(frozen=True)
class Counterfactual:
    """The fewest words without whose evidence another label wins, and what the model says when they are
    deleted."""

    words: tuple[tuple[int, int], ...]  # their spans in the text
    prediction: Prediction
    holds: bool  # the deleted text is no longer given the target


@dataclass(frozen=True)
class Explanation:
    """Why `target` rather than `against`: the tokens' evidence sums to `log_odds` = log(p_target / p_against).

    `unit` says whether `tokens` are the model's tokens or words that sum them. `read` is where reading stopped, in code points.
    """

    text: str
    prediction: Prediction
    target: str
    against: str
    log_odds: float
    unit: str
    tokens: tuple[TokenScore, ...]
    read: int
    counterfactual: Counterfactual | None = None
    remarks: tuple[str, ...] = ()  # of the methods asked for
    against_asked: bool = False  # else it is the likeliest other
    by: str = ""  # what the model reads one by one, if anything: "sentence", or "post" of an account
    sentences: tuple[TokenScore, ...] = ()  # these, with the sums over their tokens

    @property
    def one_rival(self) -> bool:
        """Whether `against` is the only label that the decision is weighed with: there is no other, or it was asked for."""
        return self.against_asked or len(self.prediction.labels) == 2

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as JSON holds them."""
        return dataclasses.asdict(self)
