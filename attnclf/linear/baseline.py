"""The classical classifier to compare with: TF-IDF and logistic regression, both by scikit-learn."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from attnclf.results import Baseline
from attnclf.scoring.metrics import report

REGULARISATION = 5.0  # C; between the 1 and 10 that win on most sets


def train_baseline(
    labels: Sequence[str],
    train: tuple[Sequence[str], NDArray[np.int32]],
    valid: tuple[Sequence[str], NDArray[np.int32]],
) -> Baseline:
    """The better on `valid`, by macro F1, of words (1–2) and characters (1–5).

    `train` and `valid` are texts and the number of each one's label, (N,).
    """
    texts, targets = valid
    baselines = []
    for name, analyzer, ngrams in (("words 1–2", "word", (1, 2)), ("characters 1–5", "char_wb", (1, 5))):
        probabilities = _fit(*train, analyzer, ngrams)(texts)
        baselines.append(Baseline(f"TF-IDF ({name}) + logistic regression", report(labels, targets, probabilities)))
    return max(baselines, key=lambda baseline: baseline.report.macro_f1)


def _fit(
    texts: Sequence[str], targets: NDArray[np.int32], analyzer: str, ngrams: tuple[int, int]
) -> Callable[[Sequence[str]], NDArray[np.float64]]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    pattern = {"token_pattern": r"(?u)\w+|[^\w\s]"} if analyzer == "word" else {}
    vectorizer = TfidfVectorizer(analyzer=analyzer, ngram_range=ngrams, sublinear_tf=True, **pattern)
    # The usual solver keeps twenty arrays of the size of all coefficients: a gigabyte for long texts of twenty labels.
    pipeline = make_pipeline(vectorizer, LogisticRegression(C=REGULARISATION, max_iter=1000, solver="newton-cg"))
    pipeline.fit(texts, targets)
    return lambda more: np.asarray(pipeline.predict_proba(more), np.float64)
