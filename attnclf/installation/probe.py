"""What runs in a process of its own: it imports what may not be importable, and says so in lines of JSON."""

import json
import sys
import time
from importlib import import_module
from typing import Any

PADDING_CHANGES = {"float32": 1e-4, "mixed_bfloat16": 0.05}  # at most so much of a logit, by rounding


def main() -> None:
    """`packages MODULE …` imports these modules; `back-end NAME` trains for one step on it."""
    what, *names = sys.argv[1:]
    if what == "packages":
        for name in names:
            say(module=name, problem=problem_of(name))
    else:
        try_back_end(names[0])


def say(**values: Any) -> None:
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


def problem_of(module: str) -> str:
    """Why a module cannot be imported; "" where it can."""
    try:
        import_module(module)
    except BaseException as error:  # a library that exits is one that does not work
        return told(error)
    return ""


def told(error: BaseException) -> str:
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    return f"{type(error).__name__}: {first}"[:300]


def try_back_end(name: str) -> None:
    """Imports Keras on this back end, looks for GPUs, and trains for one step; says how far it came."""
    try:
        say(doing=f"importing {name}")
        import_module(name)
        say(doing="importing keras")
        from attnclf.trainable import backend

        say(doing="looking for GPUs")
        devices = backend.gpus(name)
        say(devices=devices, built=backend.built_for_gpus(name), doing="a step of training")
        step, seconds = masked_step()
        say(step=step, seconds=seconds)
    except BaseException as error:
        say(problem=told(error))


def masked_step() -> tuple[str, float]:
    """Trains a small recurrent network for one step on two texts of which one is padded: where in words, and in how many
    seconds.

    Raises ArithmeticError where the loss is not a number, or where padding changes an answer.
    """
    import keras
    import numpy as np

    from attnclf.config import Config, TrainingConfig
    from attnclf.model.architecture import Architecture
    from attnclf.trainable import backend
    from attnclf.trainable.fit import compiled

    device, _ = backend.choose_device("auto")
    precision = backend.set_precision("auto", device)
    backend.make_repeatable(0)
    small = Config().override({"model": {"size": "small"}})
    both = {"ids": np.array([[2, 3, 4, 5], [6, 7, 0, 0]], np.int32), "lengths": np.array([4, 2], np.int32)}
    alone = {"ids": np.array([[6, 7]], np.int32), "lengths": np.array([2], np.int32)}
    model = compiled(Architecture.of(small.model, "char", 8, 0, 2), both, TrainingConfig(), steps=1)
    began = time.perf_counter()
    loss = float(model.train_on_batch(both, np.array([0, 1], np.int32)))
    seconds = time.perf_counter() - began
    if not np.isfinite(loss):
        raise ArithmeticError(f"the loss of a step is {loss}")
    padded, unpadded = (keras.ops.convert_to_numpy(model(inputs))[-1] for inputs in (both, alone))
    gap = float(np.abs(padded - unpadded).max())
    if not gap <= PADDING_CHANGES[precision]:
        raise ArithmeticError(f"padding changes a logit by {gap:.1e}")
    return f"{device}, {precision}, loss {loss:.3f}, padding changes nothing", seconds
