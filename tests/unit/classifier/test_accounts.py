"""Verdicts on accounts, and base rates, from Python."""

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import attnclf
from attnclf import AttentionClassifier
from attnclf.cli.app import app
from attnclf.errors import DataError, UsageError
from attnclf.results import AccountRule, softmax
from tests.models import TEXTS, write_bundle

RULE = AccountRule((0.1, 0.0, -0.1), 2.0, 0.5, (0.2, 0.3, 0.5), 40, min_posts=2)
POSTS = TEXTS[:5]
NAMES = ["ann", "bob", "ann", "bob", "cyd"]


@pytest.fixture(scope="module")
def clf(tmp_path_factory: pytest.TempPathFactory) -> AttentionClassifier:
    return attnclf.load(write_bundle(tmp_path_factory.mktemp("rule") / "model", accounts=RULE).path)


def test_verdicts_are_those_of_the_rule(clf: AttentionClassifier) -> None:
    ann, bob, cyd = clf.predict_accounts(POSTS, NAMES)
    assert [one.account for one in (ann, bob, cyd)] == ["ann", "bob", "cyd"]
    log_p = np.log(clf.predict_proba(POSTS))
    logits = log_p - log_p.mean(axis=1, keepdims=True)
    expected = softmax(np.asarray(RULE.offsets) + 2 * 2**-0.5 * logits[[0, 2]].sum(axis=0))
    assert [ann.probabilities[label] for label in clf.labels] == pytest.approx(expected.tolist(), abs=1e-5)
    assert (ann.rows, bob.rows, cyd.rows) == ((0, 2), (1, 3), (4,))
    assert ann.label == clf.labels[expected.argmax()]
    assert (cyd.label, cyd.undecided) == ("", "fewer than 2 posts")
    assert ann.strongest_for is not None
    assert ann.evidence[ann.strongest_for] == max(ann.evidence)


@pytest.mark.parametrize(
    "accounts",
    [
        NAMES,
        tuple(NAMES),
        np.array(NAMES),
        pd.Series(NAMES, dtype="string"),
        (name for name in NAMES),
        pd.Categorical(NAMES),
        [{"ann": 1, "bob": 2}.get(name, 3) for name in NAMES],
        np.array([1, 2, 1, 2, 3]),
    ],
    ids=["list", "tuple", "array", "series", "generator", "categorical", "numbers", "array of numbers"],
)
def test_accounts_are_taken_from_what_holds_names(clf: AttentionClassifier, accounts: Any) -> None:
    assert [one.rows for one in clf.predict_accounts(POSTS, accounts)] == [(0, 2), (1, 3), (4,)]


def test_accounts_stand_in_the_column_of_training(clf: AttentionClassifier) -> None:
    frame = pd.DataFrame({"account": NAMES, "text": POSTS})
    assert clf.predict_accounts(frame) == clf.predict_accounts(POSTS, NAMES)
    assert clf.predict_accounts(frame, frame["account"].str.upper())[0].account == "ANN"


def test_accounts_that_are_merged_or_nearly_equal_are_warned_of(clf: AttentionClassifier) -> None:
    with pytest.warns(UserWarning) as told:
        found = clf.predict_accounts(POSTS, ["ann", "ann ", "Ann", 7, 7.0])
    assert [one.rows for one in found] == [(0, 1), (2,), (3, 4)]
    for says in ("1 account had blanks", "7.0 is 7", "'ann' (2 rows) and 'Ann' (1 row) differ"):
        assert sum(says in str(warning.message) for warning in told) == 1
    assert {warning.filename for warning in told} == {__file__}


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA, pd.NaT, ""])
def test_a_text_of_nobody_s_counts_in_no_account_with_a_warning(clf: AttentionClassifier, missing: Any) -> None:
    with pytest.warns(UserWarning) as told:
        found = clf.predict_accounts(POSTS, [missing, *NAMES[1:]])
    assert [str(warning.message) for warning in told] == ["1 text has no account, and counts in none"]
    assert told[0].filename == __file__
    assert [one.rows for one in found] == [(1, 3), (2,), (4,)]
    assert clf.predict_accounts([], []) == []
    with pytest.warns(UserWarning, match="5 texts have no account, and count in none"):
        assert clf.predict_accounts(POSTS, [missing] * 5) == []


