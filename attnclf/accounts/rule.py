"""The rule by which the posts of an account come together, and how its few numbers are found.

    z_k = b_k + c_k / n + s n^(−γ) Σ_i w_i ℓ_ik + u Σ_i m_ik

ℓ_ik is the logit of label k for post i. The sum of log-odds would be right for independent witnesses (naive Bayes: γ = 0,
w = 1). Posts of one account are alike, so that forty of them say less than forty times as much: γ says how much less. With
γ = 1 only their mean counts. w_i is the novelty of the post, and n = Σ_i w_i is how many witnesses the posts are: forty equal
posts are one, so that repeats neither strengthen a verdict nor weaken it.

m_ik is what the post adds to the account model (`attnclf.served.account_model`), which sees what no post shows by itself: how
often an account writes something. Without such a model u is 0. c corrects what is said of accounts with few posts.

The rule is additive. An account's evidence for k against r is an offset, that of b and c / n, plus the sum over its posts of
s n^(−γ) w_i (ℓ_ik − ℓ_ir) + u (m_ik − m_ir), and that of a post is the sum over its tokens.

b, c, s, γ and u have the least log loss on accounts whose posts the model has not seen, as the mixing weights of
`attnclf.linear.mixing` have on rows. A prior keeps a few accounts that any rule gets right from making it certain.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from attnclf.accounts.posts import Evidence, Posts
from attnclf.results import AccountRule, softmax
from attnclf.served.base_rates import base_rates, log_shift

# The prior: the usual s, γ and u, and the standard deviations of b and c, of log s, of the log-odds of γ and of log u. Of two
# models each counts half as much as one alone.
USUAL_SCALE, USUAL_DAMPING, USUAL_HALF = 1.0, 0.5, 0.5
DEVIATION_OF_OFFSETS, DEVIATION_OF_SCALE, DEVIATION_OF_DAMPING, DEVIATION_OF_HALF = (1.0, 2.0), 0.3, 1.0, 0.5
FOLDS = 5


def account_logits(rule: AccountRule, posts: Posts) -> NDArray[np.float64]:
    """The logits z (A, K) of the accounts."""
    if rule.by_novelty:
        return _logits(rule, posts.evidence)
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


def _logits(rule: AccountRule, evidence: Evidence) -> NDArray[np.float64]:
    """The logits z (A, K) by a rule that goes by novelty."""
    of_few: NDArray[np.float64] = np.outer(1 / evidence.witnesses, rule.offsets_of_few or [0.0] * len(rule.offsets))
    z = np.asarray(rule.offsets) + of_few + _weights(rule, evidence.witnesses)[:, None] * evidence.sums
    return z if evidence.by_account_model is None else z + rule.account_model * evidence.by_account_model


def _weights(rule: AccountRule, witnesses: NDArray[np.floating] | NDArray[np.intp]) -> NDArray[np.float64]:
    return np.asarray(rule.scale * witnesses.astype(np.float64) ** -rule.damping)


def fit_rule(
    posts: Posts, targets: NDArray[np.int32], shares: Sequence[float], bias: NDArray[np.floating] | None = None
) -> AccountRule:
    """The rule with the least log loss on the accounts of `posts`, whose label numbers are `targets` (A,), read whole and after
    the first few posts of each.

    `shares` (K,) are the labels' shares among accounts, which the rule keeps. `bias` (K,) is that of the account model; it
    becomes a part of the offsets.
    """
    return _fit(posts.evidence_after, targets, shares, bias)


def crossed_logits(
    posts: Posts, targets: NDArray[np.int32], bias: NDArray[np.floating] | None = None, seed: int = 0
) -> NDArray[np.float64]:
    """The logits (A, K) of each account by a rule that was fitted to other accounts than it, in five folds.

    An honest score of rules such as `fit_rule` makes on accounts that it was fitted to.
    """
    after = posts.evidence_after
    found = np.zeros_like(after[-1].sums)
    fold_of = _folds(targets, seed)
    for fold in np.unique(fold_of):
        others, own = fold_of != fold, fold_of == fold
        rule = _fit([evidence.of(others) for evidence in after], targets[others], [1.0] * found.shape[1], bias)
        found[own] = _logits(rule, after[-1].of(own))
    return found


def _folds(targets: NDArray[np.int32], seed: int) -> NDArray[np.intp]:
    """The fold of each account: each label's accounts are spread evenly over the folds, of which there are two at least."""
    order = np.lexsort((np.random.default_rng(seed).random(len(targets)), targets))
    folds = np.empty(len(targets), np.intp)
    folds[order] = np.arange(len(targets)) % FOLDS
    return folds


