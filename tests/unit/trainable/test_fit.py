"""A model is compiled ready for its first step."""

from typing import Any

import numpy as np
import pytest

from attnclf.config import TrainingConfig
from attnclf.trainable.fit import compiled
from attnclf.trainable.model import AttentionClassifier
from tests.models import small_classifier


def test_a_step_is_traced_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tracing takes seconds, and a step that creates variables is traced twice."""
    step, traced = AttentionClassifier.train_step, list[Any]()

    def train_step(self: AttentionClassifier, data: Any) -> Any:
        traced.append(data)
        return step(self, data)

    monkeypatch.setattr(AttentionClassifier, "train_step", train_step)
    architecture, reader = small_classifier(level="word", encoder="embedding")
    inputs = reader.batch(reader.ids(["get 1000 followers", "오늘 라떼 마셨다 ㅋㅋ"])[0])
    model = compiled(architecture, inputs, TrainingConfig(), steps=2)
    for _ in range(2):
        model.train_on_batch(inputs, np.array([0, 1], np.int32))
    assert len(traced) == 1
