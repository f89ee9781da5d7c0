"""The four classical classifiers that users compare with: TF-IDF + logistic regression and fastText, by words and n-grams."""

import re
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Predict = Callable[[Sequence[str]], NDArray[np.int32]]
Targets = NDArray[np.int32]
REGULARISATION = (1.0, 10.0)  # C; the better on the held-out rows is kept
TOKEN = re.compile(r"\w+|[^\w\s]")


def pipeline(analyzer: str, ngrams: tuple[int, int], c: float) -> Any:
    """TF-IDF, sublinear and lower-cased, and logistic regression, not fitted yet."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    pattern = {"token_pattern": r"(?u)\w+|[^\w\s]"} if analyzer == "word" else {}
    vectorizer = TfidfVectorizer(analyzer=analyzer, ngram_range=ngrams, sublinear_tf=True, **pattern)
    return make_pipeline(vectorizer, LogisticRegression(C=c, max_iter=1000))


def tfidf(analyzer: str, ngrams: tuple[int, int], c: float) -> Callable[[Sequence[str], Targets], Predict]:
    def fit(texts: Sequence[str], targets: Targets) -> Predict:
        predict: Predict = pipeline(analyzer, ngrams, c).fit(texts, targets).predict
        return predict

    return fit


def fasttext(**settings: Any) -> Callable[[Sequence[str], Targets], Predict]:
    """fastText with its usual supervised settings: 100 dimensions, rate .5, 25 epochs, word bigrams."""
    import fasttext as library

    def line(text: str) -> str:
        return " ".join(TOKEN.findall(text.lower()))

    def fit(texts: Sequence[str], targets: Targets) -> Predict:
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "train.txt"
            rows = [f"__label__{target} {line(text)}\n" for text, target in zip(texts, targets, strict=True)]
            path.write_text("".join(rows), encoding="utf-8")
            common = {"dim": 100, "lr": 0.5, "epoch": 25, "wordNgrams": 2, "verbose": 0}
            model = library.train_supervised(str(path), **common | settings)
        # `model.predict` needs NumPy 1; what it calls does not.
        return lambda more: np.array([_label(model.f.predict(line(text) + "\n", 1, 0.0, "strict")) for text in more], np.int32)

    def _label(answer: list[tuple[float, str]]) -> int:
        return int(answer[0][1].removeprefix("__label__")) if answer else 0

    return fit


def candidates() -> dict[str, list[Callable[[Sequence[str], Targets], Predict]]]:
    """By name: the settings to choose from on held-out rows. Without fastText installed its two are left out."""
    words, characters = ("word", (1, 2)), ("char_wb", (1, 5))
    found = {
        "TF-IDF words 1–2": [tfidf(*words, c) for c in REGULARISATION],
        "TF-IDF characters 1–5": [tfidf(*characters, c) for c in REGULARISATION],
    }
    try:
        return found | {
            "fastText words 1–2": [fasttext()],
            "fastText words, characters 2–5": [fasttext(minn=2, maxn=5)],
        }
    except ImportError:
        return found
