"""Finding the weights: AdamW over length-bucketed batches.

The weights of the epoch with the lowest validation log loss are kept.
"""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from attnclf.config import TrainingConfig
from attnclf.model.architecture import Architecture
from attnclf.reading.base import Ids, Inputs, Reader
from attnclf.reading.batching import batches_by_length
from attnclf.reading.tokens import PADDING_ID
from attnclf.results import EpochEnded, EpochScores, Note, OnEvent, StepEnded
from attnclf.trainable import backend
from attnclf.trainable.model import AttentionClassifier
from attnclf.trainable.optimizer import RowwiseAdamW
from attnclf.trainable.schedule import Cycles, cycles_of

BUCKET = 50  # batches sorted by length together: enough of them to save padding, few enough to keep the order random
VALIDATION_TOKENS = 8_192  # tokens per validation batch
EQUAL = 1e-3  # nats: if the validation log losses of two epochs are this close, the later one wins
LADDER = 8  # lengths are padded to a multiple of this, which keeps the number of compiled shapes small

Validate = Callable[[NDArray[np.floating]], tuple[EpochScores, tuple[float, float]]]
"""Maps the network's validation logits (N, K) to scores and to the mixing weights of the network and the linear model.

The best epoch has the lowest log loss."""


@dataclass(frozen=True)
class Examples:
    """Encoded texts with the numbers of their labels. `weights` says how much each example counts in the loss.

    `linear` has the contributions (T, K) of the linear model to each text, which attention is aligned with; empty if there are
    none.
    """

    ids: Sequence[Ids]
    targets: NDArray[np.int32]
    weights: NDArray[np.float32]
    linear: Sequence[NDArray[np.float16]] = ()


def fit(
    architecture: Architecture,
    reader: Reader,
    train: Examples,
    valid_ids: Sequence[Ids],
    validate: Validate,
    config: TrainingConfig,
    on_event: OnEvent,
    started: float,
) -> AttentionClassifier:
    """The trained model, with the weights of the epoch whose validation logits `validate` scored best.

    `started` is the time at which the time limit starts to count, as given by `time.monotonic`.
    """
    steps = math.ceil(len(train.ids) / config.batch_size)
    model = compiled(architecture, reader.batch(train.ids[:1]), config, steps)
    random = np.random.default_rng(config.seed)
    keeper = _BestWeights(lambda: validate(logits(model, reader, valid_ids)), config, steps, on_event, started)
    model.fit(
        backend.as_fit_input(lambda: training_batches(train, reader, config, random)),
        steps_per_epoch=steps,
        epochs=config.epochs,
        callbacks=[keeper],
        shuffle=False,  # the batches come shuffled
        verbose=0,
    )
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
    return model


def _optimizer(config: TrainingConfig, steps: int) -> keras.Optimizer:
    schedule = Cycles(config.learning_rate, [epochs * steps for epochs in cycles_of(config.epochs)], config.warmup)
    settings = {"weight_decay": config.weight_decay, "global_clipnorm": config.clip_norm}
    return RowwiseAdamW(schedule, tables=["embedding"], **settings)


def training_batches(
    examples: Examples, reader: Reader, config: TrainingConfig, random: np.random.Generator, multiple: int = LADDER
) -> Iterator[backend.Batch]:
    """One epoch of shuffled batches whose texts are of nearly equal length.

    The rows are shuffled and then sorted by length within every BUCKET batches. Then the order of the batches is shuffled.
    Lengths are padded to a multiple of `multiple`.
    """
    size = config.batch_size
    lengths = np.array([len(row) for row in examples.ids])
    order = random.permutation(len(lengths))
    groups = (order[i : i + size * BUCKET] for i in range(0, len(order), size * BUCKET))
    by_length = (group[np.argsort(lengths[group], kind="stable")] for group in groups)
    batches = [group[i : i + size] for group in by_length for i in range(0, len(group), size)]
    for position in random.permutation(len(batches)):
        rows = batches[position]
        inputs = reader.batch([examples.ids[row] for row in rows], multiple)
        if examples.linear:
            inputs["linear"] = _padded([examples.linear[row] for row in rows], inputs["ids"].shape[1])
        if "features" in inputs:
            inputs["features"] = _drop_features(inputs["features"], inputs["words"], config.feature_dropout, random)
        yield inputs, examples.targets[rows], examples.weights[rows]


