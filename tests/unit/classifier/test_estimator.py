"""The estimator: its parameters, what it can be fitted on, where its model stands, and scikit-learn around it."""

import copy
import inspect
import pickle
import tempfile
import time
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from joblib.externals.loky import get_reusable_executor
from sklearn.base import clone, is_classifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

import attnclf
from attnclf import AttentionClassifier
from attnclf.classifier.parameters import config_of
from attnclf.config import Config
from attnclf.data import Columns, Table
from attnclf.errors import DataError, UsageError
from attnclf.training import Trained
from tests.models import write_bundle
from tests.unit.classifier.conftest import FEW_ROWS, untrained

TEXTS = [f"{word} {n} followers" if n % 2 else f"{word} {n} 라떼" for n in range(12) for word in ("get", "오늘")]
LABELS = ["fake" if "followers" in text else "real" for text in TEXTS]
pytestmark = pytest.mark.filterwarnings(FEW_ROWS)


@pytest.fixture
def fitted(quick_training: None) -> AttentionClassifier:
    return AttentionClassifier(level="word").fit(TEXTS, LABELS)


# Parameters.


def test_every_setting_is_a_parameter_with_its_default() -> None:
    names = {name for section in Config().to_dict().values() for name in section}
    assert set(AttentionClassifier().get_params()) == names | {"model", "verbose"}
    assert set(inspect.signature(AttentionClassifier).parameters) == names | {"model", "verbose"}
    assert config_of(AttentionClassifier().get_params()) == Config()


def test_what_is_given_is_kept_cloned_and_shown() -> None:
    clf = AttentionClassifier(size="small", attention="none-mean", epochs=2)
    assert repr(clf) == "AttentionClassifier(size='small', attention='none-mean', epochs=2)"
    assert repr(clone(clf)) == repr(clf)
    assert clf.set_params(epochs=3, attention="additive") is clf
    assert repr(clf) == "AttentionClassifier(size='small', epochs=3)"
    assert is_classifier(clf)


def test_the_size_decides_what_is_not_given() -> None:
    model = config_of(clone(AttentionClassifier(size="small", embedding=128)).get_params()).model
    assert (model.embedding, model.values_units) == (128, 64)
    assert model == Config().override_flat({"size": "small", "embedding": 128}).model


def test_a_loaded_classifier_is_of_the_same_class_and_can_be_trained_again(tmp_path: Path) -> None:
    clf = attnclf.load(write_bundle(tmp_path / "m", level="word").path)
    assert type(clf) is AttentionClassifier
    parameters = clone(clf).get_params()
    assert (parameters["level"], parameters["units"], parameters["embedding"]) == ("word", 6, 8)
    assert parameters["embedded"] is None  # as the size has it
    assert parameters["model"] is None  # so that another fit does not replace what was loaded
    assert config_of(parameters).model == clf._served.bundle.config.model  # type: ignore[union-attr]


def test_a_name_that_does_not_exist_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean 'epochs'"):
        AttentionClassifier(epoch=3)
    with pytest.raises(UsageError, match=r"there is no setting 'random_state'\n.*it is `seed` here"):
        AttentionClassifier(random_state=1)
    clf = AttentionClassifier(epochs=2)
    with pytest.raises(ValueError, match="did you mean 'level'"):
        clf.set_params(epochs=3, levl="word")
    assert clf.get_params()["epochs"] == 2


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"level": "wrod"}, "one of auto, char, word"),
        ({"epochs": -1}, "from 0 to"),
        ({"seed": None}, "a value of type int"),
        ({"verbose": True}, "verbose is True"),
        ({"verbose": 3}, "verbose is 3"),
        ({"model": 3}, "model is 3, and no path"),
    ],
)
def test_a_value_that_is_not_allowed_is_refused_when_it_is_used(parameters: dict[str, Any], says: str) -> None:
    clf = AttentionClassifier(**parameters)
    with pytest.raises(UsageError, match=says):
        clf.fit(TEXTS, LABELS)


