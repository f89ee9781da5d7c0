"""Measurements over the explanations of many texts: a global explanation, and how far explanations can be trusted."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

RANDOM = "random"  # listed like a method: words in random order


@dataclass(frozen=True)
class WordOverview:
    """One word in the texts for which one label was predicted.

    `count` is the number of its occurrences. `evidence` for the label is summed over them; `mean_evidence` and
    `mean_attention` are means over them. `context` is the occurrence with the most evidence, as (before, word, after).
    """

    text: str
    count: int
    evidence: float
    mean_evidence: float
    mean_attention: float
    context: tuple[str, str, str]


@dataclass(frozen=True)
class LabelOverview:
    """The words with the most evidence for `label`, over the `texts` texts for which it was predicted."""

    label: str
    texts: int
    words: tuple[WordOverview, ...]


@dataclass(frozen=True)
class Overview:
    """A global explanation of a model, from its explanations of `texts` texts."""

    texts: int
    labels: tuple[LabelOverview, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON can hold."""
        return dataclasses.asdict(self)


@dataclass(frozen=True)
class Interval:
    """A mean with its 95 % interval, from `low` to `high`; both are None where too little was measured for one."""

    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class MethodFaithfulness:
    """What removing words in the order of `method` does to p, the probability of the label predicted from the full text.

    `attnclf.explain.faithfulness` defines the numbers. The last three compare the method with leaving one word out. They are
    None for leaving one out itself and for random orders, and if no text has two words. `tau_signed` and `sign_differs` are
    also None for a method without signs.
    """

    method: str
    comprehensiveness: Interval
    sufficiency: Interval
    without_tenth: float  # mean p without the top 10 % of words
    flip: float | None  # median share of words that flips the label; None if most texts never flip
    never: float  # share of texts that no removal flips
    tau: Interval | None
    tau_signed: Interval | None
    sign_differs: float | None


@dataclass(frozen=True)
class Faithfulness:
    """Faithfulness of several methods on the same `texts` texts.

    `mode` is how words were removed, `full` the mean p of the full texts, and `additivity` the largest
    |Σ evidence − log-odds| among them. In `in_pieces` of the texts, which are long, neighbouring words were removed together.
    """

    texts: int
    mode: str
    full: float
    additivity: float
    methods: tuple[MethodFaithfulness, ...]
    in_pieces: int = 0

    def share_of(self, method: str, other: str) -> float | None:
        """The comprehensiveness of `method` as a share of that of `other`; None if one was not measured or is nothing."""
        means = {m.method: m.comprehensiveness.mean for m in self.methods}
        return means[method] / means[other] if method in means and means.get(other, 0.0) > 0 else None

    @property
    def attention_shares(self) -> tuple[float | None, float | None]:
        """Attention's share of |evidence|, which has no sign either, and the share of evidence of attention with its side."""
        return self.share_of("attention", "evidence_size"), self.share_of("signed_attention", "evidence")

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON can hold."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Faithfulness":
        """The measurement whose `to_dict` gave `values`."""
        intervals = ("comprehensiveness", "sufficiency", "tau", "tau_signed")

        def read(method: Mapping[str, Any]) -> MethodFaithfulness:
            parts: dict[str, Any] = dict(method)
            parts |= {name: Interval(**parts[name]) for name in intervals if parts[name] is not None}
            return MethodFaithfulness(**parts)

        return cls(**{**values, "methods": tuple(read(method) for method in values["methods"])})


@dataclass(frozen=True)
class Diagnostics:
    """Diagnostics of whether attention can explain a model, on `texts` texts; see `attnclf.explain.diagnostics`.

    `entropy` is None if no text has two tokens.
    """

    texts: int
    conicity_of_states: Interval
    conicity_of_values: Interval
    vote_agreement: Interval
    entropy: Interval | None
    accuracy: Interval
    accuracy_uniform: Interval


@dataclass(frozen=True)
class MethodPlausibility:
    """How well the words that `method` ranks highest match those that people marked; see `attnclf.explain.plausibility`."""

    method: str
    token_f1: Interval
    iou_f1: Interval
    auprc: Interval


@dataclass(frozen=True)
class Plausibility:
    """Methods compared with people, on `texts` texts with a marked word; people marked a `share` of the words."""

    texts: int
    share: float
    methods: tuple[MethodPlausibility, ...]


@dataclass(frozen=True)
class Measured:
    """All measurements of how far a model's explanations can be trusted; those that were not made are empty or None.

    There is one `faithfulness` for each way of removing words.
    """

    faithfulness: tuple[Faithfulness, ...] = ()
    diagnostics: Diagnostics | None = None
    plausibility: Plausibility | None = None
    additivity: float | None = None  # the largest |Σ evidence − log-odds| over all rows

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON can hold, without what was not measured."""
        return {name: value for name, value in dataclasses.asdict(self).items() if value not in (None, ())}