def _padded(rows: Sequence[NDArray[np.float16]], steps: int) -> NDArray[np.float32]:
    """Arrays (T, K) of several lengths as one (B, steps, K), zero behind their ends."""
    padded = np.zeros((len(rows), steps, rows[0].shape[1]), np.float32)
    for i, row in enumerate(rows):
        padded[i, : len(row)] = row
    return padded


def _drop_features(features: Ids, words: Ids, share: float, random: np.random.Generator) -> Ids:
    """The features (R, 8) with a random `share` of them dropped. A word that would lose all its features keeps all of them.

    The model then relies on no single n-gram, and is better prepared for words that training never saw, which have fewer known
    n-grams.
    """
    kept = np.where(random.random(features.shape) < share, PADDING_ID, features)
    left = np.bincount(words, weights=kept.any(axis=1), minlength=len(words))
    return np.where(left[words, None] > 0, kept, features)


def logits(model: AttentionClassifier, reader: Reader, ids: Sequence[Ids]) -> NDArray[np.float32]:
    """Logits (N, K), computed by Keras without dropout."""
    lengths = np.array([len(row) for row in ids], np.intp)
    result = np.empty((len(ids), model.architecture.labels), np.float32)
    for rows in batches_by_length(lengths, VALIDATION_TOKENS):
        result[rows] = model.predict_on_batch(reader.batch([ids[row] for row in rows], LADDER))
    return result


class _BestWeights(keras.callbacks.Callback):  # type: ignore[misc]
    """Scores the model after each epoch, keeps the best weights, stops when patience runs out, and reports progress.

    Log loss separates epochs whose accuracy and F1 differ only by noise, because those two count rows. If two epochs are
    equally good, the later one wins, because weights that have settled generalise better. Patience only counts in the last
    cycle of the learning rate.
    """

    def __init__(
        self,
        validate: Callable[[], tuple[EpochScores, tuple[float, float]]],
        config: TrainingConfig,
        steps: int,
        on_event: OnEvent,
        started: float,
    ) -> None:
        super().__init__()
        self.validate, self.config, self.steps, self.on_event = validate, config, steps, on_event
        self.started = started
        self.least, self.best_epoch = math.inf, 0
        self.last_cycle = config.epochs - cycles_of(config.epochs)[-1]  # how many epochs precede it
        self.best_weights: list[Any] = []
        self.epoch = 0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.epoch = epoch + 1

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.on_event(StepEnded(self.epoch, self.config.epochs, batch + 1, self.steps, float(logs["loss"])))
        if 0 < 60 * self.config.max_minutes <= time.monotonic() - self.started:
            what = f"{self.config.max_minutes:g} minutes are over at step {batch + 1} of {self.steps} in epoch {self.epoch}"
            self.on_event(Note(f"{what}; the best weights until now are kept", warning=True))
            self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        scores, mixing_weights = self.validate()
        if self.model.alignment is not None:
            self.model.alignment.mixing_weights.assign(mixing_weights)
        if best := scores.log_loss < self.least + EQUAL or not self.best_weights:
            self.best_epoch, self.best_weights = self.epoch, self.model.get_weights()
        self.least = min(scores.log_loss, self.least)
        seconds = time.monotonic() - self.started
        self.on_event(EpochEnded(self.epoch, self.config.epochs, float(logs["loss"]), scores, seconds, best))
        if self.epoch - max(self.best_epoch, self.last_cycle) >= self.config.patience:
            self.model.stop_training = True

    def on_train_end(self, logs: Any = None) -> None:
        self.model.set_weights(self.best_weights)
