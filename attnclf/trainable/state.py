"""The state of a Keras model in training, as plain arrays: what is read from it, and put back into it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import ops

from attnclf.checkpoint import Arrays
from attnclf.trainable.model import AttentionClassifier


def weights_of(model: AttentionClassifier) -> Arrays:
    """Copies of all weights that training changes. The linear model's are no part of it."""
    return _read("weight", _weights(model))


def put_weights(model: AttentionClassifier, arrays: Arrays) -> None:
    """Puts back what `weights_of` gave. Raises ValueError for arrays of another model."""
    _put("weight", _weights(model), arrays)


def slots_of(model: AttentionClassifier) -> Arrays:
    """Copies of what else the next step depends on: the averages and the step of the optimizer, the generators of dropout, and
    the mean loss of this epoch."""
    return {**_read("slot", _slots(model)), **_read("loss", model.metrics_variables)}


def put_slots(model: AttentionClassifier, arrays: Arrays) -> None:
    """Puts back what `slots_of` gave, but for the mean loss, which Keras sets to zero when it begins."""
    _put("slot", _slots(model), {name: array for name, array in arrays.items() if name.startswith("slot")})


def put_loss(model: AttentionClassifier, arrays: Arrays) -> None:
    """Puts the mean loss of this epoch back."""
    _put("loss", model.metrics_variables, {name: array for name, array in arrays.items() if name.startswith("loss")})


def _weights(model: AttentionClassifier) -> list[Any]:
    linear = model.linear.table if model.linear is not None else None
    return [variable for variable in model.weights if variable is not linear]


def _slots(model: AttentionClassifier) -> list[Any]:
    weights = {id(variable) for variable in model.weights}
    return [variable for variable in model.variables if id(variable) not in weights] + list(model.optimizer.variables)


def _read(kind: str, variables: Sequence[Any]) -> Arrays:
    # Keras' own names of variables count the models of a process, so their order names them.
    return {f"{kind}.{i}": _copied(ops.convert_to_numpy(variable)) for i, variable in enumerate(variables)}


def _copied(array: Any) -> Any:
    """The array itself where nothing else holds its memory: some back ends copy already, and the copies are large."""
    return array if array.base is None and array.flags.owndata else np.array(array)


def _put(kind: str, variables: Sequence[Any], arrays: Arrays) -> None:
    if len(arrays) != len(variables):
        raise ValueError(f"{len(arrays)} arrays for {len(variables)} variables")
    found = [arrays[f"{kind}.{i}"] for i in range(len(variables))]
    for variable, array in zip(variables, found, strict=True):
        if tuple(variable.shape) != array.shape or str(variable.dtype) != str(array.dtype):
            raise ValueError(f"{array.dtype} {array.shape} for {variable.dtype} {tuple(variable.shape)}")
    for variable, array in zip(variables, found, strict=True):
        variable.assign(array)
