"""Scores of a classifier: its report, the baseline to compare it with, and the bins of its calibration."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


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
    """How well predicted probabilities match the true labels of `rows` rows.

    `confusion` has a row for each true label and a column for each predicted label, in the order of `labels`. `log_loss` is in
    nats; it is None where no row has a label that the model knows.
    """

    rows: int
    accuracy: float
    macro_f1: float
    weighted_f1: float
    log_loss: float | None
    brier: float
    calibration_error: float
    labels: tuple[LabelScore, ...]
    confusion: tuple[tuple[int, ...], ...]

    SCORES = ("accuracy", "macro_f1", "weighted_f1", "log_loss", "brier", "calibration_error")
    LOWER_IS_BETTER = ("log_loss", "brier", "calibration_error")

    @property
    def met(self) -> frozenset[str]:
        """The labels that a row has or is given. Macro F1 is the mean over these; of any other, nothing is known."""
        given = map(sum, zip(*self.confusion, strict=True))
        return frozenset(s.label for s, count in zip(self.labels, given, strict=True) if s.support or count)

    def title_of(self, score: str) -> str:
        """The name of a score; that of macro F1 says over how many labels it is a mean, where these are not all."""
        met, labels = len(self.met), len(self.labels)
        some = f" (of {met:,} of {labels:,} labels)" if score == "macro_f1" and met < labels else ""
        return score.replace("_", " ") + some

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON can hold."""
        return dataclasses.asdict(self)


@dataclass(frozen=True)
class Baseline:
    """A classical classifier trained on the same rows: its name and its report on the same validation rows."""

    name: str
    report: Report


@dataclass(frozen=True)
class Bin:
    """Rows whose label was predicted with about the same probability: their number, mean probability and accuracy."""

    rows: int
    confidence: float
    accuracy: float


@dataclass(frozen=True)
class Basis:
    """What a report rests on, where that is not every row at the base rates of training.

    `base_rates` are those of the labels, where others were asked for. Left out are so many rows with `unknown_labels`, and, of
    the scores of accounts, `nameless_rows` and `mixed_accounts` with several labels.
    """

    base_rates: Mapping[str, float] = field(default_factory=dict)
    unknown_labels: int = 0
    nameless_rows: int = 0
    mixed_accounts: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON can hold."""
        rates = {"base_rates": dict(self.base_rates)} if self.base_rates else {}
        left_out = {name: getattr(self, name) for name in ("unknown_labels", "nameless_rows", "mixed_accounts")}
        return rates | {"left_out": left_out}