@pytest.mark.parametrize(
    ("accounts", "says"),
    [
        (None, "the accounts of the texts are missing.*\n.*'account'"),
        (NAMES[:3], "5 texts and 3 accounts"),
        ("ann", "accounts is one str"),
        (dict(enumerate(NAMES)), "accounts is one dict"),
        (5, "accounts is one int"),
        (np.array([NAMES]), "accounts is one ndarray"),
    ],
)
def test_what_is_not_one_account_for_each_text_is_refused(clf: AttentionClassifier, accounts: Any, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        clf.predict_accounts(POSTS, accounts)


def test_a_model_without_a_rule_says_why(word_bundle_path: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no rule for accounts"):
        attnclf.load(word_bundle_path).predict_accounts(POSTS, NAMES)
    whole = attnclf.load(write_bundle(tmp_path / "m", encoder="hierarchical", whole=True).path)
    frame = pd.DataFrame({"text": POSTS, "label": ["fake"] * 5, "account": NAMES})
    for ask in (
        lambda: whole.predict_accounts(POSTS, NAMES),
        lambda: whole.explain_account(POSTS),
        lambda: whole.evaluate_accounts(frame),
    ):
        with pytest.raises(UsageError, match="reads an account whole"):
            ask()


def test_a_table_without_the_accounts_that_are_read_whole_has_a_way_out(tmp_path: Path) -> None:
    whole = attnclf.load(write_bundle(tmp_path / "m", encoder="hierarchical", whole=True).path)
    frame = pd.DataFrame({"text": ["get followers", "hello there"], "label": ["fake", "real"], "user": ["ann", "bob"]})
    says = r"no column 'account' in the DataFrame; each row counts as its own account; if .* rename that column to 'account'"
    with pytest.warns(UserWarning, match=says):
        whole.evaluate(frame)


def test_base_rates_shift_posts_and_accounts(clf: AttentionClassifier) -> None:
    before, after = clf.predict_proba(POSTS), clf.predict_proba(POSTS, prior={"fake": 0.02})
    # In training fake was 3/6 and real 2/6; now they are .02 and .98 · 2/3.
    ratio = (0.02 / 0.5) / (0.98 * (2 / 3) / (1 / 3))
    assert after[:, 0] / after[:, 1] == pytest.approx(before[:, 0] / before[:, 1] * ratio, rel=1e-4)
    assert [p.base_rates["fake"] for p in clf.predictions(POSTS, prior={"fake": 0.02})] == [0.02] * 5
    assert clf.predict(POSTS, prior={"real": 1 - 1e-5}).tolist() == ["real"] * 5
    explained = clf.explain(POSTS[0], prior={"fake": 0.02}, target="fake", against="real")
    assert sum(token.evidence for token in explained.tokens) + explained.prior == pytest.approx(explained.log_odds, abs=1e-4)
    plain, shifted = (clf.predict_accounts(POSTS, NAMES, prior=prior)[0] for prior in (None, {"fake": 0.02}))
    odds, odds_before = (one.probabilities["fake"] / one.probabilities["real"] for one in (shifted, plain))
    assert odds == pytest.approx(odds_before * (0.02 / 0.2) / (0.98 * (0.3 / 0.8) / 0.3))  # of accounts .2 and .3
    assert shifted.base_rates == pytest.approx({"fake": 0.02, "real": 0.3675, "shop": 0.6125})
    frame = pd.DataFrame({"text": [f"{text}!" for text in POSTS], "label": ["fake", "real", "shop", "fake", "real"]})
    assert clf.evaluate(frame, prior={"shop": 0.98}).log_loss != clf.evaluate(frame).log_loss


def test_scores_of_accounts_are_those_of_the_command_line(tmp_path: Path) -> None:
    model = write_bundle(tmp_path / "m", accounts=RULE).path
    clf, table = attnclf.load(model), tmp_path / "posts.csv"
    names = [*NAMES, "cyd", "dan", "dan", ""]
    labels = ["fake", "real", "fake", "real", "shop", "shop", "fake", "real", "real"]
    frame = pd.DataFrame({"text": [f"{text} {row}" for row, text in enumerate(TEXTS[:9])], "label": labels, "writer": names})
    frame.to_csv(table, index=False)
    asked = {"label_col": "label", "group_col": "writer", "prior": {"fake": 0.02}}
    with pytest.warns(UserWarning) as told:
        found = clf.evaluate_accounts(frame, **asked)
    for says in ("several labels: 'dan' (fake 1, real 1); left out", "1 row names no account"):
        assert sum(says in str(warning.message) for warning in told) == 1
    with pytest.warns(UserWarning) as again:
        assert clf.evaluate_accounts(table, **asked) == found
    assert len(again) == len(told)
    options = ["--label-col", "label", "--group-col", "writer", "--prior", "fake=.02", "--json"]
    ended = CliRunner().invoke(app, ["eval", str(table), "-m", str(model), *options])
    assert json.loads(ended.stdout)["accounts"] == json.loads(json.dumps(found.to_dict()))
    assert (found.accounts, found.mixed_accounts, found.nameless_rows) == (3, 1, 1)
    with pytest.raises(DataError, match="dan"):
        clf.evaluate_accounts(table, **asked, mixed_accounts="refuse")
    with pytest.raises(UsageError, match="no column 'account' of accounts in the DataFrame"):
        clf.evaluate_accounts(frame)
    with pytest.raises(UsageError, match="mixed_accounts"):
        clf.evaluate_accounts(frame, **asked, mixed_accounts="some")
    with pytest.raises(DataError, match="no row of the DataFrame has an account with one label"), pytest.warns(UserWarning):
        clf.evaluate_accounts(frame[6:], **asked)


@pytest.mark.parametrize(
    ("prior", "says"),
    [
        ({"fake": 0}, "'fake' is 0"),
        ({"fake": 1}, "'fake' is 1"),
        ({"fake": float("nan")}, "'fake' is nan"),
        ({"feke": 0.1}, "no label 'feke'.*\n.*fake"),
        ({"fake": 0.6, "real": 0.6}, "sum to 1.2"),
        ({"fake": "0.1"}, "'fake' is '0.1'"),
        ({"fake": True}, "'fake' is True"),
        ("fake=.1", "a dictionary"),
    ],
)
def test_what_is_no_base_rate_is_refused_everywhere(clf: AttentionClassifier, prior: Any, says: str) -> None:
    frame = pd.DataFrame({"text": POSTS, "label": ["fake"] * 5})
    for ask in (
        lambda: clf.predict(POSTS, prior=prior),
        lambda: clf.predict_proba([], prior=prior),
        lambda: clf.predictions(POSTS, prior=prior),  # at once, and not where the first is asked for
        lambda: clf.explain(POSTS[0], prior=prior),
        lambda: clf.evaluate(frame, prior=prior),
        lambda: clf.evaluate_accounts(frame, prior=prior),
        lambda: clf.predict_accounts(POSTS, NAMES, prior=prior),
        lambda: clf.predict_accounts([], [], prior=prior),
        lambda: clf.explain_account(POSTS, prior=prior),
    ):
        with pytest.raises(UsageError, match=says):
            ask()


def test_labels_of_a_base_rate_have_their_own_type(tmp_path: Path) -> None:
    clf = attnclf.load(write_bundle(tmp_path / "m", labels=("10", "2"), label_type="int").path)
    assert clf.predict(POSTS, prior={10: 1 - 1e-6}).tolist() == [10] * 5
    assert clf.predict(POSTS, prior={np.int64(2): 1 - 1e-6}).tolist() == [2] * 5


def test_an_account_is_explained_by_its_posts_and_they_by_their_tokens(clf: AttentionClassifier) -> None:
    found = clf.explain_account(POSTS, "ann", prior={"fake": 0.02}, by="word")
    verdict = found.verdict
    assert (verdict.account, verdict.posts) == ("ann", 5)
    (same,) = clf.predict_accounts(POSTS, ["ann"] * 5, prior={"fake": 0.02})
    assert same.log_odds == pytest.approx(verdict.log_odds, abs=1e-4)
    own = [sum(token.evidence for token in post.tokens) for post in found.explained]
    assert own == pytest.approx([verdict.evidence[post] for post in found.ranked], abs=1e-5)
    assert verdict.offset + sum(own) == pytest.approx(verdict.log_odds, abs=1e-4)
    assert {post.unit for post in found.explained} == {"word"}
    assert len(clf.explain_account(POSTS, most=2).explained) == 2
    for wrong in ({"X": []}, {"X": POSTS, "by": "line"}, {"X": POSTS, "most": -1}, {"X": POSTS, "most": 1.5}, {"X": "a text"}):
        with pytest.raises(UsageError):
            clf.explain_account(**wrong)


def test_of_a_frame_only_the_rows_of_the_account_are_explained(clf: AttentionClassifier) -> None:
    frame = pd.DataFrame({"account": NAMES, "text": POSTS})
    ann = clf.explain_account(frame, "ann")
    assert ann == clf.explain_account([POSTS[0], POSTS[2]], "ann")
    assert ann.verdict.log_odds == pytest.approx(clf.predict_accounts(frame)[0].log_odds, abs=1e-4)
    only = clf.explain_account(frame.assign(account=[None, "bob", None, "bob", None]))
    assert (only.verdict.account, only.texts) == ("bob", (POSTS[1], POSTS[3]))
    numbered = frame.assign(account=[1, 2, 1, 2, 3])
    assert clf.explain_account(numbered, "2").texts == (POSTS[1], POSTS[3])
    assert clf.explain_account(frame[["text"]], "eve").texts == tuple(POSTS)
    assert [clf.explain_account(POSTS, account).verdict.account for account in (5, 5.0, " ann", None)] == ["5", "5", "ann", ""]
    with pytest.raises(UsageError, match="X has no column 'account'"):
        clf.explain_account(frame.rename(columns={"account": "user"}), "ann")


def test_names_that_are_kept_apart_from_the_account_are_told(clf: AttentionClassifier) -> None:
    frame = pd.DataFrame({"account": ["ann", "Ann", "bob", "ann", "bob"], "text": POSTS})
    with pytest.warns(UserWarning, match=r"accounts 'ann' \(2 rows\) and 'Ann' \(1 row\) differ in case") as caught:
        assert clf.explain_account(frame, "ann").texts == (POSTS[0], POSTS[3])
    assert [warning.filename for warning in caught] == [__file__]


@pytest.mark.parametrize(
    ("names", "asked", "says"),
    [
        (NAMES, "anne", "X has no account 'anne'\n.*'ann'"),
        (NAMES, "", "X has 3 accounts\n.*'ann'"),
        ([None] * 5, "ann", "X has no account\n.*'account' is empty"),
    ],
)
def test_a_frame_without_the_account_is_refused(clf: AttentionClassifier, names: Any, asked: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        clf.explain_account(pd.DataFrame({"account": names, "text": POSTS}), asked)


def test_posts_that_were_not_read_are_warned_of(tmp_path: Path) -> None:
    clf = attnclf.load(write_bundle(tmp_path / "m", accounts=RULE, max_length=5).path)
    with pytest.warns(UserWarning, match="1 text is longer than the 5 tokens") as told:
        clf.predict_accounts(["좋아요 정말 좋아요", "좋아"], ["a", "a"])
    assert told[0].filename == __file__
    with pytest.warns(UserWarning, match="1 text is longer than the 5 tokens") as told:
        clf.explain_account(["좋아요 정말 좋아요", "좋아"], most=0)
    assert told[0].filename == __file__


def test_accounts_that_are_read_whole_are_evaluated_as_on_the_command_line(tmp_path: Path) -> None:
    whole = attnclf.load(write_bundle(tmp_path / "m", encoder="hierarchical", whole=True).path)
    labels, names = ["fake", "real", "fake", "real", "shop", "fake", "bot"], [*NAMES, "cyd", ""]
    frame = pd.DataFrame({"text": TEXTS[:7], "label": labels, "account": names})
    with pytest.warns(UserWarning) as told:
        assert whole.evaluate(frame).rows == 3  # ann, bob, and the row of nobody's
    said = [str(warning.message) for warning in told]
    for says in (
        "'cyd' (shop 1, fake 1); their rows are left out",
        "1 row names no account in column 'account'",
        "1 account has a label that the model does not know ('bot')",
    ):
        assert sum(says in message for message in said) == 1


@pytest.mark.parametrize("some", [True, False])
def test_accounts_of_training_are_warned_of(tmp_path: Path, some: bool) -> None:
    model = attnclf.load(write_bundle(tmp_path / "m", encoder="hierarchical", whole=True, met=("ann", "cyd", "dan")).path)
    names = NAMES if some else ["eve", "bob", "eve", "bob", ""]
    frame = pd.DataFrame({"text": POSTS, "label": ["fake", "real", "fake", "real", "shop"], "account": names})
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        model.evaluate(frame)
    said = [str(one.message) for one in told if "accounts of the DataFrame were in training or validation" in str(one.message)]
    assert [message.split(" accounts")[0] for message in said] == (["2 of 3"] if some else [])
