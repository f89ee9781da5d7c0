"""The rule for accounts, from posts that were held out and what the model says of them."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from attnclf.config import AccountsConfig
from attnclf.data import Columns, Table
from attnclf.errors import DataError, UsageError
from attnclf.results import AccountRule, AccountSummary, Event
from attnclf.served.model import ServedModel
from attnclf.training.account_card import accounts_in_card
from attnclf.training.accounts import FittedAccounts, check_promises, fit_accounts
from tests.models import WithoutAccountModel

LABELS = ("fake", "real")
NAMES = [f"{label}{number}" for label in LABELS for number in range(8)]
HELD_OUT = Table(
    ["a post"] * 48, [name[:4] for name in NAMES] * 3, NAMES * 3, "posts.csv", Columns(("text",), "label", "account")
)
LOGITS = np.where(np.array(HELD_OUT.labels)[:, None] == "fake", [1.0, 0.0], [0.0, 1.0]).astype(np.float32)

NOTHING = HELD_OUT.rows([])


def fitted(
    held_out: Table,
    heard: list[Event],
    learnt: Table = NOTHING,
    logits: NDArray[np.float32] = LOGITS,
    config: AccountsConfig = AccountsConfig(),  # noqa: B008 (it is frozen)
) -> FittedAccounts | None:
    served = cast(ServedModel, WithoutAccountModel(0.75, config))
    return fit_accounts(LABELS, held_out, held_out, logits, served, heard.append, learnt=learnt, refit=True)


def test_a_rule_is_fitted_to_the_accounts_and_scored_on_each_by_a_rule_of_others() -> None:
    heard: list[Event] = []
    found = fitted(HELD_OUT, heard)
    assert found is not None
    assert found.rule.accounts == 16
    assert found.rule.shares == (0.5, 0.5)
    assert found.scores.verdicts.report.accuracy == 1.0
    assert (found.scores.posts.report.rows, found.scores.verdicts.report.rows) == (48, 16)
    assert "fitted to 16 held-out accounts" in str(heard)


def test_accounts_all_of_one_label_allow_no_rule() -> None:
    heard: list[Event] = []
    alike = replace(HELD_OUT, labels=["fake"] * 48)
    assert fitted(alike, heard) is None
    assert heard == []  # it was told before training
    assert "all 16 accounts held out are 'fake': there is no rule for accounts" in str(promises(table=alike))


def test_too_few_accounts_allow_no_rule() -> None:
    heard: list[Event] = []
    few = replace(HELD_OUT, groups=["fake0", "real0"] * 24)
    assert fitted(few, heard) is None
    assert heard == []
    says = "of 2 held-out accounts, 2 have several labels: 0 are left, and 4 are needed: there is no rule for accounts"
    assert says in str(promises(table=few))


def test_accounts_that_training_saw_do_not_count() -> None:
    heard: list[Event] = []
    found = fitted(HELD_OUT, heard, HELD_OUT.rows([0, 9, 10]))
    assert found is not None
    assert found.rule.accounts == 13
    assert "3 accounts of posts.csv had posts in training" in str(heard)


def test_accounts_that_training_saw_are_said_to_be_no_accounts_held_out() -> None:
    heard: list[Event] = []
    assert fitted(HELD_OUT, heard, HELD_OUT) is None
    assert heard == []
    of_all = "of 16 held-out accounts, 16 had posts in training: 0 are left, and 4 are needed: there is no rule for accounts"
    assert f"{of_all}; hold out accounts that training has not" in str(promises(trained_on=NAMES))
    mixed = replace(HELD_OUT, labels=["real", *HELD_OUT.labels[1:]])
    says = "of 16 held-out accounts, 14 had posts in training and 1 has several labels: 1 is left, and 4 are needed"
    assert says in str(promises(table=mixed, trained_on=NAMES[2:]))
    with pytest.raises(DataError, match=r"16 had posts in training: .*, so that no threshold can be chosen"):
        promises("fake=.4", trained_on=NAMES)


def test_validation_rows_without_accounts_allow_no_rule() -> None:
    heard: list[Event] = []
    assert fitted(replace(HELD_OUT, groups=[]), heard) is None
    assert heard == []


def promises(
    *rates: str,
    table: Table = HELD_OUT,
    held_out: Table | None = None,
    anyway: bool = False,
    min_posts: int = 1,
    trained_on: Sequence[str] = (),
) -> list[Event]:
    heard: list[Event] = []
    config = AccountsConfig(max_false_positive_rate=rates, anyway=anyway, min_posts=min_posts)
    check_promises(LABELS, table, held_out or table, config, heard.append, trained_on=frozenset(trained_on))
    return heard


def test_validation_rows_without_accounts_are_told_of_before_training_and_are_refused_for_a_threshold() -> None:
    nameless = replace(HELD_OUT, source="v.csv", groups=[])
    assert "v.csv has no column 'account': there is no rule for accounts" in str(promises(held_out=nameless))
    with pytest.raises(DataError, match=r"has no column 'account'.*, so that no threshold can be chosen") as refused:
        promises("fake=.4", held_out=nameless)
    assert refused.value.hint == "name a file with this column, or leave `max_false_positive_rate` out"


def test_what_is_for_accounts_says_what_it_lacks() -> None:
    for column, hint in (("account", "use another `encoder` than hierarchical"), ("", "name the column of accounts")):
        ungrouped = replace(HELD_OUT, groups=[], columns=replace(HELD_OUT.columns, group=column))
        with pytest.raises(UsageError) as refused:
            promises(min_posts=3, table=ungrouped)
        assert refused.value.hint.startswith(hint)


def test_why_there_will_be_no_rule_is_told_before_training() -> None:
    assert "3 accounts are held out, and 4 are needed" in str(promises(held_out=HELD_OUT.rows([0, 1, 8])))


def test_posts_that_no_account_has_are_told_of_before_training_and_are_refused_for_a_threshold() -> None:
    assert "no account held out has 4 posts (`min_posts`): all would be undecided" in str(promises(min_posts=4))
    assert promises(min_posts=3) == []
    with pytest.raises(DataError, match="no account held out has 4 posts"):
        promises("fake=.4", min_posts=4)


def test_a_threshold_that_is_wanted_anyway_has_a_rate() -> None:
    with pytest.raises(UsageError, match="`anyway` is for a threshold, and none is asked for"):
        promises(anyway=True)


def test_accounts_with_two_labels_are_refused_before_training() -> None:
    refusing = AccountsConfig(mixed_accounts="refuse")
    check_promises(LABELS, HELD_OUT, HELD_OUT, refusing, lambda event: None, trained_on=frozenset())
    mixed = replace(HELD_OUT, groups=["ann"] * 48)
    with pytest.raises(DataError, match="'ann'"):
        check_promises(LABELS, mixed, HELD_OUT, refusing, lambda event: None, trained_on=frozenset())


def test_a_promise_that_the_accounts_cannot_keep_is_refused_before_training_unless_it_is_wanted_anyway() -> None:
    assert promises() == promises("fake=.4") == []
    with pytest.raises(DataError, match="8 held-out accounts are not 'fake', and 72 are needed"):
        promises("fake=.05")
    assert "the threshold promises nothing" in str(promises("fake=.05", anyway=True))
    with pytest.raises(UsageError, match="no label 'feke'"):
        promises("feke=.05")
    with pytest.raises(UsageError, match="verdicts on accounts"):
        promises("fake=.4", table=replace(HELD_OUT, groups=[]))


def test_thresholds_and_the_fewest_posts_are_kept_in_the_rule_and_told_in_the_card() -> None:
    config = AccountsConfig(max_false_positive_rate=("fake=.4",), min_posts=2)
    found = fitted(HELD_OUT, [], config=config)
    assert found is not None
    (one,) = found.rule.thresholds
    strict = replace(found, rule=replace(found.rule, thresholds=(replace(one, log_odds=9.0),)))
    assert "is given above p = 0.99988 (log-odds 9.00)" in accounts_in_card(strict)
    assert (one.label, one.rate, one.others, one.positives, one.promised) == ("fake", 0.4, 8, 8, True)
    assert found.rule.min_posts == 2
    assert found.scores.decisions is not None
    assert found.scores.decisions.coverage.mean == 1.0
    card = accounts_in_card(found)
    assert "fewer than 2 posts are undecided" in card
    assert "promised to be at most 0.4" in card
    assert AccountRule.from_dict(json.loads(json.dumps(found.rule.to_dict()))) == found.rule


def test_thresholds_are_chosen_by_rules_of_other_accounts_and_keep_their_promise_on_these() -> None:
    rng = np.random.default_rng(3)
    names = [f"{label}{number}" for label in LABELS for number in range(60)]
    labels = [name[:4] for name in names] * 3
    table = Table([f"post {n}" for n in range(len(labels))], labels, names * 3, "posts.csv", HELD_OUT.columns)
    signs = np.where(np.array(labels) == "fake", 1.0, -1.0) * 0.8 + rng.normal(0, 1, len(labels))
    logits = np.stack([signs, -signs], axis=1).astype(np.float32)
    found = fitted(table, [], logits=logits, config=AccountsConfig(max_false_positive_rate=("fake=.1",)))
    assert found is not None
    assert found.scores.decisions is not None
    assert found.scores.decisions.thresholds == found.rule.thresholds
    (one,) = found.rule.thresholds
    assert one.false_positives is not None
    assert 0 < one.false_positives.mean < one.false_positives.high <= 0.1
    assert "fitted to these too" not in accounts_in_card(found)
    assert "then fitted to these too, so scores on them now flatter" in accounts_in_card(replace(found, refitted=True))


@pytest.mark.parametrize("posts", [100_000])
def test_one_account_with_very_many_posts_does_not_drown_the_others(posts: int) -> None:
    """Its posts are one account, and the rule stays near that of the others."""
    heard: list[Event] = []
    before = fitted(HELD_OUT, heard)
    many = Table(
        HELD_OUT.texts + ["a post"] * posts,
        HELD_OUT.labels + ["fake"] * posts,
        HELD_OUT.groups + ["loud"] * posts,
        "posts.csv",
        HELD_OUT.columns,
    )
    logits = np.vstack([LOGITS, np.tile(np.float32([0.2, 0.0]), (posts, 1))])
    after = fitted(many, heard, logits=logits)
    assert before is not None
    assert after is not None
    assert after.rule.accounts == 17
    assert after.scores.verdicts.report.accuracy == 1.0
    assert after.rule.damping >= before.rule.damping - 0.05


def test_the_held_out_accounts_are_summed_up() -> None:
    found = fitted(HELD_OUT, [])
    assert found is not None
    summary = found.scores.summary
    assert summary is not None
    assert (summary.accounts, summary.posts, summary.characters, summary.familiar) == (16, 3.0, 6.0, 0.75)
    assert (summary.post_accuracy.mean, summary.accuracy.mean) == (1.0, 1.0)
    assert AccountSummary.from_dict(json.loads(json.dumps(found.scores.to_dict()))["summary"]) == summary


@pytest.mark.parametrize("others", [3, 30])
def test_one_account_of_a_label_held_out_makes_a_rule_that_is_not_certain(others: int) -> None:
    """It is judged by a rule that saw none of its label, and the recall of a threshold is said to be nearly unknown."""
    names = ["alone", *(f"real{number}" for number in range(others))] * 3
    labels = ["fake" if name == "alone" else "real" for name in names]
    table = Table(["a post"] * len(names), labels, names, "posts.csv", HELD_OUT.columns)
    logits = np.where(np.array(labels)[:, None] == "fake", [2.0, 0.0], [0.0, 2.0]).astype(np.float32)
    config = AccountsConfig(max_false_positive_rate=("fake=.2",), anyway=True)
    found = fitted(table, [], logits=logits, config=config)
    assert found is not None
    assert np.isfinite([*found.rule.offsets, found.rule.scale, found.rule.damping]).all()
    assert max(map(abs, found.rule.offsets)) < 4
    (threshold,) = found.rule.thresholds
    assert threshold.positives == 1
    assert threshold.recall is not None
    assert threshold.recall.high - threshold.recall.low == pytest.approx(0.975)
    assert np.isfinite(found.scores.verdicts.report.log_loss)
