"""What a fitted classifier takes and answers, and how it is copied. Training is another's test."""

import copy
import io
import multiprocessing
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
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


def test_threads_share_a_classifier(word_bundle_path: Path) -> None:
    clf = attnclf.load(word_bundle_path)
    expected = clf.predict_proba(TEXTS)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(clf.predict_proba, [TEXTS] * 8))
    assert all(np.array_equal(answer, expected) for answer in answers)


def test_texts_are_taken_from_what_holds_texts(word_bundle_path: Path) -> None:
    clf = attnclf.load(word_bundle_path)
    expected = clf.predict(TEXTS[:3])
    frame = pd.DataFrame({"id": [1, 2, 3], "text": TEXTS[:3]})
    for texts in (
        frame,
        frame["text"],
        np.array(TEXTS[:3]),
        tuple(TEXTS[:3]),
        pa.array(TEXTS[:3]),
        (text for text in TEXTS[:3]),
    ):
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
        (["a", float("nan")], r"texts\[1\] is nan, not a string\n.*by ''"),
        (["a", pd.NA], r"texts\[1\] is <NA>, not a string\n.*by ''"),
        (pa.array(["a", None]), r"texts\[1\] is <pyarrow.StringScalar: None>, not a string\n.*by ''"),
        ({"a", "b"}, "has no order"),
        (np.array([["a", "b"]]), r"the shape \(1, 2\)"),
        (np.zeros((2, 3)), r"the shape \(2, 3\)"),
        (pd.DataFrame([["a", "b"]], columns=["text", "text"]), "several columns 'text'"),
    ],
)
def test_what_holds_no_texts_is_refused_and_never_walked(word_bundle_path: Path, texts: object, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        attnclf.load(word_bundle_path).predict(texts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "labels"), [("int", (2, 10)), ("int", (0, 1)), ("float", (0.5, 1.0)), ("bool", (False, True)), ("str", ("0", "1"))]
)
def test_labels_come_back_in_their_type(tmp_path: Path, kind: str, labels: tuple[object, ...]) -> None:
    stored = tuple(sorted(map(str, labels)))  # "10" before "2"
    bundle = write_bundle(tmp_path / "m", labels=stored, label_type=kind)
    clf = attnclf.load(bundle.path)
    assert clf.labels == labels
    answers = clf.predict(TEXTS[:20]).tolist()
    assert {type(answer) for answer in answers} == {type(labels[0])}
    assert set(answers) <= set(labels)
    assert clf.classes_.tolist() == list(labels)
    likeliest = [result.label for result in clf.predictions(TEXTS[:20], top_k=1)]
    assert [str(answer) for answer in answers] == likeliest
    assert clf.predict_proba(TEXTS[:20]).argmax(axis=1).tolist() == [labels.index(answer) for answer in answers]
    assert clf.score(TEXTS[:20], answers) == 1
    assert clf.explain(TEXTS[0], target=labels[0]).target == str(labels[0])


@pytest.mark.parametrize("several", [["a", "b"], [], None, b"a"])
def test_one_text_is_explained_at_a_time(tmp_path: Path, several: object) -> None:
    clf = attnclf.load(write_bundle(tmp_path / "m").path)
    with pytest.raises(UsageError, match=r"text is .*, not a string") as refused:
        clf.explain(several)  # type: ignore[arg-type]
    assert "for text in texts" in str(refused.value.hint)


@pytest.mark.parametrize("method", ["predict", "predict_proba", "predictions", "explain"])
def test_what_no_part_of_the_model_reads_is_told(tmp_path: Path, method: str) -> None:
    clf = attnclf.load(write_bundle(tmp_path / "m", level="word", max_length=4, longest=9).path)
    ask = getattr(clf, method)
    with pytest.warns(UserWarning, match="1 text is longer than 9 tokens: what comes after token 9 is not read") as told:
        _ = ask("so good " * 5) if method == "explain" else list(ask(["so good " * 5]))
    assert len(told) == 1
    with pytest.warns(UserWarning, match="the linear model up to 9"):
        _ = ask("so good " * 3) if method == "explain" else list(ask(["so good " * 3]))


def test_the_hint_for_one_text_in_place_of_a_list_holds_for_every_method(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="texts is one str") as refused:
        attnclf.load(write_bundle(tmp_path / "m").path).predict("so good")
    assert refused.value.hint == "pass a list: [text]"


