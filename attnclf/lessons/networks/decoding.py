"""Writing with a model that was trained with teacher forcing: each step reads what the model itself wrote before."""

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

BATCH = 512


def moved(answers: NDArray[np.int32], start: int = 0) -> NDArray[np.int32]:
    """The answers (B, S) one step to the right, behind the id `start`: what is read before each id in training."""
    return np.pad(answers, ((0, 0), (1, 0)), constant_values=start)[:, :-1]


def greedily(model: keras.Model, inputs: Any, start: int, steps: int) -> tuple[NDArray[np.int32], list[NDArray[Any]]]:
    """What the model writes, (B, S) ids, and its other outputs for what it wrote.

    The model maps [inputs, answers `moved`] to logits (B, S, V), or to a list that begins with them. Since no step reads a
    later one, S passes write S ids: pass i is right up to step i, and the last one everywhere.
    """
    before = np.full((len(inputs), steps + 1), start, np.int32)
    for step in range(steps):
        outputs = outputs_of(model, [inputs, before[:, :-1]])
        before[:, step + 1] = outputs[0][:, step].argmax(axis=1)
    return before[:, 1:], outputs[1:]


def outputs_of(model: keras.Model, inputs: Any) -> list[NDArray[Any]]:
    """All outputs of a model as a list of arrays, also where it has one."""
    outputs = model.predict(inputs, batch_size=BATCH, verbose=0)
    return list(outputs) if isinstance(outputs, list | tuple) else [outputs]
