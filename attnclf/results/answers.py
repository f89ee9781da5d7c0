"""What a model says of a text: its labels with their probabilities, and why."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    """Probabilities (…, K) of logits (…, K)."""
    exponentials = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True), np.float64)


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
