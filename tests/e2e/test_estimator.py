"""The estimator of scikit-learn trains for real, here and in processes of joblib."""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from joblib.externals.loky import get_reusable_executor
from sklearn.model_selection import cross_val_score

import attnclf
from tests.conftest import ROOT

TEXTS = [f"{word} {n}" for n in range(30) for word in ("good day", "bad spam", "맛있는 라떼")]
LABELS = [2, 10, 1] * 30
FAST = {
    "size": "small",
    "encoder": "embedding",
    "level": "word",
    "epochs": 1,
    "align": 0.0,
    "baseline": False,
    "faithfulness": 0,
}
pytestmark = pytest.mark.filterwarnings(
    "ignore:the word '.*' gives the label:UserWarning", "ignore:. rows to validate on:UserWarning"
)


def test_it_learns_and_answers_wherever_it_is_sent(tmp_path: Path) -> None:
    clf = attnclf.AttentionClassifier(**FAST).fit(TEXTS, LABELS)
    assert clf.classes_.tolist() == [1, 2, 10]
    assert np.mean(clf.predict(TEXTS) == LABELS) == clf.score(TEXTS, LABELS) > 0.9
    assert "gradxinput" in clf.explain("bad spam", methods=["gradxinput"]).tokens[0].scores  # by weights that are in memory
    (tmp_path / "clf.pickle").write_bytes(pickle.dumps(clf))
    code = "import pickle, sys; print(pickle.load(open('clf.pickle', 'rb')).predict(['bad spam', 'good day']).tolist())\n"
    code += "assert not {'keras', 'sklearn', 'pandas', 'scipy'} & set(sys.modules)"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    line = [sys.executable, "-c", code]
    done = subprocess.run(line, stdout=subprocess.PIPE, text=True, check=True, cwd=tmp_path, env=environment)
    assert done.stdout == "[10, 2]\n"


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_cross_validation_in_two_processes() -> None:
    try:
        scores = cross_val_score(attnclf.AttentionClassifier(**FAST), TEXTS, LABELS, cv=2, n_jobs=2)
    finally:
        get_reusable_executor().shutdown(kill_workers=True)
    assert scores.min() > 0.9