@pytest.mark.parametrize("methods", ["loo", "nothing"])
def test_methods_are_a_list(tmp_path: Path, methods: str) -> None:
    clf = attnclf.load(write_bundle(tmp_path / "m").path)
    with pytest.raises(UsageError, match="methods is one string") as refused:
        clf.explain("so good", methods=methods)
    assert refused.value.hint == f"pass a list: ['{methods}']"
    with pytest.raises(UsageError, match="there is no method 'nothing'") as refused:
        clf.explain("so good", methods=["nothing"])
    assert refused.value.hint == "known: attention, evidence, gradxinput, ig, loo, minflip"


@pytest.mark.parametrize("method", ["predict", "predict_proba", "predictions", "explain"])
@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "좋아요 정말 좋아요",
            "1 text is longer than the 5 tokens the network reads: "
            "it reads the first 2 and the last 3, and the rest is not read",
        ),
        ("𓂀", "1 text holds nothing the model knows (empty, or all unknown tokens)"),
    ],
)
def test_what_was_not_read_is_told_once_a_call(tmp_path: Path, method: str, text: str, says: str) -> None:
    clf = attnclf.load(write_bundle(tmp_path / "m", max_length=5).path)
    with pytest.warns(UserWarning) as told:
        answer = getattr(clf, method)(text if method == "explain" else [text, "좋아"])
        if method == "predictions":
            next(answer)  # the first is enough
    assert [str(warning.message) for warning in told] == [says]
    assert told[0].filename == __file__


@pytest.mark.parametrize("texts", [[""], pd.Series([None, float("nan")]), pd.DataFrame({"text": [" ", None], "id": [1, 2]})])
def test_an_empty_or_missing_text_is_answered_and_warned_of(word_bundle_path: Path, texts: object) -> None:
    clf = attnclf.load(word_bundle_path)
    says = "1 text holds" if isinstance(texts, list) else "2 texts hold"
    with pytest.warns(UserWarning, match=f"{says} nothing the model knows"):
        assert len(clf.predict(texts)) == len(texts)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [b"so good", ["so", "good"], {"a": 1}, 7])
def test_what_is_no_string_is_no_text_in_a_frame(word_bundle_path: Path, value: object) -> None:
    """Never its Python spelling, such as b'so good': by one rule for training, scores and answers."""
    clf = attnclf.load(word_bundle_path)
    frame = pd.DataFrame({"text": ["a", value, None], "label": ["fake", "real", "fake"]})
    for take in (clf.evaluate, attnclf.train):
        with pytest.raises(DataError, match=r"row 1: column 'text' holds .* and a text is a string"):
            take(frame)
    for texts in (frame, frame["text"]):
        with pytest.raises(UsageError, match=r"texts\[1\] is .* not a string"):
            clf.predict(texts)


def test_many_texts_are_warned_of_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many windows they are read in, with what all of them hold."""
    monkeypatch.setattr("attnclf.served.prediction.windows.__defaults__", (2,))
    clf = attnclf.load(write_bundle(tmp_path / "m", max_length=5).path)
    texts = ["좋아요 정말 좋아요"] * 7
    for answer in (clf.predict, clf.predict_proba, lambda texts: list(clf.predictions(texts))):
        with pytest.warns(UserWarning, match="7 texts are longer") as told:
            assert len(answer(texts)) == 7
        assert len(told) == 1


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


@pytest.mark.parametrize("top_k", [1.5, "1", 0, 9, True])
def test_so_many_labels_as_there_are(word_bundle_path: Path, top_k: object) -> None:
    clf = attnclf.load(word_bundle_path)
    with pytest.raises(UsageError, match="`top_k` is"):
        list(clf.predictions(TEXTS[:1], top_k))  # type: ignore[arg-type]
    assert len(next(clf.predictions(TEXTS[:1], np.int64(2))).labels) == 2  # type: ignore[arg-type]


@pytest.mark.parametrize("model", [None, 3])
def test_a_model_directory_is_a_path(word_bundle_path: Path, model: Any) -> None:
    clf = attnclf.load(word_bundle_path)
    frame = pd.DataFrame({"text": TEXTS[:4], "label": ["a", "b"] * 2})
    for use in (clf.save, attnclf.load, lambda path: attnclf.train(frame, path)):
        with pytest.raises(UsageError, match=f"model is {model}, and no path"):
            use(model)
