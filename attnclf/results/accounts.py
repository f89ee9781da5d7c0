"""Values about accounts: the rule that makes one verdict of many posts, and the verdict."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from attnclf.results.answers import Explanation
from attnclf.results.measured import Interval


@dataclass(frozen=True)
class Threshold:
    """Accounts are called `label` if it is their likeliest and their log-odds of it against all others are above `log_odds`.

    The log-odds are those at the base rates of training.
    `rate` is the share of false positives that was asked for. `false_positives` is the share of the `others` accounts, which do
    not have the label, that was above it, and `recall` the share of the `positives`, which have it: each with its 95 % interval
    of Clopper and Pearson, and None where there are no such accounts. `promised` says that the interval of false positives
    ended at or below the rate.
    """

    label: str
    rate: float
    log_odds: float
    others: int
    false_positives: Interval | None
    positives: int
    recall: Interval | None
    promised: bool

    @property
    def probability(self) -> float:
        """The probability, at the base rates of training, above which the label is given."""
        return float(1 / (1 + np.exp(-self.log_odds)))

    @property
    def is_missed(self) -> bool:
        """Whether more of the others are above it than was asked for, also at the lower end of the interval."""
        low = self.false_positives.low if self.false_positives else None
        return low is not None and low > self.rate

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Threshold":
        """Reads back what `dataclasses.asdict` gave."""
        names = "false_positives", "recall"
        intervals: Any = {name: values[name] if values[name] is None else Interval(**values[name]) for name in names}
        return cls(**{**values, **intervals})


@dataclass(frozen=True)
class AccountRule:
    """How the posts of an account come together:

        z_k = b_k + c_k / n + s n^(−γ) Σ_i w_i ℓ_ik + u Σ_i m_ik        the account's logit of label k

    ℓ_ik is the logit of post i. w_i is its novelty: the mean over its distinct words and marks of 1 / (the account's posts with
    it). n = Σ_i w_i is how many witnesses the posts are. A rule that is not `by_novelty`, as older ones are, has w = 1. m_ik is
    what the post adds to the logit of the account model.

    `offsets` are b and `offsets_of_few` c, one for each label of the model; no c is 0. `scale` is s > 0, `damping` is γ in
    [0, 1], and `account_model` is u, 0 where there is no account model. With γ = 0 posts count as independent witnesses, with
    γ = 1 their mean counts, however many there are. `shares` are those of the labels among accounts: the base rates at which
    the probabilities hold. `accounts` is the number of accounts that the rule was fitted to. Accounts with fewer than
    `min_posts` posts are undecided. The labels with `thresholds` are given only above these.
    """

    offsets: tuple[float, ...]
    scale: float
    damping: float
    shares: tuple[float, ...]
    accounts: int
    min_posts: int = 1
    thresholds: tuple[Threshold, ...] = ()
    by_novelty: bool = True
    account_model: float = 0.0
    offsets_of_few: tuple[float, ...] = ()

    @property
    def decides_all(self) -> bool:
        """Whether every account gets its likeliest label; else it may get another, or be undecided."""
        return not self.thresholds and self.min_posts <= 1

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON can hold."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "AccountRule":
        """Reads back what `to_dict` gave. Raises KeyError, TypeError or ValueError for anything else."""
        offsets, shares = (tuple(map(float, values[name])) for name in ("offsets", "shares"))
        numbers = float(values["scale"]), float(values["damping"]), shares, int(values["accounts"])
        thresholds = tuple(map(Threshold.from_dict, values["thresholds"]))
        more = values["by_novelty"] is True, float(values["account_model"]), tuple(map(float, values["offsets_of_few"]))
        return cls(offsets, *numbers, int(values["min_posts"]), thresholds, *more)


@dataclass(frozen=True)
class AccountVerdict:
    """The verdict on an account from all its posts.

    `label` is "" where it is undecided, and `undecided` says why. `target` is the label, or the likeliest one where it is
    undecided, and `against` the likeliest other. `probabilities` are those of all labels, the likeliest first.

    `log_odds` is log(p_target / p_against), in nats: the sum of `offset` and of the `evidence` of each post. A post's evidence
    is its own log-odds times its weight, of `weights`, plus what it adds by the account model, of `by_account_model` (0 where
    there is none). `rows` are the numbers of the posts. `base_rates` are those for which the
    probabilities hold, where others than those of training were asked for. `thresholds` are those by which it was decided.
    """

    account: str
    label: str
    undecided: str
    target: str
    against: str
    probabilities: Mapping[str, float]
    log_odds: float
    offset: float
    weights: tuple[float, ...]
    by_account_model: tuple[float, ...]
    rows: tuple[int, ...]
    evidence: tuple[float, ...]
    base_rates: Mapping[str, float]
    thresholds: tuple[Threshold, ...] = ()

    @property
    def probability(self) -> float:
        """The probability of the target."""
        return self.probabilities[self.target]

    @property
    def likeliest(self) -> str:
        """The label with the highest probability, which thresholds may keep from being the target."""
        return next(iter(self.probabilities))

    @property
    def posts(self) -> int:
        """How many posts were read."""
        return len(self.rows)

    @property
    def strongest_for(self) -> int | None:
        """The position of the post with the most evidence for the target; None where no post speaks for it."""
        best = int(np.argmax(self.evidence))
        return best if self.evidence[best] > 0 else None

    @property
    def strongest_against(self) -> int | None:
        """The position of the post with the most evidence against the target; None where no post speaks against it."""
        worst = int(np.argmin(self.evidence))
        return worst if self.evidence[worst] < 0 else None


@dataclass(frozen=True)
class AccountExplanation:
    """Why an account got its verdict.

    `texts` are its posts, and `ranked` their positions, the largest |evidence| first. `explained` has the explanations of the
    first of these, or of all, for the verdict's target against its rival. They explain what the post adds to the account: its
    `log_odds` and the sum of its tokens' evidence are the evidence of the post in the verdict. Its probabilities and
    `own_log_odds` are those of the post by itself.
    """

    verdict: AccountVerdict
    texts: tuple[str, ...]
    ranked: tuple[int, ...]
    explained: tuple[Explanation, ...]
