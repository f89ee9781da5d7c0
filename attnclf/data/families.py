"""Accounts that write nearly the same, such as bots of one farm: a model that has met one of them knows the others."""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

# The least cosine of two accounts of one family. The first is above the nearest neighbour of 49 in 50 people of PAN 2019, where
# no family then has both bots and people. The next are tried where a family would have too many of the accounts.
ALIKE = (0.3, 0.5, 0.7, 0.9)
LARGEST = 0.1  # of the accounts, in one family; more could not be held out
SHARED = 10  # words and word pairs, at least: two short posts may be near by chance
COMMON = 200  # accounts: what more of them write says little
MOST_PRODUCTS = 1_000_000_000  # pairs of accounts and what both write; for more, COMMON is halved until it is enough
PRODUCTS_AT_ONCE = 10_000_000


def families(texts: Sequence[str], accounts: Sequence[str]) -> list[str]:
    """For each row the name of its account's family: the first account of those that write nearly the same.

    Two accounts are of one family if the TF-IDF vectors of their words and word pairs, over all their texts, are near, or if a
    chain of such accounts lies between them. What no other account writes does not count. Of languages without spaces only
    whole posts are compared.
    """
    names = list(dict.fromkeys(accounts))
    found = _numbered(texts, accounts, names)
    first = np.unique(found, return_index=True)[1]
    family = {name: names[first[number]] for name, number in zip(names, found, strict=True)}
    return [family[name] for name in accounts]


def _numbered(texts: Sequence[str], accounts: Sequence[str], names: Sequence[str]) -> NDArray[np.intp]:
    """The number of each account's family, (A,)."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    alone = np.arange(len(names))
    if (vectors := _vectors(texts, accounts, names)) is None:
        return alone
    one, other, cosine = _near_pairs(vectors)
    for least in ALIKE:
        near = cosine >= least
        pairs = coo_array((cosine[near], (one[near], other[near])), shape=(len(names), len(names)))
        found: NDArray[np.intp] = connected_components(pairs, directed=False)[1]
        if np.bincount(found).max() <= max(2, LARGEST * len(names)):
            return found
    return alone


def _vectors(texts: Sequence[str], accounts: Sequence[str], names: Sequence[str]) -> Any:
    """The accounts' vectors of unit length (A, F), of what at least two and at most COMMON accounts write; None if that is
    nothing."""
    from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

    posts: dict[str, list[str]] = {name: [] for name in names}
    for text, account in zip(texts, accounts, strict=True):
        posts[account].append(text)
    counter = CountVectorizer(ngram_range=(1, 2), token_pattern=r"(?u)\w+", min_df=min(2, len(names)), dtype=np.float32)
    try:
        counts = counter.fit_transform(map("\n".join, posts.values()))
    except ValueError:  # no word is left
        return None
    accounts_with, common = np.bincount(counts.indices, minlength=counts.shape[1]), COMMON
    while (accounts_with[accounts_with <= common].astype(float) ** 2).sum() > MOST_PRODUCTS:
        common //= 2
    return TfidfTransformer(sublinear_tf=True).fit_transform(counts[:, (accounts_with > 1) & (accounts_with <= common)])


def _near_pairs(vectors: Any) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    """The pairs of accounts that may be of one family, each once, and their cosines: three arrays (P,)."""
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
