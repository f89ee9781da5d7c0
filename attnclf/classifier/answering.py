"""What a trained model answers: labels, probabilities, explanations and scores."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from attnclf.accounts.explained import explain_account
from attnclf.classifier.accounts import accounts_of, posts_of_account, rule_for_posts, verdicts_on
from attnclf.classifier.asking import asked_of, predictions_for, probabilities_for
from attnclf.classifier.inputs import one_text, texts_of
from attnclf.classifier.labels import Label, in_order, rates_of
from attnclf.classifier.parameters import directory_of
from attnclf.data import AccountNames
from attnclf.errors import UsageError
from attnclf.explain import explain, with_counterfactuals
from attnclf.results import AccountExplanation, AccountVerdict, Explanation, Prediction, counted
from attnclf.served.model import ServedModel
from attnclf.served.unread import Unread

if TYPE_CHECKING:
    from attnclf.classifier.inputs import Texts
    from attnclf.classifier.labels import Prior


class Answering:
    """Answers with a served model, once there is one. Before that, everything here raises scikit-learn's NotFittedError."""

    _served: ServedModel | None = None

    @property
    def classes_(self) -> NDArray[Any]:
        """The labels (K,), sorted, in their type: the columns of `predict_proba`."""
        return np.array(self.labels)

    @property
    def labels(self) -> tuple[Label, ...]:
        """The same as a tuple of Python's own values."""
        return in_order(self._fitted.bundle)[0]

    @property
    def path(self) -> Path | None:
        """The model directory; None where the model is in memory."""
        return None if self._fitted.bundle.contents else self._fitted.bundle.path

    @property
    def scores(self) -> Mapping[str, Any]:
        """The validation report of training, and the baseline's, as plain values."""
        return self._fitted.bundle.scores

    def predict(self, X: Texts, *, prior: Prior | None = None) -> NDArray[Any]:
        """The likeliest label (n,) of each text, in the type that labels had in training. An empty text is answered too.

        `X` is a list, an array, a pandas Series, or a DataFrame with the columns of texts that the model was trained on. What
        is missing in a Series or a DataFrame is an empty text; in a list or an array it is an error, like everything that is no
        string. `prior` has base rates of labels where they are not those of training, such as `{"fake": 0.02}`; the others
        share the rest. A model that reads accounts whole gives each row of a DataFrame the label of its account, which the
        column `group_col` of training names; without that each text counts as an account, with a warning. Warns where the model
        did not read a text to its end, or knows nothing in it, as in an empty one. Raises UsageError for what is no text, and
        for a base rate that is not between 0 and 1 or of a label that there is not.
        """
        return np.asarray(self.classes_[self._probabilities(X, prior).argmax(axis=1)])

    def predict_proba(self, X: Texts, *, prior: Prior | None = None) -> NDArray[np.float64]:
        """Probabilities (n, K), each row summing to 1; `X`, `prior`, warnings and errors as in `predict`."""
        return self._probabilities(X, prior)

    def _probabilities(self, X: Texts, prior: Prior | None) -> NDArray[np.float64]:
        """The same. What it warns of, it warns its caller's caller of."""
        served = self._at(prior)
        probabilities, told = probabilities_for(served, asked_of(served, X))
        for message in told:
            warnings.warn(message, stacklevel=3)
        return probabilities

    def predictions(self, X: Texts, top_k: int | None = None, *, prior: Prior | None = None) -> Iterator[Prediction]:
        """For each text its `top_k` likeliest labels (all by default) with their probabilities, as an iterator.

        A `Prediction` has its labels as text, and says what share of its text is `known` and whether it was `truncated`.
        `X`, `prior`, warnings and errors are as in `predict`.
        """
        served = self._at(prior)
        return predictions_for(served, asked_of(served, X), top_k)

    def predict_accounts(self, X: Texts, accounts: Any = None, *, prior: Prior | None = None) -> list[AccountVerdict]:
        """The verdict on each account from all its posts, in the order in which accounts first appear.

        `X` (n) are posts as in `predict`, and `accounts` (n) names the account of each; it may be left out for a DataFrame with
        the column `group_col` of training. A verdict's `rows` are positions in `X`, and `label` is text, "" where the account
        is undecided. `prior` has base rates among accounts, not among posts. Texts without an account count in none, with a
        warning, and names that are made one or nearly look the same are warned of; other warnings are as in `predict`. Raises
        UsageError for a model that has no rule for accounts, for what is not one account for each text, and as `predict` does.
        Source: `attnclf.accounts.rule`.
        """
        served = self._fitted
        texts = texts_of(X, served.bundle.config.data.text_col)
        rule_for_posts(served)
        read = AccountNames()
        names = accounts_of(X, accounts, served.bundle.config.data.group_col, len(texts), read)
        found, unread = verdicts_on(served, texts, names, rates_of(prior))
        nameless = names.count("")
        some = f"{counted(nameless, 'text has', 'texts have')} no account, and count{'s' if nameless == 1 else ''} in none"
        told = (note.message for note in unread.notes(served.limits))
        for message in [*read.remarks, *([some] if nameless else []), *told]:
            warnings.warn(message, stacklevel=2)
        return found

    def explain_account(
        self,
        X: Texts,
        account: str = "",
        *,
        prior: Prior | None = None,
        by: str = "token",
        methods: Sequence[str] = (),
        most: int | None = None,
    ) -> AccountExplanation:
        """The verdict on one account from its posts, and why: what each post said, and each token of a post.

        `account` is its name, and `X` (n) are its posts. Of a DataFrame with the column `group_col` of training, only the rows
        of `account` are; its name may be left out where there is one account. Of the posts, the `most` with the largest
        |evidence| are explained, by default all. The verdict's log-odds are its `offset` plus the evidence of its posts, in
        nats, and that of a post is the sum over its tokens. `prior` and warnings are as in `predict_accounts`. `by` and
        `methods` are as in `explain`; scores by further methods are those of a post by itself. Raises UsageError as these do,
        and without posts of the account. Source: `attnclf.accounts.explained`.
        """
        served = self._fitted
        rule = rule_for_posts(served)
        if most is not None and (not isinstance(most, Integral) or most < 0):
            raise UsageError(f"most is {most!r:.60}", hint="a number of posts, or None for all")
        data = served.bundle.config.data
        name, texts = posts_of_account(X, account, data, texts_of(X, data.text_col))
        unread = Unread()
        found = explain_account(served, rule, name, texts, rates_of(prior), unread, methods=methods, by=by, most=most)
        for note in unread.notes(served.limits):
            warnings.warn(note.message, stacklevel=2)
        return found

    def explain(
        self,
        text: str,
        *,
        target: Label = "",
        against: Label = "",
        by: str = "token",
        methods: Sequence[str] = (),
        prior: Prior | None = None,
    ) -> Explanation:
        """Attention and signed evidence of each token of `text`, in nats; evidence sums to log(p_target / p_against).

        `target` is the predicted label unless given, `against` the likeliest other; `by="word"` sums tokens to words; further
        `methods`, such as "loo", stand in the tokens' `scores`. With base rates (`prior`, as in `predict`) the evidence and the
        explanation's `prior` sum to the log-odds. Warns where the text was not read to its end. Raises UsageError for a label,
        method or base rate that does not exist. Source: `attnclf.explain.evidence` and `attnclf.explain.methods`.
        """
        served = self._at(prior)
        (found,) = explain(served, [one_text(text)], str(target), str(against), methods, by)
        unread = Unread()
        unread.count([found.prediction])
        for note in unread.notes(served.limits):
            warnings.warn(note.message, stacklevel=2)
        return with_counterfactuals(served, [found])[0]

    def save(self, model: str | Path) -> None:
        """Writes the fitted model to the directory `model`, for `attnclf.load` and the command line.

        A model that is there is replaced. Raises DataError where none can be written.
        """
        self._fitted.bundle.copy_to(directory_of(model))

    def _at(self, prior: Prior | None) -> ServedModel:
        """The model at these base rates."""
        return self._fitted.at(rates_of(prior))

    @property
    def _fitted(self) -> ServedModel:
        if self._served is None:
            from sklearn.exceptions import NotFittedError

            raise NotFittedError("this AttentionClassifier is not fitted yet: call fit(texts, labels), or use attnclf.load")
        return self._served
