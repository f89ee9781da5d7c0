"""How much of a post its account has not written elsewhere: what is repeated is no new witness."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

WORD = re.compile(r"\w+")


def novelty(texts: Sequence[str], account_of: Sequence[int] | NDArray[np.intp]) -> NDArray[np.float64]:
    """The novelty of each post (N,), from 0 to 1: the mean over its distinct words of 1 / (its account's posts with the word).

    `account_of` (N,) are the numbers of the posts' accounts. Forty equal posts have together the novelty of one. A post without
    words counts as one that nothing repeats.
    """
    words = [frozenset(WORD.findall(text.casefold())) for text in texts]
    counts: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for account, of_post in zip(account_of, words, strict=True):
        counts[int(account)].update(of_post)
    found = np.ones(len(words))
    for post, (account, of_post) in enumerate(zip(account_of, words, strict=True)):
        if of_post:
            of_account = counts[int(account)]
            found[post] = sum(1 / of_account[word] for word in of_post) / len(of_post)
    return found
