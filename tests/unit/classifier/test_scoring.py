"""Scores from Python: of labels and weights that do not fit, and where it warns."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import LeaveOneGroupOut, cross_val_score

import attnclf
from attnclf import AttentionClassifier
from attnclf.errors import DataError, UsageError
from attnclf.results import AccountRule
from tests.models import TEXTS, write_bundle
from tests.unit.classifier.conftest import FEW_ROWS

RULE = AccountRule((0.1, 0.0, -0.1), 2.0, 0.5, (0.2, 0.3, 0.5), 40)
POSTS = TEXTS[:5]
FRAME = pd.DataFrame(
    {"text": POSTS, "label": ["fake", "real", "fake", "real", "shop"], "account": ["ann", "bob", "ann", "bob", ""]}
)


@pytest.fixture(scope="module")
def clf(tmp_path_factory: pytest.TempPathFactory) -> AttentionClassifier:
    return attnclf.load(write_bundle(tmp_path_factory.mktemp("rule") / "model", accounts=RULE, met=("ann",)).path)


@pytest.mark.parametrize(
    ("y", "hint"),
    [
        (["FAKE", "REAL"], "'FAKE' differs from 'fake' in case only (and 1 more such)"),
        (["fakes", "x"], "did you mean 'fake'?"),
        ([0, "x"], "0 has the type int, and the model's labels have str"),
    ],
)
def test_labels_of_which_the_model_knows_none_are_warned_of(clf: AttentionClassifier, y: Any, hint: str) -> None:
    with pytest.warns(UserWarning) as told:
        assert clf.score(POSTS[:2], y) == 0
    says = f"the model knows no label in y, and each counts as an error, such as {y[0]!r}; {hint}"
    assert [(str(one.message), one.filename) for one in told] == [(says, __file__)]


@pytest.mark.filterwarnings(FEW_ROWS)
def test_a_part_of_a_cross_validation_may_have_a_label_of_its_own(quick_training: None) -> None:
    labels = [label for label in ("a", "b", "c") for _ in range(12)]
    texts = [f"{label} {n}" for n, label in enumerate(labels)]
    with pytest.warns(UserWarning, match="the model knows no label in y"):
        found = cross_val_score(
            AttentionClassifier(level="word"), texts, labels, groups=labels, cv=LeaveOneGroupOut(), error_score="raise"
        )
    assert found.tolist() == [0, 0, 0]


def test_numbers_in_place_of_text_are_no_labels(clf: AttentionClassifier) -> None:
    with pytest.raises(DataError, match="the model knows no label in y, such as 0") as refused:
        clf.score(POSTS[:2], [0, 1])
    assert refused.value.hint == "0 has the type int, and the model's labels have str"


def test_text_in_place_of_numbers_is_no_label(tmp_path: Path) -> None:
    numbers = attnclf.load(write_bundle(tmp_path / "m", labels=("0", "1"), label_type="int").path)
    with pytest.raises(DataError, match=r"such as '0'\n.*'0' has the type str, and the model's labels have int"):
        numbers.score(POSTS, ["0", "1", "0", "1", "1"])
    right = numbers.predict(POSTS)
    assert numbers.score(POSTS, right == 1) == numbers.score(POSTS, right.astype(float)) == 1


def test_some_labels_that_the_model_does_not_know_are_warned_of(clf: AttentionClassifier) -> None:
    right = clf.predict(POSTS).tolist()
    says = "does not know 2 labels in y, which count as errors, such as 'FAKE'; 'FAKE' differs from 'fake' in case only"
    with pytest.warns(UserWarning, match=says) as told:
        assert clf.score(POSTS, ["FAKE", "new", *right[2:]]) == pytest.approx(0.6)
    assert [one.filename for one in told] == [__file__]
    with pytest.warns(
        UserWarning, match="does not know 1 label in y, which counts as an error: 'new'; known: fake, real, shop"
    ):
        clf.score(POSTS, ["new", *right[1:]])


@pytest.mark.parametrize(
    "weights", [2, 0.5, [0] * 5, [1, 1, 1, 1, -1], [1, 1, 1, 1, float("nan")], ["a"] * 5, [1], [[1]] * 5, [None] * 5, [1, [2]]]
)
def test_weights_that_are_none_are_refused(clf: AttentionClassifier, weights: Any) -> None:
    with pytest.raises(UsageError, match="sample_weight"):
        clf.score(POSTS, clf.predict(POSTS), sample_weight=weights)
    assert clf.score(POSTS, clf.predict(POSTS), sample_weight=np.array([0, 1, 2, 0, 0], np.int8)) == 1


@pytest.mark.parametrize("method", ["evaluate", "evaluate_accounts"])
def test_what_to_do_with_unknown_labels_is_checked_first(clf: AttentionClassifier, method: str) -> None:
    for given, hint in (("drop", "known: count, error, skip"), ("cuont", "did you mean 'count'"), (None, "known")):
        with pytest.raises(UsageError, match=f"`unknown_labels` is {given!r}\n.*{hint}"):
            getattr(clf, method)("no such file", unknown_labels=given)


def test_where_no_account_is_scored_nothing_says_that_posts_are(clf: AttentionClassifier) -> None:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with pytest.raises(DataError, match="no row of the DataFrame has an account with one label"):
            clf.evaluate_accounts(FRAME.assign(account=""))
    said = " ".join(str(one.message) for one in told)
    assert "5 rows name no account" in said
    assert "posts are scored" not in said


@pytest.mark.parametrize("method", ["evaluate", "evaluate_accounts"])
def test_scores_warn_whoever_asks_for_them(clf: AttentionClassifier, method: str) -> None:
    with pytest.warns(UserWarning) as told:
        getattr(clf, method)(FRAME.assign(label=["fake", "real", "fake", "real", "new"]))
    assert any("label that the model does not know" in str(one.message) for one in told)
    assert {one.filename for one in told} == {__file__}
