"""Answers of a model that reads accounts whole: each row has that of its account, as on the command line."""

import warnings
from pathlib import Path

import pandas as pd
import pytest

import attnclf
from attnclf import AttentionClassifier
from tests.models import TEXTS, write_bundle

POSTS = [*TEXTS[:5], "by itself,\nin two lines"]
FRAME = pd.DataFrame({"account": ["ann", "bob", "ann", " bob", "cyd", None], "text": POSTS})
AS_READ = ["\n".join(POSTS[:3:2]), "\n".join(POSTS[1:4:2]), POSTS[4], "by itself, in two lines"]
PLACES = [0, 1, 0, 1, 2, 3]
APART = "the model reads accounts whole, and each text counts as its own account"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_bundle(tmp_path_factory.mktemp("whole") / "model", max_length=100, encoder="hierarchical", whole=True).path


@pytest.fixture
def whole(path: Path) -> AttentionClassifier:
    return attnclf.load(path)


def test_each_row_has_the_answer_of_its_account(whole: AttentionClassifier) -> None:
    expected = whole.predict_proba(AS_READ)[PLACES]
    with pytest.warns(UserWarning) as told:
        assert whole.predict_proba(FRAME) == pytest.approx(expected, abs=1e-6)
    tidied, nameless = (str(warning.message) for warning in told)
    assert tidied.startswith("1 account had blanks")
    assert nameless == "1 row names no account: each is judged by itself"
    assert {warning.filename for warning in told} == {__file__}
    with pytest.warns(UserWarning) as told:
        found = list(whole.predictions(FRAME, prior={"fake": 0.02}))
    assert len(told) == 2
    assert {warning.filename for warning in told} == {__file__}
    assert [one.text for one in found] == POSTS
    alone = list(whole.predictions(AS_READ, prior={"fake": 0.02}))
    assert [one.probability for one in found] == pytest.approx([alone[place].probability for place in PLACES], abs=1e-6)
    named = FRAME[:5]
    with pytest.warns(UserWarning, match="1 account had"):
        assert whole.predict(named).tolist() == whole.classes_[expected[:5].argmax(axis=1)].tolist()
    with pytest.warns(UserWarning, match="1 account had"):
        assert whole.score(named, whole.classes_[expected[:5].argmax(axis=1)]) == 1.0
    assert list(whole.predictions(FRAME[:0])) == []
    assert whole.predict_proba(FRAME[:0]).shape == (0, 3)


def test_texts_without_accounts_count_as_accounts_with_a_warning(whole: AttentionClassifier) -> None:
    with pytest.warns(UserWarning, match=APART):
        apart = whole.predict_proba(POSTS[:5])
    for frame in (FRAME[["text"]][:5], FRAME[:5].rename(columns={"account": "user"})):
        with pytest.warns(UserWarning, match="no column 'account' in the DataFrame; each row counts as its own account"):
            assert whole.predict_proba(frame) == pytest.approx(apart, abs=1e-6)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        whole.predict(POSTS[:1])
        whole.predict(AS_READ)  # lines of posts are an account


def test_a_batch_holds_accounts_and_no_posts(path: Path) -> None:
    batch = attnclf.BatchPredictor(path)
    with pytest.warns(UserWarning, match=f"{APART}; pass all posts of an account as one text") as told:
        batch({"text": POSTS[:5]})
    assert told[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert batch({"text": AS_READ})["predicted"].tolist() == attnclf.load(path).predict(AS_READ).tolist()
