"""The rule by which the posts of an account come together, and how its few numbers are found.

    z_k = b_k + s n^(−γ) Σ_i w_i ℓ_ik + u Σ_i m_ik

ℓ_ik is the logit of label k for post i. The sum of log-odds would be right for independent witnesses (naive Bayes: γ = 0,
w = 1). Posts of one account are alike, so that forty of them say less than forty times as much: γ says how much less. With
γ = 1 only their mean counts. w_i is the novelty of the post, and n = Σ_i w_i is how many witnesses the posts are: forty equal
posts are one, so that repeats neither strengthen a verdict nor weaken it.

m_ik is what the post adds to the account model (`attnclf.served.account_model`), which sees what no post shows by itself: how
often an account writes something. Without such a model u is 0.

The rule is additive. An account's evidence for k against r is b_k − b_r plus the sum over its posts of
s n^(−γ) w_i (ℓ_ik − ℓ_ir) + u (m_ik − m_ir), and that of a post is the sum over its tokens.

b, s, γ and u have the least log loss on accounts whose posts the model has not seen, as the mixing weights of
`attnclf.linear.mixing` have on rows. A prior keeps a few accounts that any rule gets right from making it certain.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from attnclf.accounts.novelty import novelty
from attnclf.results import AccountRule, softmax
from attnclf.served.account_model import OfPosts
from attnclf.served.base_rates import base_rates, log_shift

# The prior: the usual s, γ and u, and the standard deviations of b, of log s, of the log-odds of γ and of log u. Of two models
# each counts half as much as one alone.
USUAL_SCALE, USUAL_DAMPING, USUAL_HALF = 1.0, 0.5, 0.5
DEVIATION_OF_OFFSETS, DEVIATION_OF_SCALE, DEVIATION_OF_DAMPING, DEVIATION_OF_HALF = 1.0, 0.3, 1.0, 0.5
FOLDS = 5


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

    @property
    def evidence(self) -> "Evidence":
        """What the rule is fitted to."""
        of_accounts = self.sums(self.by_account_model) if self.account_model else None
        return Evidence(self.sums(self.novelty[:, None] * self.logits), self.witnesses, of_accounts)


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

    def logits(self, rule: AccountRule) -> NDArray[np.float64]:
        """The logits z (A, K) by a rule that goes by novelty."""
        z = np.asarray(rule.offsets) + _weights(rule, self.witnesses)[:, None] * self.sums
        return z if self.by_account_model is None else z + rule.account_model * self.by_account_model


def account_logits(rule: AccountRule, posts: Posts) -> NDArray[np.float64]:
    """The logits z (A, K) of the accounts."""
    if rule.by_novelty:
        return posts.evidence.logits(rule)
    return np.asarray(rule.offsets) + posts.sums(post_weights(rule, posts)[:, None] * posts.logits)


def shift_of(rule: AccountRule, labels: Sequence[str], asked: Mapping[str, float]) -> NDArray[np.float64]:
    """What the base rates `asked` for add to each logit of an account, (K,); nothing where there are none.

    Raises UsageError as `attnclf.served.base_rates.base_rates` does.
    """
    return log_shift(rule.shares, base_rates(labels, rule.shares, asked)) if asked else np.zeros(len(labels))


def post_weights(rule: AccountRule, posts: Posts) -> NDArray[np.float64]:
    """How much each post counts (N,): s n^(−γ) w_i. Weights times logits and the offsets sum to the account's logits."""
    if not rule.by_novelty:
        return _weights(rule, posts.counts)[posts.account_of]
    return _weights(rule, posts.witnesses)[posts.account_of] * posts.novelty


def _weights(rule: AccountRule, witnesses: NDArray[np.floating] | NDArray[np.intp]) -> NDArray[np.float64]:
    return np.asarray(rule.scale * witnesses.astype(np.float64) ** -rule.damping)


