"""How many posts are needed: the verdicts after the first few posts of each account."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from attnclf.accounts.intervals import wilson
from attnclf.accounts.posts import Posts
from attnclf.accounts.rule import account_logits
from attnclf.accounts.thresholds import decide
from attnclf.results import AccountRule, AfterPosts, softmax
from attnclf.scoring import metrics

FIRST = (1, 2, 3, 5, 10, 20)  # posts


def after_posts(
    rule: AccountRule,
    labels: Sequence[str],
    posts: Posts,
    targets: NDArray[np.int32],
    shift: NDArray[np.float64],
) -> tuple[AfterPosts, ...]:
    """The verdicts on accounts after their first 1, 2, 3, 5, 10 and 20 posts, and after all.

    `targets` (A,) are label numbers, −1 for a label that the model does not know. `shift` (K,) is what base rates add. Numbers
    of posts that no account has are left out.
    """
    largest = int(posts.counts.max())
    numbers = [*(number for number in FIRST if number < largest), None]
    return tuple(_after(rule, labels, posts, targets, shift, number) for number in numbers)


def _after(
    rule: AccountRule,
    labels: Sequence[str],
    posts: Posts,
    targets: NDArray[np.int32],
    shift: NDArray[np.float64],
    most: int | None,
) -> AfterPosts:
    read = posts if most is None else posts.first(most)
    z = account_logits(rule, read)
    p = softmax(z + shift)
    known = targets >= 0
    right = int((p.argmax(axis=1) == targets).sum())
    return AfterPosts(
        most,
        float(read.counts.mean()),
        wilson(right, len(targets)),
        metrics.log_loss(targets[known], p[known]) if known.any() else None,
        metrics.calibration_error(targets, p),
        wilson(int((decide(rule, labels, z, read.counts, shift) < 0).sum()), len(targets)),
    )
