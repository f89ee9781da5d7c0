"""What a fitted classifier takes and answers, and how it is copied. Training is another's test."""

import copy
import io
import multiprocessing
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import attnclf
from attnclf.errors import DataError, UsageError
from tests.models import write_bundle

TEXTS = [f"get {n} followers 좋아요 word{n}" for n in range(300)]


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_process_answers(word_bundle_path: Path) -> None:
    """As under gunicorn --preload: the model is loaded and has answered before the fork."""
    clf = attnclf.load(word_bundle_path)
    expected = clf.predict_proba(TEXTS)
    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    child = context.Process(target=lambda: answers.put(clf.predict_proba(TEXTS)), daemon=True)
    child.start()
    try:
        assert np.array_equal(answers.get(timeout=60), expected)
    finally:
        child.kill()
    assert np.array_equal(clf.predict_proba(TEXTS), expected)


def test_a_copy_answers_alike_and_another_model_is_refused(tmp_path: Path) -> None:
    path = write_bundle(tmp_path / "m").path
    clf = attnclf.load(path)
    pickled = pickle.dumps(clf)
    for copied in (pickle.loads(pickled), copy.deepcopy(clf)):
        assert np.array_equal(copied.predict_proba(TEXTS[:5]), clf.predict_proba(TEXTS[:5]))
    write_bundle(tmp_path / "m", labels=("a", "b"))
    with pytest.raises(attnclf.AttnclfError, match="was replaced after the classifier was pickled"):
        pickle.loads(pickled)


def test_texts_are_taken_from_what_holds_texts(word_bundle_path: Path) -> None:
    clf = attnclf.load(word_bundle_path)
    expected = clf.predict(TEXTS[:3])
    frame = pd.DataFrame({"id": [1, 2, 3], "text": TEXTS[:3]})
    for texts in (frame, frame["text"], np.array(TEXTS[:3]), tuple(TEXTS[:3]), (text for text in TEXTS[:3])):
        assert clf.predict(texts).tolist() == expected.tolist()
    assert clf.predict_proba(frame).shape == (3, 3)


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        (pd.DataFrame({"id": [1], "post": ["a"]}), "without the column 'text'"),
        ({"a": 1}, "its keys are not texts"),
        (io.StringIO("a\nb"), "an open file"),
        ("a", "one str"),
        (b"a", "one bytes"),
        (["a", float("nan")], r"texts\[1\] is nan"),
    ],
)
def test_what_holds_no_texts_is_refused_and_never_walked(word_bundle_path: Path, texts: object, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        attnclf.load(word_bundle_path).predict(texts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "labels"), [("int", (0, 10)), ("float", (0.5, 1.0)), ("bool", (False, True)), ("str", ("0", "1"))]
)
def test_labels_come_back_in_their_type(tmp_path: Path, kind: str, labels: tuple[object, ...]) -> None:
    bundle = write_bundle(tmp_path / "m", labels=tuple(map(str, labels)), label_type=kind)
    clf = attnclf.load(bundle.path)
    assert clf.labels == labels
    answers = clf.predict(TEXTS[:20]).tolist()
    assert {type(answer) for answer in answers} == {type(labels[0])}
    assert set(answers) <= set(labels)


def test_texts_that_were_not_read_to_their_end_are_told(tmp_path: Path) -> None:
    clf = attnclf.load(write_bundle(tmp_path / "m", max_length=5).path)
    with pytest.warns(UserWarning, match="1 text is longer than the 5 tokens the model reads"):
        clf.predict(["좋아요 정말 좋아요", "", "좋아"])


def test_labels_that_training_never_saw_are_told_in_an_evaluation(word_bundle_path: Path) -> None:
    clf = attnclf.load(word_bundle_path)
    frame = pd.DataFrame({"text": TEXTS[:4], "label": ["fake", "real", "shop", "new"]})
    with pytest.warns(UserWarning, match="1 row has a label that the model does not know"):
        report = clf.evaluate(frame)
    assert report.rows == 4
    with pytest.warns(UserWarning, match="left out"):
        assert clf.evaluate(frame, unknown_labels="skip").rows == 3
    with pytest.raises(DataError, match="'new'"):
        clf.evaluate(frame, unknown_labels="error")