def test_numbers_of_a_grid_are_taken() -> None:
    config = config_of(AttentionClassifier(epochs=np.int64(3), dropout=np.float32(0.5), embedding=np.int32(8)).get_params())
    assert (config.training.epochs, config.model.dropout, config.model.embedding) == (3, 0.5, 8)


# What it can be fitted on.

FRAME = pd.DataFrame({"id": range(len(TEXTS)), "title": TEXTS, "body": ["b", None] * 12, "kind": LABELS})
JOINED = [f"{text} ␞ {'' if n % 2 else 'b'}" for n, text in enumerate(TEXTS)]


@pytest.mark.parametrize(
    ("x", "column", "texts"),
    [
        (TEXTS, "text", TEXTS),
        (np.array(TEXTS), "text", TEXTS),
        (np.array(TEXTS, object)[:, None], "text", TEXTS),
        (FRAME["title"], "title", TEXTS),
        (FRAME["title"].astype("category"), "title", TEXTS),
        (FRAME[["title"]], "title", TEXTS),
        (FRAME[["id", "title"]], "title", TEXTS),
        (FRAME[["id", "title", "body"]], "title ␞ body", JOINED),
        (FRAME[["title", "body"]].set_axis([0, 1], axis=1), "0 ␞ 1", JOINED),
    ],
)
@pytest.mark.filterwarnings("ignore:a text is ")
def test_texts_come_in_many_forms(tables: list[Table], x: Any, column: str, texts: list[str]) -> None:
    clf = AttentionClassifier(level="word").fit(x, FRAME["kind"])
    assert tables[0].columns == Columns(tuple(column.split(" ␞ ")), "kind")
    assert tables[0].texts == texts
    assert tables[0].labels == LABELS
    assert np.array_equal(clf.predict_proba(x), clf.predict_proba(texts))  # and it reads the same again


def test_a_setting_names_the_column(tables: list[Table]) -> None:
    clf = AttentionClassifier(level="word", text_col="title").fit(FRAME, LABELS)
    assert tables[0].texts == TEXTS
    with pytest.raises(UsageError, match="without the column 'title', on which the model was trained"):
        clf.predict(FRAME[["body"]])
    with pytest.raises(UsageError, match="without the column 'post', which `text_col` names"):
        AttentionClassifier(text_col="post").fit(FRAME, LABELS)


def test_columns_that_were_joined_are_joined_again_wherever_they_stand(tables: list[Table], tmp_path: Path) -> None:
    with pytest.warns(
        UserWarning, match="a text is all columns of strings, in order: 'title' and 'body'; `text_col` names others"
    ):
        clf = AttentionClassifier(level="word").fit(FRAME[["title", "body"]], FRAME["kind"])
    expected = clf.predict_proba(JOINED)
    assert np.array_equal(clf.predict_proba(FRAME[["body", "id", "title"]]), expected)
    assert clf.evaluate(FRAME).accuracy == clf.score(FRAME, LABELS) == np.mean(clf.predict(JOINED) == LABELS)
    with pytest.raises(UsageError, match="without the column 'body'"):
        clf.predict(FRAME[["title"]])
    FRAME.fillna("").to_csv(tmp_path / "posts.csv", index=False)
    assert clf.evaluate(tmp_path / "posts.csv", label_col="kind").accuracy == clf.score(FRAME, LABELS)


NUMBERS = {"fake": 2, "real": 10}


