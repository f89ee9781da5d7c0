"""How well a trained model answers: scores on texts whose labels are known."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from attnclf.accounts.evaluation import evaluate_accounts
from attnclf.accounts.labelled import whole_accounts
from attnclf.classifier.accounts import rule_for_posts
from attnclf.classifier.answering import Answering
from attnclf.classifier.inputs import table_to_score
from attnclf.classifier.labels import rates_of, values_of
from attnclf.config import Config, MixedAccounts
from attnclf.data import Columns, by_account
from attnclf.errors import DataError, UsageError
from attnclf.results import AccountScores, Event, Note, Report
from attnclf.scoring.evaluation import UnknownLabels, evaluate, tell_met_accounts

if TYPE_CHECKING:
    from attnclf.classifier.inputs import Data, Labels, Texts
    from attnclf.classifier.labels import Prior


class Scoring(Answering):
    """Scores of what it answers, on labelled texts and tables."""

    def score(self, X: Texts, y: Labels, sample_weight: Any = None) -> float:
        """Accuracy: the share of the texts that get the label in `y` (n). Each text counts as `sample_weight` (n) says."""
        right, predicted = values_of(y), self.predict(X).tolist()
        if len(right) != len(predicted):
            raise UsageError(f"X has {len(predicted):,} texts and y {len(right):,} labels")
        if not right or (sample_weight is not None and len(sample_weight) != len(right)):
            weights = "" if sample_weight is None else f" and sample_weight {len(sample_weight):,} values"
            what = f"X has {len(predicted):,} texts{weights}"
            raise UsageError(what, hint="pass at least one text, and one weight for each")
        return float(np.average([a == b for a, b in zip(predicted, right, strict=True)], weights=sample_weight))

    def evaluate(
        self,
        data: Data,
        *,
        text_col: str | Sequence[str] = (),
        label_col: str = "",
        encoding: str = "auto",
        unknown_labels: UnknownLabels = "count",
        prior: Prior | None = None,
    ) -> Report:
        """Scores on a labelled table (a path, paths, or a pandas DataFrame). Raises DataError for data it cannot use.

        Rows whose label training never saw count as errors, and that is warned of; `unknown_labels="skip"` leaves them out, and
        "error" raises DataError. Warns of what it guesses, such as the encoding, except for columns of names in docs/data.md,
        and of what it replaces in labels and accounts. A model that reads accounts whole scores accounts: one with several
        labels is left out, and a row without an account is one by itself, with a warning. Any other scores posts by themselves,
        also where it has a rule for accounts: `evaluate_accounts` scores these. `prior` is as in `predict`.
        """
        served = self._at(prior)
        config = Config().override_flat({"text_col": text_col, "label_col": label_col, "encoding": encoding}).data
        table = table_to_score(data, config, Columns.of(served.bundle.config.data, grouped=served.classifies_accounts))
        tell_met_accounts(served, table, _warn)
        if not table.groups:
            return evaluate(served, table, _warn, unknown_labels).report
        table = by_account(whole_accounts(table, "leave-out", _warn)[0])
        return evaluate(served, table, _warn, unknown_labels, "accounts").report

    def evaluate_accounts(
        self,
        data: Data,
        *,
        text_col: str | Sequence[str] = (),
        label_col: str = "",
        group_col: str = "",
        encoding: str = "auto",
        unknown_labels: UnknownLabels = "count",
        mixed_accounts: MixedAccounts = "leave-out",
        prior: Prior | None = None,
    ) -> AccountScores:
        """Scores of accounts beside those of their posts, by the model's rule for accounts, as `attnclf eval` has them.

        `group_col` is the column of accounts, by default that of training. Accounts with several labels are left out, with a
        warning; `mixed_accounts="majority"` gives each its commonest label, and "refuse" raises DataError. The rest is as in
        `evaluate`, but `prior` has base rates among accounts. Raises UsageError for a model without a rule, and where `data`
        has no column of accounts, and DataError where no row has an account with one label.
        """
        rates = rates_of(prior)
        served = self._fitted.at(rates)
        rule = rule_for_posts(served)
        given = {"text_col": text_col, "label_col": label_col, "group_col": group_col, "encoding": encoding}
        config = Config().override_flat(given | {"mixed_accounts": mixed_accounts})
        trained = Columns.of(served.bundle.config.data, grouped=True)
        table = table_to_score(data, config.data, trained, of_accounts=True)
        tell_met_accounts(served, table, _warn)
        judged = evaluate(served, table, _warn, unknown_labels)
        mixed, held_out = config.accounts.mixed_accounts, served.bundle.held_out_accounts
        found = evaluate_accounts(judged, rule, served, mixed, _warn, rates, held_out)
        if found is None:
            raise DataError(f"no row of {table.source} has an account with one label", hint="model.evaluate scores its posts")
        return found


def _warn(event: Event) -> None:
    """Warns the caller's caller of what is one."""
    if isinstance(event, Note) and event.warning:
        warnings.warn(event.message, stacklevel=2)
