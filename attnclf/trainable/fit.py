"""Finding the weights: AdamW over length-bucketed batches.

The weights of the epoch with the lowest validation log loss are kept.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from attnclf.checkpoint import NetworkState
from attnclf.config import TrainingConfig
from attnclf.model.architecture import Architecture
from attnclf.ragged import Ragged
from attnclf.reading.base import Ids, Inputs, Reader
from attnclf.reading.batching import batches_by_length
from attnclf.reading.tokens import PADDING_ID
from attnclf.results import EpochScores, OnEvent
from attnclf.trainable import backend
from attnclf.trainable.epochs import Epochs, Keep, restored
from attnclf.trainable.group import Group
from attnclf.trainable.model import AttentionClassifier
from attnclf.trainable.optimizer import RowwiseAdamW
from attnclf.trainable.schedule import schedule_of
from attnclf.trainable.shapes import multiple_for, with_few_shapes
from attnclf.trainable.state import put_weights

BUCKET = 50  # batches sorted by length together: enough of them to save padding, few enough to keep the order random
VALIDATION_TOKENS = 8_192  # tokens per validation batch
COSTLY = 300_000  # tokens of an epoch: from here on the network must help the sum after the first cycle, or stops

Validate = Callable[[NDArray[np.floating]], tuple[EpochScores, tuple[float, float]]]
"""Maps the network's validation logits (N, K) to scores and to the mixing weights of the network and the linear model.

