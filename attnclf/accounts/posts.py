"""Posts of accounts, and what the rule for accounts (`attnclf.accounts.rule`) makes of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from attnclf.accounts.novelty import novelty
from attnclf.served.account_model import OfPosts

FIRST = (1, 2, 3, 5, 10)  # posts after which a rule is fitted too: it must hold for accounts of any size


@dataclass(frozen=True)
class Posts:
    """Posts of accounts: their `texts`, their `logits` (N, K), centred so that each row sums to 0, and the number of each
    post's account (N,), of the `names` in order of first appearance. `account_model` gives what they add by it, if there is
    one."""

    texts: Sequence[str]
    logits: NDArray[np.float64]
    account_of: NDArray[np.intp]
    names: tuple[str, ...]
    account_model: OfPosts | None = None

    @classmethod
    def of(
        cls,
        texts: Sequence[str],
        logits: NDArray[np.floating],
        accounts: Sequence[str],
        account_model: OfPosts | None = None,
    ) -> "Posts":
        """The posts with these logits (N, K), whose accounts have these names."""
        numbers: dict[str, int] = {}
        account_of = np.array([numbers.setdefault(name, len(numbers)) for name in accounts], np.intp)
        wide = logits.astype(np.float64)
        return cls(texts, wide - wide.mean(axis=1, keepdims=True), account_of, tuple(numbers), account_model)

    @cached_property
    def novelty(self) -> NDArray[np.float64]:
        """The novelty w (N,) of the posts."""
        return novelty(self.texts, self.account_of)

    @cached_property
    def by_account_model(self) -> NDArray[np.float64]:
        """m (N, K), what each post adds to its account's logits by the account model; zeros without one."""
        return self.account_model(self.texts, self.account_of) if self.account_model else np.zeros_like(self.logits)

    @property
    def counts(self) -> NDArray[np.intp]:
        """How many posts each account has, (A,)."""
        return np.bincount(self.account_of, minlength=len(self.names))

    @property
    def witnesses(self) -> NDArray[np.float64]:
        """How many witnesses each account's posts are, (A,): the sum of their novelty."""
        return np.asarray(np.bincount(self.account_of, self.novelty, len(self.names)), np.float64)

    def sums(self, of_posts: NDArray[np.float64]) -> NDArray[np.float64]:
        """The sums over each account's posts (A, K) of numbers of posts (N, K)."""
        return np.stack([np.bincount(self.account_of, column, len(self.names)) for column in of_posts.T], axis=1)

    def first(self, most: int) -> "Posts":
        """The same accounts with their first `most` posts each, in the order of the rows."""
        order = np.argsort(self.account_of, kind="stable")  # account by account
        starts = np.cumsum(self.counts) - self.counts
        place = np.empty(len(order), np.intp)
        place[order] = np.arange(len(order)) - np.repeat(starts, self.counts)  # of each post within its account
        kept = place < most
        texts = [self.texts[post] for post in np.flatnonzero(kept).tolist()]
        return Posts(texts, self.logits[kept], self.account_of[kept], self.names, self.account_model)

    @property
    def evidence(self) -> "Evidence":
        """What the accounts are judged by."""
        of_accounts = self.sums(self.by_account_model) if self.account_model else None
        return Evidence(self.sums(self.novelty[:, None] * self.logits), self.witnesses, of_accounts)

    @cached_property
    def evidence_after(self) -> tuple["Evidence", ...]:
        """The evidence after the first few posts of each account, as many as FIRST says, and after all."""
        largest = int(self.counts.max())
        return (*(self.first(most).evidence for most in FIRST if most < largest), self.evidence)


@dataclass(frozen=True)
class Evidence:
    """What accounts are judged by: the `sums` (A, K) of novelty times logits, how many `witnesses` (A,) their posts are, and
    the logits of the account model (A, K), if there is one."""

    sums: NDArray[np.float64]
    witnesses: NDArray[np.float64]
    by_account_model: NDArray[np.float64] | None

    def of(self, accounts: NDArray[np.bool_]) -> "Evidence":
        """That of some accounts (A,)."""
        whole = None if self.by_account_model is None else self.by_account_model[accounts]
        return Evidence(self.sums[accounts], self.witnesses[accounts], whole)

    @classmethod
    def together(cls, parts: "Sequence[Evidence]") -> "Evidence":
        """That of the same accounts several times, one after another."""
        of_model = [part.by_account_model for part in parts if part.by_account_model is not None]
        sums, witnesses = (np.concatenate([getattr(part, name) for part in parts]) for name in ("sums", "witnesses"))
        return cls(sums, witnesses, np.concatenate(of_model) if of_model else None)
