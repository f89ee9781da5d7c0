"""What a trained model answers: labels, probabilities, explanations and scores."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from attnclf.classifier.inputs import table_from, texts_of
from attnclf.classifier.labels import Label, in_order, values_of
from attnclf.classifier.unread import Unread
from attnclf.config import Config
from attnclf.data import Columns, by_account
from attnclf.errors import UsageError
from attnclf.explain import explain, with_counterfactuals
from attnclf.results import Event, Explanation, Note, Prediction, Report, softmax
from attnclf.scoring.evaluation import UnknownLabels, evaluate
from attnclf.served.model import ServedModel
from attnclf.served.prediction import predict, windows

if TYPE_CHECKING:
    from attnclf.classifier.inputs import Data, Labels, Texts


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

    def predict(self, X: Texts) -> NDArray[Any]:
        """The likeliest label (n,) of each text, in the type that labels had in training. An empty text is answered too.

        `X` is a list, an array, a pandas Series, or a DataFrame with the columns of texts that the model was trained on.
        Warns where the model did not read a text to its end, or knows nothing in it. Raises UsageError for what is no text.
        """
        probabilities, unread = self._probabilities(X)
        for message in unread.messages:
            warnings.warn(message, stacklevel=2)
        return np.asarray(self.classes_[probabilities.argmax(axis=1)])

    def predict_proba(self, X: Texts) -> NDArray[np.float64]:
        """Probabilities (n, K), each row summing to 1; `X` and warnings as in `predict`."""
        probabilities, unread = self._probabilities(X)
        for message in unread.messages:
            warnings.warn(message, stacklevel=2)
        return probabilities

    def _probabilities(self, X: Texts) -> tuple[NDArray[np.float64], Unread]:
        served = self._fitted
        unread = Unread(served.bundle.config.text.max_length)
        chunks = [np.empty((0, len(served.labels)))]
        for window in windows(texts_of(X, served.bundle.config.data.text_col), len):
            logits, known, truncated = served.logits(window)
            unread.add(window, known, truncated)
            chunks.append(softmax(logits))
        return np.concatenate(chunks)[:, in_order(served.bundle)[1]], unread

    def predictions(self, X: Texts, top_k: int | None = None) -> Iterator[Prediction]:
        """For each text its `top_k` likeliest labels (all by default) with their probabilities, as an iterator.

        A `Prediction` has its labels as text, and says what share of its text is `known` and whether it was `truncated`.
        `X` and warnings are as in `predict`.
        """
        return self._predictions(texts_of(X, self._fitted.bundle.config.data.text_col), top_k)

    def _predictions(self, texts: list[str], top_k: int | None) -> Iterator[Prediction]:
        served, read = self._fitted, 0
        unread = Unread(served.bundle.config.text.max_length)
        for window in windows(texts, len):
            results = predict(served, window, top_k)
            unread.add(window, [result.known for result in results], [result.truncated for result in results])
            read += len(window)
            for message in unread.messages if read == len(texts) else ():
                warnings.warn(message, stacklevel=2)
            yield from results

    def score(self, X: Texts, y: Labels, sample_weight: Any = None) -> float:
        """Accuracy: the share of the texts that get the label in `y` (n). Each text counts as `sample_weight` (n) says."""
        right = values_of(y)
        predicted = self.predict(X).tolist()
        if len(right) != len(predicted):
            raise UsageError(f"X has {len(predicted):,} texts and y {len(right):,} labels")
        if not right or (sample_weight is not None and len(sample_weight) != len(right)):
            weights = "" if sample_weight is None else f" and sample_weight {len(sample_weight):,} values"
            what = f"X has {len(predicted):,} texts{weights}"
            raise UsageError(what, hint="pass at least one text, and one weight for each")
        return float(np.average([a == b for a, b in zip(predicted, right, strict=True)], weights=sample_weight))

    def explain(
        self, text: str, *, target: Label = "", against: Label = "", by: str = "token", methods: Sequence[str] = ()
    ) -> Explanation:
        """Attention and signed evidence of each token of `text`, in nats; evidence sums to log(p_target / p_against).

        `target` is the predicted label unless given, `against` the likeliest other; `by="word"` sums tokens to words; further
        `methods`, such as "loo", stand in the tokens' `scores`. Warns where the text was not read to its end. Raises UsageError
        for a label or method that does not exist. Source: `attnclf.explain.evidence` and `attnclf.explain.methods`.
        """
        if by not in ("token", "word"):
            raise UsageError(f"by is {by!r}", hint="'token' or 'word'")
        served = self._fitted
        (found,) = explain(served, texts_of([text]), str(target), str(against), methods, by)
        unread = Unread(served.bundle.config.text.max_length)
        unread.add([text], [found.prediction.known], [found.prediction.truncated])
        for message in unread.messages:
            warnings.warn(message, stacklevel=2)
        return with_counterfactuals(served, [found])[0]

    def evaluate(
        self,
        data: Data,
        *,
        text_col: str | Sequence[str] = (),
        label_col: str = "",
        encoding: str = "auto",
        unknown_labels: UnknownLabels = "count",
    ) -> Report:
        """Scores on a labelled table (a path, paths, or a pandas DataFrame). Raises DataError for data it cannot use.

        Rows whose label training never saw count as errors, and that is warned of; `unknown_labels="skip"` leaves them out, and
        "error" raises DataError.
        """
        served = self._fitted
        config = Config().override_flat({"text_col": text_col, "label_col": label_col, "encoding": encoding}).data
        table = table_from(data, config, Columns.of(served.bundle.config.data, grouped=served.classifies_accounts))

        def warn(event: Event) -> None:
            if isinstance(event, Note) and event.warning:
                warnings.warn(event.message, stacklevel=2)

        return evaluate(served, by_account(table) if table.groups else table, warn, unknown_labels).report

    def save(self, model: str | Path) -> None:
        """Writes the fitted model to the directory `model`, for `attnclf.load` and the command line.

        A model that is there is replaced. Raises DataError where none can be written.
        """
        self._fitted.bundle.copy_to(Path(model))

    @property
    def _fitted(self) -> ServedModel:
        if self._served is None:
            from sklearn.exceptions import NotFittedError

            raise NotFittedError("this AttentionClassifier is not fitted yet: call fit(texts, labels), or use attnclf.load")
        return self._served
