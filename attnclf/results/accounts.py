"""Values about accounts: the rule that makes one verdict of many posts, and how well verdicts on accounts are found to be."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON can hold."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in vars(self).items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "AccountRule":
        """Reads back what `to_dict` gave. Raises KeyError, TypeError or ValueError for anything else."""
        offsets, shares = (tuple(map(float, values[name])) for name in ("offsets", "shares"))
        return cls(offsets, float(values["scale"]), float(values["damping"]), shares, int(values["accounts"]))


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
