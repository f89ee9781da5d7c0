"""Batches of columns with answers beside them: the one adapter for programs that hand a table on in parts."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from attnclf.classifier.asking import apart_in_words
from attnclf.classifier.estimator import load
from attnclf.classifier.inputs import is_frame, strings_of
from attnclf.classifier.parameters import directory_of
from attnclf.data.columns import joined_columns
from attnclf.errors import UsageError
from attnclf.explain import explain
from attnclf.registry import nearest
from attnclf.render.records import explanation_record

if TYPE_CHECKING:
    import pandas as pd

    from attnclf.classifier.answering import Answering
    from attnclf.classifier.labels import Prior

    Batch: TypeAlias = Mapping[str, Any] | pd.DataFrame

DEFAULT = ("predicted", "probability", "known", "truncated")
OUTPUTS = (*DEFAULT, "probabilities", "explanation")


class BatchPredictor:
    """Answers batches of columns with the model at `path`, as Ray Data's `map_batches` and Spark's `mapInPandas` hand them on.

    A batch is a mapping from names of columns to n values each, or a DataFrame. What comes back is of the same kind and has the
    same rows, with these `outputs` beside its columns:

    * `predicted`: the label, in the type that labels had in training
    * `probability`: of that label
    * `probabilities`: a column `probability_LABEL` for each label
    * `known`: the share of the text's tokens, 0 to 1, of which training saw all or a part
    * `truncated`: whether the text is longer than the network reads
    * `explanation`: attention and evidence of each token, a line of JSON as `attnclf explain --format jsonl` writes it

    The texts are in the columns that the model was trained on, or in `text_col`. A missing text counts as empty, and
    what is no string is an error. A batch may hold a part of an account's rows, so for a model that reads accounts whole a text
    is all posts of an account, one a line; where the texts of a batch look like single posts, it warns. `prior` is as in
    `AttentionClassifier.predict`. What is pickled is the path and the settings: each process opens the model with its first
    batch. Raises UsageError for an output that there is not, and where a batch lacks a column of texts, has one of the name of
    an output, or columns of several lengths; raises ModelError with the first batch where there is no model.
    """

    def __init__(
        self,
        path: str | Path,
        outputs: Sequence[str] = DEFAULT,
        *,
        text_col: str | Sequence[str] = (),
        prior: Prior | None = None,
    ) -> None:
        if isinstance(outputs, str):
            raise UsageError("outputs is one string", hint=f"pass a list: ['{outputs}']")
        if not isinstance(outputs, Iterable):
            raise UsageError(f"outputs is {outputs!r:.60}", hint=f"pass a list: ['{DEFAULT[0]}']")
        for name in outputs:
            if name not in OUTPUTS:
                raise UsageError(f"there is no output {name!r:.60}", hint=nearest(str(name), OUTPUTS))
        self.path = directory_of(path, "path").absolute()  # which holds in another working directory, too
        self.outputs, self.prior = tuple(outputs), prior
        self.text_col = (text_col,) if isinstance(text_col, str) else tuple(text_col)
        self._classifier: Answering | None = None

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_classifier": None}

    def __call__(self, batch: Batch) -> Any:
        """The columns of the batch and the outputs: a dict of arrays (n,), or a DataFrame where the batch is one."""
        if self._classifier is None:
            self._classifier = load(self.path)
        classifier = self._classifier
        if not (is_frame(batch) or isinstance(batch, Mapping)):
            converted = "batch.to_pandas(), or batch_format='pandas'" if hasattr(batch, "to_pandas") else "a DataFrame"
            hint = f"pass {converted}, or a mapping from names of columns to their values"
            raise UsageError(f"a batch is one {type(batch).__name__}", hint=hint)
        names = self.text_col or classifier._fitted.bundle.config.data.text_col
        if missing := [name for name in names if name not in batch]:
            found = ", ".join(map(str, batch))
            raise UsageError(f"a batch has no column '{missing[0]}' (found: {found})", hint="name the column with `text_col`")
        columns = [strings_of(batch[name], f"batch['{name}']", gaps=True) for name in names]
        arrays = {} if is_frame(batch) else {name: _array(values, name) for name, values in batch.items()}
        for name, values in arrays.items():
            if len(values) != len(columns[0]):
                what = f"a batch has columns of several lengths: '{names[0]}' {len(columns[0]):,}, '{name}' {len(values):,}"
                raise UsageError(what, hint="pass as many values in each")
        texts = columns[0] if len(columns) == 1 else list(map(joined_columns, zip(*columns, strict=True)))
        if told := apart_in_words(classifier._fitted, texts, batched=True):
            warnings.warn(told, stacklevel=2)
        answers = self._answers(classifier, texts)
        if taken := [name for name in answers if name in batch]:
            raise UsageError(f"a batch has a column '{taken[0]}' already", hint="rename it, or leave that output out")
        if is_frame(batch):
            return cast("pd.DataFrame", batch).assign(**answers)
        return arrays | answers

    def _answers(self, classifier: Answering, texts: Sequence[str]) -> dict[str, NDArray[Any]]:
        with warnings.catch_warnings():  # `known` and `truncated` say of each text what a warning says of some
            warnings.simplefilter("ignore", UserWarning)
            found = list(classifier.predictions(texts, prior=self.prior))
        answers: dict[str, NDArray[Any]] = {}
        for name in self.outputs:
            if name == "probabilities":
                of_rows = [dict(zip(one.labels, one.probabilities, strict=True)) for one in found]
                for label in map(str, classifier.labels):
                    answers[f"probability_{label}"] = np.array([row[label] for row in of_rows], np.float64)
            elif name == "explanation":
                explained = explain(classifier._at(self.prior), texts)
                answers[name] = np.array([explanation_record(one) for one in explained], object)
            elif name == "predicted":
                values = {str(label): label for label in classifier.labels}
                answers[name] = np.array([values[one.label] for one in found], classifier.classes_.dtype)
            else:
                kind = bool if name == "truncated" else np.float64
                answers[name] = np.array([getattr(one, name) for one in found], kind)
        return answers


def _array(values: Any, name: str) -> NDArray[Any]:
    """The values of a column (n, ...). Raises UsageError where it is one value, such as a string."""
    try:
        array = np.asarray(values)
    except ValueError:  # lists of several lengths, which stay lists
        array = np.fromiter(values, object, len(values))
    if not array.ndim:
        raise UsageError(f"batch['{name}'] is one {type(values).__name__}", hint="pass a list with a value for each text")
    return array
