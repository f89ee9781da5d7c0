"""Fitting the account model."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from attnclf.config import TextConfig
from attnclf.linear import account_model
from attnclf.linear.account_model import AccountPosts, fit_account_model, refit_account_model
from attnclf.reading.readers import WordReader, build_reader

KINDS = (["good sun", "good day"], ["bad rain", "good day"], ["sun", "day"])


def accounts(labels: int, each: int = 8) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Accounts of two posts: texts, the account of each, and labels."""
    targets = np.tile(np.arange(labels), each).astype(np.int32)
    texts = [f"{post} {number % 3}" for number, label in enumerate(targets) for post in KINDS[label]]
    return texts, np.repeat(np.arange(len(targets)), 2), targets


def read(labels: int) -> tuple[WordReader, AccountPosts, list[str]]:
    texts, account_of, targets = accounts(labels)
    reader = build_reader(texts, TextConfig(level="word", min_count=1))
    assert isinstance(reader, WordReader)
    return reader, AccountPosts(reader.ids(texts)[0], account_of, targets), texts


def logits_of(found: account_model.FittedAccountModel, reader: WordReader, posts: AccountPosts) -> np.ndarray:
    rows = [[posts.ids[row] for row in np.flatnonzero(posts.account_of == account)] for account in range(len(posts.targets))]
    return np.array([np.concatenate(found.model.contributions(reader, own)).sum(axis=0) for own in rows]) + found.bias


@pytest.mark.parametrize("labels", [2, 3])
def test_it_is_logistic_regression_on_the_features_of_accounts(labels: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same log-odds as scikit-learn's, whose matrix is built by hand."""
    monkeypatch.setattr(account_model, "REGULARISATION", (10.0,))
    monkeypatch.setattr(account_model, "IDF", (0.0,))
    reader, posts, _ = read(labels)
    found = fit_account_model(reader, posts, posts, labels)
    counts, targets = account_model._sampled(reader, posts)
    x = found.model.scales * np.where(counts.toarray() > 0, 1 + np.log(np.maximum(counts.toarray(), 1)), 0)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    reference = LogisticRegression(C=10, tol=1e-8, max_iter=2000).fit(x, targets)
    ours = logits_of(found, reader, posts)
    expected = reference.decision_function(_in_order(x, posts.targets, targets))
    if labels == 2:
        assert ours[:, 1] - ours[:, 0] == pytest.approx(expected, abs=2e-3)
    else:
        assert ours == pytest.approx(expected - expected.mean(axis=1, keepdims=True), abs=2e-3)
    assert np.all(ours.argmax(axis=1) == posts.targets)


def _in_order(x: np.ndarray, everyone: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """The rows in the order of the accounts."""
    order = np.random.default_rng(0).permutation(len(everyone))
    assert np.array_equal(everyone[order], targets)
    found = np.empty_like(x)
    found[order] = x
    return found


def test_features_are_counted_over_all_posts() -> None:
    texts = ["good good", "good", "bad"]
    reader = build_reader(texts, TextConfig(level="word", min_count=1))
    assert isinstance(reader, WordReader)
    posts = AccountPosts(reader.ids(texts)[0], np.array([0, 0, 1]), np.array([0, 1], np.int32))
    counts, targets = account_model._sampled(reader, posts)
    by_label = dict(zip(targets.tolist(), counts.toarray(), strict=True))
    good = int(reader.word_features(posts.ids[1])["features"][0, 0])
    assert (by_label[0][good], by_label[1][good]) == (3, 0)
    start = reader.pair_ids([posts.ids[1]])[0]  # "good" after the start of a post
    assert by_label[0][start] == 2


def test_too_many_accounts_are_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account_model, "MOST_COUNTS", 150)
    monkeypatch.setattr(account_model, "AT_ONCE", 2)
    reader, posts, _ = read(2)
    found = fit_account_model(reader, posts, posts, 2)
    assert 2 <= found.accounts < len(posts.targets)


def test_a_refit_keeps_the_choice() -> None:
    reader, posts, _ = read(2)
    found = fit_account_model(reader, posts, posts, 2)
    assert 0 in found.model.scales  # padding
    again = refit_account_model(found, reader, posts)
    assert again.choice == found.choice
    assert logits_of(again, reader, posts) == pytest.approx(logits_of(found, reader, posts), abs=1e-4)
