"""Why an account got its verdict: what each post said, and each token of a post.

The evidence of a post is its weight s n^(−γ) w times its own log-odds for the verdict's target against its rival. These are the
sum over its tokens (`attnclf.explain.evidence`). So an account's log-odds are an offset plus a sum over all tokens of all its
posts.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from attnclf.accounts.verdicts import verdicts
from attnclf.explain import explain
from attnclf.results import AccountExplanation, AccountRule, Explanation
from attnclf.served.model import ServedModel

AT_ONCE = 64  # posts explained together
CountUnread = Callable[[Sequence[str], Sequence[float], Sequence[bool]], None]
"""Counts posts that were not read: their texts, the known share of each, and which were cut."""


def explain_account(
    served: ServedModel,
    rule: AccountRule,
    name: str,
    texts: Sequence[str],
    rates: Mapping[str, float],
    unread: CountUnread,
    *,
    methods: Sequence[str] = (),
    by: str = "token",
    most: int | None = None,
) -> AccountExplanation:
    """The verdict on the account `name`, whose posts are `texts`, of which there is at least one, and why.

    `served` answers at the base rates of training; `rates` are base rates asked for. Of the posts the `most` with the largest
    |evidence| are explained, by default all. `methods` and `by` are as in `attnclf.explain.explain`. `unread` is called once,
    with all posts. Raises UsageError for rates that are none.
    """
    logits, known, truncated = served.logits(texts)
    (verdict,) = verdicts(rule, served.labels, texts, logits, [name] * len(texts), rates).values()
    unread(texts, known, truncated)
    ranked = sorted(range(len(texts)), key=lambda post: -abs(verdict.evidence[post]))
    found = AccountExplanation(verdict, tuple(texts), tuple(ranked), ())
    return replace(found, explained=tuple(explained_posts(served, found, methods=methods, by=by, most=most)))


def explained_posts(
    served: ServedModel,
    found: AccountExplanation,
    *,
    methods: Sequence[str] = (),
    by: str = "token",
    most: int | None = None,
) -> Iterator[Explanation]:
    """The explanations of an account's posts, the largest |evidence| first: one after another, since many take much room."""
    chosen = found.ranked[:most]
    for start in range(0, len(chosen), AT_ONCE):
        texts = [found.texts[post] for post in chosen[start : start + AT_ONCE]]
        yield from explain(served, texts, found.verdict.target, found.verdict.against, methods, by)
