"""Values about accounts: how well verdicts on them are found to be."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attnclf.results.accounts import Threshold
from attnclf.results.measured import Interval
from attnclf.results.scores import Report


@dataclass(frozen=True)
class Scores:
    """A report, and 95 % intervals of its accuracy, macro F1 and log loss over accounts, by the names of the scores.

    That of a log loss which was not measured is None.
    """

    report: Report
    intervals: Mapping[str, Interval | None]


@dataclass(frozen=True)
class Decisions:
    """What the rule decides, where it may leave accounts undecided or has thresholds.

    `coverage` is the share of accounts that it decides, and `error` the share of wrong labels among these; both with 95 %
    intervals (Wilson). `error` is None where nothing is decided. `thresholds` are measured on these accounts.
    """

    coverage: Interval
    error: Interval | None
    thresholds: tuple[Threshold, ...]


@dataclass(frozen=True)
class AfterPosts:
    """Verdicts on accounts after the first `posts` posts of each, or after all where it is None.

    An account that has fewer gives all it has; `read` is the mean number that was read. `accuracy` is that of the likeliest
    label, `undecided` the share of accounts that the rule leaves undecided, both with 95 % intervals (Wilson). `log_loss` is in
    nats; it is None where the model knows the label of no account.
    """

    posts: int | None
    read: float
    accuracy: Interval
    log_loss: float | None
    calibration_error: float
    undecided: Interval


@dataclass(frozen=True)
class AccountSummary:
    """Accounts of one source in a few numbers, to set beside those of another.

    `posts` is how many posts an account has, `characters` how long a post is, and `familiar` the share of a post's tokens that
    training saw; all are means. `post_accuracy` is that of posts. `accuracy`, `macro_f1` and `log_loss` are those of accounts.
    `log_loss` is None where the model knows the label of none.
    """

    accounts: int
    posts: float
    characters: float
    familiar: float
    post_accuracy: Interval
    accuracy: Interval
    macro_f1: Interval
    log_loss: Interval | None

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "AccountSummary":
        """Reads back what `dataclasses.asdict` gave. Raises KeyError, TypeError or ValueError for anything else."""
        names = "post_accuracy", "accuracy", "macro_f1", "log_loss"
        intervals: Any = {name: values[name] if values[name] is None else Interval(**values[name]) for name in names}
        means: Any = {name: float(values[name]) for name in ("posts", "characters", "familiar")}
        return cls(int(values["accounts"]), **means, **intervals)


@dataclass(frozen=True)
class AccountScores:
    """Verdicts on posts and on their accounts side by side, on the same `rows` posts of `accounts` accounts.

    `posts` counts every post and `verdicts` every account. Both intervals are over accounts, drawn whole, since posts of one
    account are alike. `verdicts` are by the likeliest label; `decisions` are None where that is what the rule decides.
    `after` has the verdicts after the first few posts of each account, where that was asked. `summary` sums these accounts up,
    and `held_out` those that were held out of training. Left out are so many `nameless_rows`, and `mixed_accounts` with several
    labels.
    """

    accounts: int
    posts: Scores
    verdicts: Scores
    decisions: Decisions | None = None
    after: tuple[AfterPosts, ...] = ()
    summary: AccountSummary | None = None
    held_out: AccountSummary | None = None
    nameless_rows: int = 0
    mixed_accounts: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON can hold."""
        return dataclasses.asdict(self)
