"""Values about accounts: the rule that makes one verdict of many posts, and how well verdicts on accounts are found to be."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnclf.results.measured import Interval
from attnclf.results.scores import Report


@dataclass(frozen=True)
class AccountRule:
    """How the posts of an account come together:

        z_k = b_k + s n^(−γ) Σ_i ℓ_ik        the account's logit of label k, from the logits ℓ_ik of its n posts

    `offsets` are b, one for each label of the model, `scale` is s > 0 and `damping` is γ in [0, 1]. With γ = 0 posts count as
    independent witnesses, with γ = 1 their mean counts, however many there are. `shares` are those of the labels among
    accounts: the base rates at which the probabilities hold. `accounts` is the number of accounts that the rule was fitted to.
    """

    offsets: tuple[float, ...]
    scale: float
    damping: float
    shares: tuple[float, ...]
    accounts: int

    def rates(self, labels: Sequence[str], shift: NDArray[np.float64]) -> dict[str, float]:
        """The base rates by label, where `shift` (K,) is what they add to the logits."""
        return {label: float(share * np.exp(more)) for label, share, more in zip(labels, self.shares, shift, strict=True)}

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON can hold."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in vars(self).items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "AccountRule":
        """Reads back what `to_dict` gave. Raises KeyError, TypeError or ValueError for anything else."""
        offsets, shares = (tuple(map(float, values[name])) for name in ("offsets", "shares"))
        return cls(offsets, float(values["scale"]), float(values["damping"]), shares, int(values["accounts"]))


@dataclass(frozen=True)
class AccountVerdict:
    """The verdict on an account from all its posts.

    `labels` are all labels, the likeliest first, with their `probabilities`. `log_odds` is log(p_1 / p_2) of the first two:
    the sum of an offset and of the `evidence` of each post, in nats. `rows` are the numbers of the posts. `base_rates` are
    those for which the probabilities hold, where others than those of training were asked for.
    """

    account: str
    labels: tuple[str, ...]
    probabilities: tuple[float, ...]
    log_odds: float
    rows: tuple[int, ...]
    evidence: tuple[float, ...]
    base_rates: Mapping[str, float]

    @property
    def label(self) -> str:
        return self.labels[0]

    @property
    def probability(self) -> float:
        return self.probabilities[0]

    @property
    def posts(self) -> int:
        """How many posts were read."""
        return len(self.rows)

    @property
    def strongest_for(self) -> int | None:
        """The position of the post with the most evidence for the label; None where no post speaks for it."""
        best = int(np.argmax(self.evidence))
        return best if self.evidence[best] > 0 else None

    @property
    def strongest_against(self) -> int | None:
        """The position of the post with the most evidence against the label; None where no post speaks against it."""
        worst = int(np.argmin(self.evidence))
        return worst if self.evidence[worst] < 0 else None


@dataclass(frozen=True)
class Scores:
    """A report, and 95 % intervals of its accuracy, macro F1 and log loss over accounts, by the names of the scores."""

    report: Report
    intervals: Mapping[str, Interval]


@dataclass(frozen=True)
class AccountScores:
    """Verdicts on posts and on their accounts side by side, on the same `rows` posts of `accounts` accounts.

    `posts` counts every post and `verdicts` every account. Both intervals are over accounts, drawn whole, since posts of one
    account are alike.
    """

    accounts: int
    posts: Scores
    verdicts: Scores

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON can hold."""
        return dataclasses.asdict(self)
