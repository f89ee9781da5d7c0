"""What happens after each step and each epoch: scores, the best weights, the end of training, and checkpoints."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from attnclf.bundle.manifest import DAMAGE
from attnclf.checkpoint import ANEW, NetworkState
from attnclf.config import TrainingConfig
from attnclf.errors import ModelError
from attnclf.results import EpochEnded, EpochScores, Note, OnEvent, StepEnded
from attnclf.trainable.cycles import cycles_of
from attnclf.trainable.group import Group
from attnclf.trainable.schedule import schedule_of
from attnclf.trainable.state import put_loss, put_slots, put_weights, slots_of, weights_of

EQUAL = 1e-3  # nats: if the validation log losses of two epochs are this close, the later one wins
KEEP_EVERY = 300.0  # seconds of a long epoch after which training is kept
LONG = 1_000  # steps of a first epoch that is long to wait for: scores are told within it, too
LOOKS = (1 / 8, 1 / 4, 1 / 2)  # after these shares of it; each costs a fortieth of it where a tenth of the rows is held out

Keep = Callable[[NetworkState], None]


class Epochs(keras.callbacks.Callback):  # type: ignore[misc]
    """Scores the model after each epoch, keeps the best weights, stops when patience runs out, and reports progress.

    Log loss separates epochs whose accuracy and F1 differ only by noise, because those two count rows. If two epochs are
    equally good, the later one wins, because weights that have settled generalise better. Patience only counts in the last
    cycle of the learning rate. A network that has added nothing to what `without_network` says stops after the first cycle.

    Within a long first epoch it tells scores, by which nothing is decided.

    It begins at `state`, and gives `keep` the state after each epoch, and every KEEP_EVERY seconds of a longer one.
    """

    def __init__(
        self,
        validate: Callable[[], tuple[EpochScores, tuple[float, float]]],
        config: TrainingConfig,
        steps: int,
        on_event: OnEvent,
        started: float,
        state: NetworkState,
        keep: Keep | None = None,
        group: Group = Group(),  # noqa: B008 (has no state)
    ) -> None:
        super().__init__()
        self.validate, self.config, self.steps, self.on_event = validate, config, steps, on_event
        self.started, self.keep, self.group = started, keep, group
        self.schedule = schedule_of(config, steps)
        self.last_cycle = config.epochs - cycles_of(config.epochs)[-1]  # how many epochs precede it
        self.epoch, self.step, self.stopped = state.epoch, state.step, state.stopped
        self.least, self.best_epoch, self.best = state.least, state.best_epoch, state.best
        self.place = state.order
        self._slots = state.slots
        self._kept_at = time.monotonic()
        self._looks = {round(share * steps) for share in LOOKS} if steps >= LONG else set()
        self.without_network = math.inf  # the validation log loss that the first cycle must beat

    def begin(self, order: Callable[[int], Mapping[str, Any]]) -> None:
        """Before each call of `fit`. `order` gives the place in the order of batches after so many batches of that call."""
        self._order, self._batches = order, 0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if self.step and self._slots:  # the rest of an epoch
            put_loss(self.model, self._slots)
        self._slots = None

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.step += 1
        self._batches += 1
        self.place = self._order(self._batches)
        running = self.epoch + 1
        self.on_event(StepEnded(running, self.config.epochs, self.step, self.steps, float(logs["loss"])))
        if self._time_is_over():
            what = f"{self.config.max_minutes:g} minutes are over at step {self.step} of {self.steps} in epoch {running}"
            self.on_event(Note(f"{what}; the best weights until now are kept", warning=True))
            self._stop()
        elif self.step < self.steps and time.monotonic() - self._kept_at >= KEEP_EVERY:
            self._keep_within_epoch()
        if self.epoch == 0 and self.step in self._looks and not self.stopped:
            self._look()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        scores, mixing_weights = self.validate()
        if self.model.alignment is not None:
            self.model.alignment.mixing_weights.assign(mixing_weights)
        self.epoch, self.step = self.epoch + 1, 0
        best = scores.log_loss < self.least + EQUAL or self.best is None
        weights = weights_of(self.model) if best or self.keep else None
        if best:
            self.best_epoch, self.best = self.epoch, weights
        self.least = min(scores.log_loss, self.least)
        seconds = time.monotonic() - self.started
        rate = float(keras.ops.convert_to_numpy(self.schedule(self.epoch * self.steps - 1)))
        self.on_event(EpochEnded(self.epoch, self.config.epochs, float(logs["loss"]), scores, seconds, best, rate))
        if self.epoch == self.config.epochs or self.epoch - max(self.best_epoch, self.last_cycle) >= self.config.patience:
            self._stop()
        elif self.epoch == self.last_cycle and self.least > self.without_network - EQUAL:
            what = f"the network has added nothing in {self.epoch} epochs: validation log loss {self.least:.3f} with it, "
            self.on_event(Note(f"{what}{self.without_network:.3f} without; it stops learning", topic="network"))
            self._stop()
        self._keep(weights)

    def _look(self) -> None:
        self._end_step()
        scores, _ = self.validate()
        what = f"step {self.step:,} of {self.steps:,} in epoch 1: validation log loss {scores.log_loss:.4f}"
        self.on_event(Note(f"{what}, macro F1 {scores.macro_f1:.3f}, accuracy {scores.accuracy:.3f}", topic="network"))

    def _keep_within_epoch(self) -> None:
        if self.keep is None:
            return
        self._end_step()
        self._keep(weights_of(self.model))

    def _end_step(self) -> None:
        """Puts the weights of the step into the model, which on JAX happens only when an epoch ends."""
        if keras.backend.backend() == "jax":
            self.model.jax_state_sync()

    def _time_is_over(self) -> bool:
        if not self.config.max_minutes:
            return False
        seconds, *_ = self.group.share_numbers([time.monotonic() - self.started])  # all processes stop at the same step
        return seconds >= 60 * self.config.max_minutes

    def _stop(self) -> None:
        self.stopped = self.model.stop_training = True

    def _keep(self, weights: Any) -> None:
        if self.keep is None:
            return
        state = NetworkState(self.epoch, self.step, self.stopped, self.least, self.best_epoch, best=self.best)
        if not self.stopped:
            state = replace(state, order=self.place, weights=weights, slots=slots_of(self.model))
        self.keep(state)
        self._kept_at = time.monotonic()


def restored(model: keras.Model, state: NetworkState, group: Group) -> None:
    """Puts the model where `state` says it was; where it says that no step is to follow, at its best weights.

    Raises ModelError for the state of another model, and ProcessLost.
    """
    try:
        with group.errors():  # putting weights in place waits for all processes
            _restore(model, state)
    except (AssertionError, *DAMAGE) as error:
        raise ModelError(f"the checkpoint is of another network: {error}", hint=ANEW) from error


def _restore(model: keras.Model, state: NetworkState) -> None:
    if state.best is not None:
        put_weights(model, state.best)
    if state.stopped or state.weights is None:
        return
    assert state.slots is not None
    assert state.order is not None
    put_weights(model, state.weights)
    put_slots(model, state.slots)
    for when in ("epoch", "now"):
        np.random.default_rng().bit_generator.state = state.order[when]  # raises where it is no state of a generator