The best epoch has the lowest log loss."""

Begin = Callable[[Mapping[str, NDArray[np.float32]]], Mapping[str, NDArray[np.float32]]]
"""Maps the random weights of a network to those that take the place of some of them."""


@dataclass(frozen=True)
class Examples:
    """Encoded texts with the numbers of their labels. `weights` says how much each example counts in the loss.

    `linear` has the contributions (W, K) of the linear model to the tokens of each text that the network reads, which attention
    is aligned with; None if there are none.
    """

    ids: Ragged
    targets: NDArray[np.int32]
    weights: NDArray[np.float32]
    linear: Ragged | None = None


def fit(
    architecture: Architecture,
    reader: Reader,
    train: Examples,
    valid_ids: Ragged,
    validate: Validate,
    config: TrainingConfig,
    on_event: OnEvent,
    started: float,
    state: NetworkState | None = None,
    keep: Keep | None = None,
    begin: Begin | None = None,
    group: Group = Group(),  # noqa: B008 (has no state)
) -> AttentionClassifier:
    """The trained model, with the weights of the epoch whose validation logits `validate` scored best.

    The network begins with random weights, or with those that `begin` makes of them.

    `started` is the time at which the time limit starts to count, as given by `time.monotonic`. Training goes on at `state`,
    and gives `keep` each state from which it could go on. The weights are then, on a CPU, those of a training without an
    interruption, to the bit. The processes of a `group` begin at the same state; `validate` and `keep` are for the first alone.
    Raises ModelError for the state of another model.
    """
    steps = math.ceil(len(train.ids) / config.batch_size)
    model = compiled(architecture, reader.network_batch(train.ids[:1]), config, steps)
    if begin is not None:
        model.assign_arrays(begin(model.arrays()))
    state = state or NetworkState()
    restored(model, state, group)
    judge = _of_the_first(validate, group)
    epochs = Epochs(
        lambda: judge(logits(model, reader, valid_ids, group)), config, steps, on_event, started, state, keep, group
    )
    if np.minimum(train.ids.lengths, reader.window.size).sum() >= COSTLY:
        epochs.without_network = judge(np.zeros((len(valid_ids), architecture.labels), np.float32))[0].log_loss
    while not epochs.stopped:
        batches = Batches(train, reader, config, group)
        source = backend.as_fit_input(batches)
        epochs.begin(batches.begin(epochs.place))
        model.fit(
            source,
            steps_per_epoch=steps - epochs.step,
            initial_epoch=epochs.epoch,
            epochs=epochs.epoch + 1 if epochs.step else config.epochs,  # the rest of an epoch by itself
            callbacks=[epochs],
            shuffle=False,  # the batches come shuffled
            verbose=0,
        )
    if epochs.best is not None:
        put_weights(model, epochs.best)
    return model


def compiled(architecture: Architecture, inputs: Inputs, config: TrainingConfig, steps: int) -> AttentionClassifier:
    """A model with fresh weights, ready for epochs of `steps` steps on batches like `inputs`."""
    model = AttentionClassifier(architecture, config.align)
    model(inputs)  # builds the weights
    model.compile(
        optimizer=_optimizer(config, steps),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        # No XLA on TensorFlow: its loops are slow on a CPU, and it rules out cuDNN.
        jit_compile=False if keras.backend.backend() == "tensorflow" else "auto",
    )
    model.optimizer.build(model.trainable_variables)  # TensorFlow traces a step twice that creates variables
    return model


def _optimizer(config: TrainingConfig, steps: int) -> keras.Optimizer:
    settings = {"weight_decay": config.weight_decay, "global_clipnorm": config.clip_norm}
    return RowwiseAdamW(schedule_of(config, steps), tables=["embedding"], **settings)


class Batches:
    """Epochs of shuffled batches, one for each call.

    `tf.data` asks for batches before the steps that need them, so the generator of random numbers is ahead of training. Its
    state after each batch is remembered until the step has been made.
    """

    def __init__(self, examples: Examples, reader: Reader, config: TrainingConfig, group: Group) -> None:
        self._examples, self._reader, self._config, self._group = examples, reader, config, group
        self._random = np.random.default_rng(config.seed)
        self._first: Mapping[str, Any] | None = None  # where the first call begins
        self._drawn = 0
        self._after: dict[int, Mapping[str, Any]] = {}

    def begin(self, place: Mapping[str, Any] | None) -> Callable[[int], Mapping[str, Any]]:
        """Lets the next call begin at a place that an earlier training had come to. Returns what gives the place after so many
        batches."""
        if place is not None:
            self._random.bit_generator.state = place["epoch"]
            self._first = place
        self._drawn = 0
        self._after.clear()
        return self._place

    def __call__(self) -> Iterator[backend.Batch]:
        """An epoch, or the rest of one."""
        place, self._first = self._first, None
        began = self._random.bit_generator.state
        done = int(place["batches"]) if place else 0
        last = math.ceil(len(self._examples.ids) / self._config.batch_size)
        for batch in training_batches(self._examples, self._reader, self._config, self._random, after=place, group=self._group):
            done += 1
            self._drawn += 1
            now = self._random.bit_generator.state
            self._after[self._drawn] = {"epoch": began if done < last else now, "now": now, "batches": done % last}
            yield batch

    def _place(self, count: int) -> Mapping[str, Any]:
        return self._after.pop(count)


def training_batches(
    examples: Examples,
    reader: Reader,
    config: TrainingConfig,
    random: np.random.Generator,
    multiple: int = 0,
    after: Mapping[str, Any] | None = None,
    group: Group = Group(),  # noqa: B008
) -> Iterator[backend.Batch]:
    """One epoch of shuffled batches whose texts are of nearly equal length.

    The rows are shuffled and then sorted by length within every BUCKET batches. Then the order of the batches is shuffled.
    Lengths are padded to a multiple of `multiple`, or where it is 0, so that there are few shapes. `after` is a place of
    `Batches`; the batches before it are left out. Of each batch there is what this process of the `group` hands over.
    """
    size = config.batch_size
    lengths = np.minimum(examples.ids.lengths, reader.window.size)
    order = random.permutation(len(lengths))
    groups = (order[i : i + size * BUCKET] for i in range(0, len(order), size * BUCKET))
    by_length = (group[np.argsort(lengths[group], kind="stable")] for group in groups)
    batches = [group[i : i + size] for group in by_length for i in range(0, len(group), size)]
    positions = random.permutation(len(batches))
    if after is not None and after["batches"]:
        positions = positions[after["batches"] :]
        random.bit_generator.state = after["now"]
    for position in positions:
        real = len(batches[position])
        rows = group.padded(batches[position])
        step = multiple or multiple_for(int(lengths[rows].max()))
        inputs = reader.network_batch(examples.ids.take(rows), step)
        if examples.linear:
            inputs["linear"] = examples.linear.take(rows).padded(step).astype(np.float32)
        if "features" in inputs:
            inputs["features"] = _drop_features(inputs["features"], inputs["words"], config.feature_dropout, random)
        yield group.part((with_few_shapes(inputs), examples.targets[rows], examples.weights[rows]), real)


def _drop_features(features: Ids, words: Ids, share: float, random: np.random.Generator) -> Ids:
    """The features (R, 8) with a random `share` of them dropped. A word that would lose all its features keeps all of them.

    The model then relies on no single n-gram, and is better prepared for words that training never saw, which have fewer known
    n-grams.
    """
    kept = np.where(random.random(features.shape) < share, PADDING_ID, features)
    left = np.bincount(words, weights=kept.any(axis=1), minlength=len(words))
    return np.where(left[words, None] > 0, kept, features)


def logits(
    model: AttentionClassifier,
    reader: Reader,
    ids: Ragged,
    group: Group = Group(),  # noqa: B008
) -> NDArray[np.float32]:
    """Logits (N, K) of the network alone, computed by Keras without dropout. The processes of a group share the work."""
    lengths = np.minimum(ids.lengths, reader.window.size)
    result = np.empty((len(ids), model.architecture.labels), np.float32)
    for rows in batches_by_length(lengths, VALIDATION_TOKENS):
        inputs = reader.network_batch(ids.take(group.padded(rows)), multiple_for(int(lengths[rows].max())))
        result[rows] = model.predict_on_batch(group.inputs(with_few_shapes(inputs)))[: len(rows)]
    return result


def _of_the_first(validate: Validate, group: Group) -> Validate:
    """`validate`, which only the first process of a group computes: the others get its numbers."""

    def validated(network: NDArray[np.floating]) -> tuple[EpochScores, tuple[float, float]]:
        numbers = [0.0] * 5
        if group.leads:
            scores, mixing_weights = validate(network)
            numbers = [scores.log_loss, scores.macro_f1, scores.accuracy, *mixing_weights]
        log_loss, macro_f1, accuracy, a, b = group.share_numbers(numbers)
        return EpochScores(log_loss, macro_f1, accuracy), (a, b)

    return validated
