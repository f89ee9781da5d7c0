"""Learning to write: a decoder reads the right characters, or words, before the one that it must write (teacher forcing)."""

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from attnclf.lessons.networks.decoding import moved, outputs_of
from attnclf.lessons.networks.learning import learn
from attnclf.lessons.task import Learned, Task
from attnclf.results import OnEvent


def learn_to_write(
    name: str, model: keras.Model, asked: Any, answers: NDArray[np.int32], rows: int, task: Task, on_event: OnEvent
) -> Learned:
    """Trains a model, as `decoding.greedily` describes it, on the first `rows` answers (B, S).

    After each epoch the share of the other answers that it writes without a mistake is measured. One pass is enough: a model
    makes no mistake by itself just if it makes none behind the right characters.
    """
    before = moved(answers)

    def exact() -> float:
        written = outputs_of(model, [asked[rows:], before[rows:]])[0].argmax(axis=2)
        return float((written == answers[rows:]).all(axis=1).mean())

    return learn(name, model, [asked[:rows], before[:rows]], answers[:rows], task, on_event, exact)
