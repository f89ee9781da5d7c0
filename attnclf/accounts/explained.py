"""Why an account got its verdict: what each post said, and each token of a post.

The evidence of a post is its weight s n^(−γ) w times its own log-odds for the verdict's target against its rival, plus what it
adds by the account model. Both are sums over its tokens (`attnclf.explain.evidence`, `attnclf.served.account_model`). So an
account's log-odds are an offset plus a sum over all tokens of all its posts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from attnclf.accounts.by_model import by_account_model, of_tokens
from attnclf.accounts.posts import Posts
from attnclf.accounts.verdicts import verdicts
from attnclf.explain import check_by, explain
from attnclf.explain.aggregate import of_units
from attnclf.results import AccountExplanation, AccountRule, Explanation
from attnclf.served.model import ServedModel
from attnclf.served.unread import Unread

AT_ONCE = 64  # posts explained together


def explain_account(
    served: ServedModel,
    rule: AccountRule,
    name: str,
    texts: Sequence[str],
    rates: Mapping[str, float],
    unread: Unread,
    *,
    methods: Sequence[str] = (),
    by: str = "token",
    most: int | None = None,
) -> AccountExplanation:
    """The verdict on the account `name`, whose posts are `texts`, of which there is at least one, and why.

    `served` answers at the base rates of training; `rates` are base rates asked for. Of the posts the `most` with the largest
    |evidence| are explained, by default all. `methods` and `by` are as in `attnclf.explain.explain`. `unread` counts all
    posts. Raises UsageError for rates that are none, and as `explain` does.
    """
    check_by(by)  # `explain` may not be called, where `most` is 0
    logits, known, left_out = served.logits(texts)
    posts = Posts.of(texts, logits, [name] * len(texts), by_account_model(served))
    (verdict,) = verdicts(rule, served.labels, posts, rates).values()
    unread.add(known, left_out)
    ranked = sorted(range(len(texts)), key=lambda post: -abs(verdict.evidence[post]))
    found = AccountExplanation(verdict, tuple(texts), tuple(ranked), ())
    return replace(found, explained=tuple(explained_posts(served, rule, found, methods=methods, by=by, most=most)))


def explained_posts(
    served: ServedModel,
    rule: AccountRule,
    found: AccountExplanation,
    *,
    methods: Sequence[str] = (),
    by: str = "token",
    most: int | None = None,
) -> Iterator[Explanation]:
    """The explanations of an account's posts, the largest |evidence| first: one after another, since many take much room.

    Scores by further `methods` are those of the post by itself.
    """
    chosen, verdict = found.ranked[:most], found.verdict
    by_model = of_tokens(served, found.texts) if chosen else None
    k, r = (served.labels.index(label) for label in (verdict.target, verdict.against))
    for start in range(0, len(chosen), AT_ONCE):
        some = chosen[start : start + AT_ONCE]
        results = explain(served, [found.texts[post] for post in some], verdict.target, verdict.against, methods, by)
        for post, result in zip(some, results, strict=True):
            added = np.zeros(len(result.tokens))
            if by_model is not None:
                spans, of_post = by_model[post]
                added = rule.account_model * of_units(result, spans, of_post[:, k] - of_post[:, r])
            yield _in_account(result, verdict.weights[post], added, verdict.evidence[post])


def _in_account(result: Explanation, weight: float, added: NDArray[np.float64], evidence: float) -> Explanation:
    """The explanation of a post as a part of its account: the evidence of its tokens times its weight, plus what they add."""
    tokens = tuple(
        replace(token, evidence=weight * token.evidence + more)
        for token, more in zip(result.tokens, added.tolist(), strict=True)
    )
    return replace(result, tokens=tokens, log_odds=evidence, own_log_odds=result.log_odds).with_sides()
