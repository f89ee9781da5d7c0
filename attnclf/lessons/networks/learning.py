"""Training the models of a lesson: standard Keras, with progress as events and an end when the goal is reached."""

import math
import time
from collections.abc import Callable
from typing import Any

import keras

from attnclf.lessons.task import Learned, Task
from attnclf.results import Note, OnEvent, StageStarted, StepEnded


def learn(
    name: str,
    model: keras.Model,
    inputs: Any,
    targets: Any,
    task: Task,
    on_event: OnEvent,
    measure: Callable[[], float] | None = None,
) -> Learned:
    """Trains the first output of a model. `measure` is asked after each epoch, with the weights of then.

    Other outputs, such as weights of attention, have no targets. Losses that layers add count too.
    """
    on_event(StageStarted(name))
    learned, started = Learned(), time.monotonic()
    steps = -(-len(targets) // task.batch)
    trained = keras.Model(model.inputs, model.outputs[0])
    optimizer = keras.optimizers.Adam(_rate(task, steps), global_clipnorm=1.0)
    at_once = 1 if keras.backend.backend() == "torch" else task.at_once  # PyTorch does one step after the other
    trained.compile(optimizer, task.loss, steps_per_execution=at_once)
    telling = Telling(name, steps, task, on_event, learned, measure)
    trained.fit(inputs, targets, batch_size=task.batch, epochs=task.epochs, verbose=0, callbacks=[telling])
    learned.seconds = time.monotonic() - started
    on_event(Note(f"{name}: {len(learned.losses)} epochs in {learned.seconds:.0f} s, {_last(learned)}", topic="trained"))
    return learned


def _rate(task: Task, steps: int) -> Any:
    """The learning rate, or the schedule that halves it."""
    if task.halving == math.inf:
        return task.rate
    return keras.optimizers.schedules.ExponentialDecay(task.rate, task.halving * steps, 0.5)


def _last(learned: Learned) -> str:
    measured = f", {learned.measured[-1]:.4f} measured" if learned.measured else ""
    return f"loss {learned.losses[-1]:.4f}{measured}"


class Telling(keras.callbacks.Callback):  # type: ignore[misc]
    """Tells of steps and epochs, measures after each epoch, and stops at the goal."""

    def __init__(
        self, name: str, steps: int, task: Task, on_event: OnEvent, learned: Learned, measure: Callable[[], float] | None
    ) -> None:
        super().__init__()
        self.name, self.steps, self.task = name, steps, task
        self.on_event, self.learned, self.measure = on_event, learned, measure

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        epoch, step = len(self.learned.losses) + 1, min(batch + 1, self.steps)  # the last go may be short
        self.on_event(StepEnded(epoch, self.task.epochs, step, self.steps, float(logs["loss"])))

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.learned.losses.append(float(logs["loss"]))
        if self.measure:
            self.learned.measured.append(self.measure())
            self.model.stop_training = self.learned.measured[-1] >= self.task.goal
        self.on_event(Note(f"{self.name}, epoch {epoch + 1}/{self.task.epochs}: {_last(self.learned)}", detail=True))
