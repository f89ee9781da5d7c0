"""The model's answers for a text: predictions and explanations."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray


def softmax(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """Probabilities (…, K) of logits (…, K)."""
    exponentials = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True), np.float64)


class LeftOut(IntEnum):
    """What was left out of a text."""

    NOTHING = 0
    GAP = 1  # what the network does not read
    GAP_AND_TAIL = 2  # also what comes after some token, which the linear model does not read either


@dataclass(frozen=True)
class Prediction:
    """The labels of one text, most probable first, with their probabilities.

    `known` is the share of the text's tokens of which training saw all or a part, such as one n-gram of a word. `truncated` is
    true if the text is longer than the network reads. `base_rates` are those of the labels for which the probabilities hold,
    where others than those of training were asked for. `cut_off` is true if what comes after some token is not read at all,
    neither by the network nor by the linear model.
    """

    text: str
    labels: tuple[str, ...]
    probabilities: tuple[float, ...]
    known: float
    truncated: bool
    base_rates: Mapping[str, float] = field(default_factory=dict)
    cut_off: bool = False

    @property
    def left_out(self) -> LeftOut:
        """What was left out of the text: 0 for nothing, 1 for what the network does not read, 2 for what nothing reads, too."""
        return LeftOut(self.truncated + self.cut_off)

    @property
    def label(self) -> str:
        return self.labels[0]

    @property
    def probability(self) -> float:
        return self.probabilities[0]


COLUMN_SEPARATOR = "\u241e"  # ␞, the picture of the record separator: between the values of several columns of texts
NEGLIGIBLE = 0.04  # evidence below this share of the largest in its text speaks for no side


def side_of(evidence: float, largest: float) -> int:
    """The side that a token was taken for: 1 for the target, −1 for the other label, 0 for neither.

    `largest` is the largest |evidence| in the text.
    """
    return 0 if abs(evidence) < NEGLIGIBLE * largest or evidence == 0 else 1 if evidence > 0 else -1


def score_of(scores: Mapping[str, float], method: str) -> float:
    """The score of `method`, which may be derived from attention and evidence."""
    if method == "signed_attention":
        return scores["attention"] * float(np.sign(scores["evidence"]))
    return abs(scores["evidence"]) if method == "evidence_size" else scores[method]


@dataclass(frozen=True, slots=True)
class TokenScore:
    """The scores of a piece [start, end) of the original text, in code points.

    `attention` is its weight in [0, 1]. `evidence` is signed, in nats of log-odds; positive evidence supports the target.
    `known` is false if training saw neither the token nor a part of it. `scores` has the scores of the further methods that
    were asked for, by name. `side` is the label that the token was taken for: the target, the label against it, or "" where
    the evidence is less than 4 % of the largest in the text.
    """

    text: str
    start: int
    end: int
    attention: float
    evidence: float
    known: bool
    scores: Mapping[str, float] = field(default_factory=dict)
    side: str = ""

    def score(self, method: str) -> float:
        """The score that `method` gives this piece."""
        return score_of({"attention": self.attention, "evidence": self.evidence, **self.scores}, method)


@dataclass(frozen=True)
class Counterfactual:
    """The smallest set of words without whose evidence another label wins, and the prediction when they are deleted."""

    words: tuple[tuple[int, int], ...]  # their spans in the text
    prediction: Prediction
    holds: bool  # the prediction is no longer the target


@dataclass(frozen=True)
class Explanation:
    """Why the model prefers `target` to `against`: the tokens' evidence sums to `log_odds` = log(p_target / p_against).

    Where base rates were asked for, `prior` is what they add: then the evidence and `prior` sum to `log_odds`.
    Of a post that is explained as a part of its account, `log_odds` is what it adds to the account's, and `own_log_odds` are
    those of the post by itself.

    `unit` is "token" if `tokens` are the model's own tokens, or "word" if these are summed to words. `read` is where the model
    stopped reading, in code points. `gap` is the part [start, end) of a long text that the network does not read, empty where
    it reads all; attention is 0 there. `gap_is_read` says that the linear model reads it: evidence there is the linear model's.
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
    remarks: tuple[str, ...] = ()  # of the further methods
    against_asked: bool = False  # `against` was asked for; if not, it is the most likely other label
    columns: tuple[str, ...] = ()  # of texts, where the model reads several and `text` has all their values
    by: str = ""  # the kind of `sentences`: "sentence", or "post" of an account; empty if the model reads texts whole
    sentences: tuple[TokenScore, ...] = ()  # the sentences or posts, with the sums over their tokens
    prior: float = 0.0
    own_log_odds: float | None = None
    gap: tuple[int, int] = (0, 0)
    gap_is_read: bool = False

    def with_sides(self) -> "Explanation":
        """The same explanation with the `side` of each token and sentence, which depends on the largest evidence among them."""

        def sided(pieces: tuple[TokenScore, ...]) -> tuple[TokenScore, ...]:
            largest = max((abs(piece.evidence) for piece in pieces), default=0.0)
            names = {1: self.target, -1: self.against, 0: ""}
            return tuple(dataclasses.replace(piece, side=names[side_of(piece.evidence, largest)]) for piece in pieces)

        return dataclasses.replace(self, tokens=sided(self.tokens), sentences=sided(self.sentences))

    def column_of(self, token: TokenScore) -> str:
        """The column that a token comes from; "" for a separator, and where that cannot be told."""
        if not self.columns or COLUMN_SEPARATOR in token.text or self.text.count(COLUMN_SEPARATOR) != len(self.columns) - 1:
            return ""
        return self.columns[self.text.count(COLUMN_SEPARATOR, 0, token.start)]

    @property
    def one_rival(self) -> bool:
        """Whether `against` is the only rival of the target: there are two labels, or `against` was asked for."""
        return self.against_asked or len(self.prediction.labels) == 2

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON can hold."""
        return dataclasses.asdict(self)
