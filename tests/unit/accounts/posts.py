"""Posts for the tests of accounts, in which no word stands twice."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from attnclf.accounts.posts import Posts


def different(count: int) -> list[str]:
    return [f"post{number}" for number in range(count)]


def posts_of(logits: NDArray[np.floating], accounts: Sequence[str]) -> Posts:
    return Posts.of(different(len(accounts)), logits, accounts)
