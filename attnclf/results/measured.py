"""What the explanations of many texts come to, as frozen dataclasses of plain values: a model at a glance, and how far its
explanations can be trusted."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

RANDOM = "random"  # stands among the methods: words in no order


@dataclass(frozen=True)
class WordOverview:
    """One word where a label was given: in how many places it stood, its evidence for the label, summed and a place, its mean
    attention, and the place where it had most evidence, as (before, word, after)."""

    text: str
    count: int
    evidence: float
    mean_evidence: float
    mean_attention: float
    context: tuple[str, str, str]


@dataclass(frozen=True)
class LabelOverview:
    """The words with the most evidence for `label`, over the `texts` texts that were given it."""

    label: str
    texts: int
    words: tuple[WordOverview, ...]


@dataclass(frozen=True)
class Overview:
    """A whole model at a glance, by what it said of `texts` texts."""

    texts: int
    labels: tuple[LabelOverview, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as JSON holds them."""
        return dataclasses.asdict(self)


@dataclass(frozen=True)
class Interval:
    """A mean over texts, with its 95 % interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class MethodFaithfulness:
    """What removing words in the order that `method` ranks them does to p, the probability of the label predicted from the
    full text; what each number is: `attnclf.explain.faithfulness`. `tau` and so on compare with leaving one word out; None for
    leaving one out itself and for random orders."""

    method: str
    comprehensiveness: Interval
    sufficiency: Interval
    without_tenth: float  # mean p without the top 10 % of words
    flip: float | None  # median share of words that flips the label; None when most never flip
    never: float  # share of texts that no removal flips
    tau: Interval | None
    tau_signed: Interval | None
    sign_differs: float | None


@dataclass(frozen=True)
class Faithfulness:
    """Faithfulness of several methods on the same `texts` texts. `mode` is how words were removed, `full` the mean p of the
    full texts, `additivity` the largest |Σ evidence − log-odds| met."""

    texts: int
    mode: str
    full: float
    additivity: float
    methods: tuple[MethodFaithfulness, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as JSON holds them."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Faithfulness":
        """What `to_dict` gave, read back."""
        intervals = ("comprehensiveness", "sufficiency", "tau", "tau_signed")

        def read(method: Mapping[str, Any]) -> MethodFaithfulness:
            parts: dict[str, Any] = dict(method)
            parts |= {name: Interval(**parts[name]) for name in intervals if parts[name] is not None}
            return MethodFaithfulness(**parts)

        return cls(**{**values, "methods": tuple(read(method) for method in values["methods"])})


@dataclass(frozen=True)
class Diagnostics:
    """Whether attention can explain a model, on `texts` texts: see `attnclf.explain.diagnostics`. `entropy` is None where no
    text has two tokens."""

    texts: int
    conicity_of_states: Interval
    conicity_of_values: Interval
    vote_agreement: Interval
    entropy: Interval | None
    accuracy: Interval
    accuracy_uniform: Interval


@dataclass(frozen=True)
class MethodPlausibility:
    """How well what `method` ranks highest meets what people marked: see `attnclf.explain.plausibility`."""

    method: str
    token_f1: Interval
    iou_f1: Interval
    auprc: Interval


@dataclass(frozen=True)
class Plausibility:
    """Methods against people, on the `texts` texts in which people marked a word; they marked a `share` of the words."""

    texts: int
    share: float
    methods: tuple[MethodPlausibility, ...]


@dataclass(frozen=True)
class Measured:
    """How far a model's explanations can be trusted, as far as it was measured: by each way of removing words, from inside the
    model, and against people."""

    faithfulness: tuple[Faithfulness, ...] = ()
    diagnostics: Diagnostics | None = None
    plausibility: Plausibility | None = None
    additivity: float | None = None  # over all rows

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as JSON holds them; without what was not measured."""
        return {name: value for name, value in dataclasses.asdict(self).items() if value not in (None, ())}