def _fit(
    after: Sequence[Evidence], targets: NDArray[np.int32], shares: Sequence[float], bias: NDArray[np.floating] | None
) -> AccountRule:
    """The rule for accounts from what they are judged by after some posts; after all it is the last."""
    from scipy.optimize import minimize

    evidence, labels, accounts = Evidence.together(after), after[0].sums.shape[1], len(targets)
    parts = len(after) - 1  # whole accounts count half, and the others share the rest
    counted = np.repeat([*[0.5 / parts] * parts, 0.5] if parts else [1.0], accounts)[:, None]
    logs, truth = np.log(evidence.witnesses)[:, None], np.tile(np.eye(labels)[targets], (parts + 1, 1))
    alone = evidence.by_account_model is None
    bias = np.zeros(labels) if bias is None else bias
    whole = np.zeros_like(evidence.sums) if evidence.by_account_model is None else evidence.by_account_model + bias
    half = 1.0 if alone else USUAL_HALF
    usual = np.array([0.0] * 2 * labels + [np.log(half * USUAL_SCALE), _logit(USUAL_DAMPING), np.log(half)])
    of_rest = [DEVIATION_OF_SCALE, DEVIATION_OF_DAMPING, DEVIATION_OF_HALF]
    deviations = np.append(np.repeat(DEVIATION_OF_OFFSETS, labels), of_rest)
    ones = np.stack([np.ones(len(truth)), 1 / evidence.witnesses])  # what b and c are multiplied by

    def loss(numbers: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """The penalised loss, summed over accounts, and its slope."""
        scale, damping, weight = np.exp(numbers[-3]), _logistic(numbers[-2]), np.exp(numbers[-1])
        of_posts = scale * np.exp(-damping * logs) * evidence.sums  # (A, K)
        of_accounts = weight * whole
        probabilities = softmax(np.asarray(ones.T @ numbers[:-3].reshape(2, labels) + of_posts + of_accounts))
        gaps = counted * (probabilities - truth)  # (A, K): the slope of the loss in z
        in_damping = -(gaps * of_posts * logs).sum() * damping * (1 - damping)
        slope = np.append((ones @ gaps).ravel(), [(gaps * of_posts).sum(), in_damping, (gaps * of_accounts).sum()])
        distance = (numbers - usual) / deviations
        likelihood = (counted[:, 0] * np.log(np.maximum((probabilities * truth).sum(axis=1), 1e-300))).sum()
        return float((distance**2).sum() / 2 - likelihood), slope + distance / deviations

    found = minimize(loss, usual, jac=True, method="L-BFGS-B").x
    scale, damping, weight = float(np.exp(found[-3])), _logistic(found[-2]), 0.0 if alone else float(np.exp(found[-1]))
    offsets, of_few = found[:labels] + weight * bias, found[labels:-3]
    return AccountRule(
        tuple(map(float, offsets - offsets.mean())),
        scale,
        damping,
        tuple(shares),
        accounts,
        account_model=weight,
        offsets_of_few=tuple(map(float, of_few - of_few.mean())),
    )


def _logistic(x: float) -> float:
    return float(1 / (1 + np.exp(-x)))


def _logit(p: float) -> float:
    return float(np.log(p / (1 - p)))