@pytest.mark.parametrize(
    ("y", "kind"),
    [
        ([NUMBERS[label] for label in LABELS], int),
        (np.array([NUMBERS[label] for label in LABELS], np.int8), int),
        (pd.Series([NUMBERS[label] for label in LABELS], dtype="Int64"), int),
        ([label == "fake" for label in LABELS], bool),
        (np.array([label == "fake" for label in LABELS]), bool),
        ([NUMBERS[label] / 4 for label in LABELS], float),
        ([2 if label == "fake" else 2.5 for label in LABELS], float),
        (np.array(LABELS), str),
        (np.array(LABELS, object), str),
        (pd.Series(LABELS, dtype="category"), str),
        ([f" {label}" for label in LABELS], str),  # as it is, although a file's label would lose its blank
    ],
)
def test_labels_come_back_in_their_type_and_equal(quick_training: None, y: Any, kind: type) -> None:
    clf = AttentionClassifier(level="word").fit(TEXTS, y)
    answers = clf.predict(TEXTS)
    assert {type(answer) for answer in answers.tolist()} == {kind}
    assert clf.classes_.tolist() == sorted(set(y))
    right = [answer == label for answer, label in zip(answers.tolist(), list(y), strict=True)]
    assert np.mean(answers == np.asarray(y)) == clf.score(TEXTS, y) == np.mean(right)
    first = np.eye(len(TEXTS))[0]
    assert clf.score(TEXTS, y, sample_weight=first) == right[0]


