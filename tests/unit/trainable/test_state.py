"""What is read from a model stays as it was while the model goes on, and is put back to the bit."""

import numpy as np
import pytest

from attnclf.config import TrainingConfig
from attnclf.trainable.fit import compiled
from attnclf.trainable.state import put_slots, put_weights, slots_of, weights_of
from tests.models import small_classifier


def model_and_inputs() -> tuple:
    architecture, reader = small_classifier(level="word", encoder="embedding")
    inputs = reader.batch(reader.ids(["get 1000 followers", "오늘 라떼 마셨다 ㅋㅋ"])[0])
    return compiled(architecture, inputs, TrainingConfig(), steps=4), inputs


def content(arrays) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in arrays.items()}


def test_copies_stay_and_go_back() -> None:
    model, inputs = model_and_inputs()
    targets = np.array([0, 1], np.int32)
    weights, slots = weights_of(model), slots_of(model)
    before = content(weights), content(slots)
    model.train_on_batch(inputs, targets)
    after = content(weights_of(model)), content(slots_of(model))
    assert (content(weights), content(slots)) == before
    assert after[0]["weight.0"] != before[0]["weight.0"]
    assert after[1]["slot.0"] != before[1]["slot.0"]  # the generator of dropout has moved on
    put_weights(model, weights)
    put_slots(model, slots)
    assert content(weights_of(model)) == before[0]
    model.train_on_batch(inputs, targets)
    assert content(weights_of(model)) == after[0]
    assert {name: array for name, array in content(slots_of(model)).items() if "slot" in name} == {
        name: array for name, array in after[1].items() if "slot" in name
    }


def test_the_linear_model_is_not_among_the_weights() -> None:
    model, _ = model_and_inputs()
    assert tuple(model.linear.table.shape) not in {array.shape for array in weights_of(model).values()}


def test_arrays_of_another_model_are_refused_and_nothing_is_put() -> None:
    model, _ = model_and_inputs()
    weights = weights_of(model)
    before, last = content(weights), max(weights, key=lambda name: int(name.split(".")[1]))
    for wrong in (np.zeros((9, 9), np.float32), weights[last].astype(np.float64)):
        with pytest.raises(ValueError, match="for float32"):
            put_weights(model, {name: array + 1 for name, array in weights.items()} | {last: wrong})
    with pytest.raises(ValueError, match="arrays for"):
        put_weights(model, {})
    assert content(weights_of(model)) == before
