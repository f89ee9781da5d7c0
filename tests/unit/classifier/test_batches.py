"""Batches of columns come back with the answers beside them, wherever the predictor was sent."""

import json
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import attnclf
from attnclf import BatchPredictor
from attnclf.errors import ModelError, UsageError

TEXTS = ["좋아요", "get followers now", "", "the library " * 300]
BATCH = {"id": [7, 8, 9, 10], "text": TEXTS}
ALL = ("predicted", "probability", "known", "truncated", "probabilities", "explanation")


def test_answers_are_those_of_the_classifier(bundle_path: Path) -> None:
    classifier = attnclf.load(bundle_path)
    found = BatchPredictor(bundle_path, ALL)(BATCH)
    with pytest.warns(UserWarning, match="longer than"), pytest.warns(UserWarning, match="1 text holds nothing"):
        probabilities = classifier.predict_proba(TEXTS)
    assert list(found)[:2] == ["id", "text"]
    assert found["id"].tolist() == BATCH["id"]
    assert found["predicted"].tolist() == classifier.classes_[probabilities.argmax(axis=1)].tolist()
    for column, label in enumerate(classifier.labels):
        assert found[f"probability_{label}"] == pytest.approx(probabilities[:, column], abs=1e-6)
    assert found["probability"] == pytest.approx(probabilities.max(axis=1), abs=1e-6)
    assert found["truncated"].tolist() == [False, False, False, True]
    explanations = [json.loads(line) for line in found["explanation"]]
    assert [one["label"] for one in explanations] == found["predicted"].tolist()
    assert sum(token["evidence"] for token in explanations[1]["tokens"]) == pytest.approx(explanations[1]["log_odds"], abs=1e-4)


def test_a_frame_stays_a_frame_and_keeps_its_index(bundle_path: Path) -> None:
    frame = pd.DataFrame({"post": ["좋아요", None, "get 1000"]}, index=[5, 3, 9])
    found = BatchPredictor(bundle_path, text_col="post")(frame)
    assert list(found.index) == [5, 3, 9]
    assert list(found.columns) == ["post", "predicted", "probability", "known", "truncated"]
    assert found["known"].tolist()[1] == 0
    assert list(frame.columns) == ["post"]


def test_several_columns_are_one_text(bundle_path: Path) -> None:
    joined = BatchPredictor(bundle_path, text_col=("title", "body"))({"title": ["a", ""], "body": ["b", "c"]})
    assert len(joined["predicted"]) == 2
    assert joined["probability"][0] != joined["probability"][1]


def test_what_is_missing_is_an_empty_text(bundle_path: Path) -> None:
    missing = [None, float("nan"), np.float32("nan"), pd.NA, pd.NaT, ""]
    predictor = BatchPredictor(bundle_path, ["probability", "known"])
    for cells in (missing, np.array(missing, object), pd.Series(missing), pa.array([None, ""])):
        assert set(predictor({"text": cells})["known"].tolist()) == {0.0}


def test_lists_of_several_lengths_come_back(bundle_path: Path) -> None:
    tags = [["x"], ["y", "z"]]
    found = BatchPredictor(bundle_path, ["predicted"])({"text": TEXTS[:2], "tags": tags})
    assert (found["tags"].shape, found["tags"].tolist()) == ((2,), tags)


def test_a_batch_without_rows(bundle_path: Path) -> None:
    found = BatchPredictor(bundle_path, ALL)({"text": np.array([], object)})
    assert {len(values) for values in found.values()} == {0}
    assert found["probability"].dtype == np.float64


def test_base_rates_count(bundle_path: Path) -> None:
    label = attnclf.load(bundle_path).labels[0]
    rare, usual = (BatchPredictor(bundle_path, ["probabilities"], prior=prior)(BATCH) for prior in ({label: 0.001}, None))
    assert np.all(rare[f"probability_{label}"] < usual[f"probability_{label}"])


def test_what_is_pickled_is_the_path(bundle_path: Path) -> None:
    predictor = BatchPredictor(bundle_path, ["predicted"])
    before = predictor(BATCH)["predicted"].tolist()
    content = pickle.dumps(predictor)
    assert len(content) < 1_000
    code = f"import pickle, sys; print(*pickle.load(sys.stdin.buffer)({{'text': {TEXTS[:2]!r}}})['predicted'])"
    worker = subprocess.run([sys.executable, "-c", code], input=content, capture_output=True, check=True)
    assert worker.stdout.decode().split() == before[:2]


@pytest.mark.parametrize(
    ("batch", "says", "hint"),
    [
        ({"post": ["a"]}, "no column 'text' (found: post)", "text_col"),
        ({"text": ["a"], "predicted": ["x"]}, "a column 'predicted' already", "rename"),
        ({"text": ["a", 12]}, "batch['text'][1] is 12, not a string", "pass strings"),
        ({"text": ["a", ["b"]]}, "batch['text'][1] is ['b'], not a string", "pass strings"),
        ({"text": [b"a"]}, "batch['text'][0] is b'a', not a string", "pass strings"),
        (pd.DataFrame({"text": [1.5]}), "batch['text'][0] is 1.5, not a string", "pass strings"),
        ({"text": "abc"}, "batch['text'] is one str", "pass a list"),
        ({"id": [1, 2], "text": ["a"]}, "of several lengths: 'text' 1, 'id' 2", "as many values"),
        ({"id": 7, "text": ["a", "b"]}, "batch['id'] is one int", "a value for each text"),
        ({"id": np.array(7), "text": ["a"]}, "batch['id'] is one ndarray", "a value for each text"),
        ({"text": ["a", "b"], "lang": "ko"}, "batch['lang'] is one str", "a value for each text"),
        ({"text": ["a", "b"], "lang": b"ko"}, "batch['lang'] is one bytes", "a value for each text"),
        (pa.table({"text": ["a"]}), "a batch is one Table", "pass batch.to_pandas(), or batch_format='pandas', or a mapping"),
        (["a"], "a batch is one list", "pass a DataFrame, or a mapping"),
        (None, "a batch is one NoneType", "pass a DataFrame, or a mapping"),
    ],
)
def test_batches_that_do_not_fit(bundle_path: Path, batch: dict, says: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        BatchPredictor(bundle_path)(batch)
    assert says in caught.value.message
    assert hint in (caught.value.hint or "")


def test_what_cannot_be_asked_for_is_said_at_once(bundle_path: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no output 'probabilty'") as caught:
        BatchPredictor(bundle_path, ["probabilty"])
    assert "did you mean 'probability'" in (caught.value.hint or "")
    with pytest.raises(UsageError, match="outputs is one string") as caught:
        BatchPredictor(bundle_path, "predicted")
    assert caught.value.hint == "pass a list: ['predicted']"
    with pytest.raises(UsageError, match=r"outputs is None\n.*pass a list"):
        BatchPredictor(bundle_path, None)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=r"there is no output 1\n"):
        BatchPredictor(bundle_path, [1])  # type: ignore[list-item]
    with pytest.raises(UsageError, match="path is None, and no path"):
        BatchPredictor(None)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="of several lengths: 'a' 1, 'b' 2"):
        BatchPredictor(bundle_path, text_col=("a", "b"))({"a": ["x"], "b": ["x", "y"]})
    with pytest.raises(ModelError):
        BatchPredictor(tmp_path / "none")(BATCH)
