"""The rule by which the posts of an account come together, and how its few numbers are found.

    z_k = b_k + s n^(−γ) Σ_i w_i ℓ_ik

ℓ_ik is the logit of label k for post i. The sum of log-odds would be right for independent witnesses (naive Bayes: γ = 0,
w = 1). Posts of one account are alike, so that forty of them say less than forty times as much: γ says how much less. With
γ = 1 only their mean counts. w_i is the novelty of the post, and n = Σ_i w_i is how many witnesses the posts are: forty equal
posts are one, so that repeats neither strengthen a verdict nor weaken it. The rule is additive.
An account's evidence for k against r is b_k − b_r plus the sum over its posts of s n^(−γ) w_i (ℓ_ik − ℓ_ir), and that of a post
is the sum over its tokens.

b, s and γ have the least log loss on accounts whose posts the model has not seen, as the mixing weights of
`attnclf.linear.mixing` have on rows. A prior keeps a few accounts that any rule gets right from making it certain.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from attnclf.accounts.novelty import novelty
from attnclf.results import AccountRule, softmax
from attnclf.served.base_rates import base_rates, log_shift

# The prior: the usual s and γ, and the standard deviations of b, of log s and of the log-odds of γ.
USUAL_SCALE, USUAL_DAMPING = 1.0, 0.5
DEVIATION_OF_OFFSETS, DEVIATION_OF_SCALE, DEVIATION_OF_DAMPING = 1.0, 0.3, 1.0
FOLDS = 5


@dataclass(frozen=True)
class Posts:
    """Posts of accounts: their `texts`, their `logits` (N, K), centred so that each row sums to 0, and the number of each
    post's account (N,), of the `names` in order of first appearance."""

    texts: Sequence[str]
    logits: NDArray[np.float64]
    account_of: NDArray[np.intp]
    names: tuple[str, ...]

    @classmethod
    def of(cls, texts: Sequence[str], logits: NDArray[np.floating], accounts: Sequence[str]) -> "Posts":
        """The posts with these logits (N, K), whose accounts have these names."""
        numbers: dict[str, int] = {}
        account_of = np.array([numbers.setdefault(name, len(numbers)) for name in accounts], np.intp)
        wide = logits.astype(np.float64)
        return cls(texts, wide - wide.mean(axis=1, keepdims=True), account_of, tuple(numbers))

    @cached_property
    def novelty(self) -> NDArray[np.float64]:
        """The novelty w (N,) of the posts."""
        return novelty(self.texts, self.account_of)

    @property
    def counts(self) -> NDArray[np.intp]:
        """How many posts each account has, (A,)."""
        return np.bincount(self.account_of, minlength=len(self.names))

    @property
    def witnesses(self) -> NDArray[np.float64]:
        """How many witnesses each account's posts are, (A,): the sum of their novelty."""
        return np.asarray(np.bincount(self.account_of, self.novelty, len(self.names)), np.float64)

    def sums(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """The sums of `weights` (N,) times logits over each account's posts, (A, K)."""
        columns = [np.bincount(self.account_of, column, len(self.names)) for column in weights * self.logits.T]
        return np.stack(columns, axis=1)  # (A, K)


def account_logits(rule: AccountRule, posts: Posts) -> NDArray[np.float64]:
    """The logits z (A, K) of the accounts."""
    return np.asarray(rule.offsets) + posts.sums(post_weights(rule, posts))


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


def fit_rule(posts: Posts, targets: NDArray[np.int32], shares: Sequence[float]) -> AccountRule:
    """The rule with the least log loss on the accounts of `posts`, whose label numbers are `targets` (A,).

    `shares` (K,) are the labels' shares among accounts, which the rule keeps.
    """
    return _fit(posts.sums(posts.novelty), posts.witnesses, targets, shares)


def crossed_logits(posts: Posts, targets: NDArray[np.int32], seed: int = 0) -> NDArray[np.float64]:
    """The logits (A, K) of each account by a rule that was fitted to other accounts than it, in five folds.

    An honest score of rules such as `fit_rule` makes on accounts that it was fitted to.
    """
    sums, witnesses = posts.sums(posts.novelty), posts.witnesses
    found = np.zeros_like(sums)
    fold_of = _folds(targets, seed)
    for fold in np.unique(fold_of):
        others, own = fold_of != fold, fold_of == fold
        rule = _fit(sums[others], witnesses[others], targets[others], [1.0] * sums.shape[1])
        found[own] = np.asarray(rule.offsets) + _weights(rule, witnesses[own])[:, None] * sums[own]
    return found


def _folds(targets: NDArray[np.int32], seed: int) -> NDArray[np.intp]:
    """The fold of each account: each label's accounts are spread evenly over the folds, of which there are two at least."""
    order = np.lexsort((np.random.default_rng(seed).random(len(targets)), targets))
    folds = np.empty(len(targets), np.intp)
    folds[order] = np.arange(len(targets)) % FOLDS
    return folds


def _fit(
    sums: NDArray[np.float64], witnesses: NDArray[np.float64], targets: NDArray[np.int32], shares: Sequence[float]
) -> AccountRule:
    from scipy.optimize import minimize

    labels, accounts = sums.shape[1], len(targets)
    logs, truth = np.log(witnesses)[:, None], np.eye(labels)[targets]
    usual = np.array([0.0] * labels + [np.log(USUAL_SCALE), _logit(USUAL_DAMPING)])
    deviations = np.array([DEVIATION_OF_OFFSETS] * labels + [DEVIATION_OF_SCALE, DEVIATION_OF_DAMPING])

    def loss(numbers: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """The penalised loss, summed over accounts, and its slope."""
        damping = _logistic(numbers[-1])
        evidence = np.exp(numbers[-2] - damping * logs) * sums  # (A, K)
        probabilities = softmax(np.asarray(numbers[:-2] + evidence))
        gaps = probabilities - truth  # (A, K): the slope of the loss in z
        slope = np.append(
            gaps.sum(axis=0), [(gaps * evidence).sum(), -(gaps * evidence * logs).sum() * damping * (1 - damping)]
        )
        distance = (numbers - usual) / deviations
        likelihood = np.log(np.maximum(probabilities[np.arange(accounts), targets], 1e-300)).sum()
        return float((distance**2).sum() / 2 - likelihood), slope + distance / deviations

    found = minimize(loss, usual, jac=True, method="L-BFGS-B").x
    offsets = found[:-2] - found[:-2].mean()
    damping = float(_logistic(found[-1]))
    return AccountRule(tuple(map(float, offsets)), float(np.exp(found[-2])), damping, tuple(shares), accounts)


def _logistic(x: float) -> float:
    return float(1 / (1 + np.exp(-x)))


def _logit(p: float) -> float:
    return float(np.log(p / (1 - p)))