def fit_rule(
    posts: Posts, targets: NDArray[np.int32], shares: Sequence[float], bias: NDArray[np.floating] | None = None
) -> AccountRule:
    """The rule with the least log loss on the accounts of `posts`, whose label numbers are `targets` (A,).

    `shares` (K,) are the labels' shares among accounts, which the rule keeps. `bias` (K,) is that of the account model; it
    becomes a part of the offsets.
    """
    return _fit(posts.evidence, targets, shares, bias)


def crossed_logits(
    posts: Posts, targets: NDArray[np.int32], bias: NDArray[np.floating] | None = None, seed: int = 0
) -> NDArray[np.float64]:
    """The logits (A, K) of each account by a rule that was fitted to other accounts than it, in five folds.

    An honest score of rules such as `fit_rule` makes on accounts that it was fitted to.
    """
    evidence = posts.evidence
    found = np.zeros_like(evidence.sums)
    fold_of = _folds(targets, seed)
    for fold in np.unique(fold_of):
        others, own = fold_of != fold, fold_of == fold
        rule = _fit(evidence.of(others), targets[others], [1.0] * found.shape[1], bias)
        found[own] = evidence.of(own).logits(rule)
    return found


def _folds(targets: NDArray[np.int32], seed: int) -> NDArray[np.intp]:
    """The fold of each account: each label's accounts are spread evenly over the folds, of which there are two at least."""
    order = np.lexsort((np.random.default_rng(seed).random(len(targets)), targets))
    folds = np.empty(len(targets), np.intp)
    folds[order] = np.arange(len(targets)) % FOLDS
    return folds


def _fit(
    evidence: Evidence, targets: NDArray[np.int32], shares: Sequence[float], bias: NDArray[np.floating] | None
) -> AccountRule:
    from scipy.optimize import minimize

    labels, accounts = evidence.sums.shape[1], len(targets)
    logs, truth = np.log(evidence.witnesses)[:, None], np.eye(labels)[targets]
    alone = evidence.by_account_model is None
    bias = np.zeros(labels) if bias is None else bias
    whole = np.zeros_like(evidence.sums) if evidence.by_account_model is None else evidence.by_account_model + bias
    half = 1.0 if alone else USUAL_HALF
    usual = np.array([0.0] * labels + [np.log(half * USUAL_SCALE), _logit(USUAL_DAMPING), np.log(half)])
    deviations = np.array([DEVIATION_OF_OFFSETS] * labels + [DEVIATION_OF_SCALE, DEVIATION_OF_DAMPING, DEVIATION_OF_HALF])

    def loss(numbers: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """The penalised loss, summed over accounts, and its slope."""
        scale, damping, weight = np.exp(numbers[-3]), _logistic(numbers[-2]), np.exp(numbers[-1])
        of_posts = scale * np.exp(-damping * logs) * evidence.sums  # (A, K)
        of_accounts = weight * whole
        probabilities = softmax(np.asarray(numbers[:-3] + of_posts + of_accounts))
        gaps = probabilities - truth  # (A, K): the slope of the loss in z
        in_damping = -(gaps * of_posts * logs).sum() * damping * (1 - damping)
        slope = np.append(gaps.sum(axis=0), [(gaps * of_posts).sum(), in_damping, (gaps * of_accounts).sum()])
        distance = (numbers - usual) / deviations
        likelihood = np.log(np.maximum(probabilities[np.arange(accounts), targets], 1e-300)).sum()
        return float((distance**2).sum() / 2 - likelihood), slope + distance / deviations

    found = minimize(loss, usual, jac=True, method="L-BFGS-B").x
    scale, damping, weight = float(np.exp(found[-3])), _logistic(found[-2]), 0.0 if alone else float(np.exp(found[-1]))
    offsets = found[:-3] + weight * bias
    return AccountRule(
        tuple(map(float, offsets - offsets.mean())), scale, damping, tuple(shares), accounts, account_model=weight
    )


def _logistic(x: float) -> float:
    return float(1 / (1 + np.exp(-x)))


def _logit(p: float) -> float:
    return float(np.log(p / (1 - p)))