@pytest.mark.parametrize(
    ("y", "says"),
    [
        (None, "the target y is None"),
        (LABELS[:-1], "24 texts and y 23 labels"),
        ([None, *LABELS[1:]], r"y\[0\] is missing"),
        ([*LABELS[1:], float("nan")], r"y\[23\] is missing"),
        (pd.Series([None, *[1] * 12, *[0] * 11], dtype="Int64"), r"y\[0\] is missing"),
        (["", *LABELS[1:]], r"y\[0\] is '', an empty label"),
        ([*LABELS[1:], "y\ud83d"], r"y\[23\]: the label 'y\\ud83d' holds half a character"),
        ([0, *LABELS[1:]], "several types: int, str"),
        ([("a",), *LABELS[1:]], r"y\[0\] is \('a',\)"),
        (["a"] * 24, "one class only, 'a'"),
        (np.linspace(0, 1, 24), "24 different numbers in 24 rows: continuous"),
        (dict.fromkeys(range(24), "a"), "y is one dict"),
        ("fake", "y is one str"),
        (np.zeros((24, 2)), r"y has the shape \(24, 2\)"),
    ],
)
def test_labels_that_cannot_be_learnt_from_are_refused_at_once(y: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        AttentionClassifier().fit(TEXTS, y)
    assert isinstance(caught.value, UsageError | DataError)


def test_no_texts_and_no_strings_are_refused() -> None:
    with pytest.raises(UsageError, match="X has no texts"):
        AttentionClassifier().fit([], [])
    with pytest.raises(UsageError, match=r"without a column of strings \(found: id\)"):
        AttentionClassifier().fit(FRAME[["id"]], LABELS)


def test_groups_are_given_or_named(tables: list[Table]) -> None:
    accounts = [f"a{n // 4}" for n in range(len(TEXTS))]
    frame = FRAME.assign(account=accounts)
    AttentionClassifier(level="word").fit(TEXTS, LABELS, groups=np.array(accounts))
    AttentionClassifier(level="word", group_col="account").fit(frame[["title", "account"]], LABELS)
    AttentionClassifier(level="word").fit(TEXTS, LABELS, groups=frame["account"].rename("user"))
    AttentionClassifier(level="word", group_col="who").fit(TEXTS, LABELS, groups=frame["account"])
    assert [table.groups for table in tables] == [accounts] * 4
    assert [table.columns.group for table in tables] == ["group", "account", "user", "who"]
    assert tables[1].columns.text == ("title",)  # who wrote is no part of the text
    with pytest.raises(UsageError, match="X has no such column"):
        AttentionClassifier(group_col="account").fit(TEXTS, LABELS)
    with pytest.raises(UsageError, match="24 texts and groups 1 values"):
        AttentionClassifier().fit(TEXTS, LABELS, groups=["a"])
    with pytest.raises(DataError, match=r"groups\[1\] is missing\n.*name its account"):
        AttentionClassifier().fit(TEXTS, LABELS, groups=["a", None])


def test_names_of_groups_that_are_merged_or_nearly_equal_are_told(tables: list[Table]) -> None:
    groups = ["ann", "ann ", "Ann", 7.0] * (len(TEXTS) // 4)
    with pytest.warns(UserWarning) as caught:
        AttentionClassifier(level="word").fit(TEXTS, LABELS, groups=groups)
    assert tables[0].groups[:4] == ["ann", "ann", "Ann", "7"]
    assert {warning.filename for warning in caught} == {__file__}
    told = " ".join(str(warning.message) for warning in caught)
    assert "1 account had blanks" in told
    assert "7.0 is 7" in told
    assert "accounts 'ann' (12 rows) and 'Ann' (6 rows) differ in case" in told


# Where the model stands.


def test_before_fit_nothing_is_answered(tmp_path: Path) -> None:
    clf = AttentionClassifier()
    asked = [clf.predict, clf.predict_proba, clf.predictions, clf.evaluate, clf.save]
    for ask in asked:
        with pytest.raises(NotFittedError, match="call fit"):
            ask(TEXTS)  # type: ignore[operator]
    with pytest.raises(NotFittedError):
        clf.explain("a")
    assert not hasattr(clf, "classes_")
    assert repr(pickle.loads(pickle.dumps(clf))) == repr(clf)


def test_without_a_directory_the_model_is_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick_training: None
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    clf = AttentionClassifier(level="word").fit(TEXTS, LABELS)
    expected = clf.predict_proba(TEXTS)
    copies = [pickle.loads(pickle.dumps(clf)), copy.deepcopy(clf), copy.copy(clf), pickle.loads(pickle.dumps(copy.copy(clf)))]
    assert clf.path is None
    assert list(tmp_path.iterdir()) == []
    for other in copies:
        assert np.array_equal(other.predict_proba(TEXTS), expected)
        assert set(other._served.weights()) == set(clf._served.weights())  # type: ignore[union-attr]
    clf.save(tmp_path / "model")
    assert np.array_equal(attnclf.load(tmp_path / "model").predict_proba(TEXTS), expected)


def test_an_altered_pickle_is_refused(fitted: AttentionClassifier) -> None:
    state = fitted.__getstate__()
    state["contents"]["tokenizer.json"] += b" "
    with pytest.raises(attnclf.AttnclfError, match=r"tokenizer\.json was altered"):
        AttentionClassifier.__new__(AttentionClassifier).__setstate__(state)


def test_with_a_directory_the_model_is_there(tmp_path: Path, quick_training: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    clf = AttentionClassifier(model="m", level="word").fit(TEXTS, LABELS)
    assert clf.path == tmp_path / "m"
    assert clone(clf).get_params()["model"] == "m"
    pickled = pickle.dumps(clf)
    assert len(pickled) < 5_000  # the path, not the files
    loaded = attnclf.load("m")
    monkeypatch.chdir("/")
    for other in (loaded, pickle.loads(pickle.dumps(loaded)), pickle.loads(pickled)):
        assert np.array_equal(other.predict_proba(TEXTS), clf.predict_proba(TEXTS))


def test_fit_again_replaces_what_was_learnt(fitted: AttentionClassifier) -> None:
    assert fitted.fit(TEXTS, [label.upper() for label in LABELS]) is fitted
    assert fitted.labels == ("FAKE", "REAL")


@pytest.mark.parametrize("verbose", [0, 1])
def test_training_warns_whoever_fits_also_without_progress(quick_training: None, verbose: int) -> None:
    with pytest.warns(UserWarning) as told:
        AttentionClassifier(level="word", verbose=verbose, min_rows=2).fit([*TEXTS, "one"], [*LABELS, "rare"])
    said = " ".join(str(one.message) for one in told)
    assert "rows to validate on" in said
    assert "1 label has fewer than 2 rows: 'rare'" in said
    assert {one.filename for one in told} == {__file__}


def test_progress_does_not_name_a_place_that_is_gone(
    quick_training: None, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    AttentionClassifier(level="word", verbose=2).fit(TEXTS, LABELS)
    assert "made in" not in capfd.readouterr().err
    AttentionClassifier(level="word", verbose=2, model=tmp_path / "m").fit(TEXTS, LABELS)
    assert "made in 0 s" in capfd.readouterr().err


def test_trainings_in_threads_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    now: list[int] = []

    def train(*given: Any, **more: Any) -> Trained:
        now.append(len(now))
        time.sleep(0.05)
        assert len(now) == 1
        done = untrained(*given)
        now.clear()
        return done

    monkeypatch.setattr("attnclf.training.train", train)
    scores = cross_val_score(AttentionClassifier(level="word"), TEXTS, LABELS, cv=3, error_score="raise")
    with joblib.parallel_backend("threading"):
        again = cross_val_score(AttentionClassifier(level="word"), TEXTS, LABELS, cv=3, n_jobs=3, error_score="raise")
    assert scores.tolist() == again.tolist()


# scikit-learn around it.


def test_cross_validation_and_search(quick_training: None) -> None:
    clf = AttentionClassifier(level="word")
    assert len(cross_val_score(clf, TEXTS, LABELS, cv=3)) == 3
    search = GridSearchCV(clf, {"attention": ["additive", "none-mean"], "units": np.array([3, 4])}, cv=2)
    search.fit(pd.Series(TEXTS), np.array(LABELS))
    assert len(search.cv_results_["params"]) == 4
    best = search.best_estimator_
    assert best._served.bundle.config.model.attention == search.best_params_["attention"]
    assert search.score(TEXTS, LABELS) == best.score(TEXTS, LABELS)


def test_groups_go_through_cross_validation(tables: list[Table]) -> None:
    accounts = np.array([f"a{n // 4}" for n in range(len(TEXTS))])
    cross_val_score(AttentionClassifier(level="word"), TEXTS, LABELS, cv=2, params={"groups": accounts})
    assert [len(table.groups) for table in tables] == [12, 12]


@pytest.mark.parametrize("ensemble", [True, False])
def test_calibration(quick_training: None, ensemble: bool) -> None:
    calibrated = CalibratedClassifierCV(AttentionClassifier(level="word"), cv=2, ensemble=ensemble)
    y = [NUMBERS[label] for label in LABELS]
    probabilities = calibrated.fit(TEXTS, y).predict_proba(TEXTS)
    assert probabilities.shape == (len(TEXTS), 2)
    assert np.allclose(probabilities.sum(axis=1), 1)
    assert calibrated.classes_.tolist() == [2, 10]


def test_a_pipeline(quick_training: None) -> None:
    strip = FunctionTransformer(lambda texts: [text.strip() for text in texts])
    pipeline = Pipeline([("strip", strip), ("clf", AttentionClassifier(level="word"))])
    pipeline.fit([f"  {text}" for text in TEXTS], LABELS)
    assert np.array_equal(pipeline.predict_proba([f"{text}\n" for text in TEXTS]), pipeline["clf"].predict_proba(TEXTS))
    assert pipeline.classes_.tolist() == ["fake", "real"]
    assert clone(pipeline).set_params(clf__epochs=2).get_params()["clf__epochs"] == 2
    assert "AttentionClassifier" in pipeline._repr_html_()


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_other_processes_answer(fitted: AttentionClassifier, word_bundle_path: Path) -> None:
    """As joblib starts them: afresh, with the classifier pickled."""
    clfs = [fitted, attnclf.load(word_bundle_path)]
    try:
        answers = joblib.Parallel(n_jobs=2)(joblib.delayed(clf.predict_proba)(TEXTS) for clf in clfs)
    finally:
        get_reusable_executor().shutdown(kill_workers=True)
    for clf, answer in zip(clfs, answers, strict=True):
        assert np.array_equal(answer, clf.predict_proba(TEXTS))
