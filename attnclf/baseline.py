"""The classical classifier that the network must be worth more than: TF-IDF and logistic regression."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from attnclf.metrics import macro_f1, report
from attnclf.results import Baseline

REGULARISATION = 5.0  # C; between the 1 and 10 that win on most sets


def train_baseline(
    labels: Sequence[str],
    train: tuple[Sequence[str], NDArray[np.int32]],
    valid: tuple[Sequence[str], NDArray[np.int32]],
    predict: Sequence[str] = (),
) -> tuple[Baseline, NDArray[np.float64]]:
    """The better on `valid` of words (1–2) and characters (1–5), and its probabilities for the texts in `predict`."""
    best: tuple[float, Baseline, Callable[[Sequence[str]], NDArray[np.float64]]] | None = None
    for name, analyzer, ngrams in (("words 1–2", "word", (1, 2)), ("characters 1–5", "char_wb", (1, 5))):
        probabilities_of = _fit(*train, analyzer, ngrams)
        held_out = probabilities_of(valid[0])
        score = macro_f1(valid[1], held_out)
        if best is None or score > best[0]:
            title = f"TF-IDF ({name}) + logistic regression"
            best = score, Baseline(title, report(labels, valid[1], held_out)), probabilities_of
    assert best is not None
    return best[1], best[2](predict) if predict else np.empty((0, len(labels)))


def _fit(
    texts: Sequence[str], targets: NDArray[np.int32], analyzer: str, ngrams: tuple[int, int]
) -> Callable[[Sequence[str]], NDArray[np.float64]]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    pattern = {"token_pattern": r"(?u)\w+|[^\w\s]"} if analyzer == "word" else {}
    vectorizer = TfidfVectorizer(analyzer=analyzer, ngram_range=ngrams, sublinear_tf=True, **pattern)
    pipeline = make_pipeline(vectorizer, LogisticRegression(C=REGULARISATION, max_iter=1000))
    pipeline.fit(texts, targets)
    return lambda more: np.asarray(pipeline.predict_proba(more), np.float64)
