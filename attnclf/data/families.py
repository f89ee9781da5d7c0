"""Accounts that write nearly the same, such as bots of one farm: a model that has met one of them knows the others."""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnclf.data.split import normalised

# The least cosine of two accounts of one family. The first is above the nearest neighbour of 49 in 50 people of PAN 2019, where
# no family then has both bots and people. The next are tried where a family would have too many of the accounts.
ALIKE = (0.3, 0.5, 0.7, 0.9)
LARGEST = 0.1  # of the accounts, in one family of those that are only near; more could not be held out
SHARED = 10  # words and word pairs, at least: two short posts may be near by chance
COMMON = 200  # accounts: what more of them write says little
MOST_PRODUCTS = 1_000_000_000  # pairs of accounts and what both write; for more, COMMON is halved until it is enough
PRODUCTS_AT_ONCE = 10_000_000


def families(texts: Sequence[str], accounts: Sequence[str]) -> tuple[list[str], int]:
    """For each row the name of its account's family: the first account of those that write nearly the same. And how many
    accounts are left without a family, because theirs has too many of all accounts.

    Two accounts are of one family if all that they write is equal, case and blanks aside; if the TF-IDF vectors of their words
    and word pairs are near; or if a chain of such accounts lies between them. What no other account writes does not count, nor
    what very many do. In languages without spaces, what stands between two blanks is a word.
    """
    posts: dict[str, list[str]] = {}
    for text, account in zip(texts, accounts, strict=True):
        posts.setdefault(account, []).append(text)
    names = list(posts)
    found, left = _numbered([normalised("\n".join(of_account)) for of_account in posts.values()])
    first = np.unique(found, return_index=True)[1]
    family = {name: names[first[number]] for name, number in zip(names, found, strict=True)}
    return [family[name] for name in accounts], left


def _numbered(documents: Sequence[str]) -> tuple[NDArray[np.intp], int]:
    """The number of each account's family, (A,), from all that it writes; and how many are left without."""
    one, other, cosine = (np.concatenate(pairs) for pairs in zip(_equal_pairs(documents), _near_pairs(documents), strict=True))
    most = max(2, LARGEST * len(documents))
    for least in ALIKE:
        near = cosine >= least
        found = _components(len(documents), one[near], other[near])
        large = np.bincount(found, minlength=1)[found] > most  # for each account, whether its family is too large
        if not large.any():
            return found, 0
    near &= ~large[one] | np.isinf(cosine)
    found = _components(len(documents), one[near], other[near])
    alone = np.bincount(found, minlength=1)[found] == 1
    return found, int((large & alone).sum())


def _components(accounts: int, one: NDArray[np.intp], other: NDArray[np.intp]) -> NDArray[np.intp]:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    pairs = coo_array((np.ones(len(one)), (one, other)), shape=(accounts, accounts))
    numbers: NDArray[np.intp] = connected_components(pairs, directed=False)[1]
    return numbers


Pairs = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.floating]]
"""Two accounts that may be of one family, and their cosine: three arrays (P,)."""


def _equal_pairs(documents: Sequence[str]) -> Pairs:
    """Each account with the first that writes the same; these always stay together."""
    first: dict[str, int] = {}
    one = np.array([first.setdefault(document or f"\0{number}", number) for number, document in enumerate(documents)], np.intp)
    other = np.arange(len(documents))
    again = one != other
    return one[again], other[again], np.full(int(again.sum()), np.inf)


def _vectors(documents: Sequence[str]) -> Any:
    """The accounts' vectors of unit length (A, F), of what at least two and at most COMMON accounts write; None if that is
    nothing."""
    from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

    counter = CountVectorizer(ngram_range=(1, 2), token_pattern=r"(?u)\w+", min_df=min(2, len(documents)), dtype=np.float32)
    try:
        counts = counter.fit_transform(documents)
    except ValueError:  # no word is left
        return None
    accounts_with, common = np.bincount(counts.indices, minlength=counts.shape[1]), COMMON
    while (accounts_with[accounts_with <= common].astype(float) ** 2).sum() > MOST_PRODUCTS:
        common //= 2
    compared = (accounts_with > 1) & (accounts_with <= common)
    return TfidfTransformer(sublinear_tf=True).fit_transform(counts[:, compared]) if compared.any() else None


def _near_pairs(documents: Sequence[str]) -> Pairs:
    """The pairs of accounts that are near, each once."""
    nothing = np.empty(0, np.intp)
    if not documents or (vectors := _vectors(documents)) is None:
        return nothing, nothing, np.empty(0)
    has = vectors.astype(bool).astype(np.float32)
    products_until = np.cumsum(has @ np.bincount(vectors.indices, minlength=vectors.shape[1]))
    ends = np.searchsorted(products_until, np.arange(PRODUCTS_AT_ONCE, products_until[-1], PRODUCTS_AT_ONCE))
    found = []
    for start, end in itertools.pairwise(sorted({0, *ends.tolist(), vectors.shape[0]})):
        products = (vectors[start:end] @ vectors.T).tocoo()
        one, other, cosine = products.row.astype(np.intp) + start, products.col.astype(np.intp), products.data
        near = (one < other) & (cosine >= ALIKE[0])
        one, other, cosine = one[near], other[near], cosine[near]
        shared = np.asarray(has[one].multiply(has[other]).sum(axis=1)).ravel()
        found.append((one[shared >= SHARED], other[shared >= SHARED], cosine[shared >= SHARED]))
    one, other, cosine = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return one, other, cosine
