"""Fits the account model, which `attnclf.served.account_model` describes, by logistic regression.

Each account is one row. Held-out accounts choose the power of the idf and the strength of the regularisation.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnclf.linear.features import FeatureStatistics, Scale, idf_of
from attnclf.linear.regression import Product, fit, logits
from attnclf.reading.base import Ids
from attnclf.reading.readers import WordReader
from attnclf.results import softmax
from attnclf.scoring.metrics import log_loss
from attnclf.served.account_model import AccountModel

IDF = (0.0, 0.5, 1.0)  # powers
WORDS = 4.0  # how many times as much words and word pairs count as n-grams
REGULARISATION = (10.0, 30.0, 100.0)  # C; the middle one is tried with every power of the idf
MOST_COUNTS = 50_000_000  # distinct features of all accounts; a sample of accounts has no more
AT_ONCE = 64  # accounts whose features are counted together


@dataclass(frozen=True)
class AccountPosts:
    """The posts of A accounts as `ids` of a reader, the number of each post's account (N,), and the accounts' labels (A,)."""

    ids: Sequence[Ids]
    account_of: NDArray[np.intp]
    targets: NDArray[np.int32]


@dataclass(frozen=True)
class FittedAccountModel:
    """An account model, and its `bias` (K,), which belongs to no token.

    `accounts` is how many it was fitted to. Held-out accounts chose `idf`, the power of the idf, and `c`.
    """

    model: AccountModel
    bias: NDArray[np.float64]
    accounts: int
    idf: float
    c: float

    @property
    def choice(self) -> str:
        """What held-out accounts chose, in words."""
        return f"idf^{self.idf:g}, C {self.c:g}"


def fit_account_model(reader: WordReader, train: AccountPosts, held_out: AccountPosts, labels: int) -> FittedAccountModel:
    """The account model of the training accounts whose log loss on the held-out ones is least."""
    counts, targets = _sampled(reader, train)
    judged, judged_targets = _sampled(reader, held_out)
    statistics = _statistics(reader, counts)

    def loss(idf: float, c: float) -> float:
        scales = statistics.scaled(Scale(idf, 0, WORDS))
        found = fit(_scaled(counts, scales), targets, labels, c)
        return log_loss(judged_targets, softmax(logits(_scaled(judged, scales), found)))

    middle = REGULARISATION[len(REGULARISATION) // 2]
    by_idf = {idf: loss(idf, middle) for idf in IDF}
    idf = min(by_idf, key=by_idf.__getitem__)
    by_c = {c: by_idf[idf] if c == middle else loss(idf, c) for c in REGULARISATION}
    return _fitted(reader, counts, targets, labels, idf, min(by_c, key=by_c.__getitem__))


def refit_account_model(found: FittedAccountModel, reader: WordReader, everyone: AccountPosts) -> FittedAccountModel:
    """The same choice fitted to other accounts, the held-out ones among them: nothing is left to choose."""
    counts, targets = _sampled(reader, everyone)
    return _fitted(reader, counts, targets, len(found.bias), found.idf, found.c)


def _fitted(
    reader: WordReader, counts: Any, targets: NDArray[np.int32], labels: int, idf: float, c: float
) -> FittedAccountModel:
    scales = _statistics(reader, counts).scaled(Scale(idf, 0, WORDS))
    found = fit(_scaled(counts, scales), targets, labels, c)
    each = np.hstack([-found / 2, found / 2]) if labels == 2 else found - found.mean(axis=1, keepdims=True)
    model = AccountModel(np.asarray(each[:-1], np.float32), scales)
    bias = np.asarray(each[-1], np.float64)
    return FittedAccountModel(model, bias, len(targets), idf, c)


def _statistics(reader: WordReader, counts: Any) -> FeatureStatistics:
    """What the scales are made of. The log-count ratio is not used, so it is zero."""
    return FeatureStatistics(idf_of(_product(counts)), np.zeros(reader.features), reader.whole())


def _scaled(counts: Any, scales: NDArray[np.float32]) -> Product:
    """s (1 + ln c), each row divided by its Euclidean norm: x (A, R)."""
    from scipy.sparse import csr_array

    values = csr_array((1 + np.log(counts.data), counts.indices, counts.indptr), shape=counts.shape).multiply(scales).tocsr()
    norms = np.sqrt(np.asarray(values.multiply(values).sum(axis=1)).ravel())
    return _product(values.multiply(1 / np.maximum(norms, 1e-12)[:, None]).tocsr().astype(np.float32))


def _product(matrix: Any) -> Product:
    from scipy.sparse import eye_array

    return Product(matrix, eye_array(matrix.shape[1], dtype=np.float32, format="csr"))


def _sampled(reader: WordReader, posts: AccountPosts) -> tuple[Any, NDArray[np.int32]]:
    """How often accounts' posts hold each feature (A, R), of as many accounts, drawn at random, as fit, and their labels."""
    from scipy.sparse import vstack

    order = np.random.default_rng(0).permutation(len(posts.targets))
    blocks, held = [], 0
    for block in _counted(reader, posts, order):
        blocks.append(block)
        held += block.nnz
        if held > MOST_COUNTS:
            break
    counts = vstack(blocks).tocsr()
    return counts, posts.targets[order[: counts.shape[0]]]


def _counted(reader: WordReader, posts: AccountPosts, order: NDArray[np.intp]) -> Iterator[Any]:
    """The counts of accounts (AT_ONCE, R) in this order."""
    from scipy.sparse import csr_array

    rows = np.split(np.argsort(posts.account_of, kind="stable"), np.cumsum(np.bincount(posts.account_of))[:-1])
    for start in range(0, len(order), AT_ONCE):
        some = order[start : start + AT_ONCE]
        ids = [posts.ids[row] for account in some for row in rows[account]]
        owners = np.repeat(np.arange(len(some)), [sum(len(posts.ids[row]) for row in rows[account]) for account in some])
        used, words = np.unique(np.concatenate(ids), return_inverse=True)
        found = reader.word_features(used)
        features, of_word = found["features"].ravel(), np.repeat(found["words"], found["features"].shape[1])
        real = features > 0
        shape = len(used), reader.features
        of_words = csr_array((np.ones(int(real.sum()), np.float32), (of_word[real], features[real])), shape=shape)
        held = csr_array((np.ones(len(words), np.float32), (owners, words)), shape=(len(some), len(used)))
        pairs = reader.pair_ids(ids)
        paired = pairs > 0
        of_pairs = csr_array(
            (np.ones(int(paired.sum()), np.float32), (owners[paired], pairs[paired])), shape=(len(some), reader.features)
        )
        yield (held @ of_words + of_pairs).tocsr()
