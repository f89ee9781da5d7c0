"""How well a trained model answers: scores on texts whose labels are known."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
from numpy.typing import NDArray

from attnclf.accounts.evaluation import evaluate_accounts
from attnclf.accounts.labelled import whole_accounts
from attnclf.classifier.accounts import rule_for_posts
from attnclf.classifier.answering import Answering
from attnclf.classifier.inputs import table_to_score
from attnclf.classifier.labels import Label, rates_of, values_of
from attnclf.config import Config, MixedAccounts
from attnclf.data import Columns, by_account
from attnclf.data.known_labels import differs
from attnclf.errors import DataError, UsageError
from attnclf.registry import nearest
from attnclf.results import AccountScores, Event, Note, Report, counted
from attnclf.scoring.evaluation import Unit, UnknownLabels, evaluate, tell_met_accounts

if TYPE_CHECKING:
    from attnclf.classifier.inputs import Data, Labels, Texts
    from attnclf.classifier.labels import Prior


class Scoring(Answering):
    """Scores of what it answers, on labelled texts and tables."""

    def score(self, X: Texts, y: Labels, sample_weight: Any = None) -> float:
        """Accuracy: the share of the texts that get the label in `y` (n). Each text counts as `sample_weight` (n) says.

        Labels that the model does not know count as errors, and are warned of. Raises DataError where `y` has strings and the
        model's labels are numbers or truth values, or the other way round; UsageError for weights that are no numbers of 0 or
        more, or all 0.
        """
        right, predicted = values_of(y), self.predict(X).tolist()
        if len(right) != len(predicted):
            raise UsageError(f"X has {len(predicted):,} texts and y {len(right):,} labels")
        if not right:
            raise UsageError("X has 0 texts", hint="pass at least one text")
        weights = None if sample_weight is None else _weights(sample_weight, len(right))
        if unknown := _unknown_in_words(right, self.labels):
            warnings.warn(unknown, stacklevel=2)
        return float(np.average([a == b for a, b in zip(predicted, right, strict=True)], weights=weights))

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
        _check_unknown_labels(unknown_labels)
        served = self._at(prior)
        config = Config().override_flat({"text_col": text_col, "label_col": label_col, "encoding": encoding}).data
        table = table_to_score(data, config, Columns.of(served.bundle.config.data, grouped=served.classifies_accounts))
        told: list[Event] = []
        tell_met_accounts(served, table, told.append)
        unit: Unit = "accounts" if table.groups else "rows"
        if table.groups:
            table = by_account(whole_accounts(table, "leave-out", told.append)[0])
        found = evaluate(served, table, told.append, unknown_labels, unit).report
        _warn(told)
        return found

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
        _check_unknown_labels(unknown_labels)
        rates = rates_of(prior)
        served = self._fitted.at(rates)
        rule = rule_for_posts(served)
        given = {"text_col": text_col, "label_col": label_col, "group_col": group_col, "encoding": encoding}
        config = Config().override_flat(given | {"mixed_accounts": mixed_accounts})
        trained = Columns.of(served.bundle.config.data, grouped=True)
        table = table_to_score(data, config.data, trained, of_accounts=True)
        told: list[Event] = []
        tell_met_accounts(served, table, told.append)
        judged = evaluate(served, table, told.append, unknown_labels)
        mixed, held_out = config.accounts.mixed_accounts, served.bundle.held_out_accounts
        found = evaluate_accounts(judged, rule, served, mixed, told.append, rates, held_out)
        _warn(told)
        if found is None:
            raise DataError(f"no row of {table.source} has an account with one label", hint="model.evaluate scores its posts")
        return found


def _check_unknown_labels(given: Any) -> None:
    if given not in get_args(UnknownLabels):
        raise UsageError(f"`unknown_labels` is {given!r:.60}", hint=nearest(str(given), get_args(UnknownLabels)))


def _warn(told: Iterable[Event]) -> None:
    """Warns the caller's caller of what is a warning."""
    for event in told:
        if isinstance(event, Note) and event.warning:
            warnings.warn(event.message, stacklevel=3)


def _weights(given: Any, count: int) -> NDArray[np.float64]:
    try:
        weights = np.asarray(given, np.float64)
    except (TypeError, ValueError) as error:
        raise UsageError("sample_weight holds what is no number", hint="pass one number for each text") from error
    if weights.shape != (count,):
        raise UsageError(f"X has {count:,} texts, and sample_weight the shape {weights.shape}", hint="pass one weight for each")
    if not (np.isfinite(weights).all() and weights.min() >= 0 and weights.any()):
        raise UsageError(
            "sample_weight has a value that is no weight, or zeros only", hint="pass numbers of 0 or more, and one above 0"
        )
    return weights


def _unknown_in_words(right: Sequence[Label], labels: Sequence[Label]) -> str:
    """What is to be warned of labels that the model does not know, "" of none. Raises DataError where none ever can be known.

    A part of a cross-validation may have labels that the others lack, and that is no error.
    """
    known = set(labels)
    unknown = Counter(label for label in right if label not in known)
    if not unknown:
        return ""
    first, names = next(iter(unknown)), [str(label) for label in labels]
    hint = differs(Counter(map(str, unknown)), names) or nearest(str(first), names)
    none = unknown.total() == len(right)
    if isinstance(first, str) != isinstance(labels[0], str):
        hint = f"{first!r} has the type {type(first).__name__}, and the model's labels have {type(labels[0]).__name__}"
        if none and len({isinstance(label, str) for label in unknown}) == 1:
            raise DataError(f"the model knows no label in y, such as {first!r}", hint=hint)
    if none:
        return f"the model knows no label in y, and each counts as an error, such as {first!r}; {hint}"
    some = counted(unknown.total(), "label in y, which counts as an error:", "labels in y, which count as errors, such as")
    return f"the model does not know {some} {first!r}; {hint}"
