"""What posts add by the account model."""

import numpy as np
import pytest

from attnclf.accounts import by_model
from attnclf.accounts.posts import Posts
from attnclf.accounts.rule import account_logits
from attnclf.results import AccountRule
from attnclf.served.model import ServedModel
from tests.models import TEXTS, write_bundle

RULE = AccountRule((0.3, -0.1, -0.2), 1.2, 0.4, (0.5, 0.3, 0.2), 10, account_model=0.7)
ACCOUNTS = np.array([0, 1, 0, 2, 1, 0, 2, 2, 1, 0])


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> ServedModel:
    return ServedModel.load(write_bundle(tmp_path_factory.mktemp("bundle") / "m", level="word", accounts=RULE).path)


def test_an_account_is_the_same_in_any_window(served: ServedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    read = by_model.by_account_model(served)
    assert read
    together = read(TEXTS, ACCOUNTS)
    assert np.abs(together).max() > 0.01
    monkeypatch.setattr(by_model, "ANSWERED_AT_ONCE", 1)
    monkeypatch.setattr(type(served.session), "is_full", lambda self, reader: True)  # words are forgotten in between
    assert read(TEXTS, ACCOUNTS) == pytest.approx(together)
    for account in range(3):
        own = np.flatnonzero(account == ACCOUNTS)
        alone = read([TEXTS[row] for row in own], np.zeros(len(own), np.intp))
        assert alone == pytest.approx(together[own])
    assert served.logits(TEXTS)[0] == pytest.approx(served.logits(TEXTS)[0])


def test_words_of_posts_are_forgotten_where_they_are_many(served: ServedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_model, "ANSWERED_AT_ONCE", 100)
    monkeypatch.setattr("attnclf.served.vectors.MOST_NUMBERS", 1_000)
    posts, read = [f"word{i} 좋아요" for i in range(500)], by_model.by_account_model(served)
    assert read
    read(posts, np.arange(len(posts)))
    assert served.reader.words() <= 101
    by_model.of_tokens(served, ["another"])
    assert served.reader.words() == 1


def test_tokens_sum_to_posts(served: ServedModel) -> None:
    read, of_tokens = by_model.by_account_model(served), by_model.of_tokens(served, TEXTS)
    assert read
    assert of_tokens
    of_posts = read(TEXTS, np.zeros(len(TEXTS), np.intp))
    for (spans, scores), expected in zip(of_tokens, of_posts, strict=True):
        assert len(spans) == len(scores)
        assert scores.sum(axis=0) == pytest.approx(expected)


def test_without_an_account_model_posts_add_nothing(served_words: ServedModel, served: ServedModel) -> None:
    assert by_model.by_account_model(served_words) is None
    assert by_model.of_tokens(served_words, TEXTS) is None
    logits, names = served.logits(TEXTS)[0], [str(number) for number in ACCOUNTS]
    alone = Posts.of(TEXTS, logits, names)
    assert not alone.by_account_model.any()
    both = Posts.of(TEXTS, logits, names, by_model.by_account_model(served))
    added = account_logits(RULE, both) - account_logits(RULE, alone)
    assert added == pytest.approx(0.7 * both.sums(both.by_account_model))
