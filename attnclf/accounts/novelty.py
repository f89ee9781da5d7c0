"""How much of a post its account has not written elsewhere: what is repeated is no new witness."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

TOKEN = re.compile(r"\w+|[^\w\s]")
NOTHING = frozenset({""})  # what an empty post holds


def novelty(texts: Sequence[str], account_of: Sequence[int] | NDArray[np.intp]) -> NDArray[np.float64]:
    """The novelty of each post (N,): the mean over its distinct tokens of 1 / (the posts of its account with the token).

    Tokens are words and marks. `account_of` (N,) are the numbers of the posts' accounts. Forty equal posts have together the
    novelty of one. Empty posts are equal, too.
    """
    tokens = [frozenset(TOKEN.findall(text.casefold())) or NOTHING for text in texts]
    counts: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for account, of_post in zip(account_of, tokens, strict=True):
        counts[int(account)].update(of_post)
    found = np.empty(len(tokens))
    for post, (account, of_post) in enumerate(zip(account_of, tokens, strict=True)):
        of_account = counts[int(account)]
        found[post] = sum(1 / of_account[token] for token in of_post) / len(of_post)
    return found
