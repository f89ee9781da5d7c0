"""The weights: the network by Keras, the linear path beside it, in graphs that are checked against Keras."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnclf.config import Config, TrainingConfig
from attnclf.errors import DeviceError, ModelError
from attnclf.linear.model import LinearPath, fit_again, fit_linear, fit_loudness
from attnclf.model.architecture import Architecture
from attnclf.reading.base import Ids, Reader
from attnclf.reading.readers import WordReader
from attnclf.reading.sentences import SentenceReader
from attnclf.results import EpochEnded, EpochScores, Event, Note, OnEvent, softmax
from attnclf.scoring import metrics
from attnclf.served.session import Session
from attnclf.training.preparation import Part, example_weights, trials_of

# What TensorFlow, PyTorch, JAX and oneDNN say.
OUT_OF_MEMORY = ("ResourceExhaustedError", "OutOfMemoryError", "RESOURCE_EXHAUSTED", "could not create a primitive")
AGREEMENT = 1e-4  # of the largest number, or of 1; saving refuses when Keras' and ONNX Runtime's numbers are further apart


def start_backend(config: TrainingConfig) -> str:
    """Starts Keras' back end on the device and in the precision asked for, and says in words which."""
    from attnclf.trainable import backend

    device, reason = backend.choose_device(config.device)
    precision = backend.set_precision(config.precision, device)
    backend.make_repeatable(config.seed)
    return f"device: {device} ({reason}); precision {precision}"


@contextmanager
def memory_told() -> Iterator[None]:
    """Turns running out of memory, of the machine or of its GPU, into a DeviceError that says what helps."""
    try:
        yield
    except MemoryError as error:
        raise _too_little(error) from error
    except Exception as error:
        if type(error).__name__ in OUT_OF_MEMORY or any(word in str(error) for word in OUT_OF_MEMORY):
            raise _too_little(error) from error
        raise


def _too_little(error: BaseException) -> DeviceError:
    first = str(error).strip().split("\n")[0][:200]
    return DeviceError(
        f"training ran out of memory{f': {first}' if first else ''}",
        hint="try --size small, a smaller --batch-size or --max-length, or fewer rows; nothing was written",
    )


@dataclass(frozen=True)
class Fitted:
    """`weights` by name, the `graphs` that serve them, by file name, and a record of each epoch. `logits` (N, K) are those of
    the validation rows, from a linear path that had not seen them, as is that of `unseen_graphs`; `network` (N, K) are those
    without the path."""

    weights: dict[str, NDArray[np.float32]]
    graphs: dict[str, bytes]
    unseen_graphs: dict[str, bytes]
    logits: NDArray[np.float32]
    network: NDArray[np.float32]
    history: list[dict[str, Any]]


def fit_weights(
    labels: Sequence[str],
    reader: Reader,
    train_part: Part,
    valid_part: Part,
    config: Config,
    on_event: OnEvent,
    started: float,
    refit: bool,
) -> Fitted:
    """Keras' back end has been started; `started` is when the clock of training began. With `refit` the linear path is at the
    end fitted to the validation rows too."""
    from attnclf.served.graph import build_graphs
    from attnclf.trainable.fit import Examples, fit, logits

    ids, truncated = reader.ids(train_part.texts)
    if any(truncated):
        what = (
            f"{sum(truncated)} texts are longer than {config.text.max_length} tokens and are cut there; --max-length reads more"
        )
        on_event(Note(what, warning=True))
    valid_ids, _ = reader.ids(valid_part.texts)
    architecture = Architecture.of(
        config.model, config.text.level, reader.vocabulary, reader.features, len(labels), config.text.max_length
    )
    examples = Examples(ids, train_part.targets, example_weights(train_part.targets, len(labels), config.training))
    path = None
    words = reader.inside if isinstance(reader, SentenceReader) else reader
    numbers, valid_numbers = reader.numbers(ids), reader.numbers(valid_ids)
    if isinstance(words, WordReader) and config.model.linear:
        on_event(Note("fitting the linear path"))
        rows, held_out = (numbers, train_part.targets), (valid_numbers, valid_part.targets)
        path = fit_linear(words, rows, held_out, len(labels), trials_of(train_part, valid_part))
    history: list[dict[str, Any]] = []

    def record(event: Event) -> None:
        if isinstance(event, EpochEnded):
            line = {"epoch": event.epoch, "loss": event.loss, **asdict(event.scores)}
            history.append(line | {"seconds": event.seconds, "best": event.best})
        on_event(event)

    def judge(network: NDArray[np.floating]) -> EpochScores:
        both, _, _ = _together(network, path, valid_part.targets)
        right = both.argmax(axis=1) == valid_part.targets
        log_loss = metrics.log_loss(valid_part.targets, softmax(both))
        return EpochScores(log_loss, metrics.macro_f1(valid_part.targets, both), float(right.mean()))

    model = fit(architecture, reader, examples, valid_ids, judge, config.training, record, started)
    network = logits(model, reader, valid_ids)
    both, a, b = _together(network, path, valid_part.targets)
    alone = model.arrays()
    weights = alone | _summed(alone, path, a, b)
    if path is not None:
        on_event(Note(_in_words(network, path, both, (a, b), valid_part.targets)))
    graphs = unseen_graphs = build_graphs(architecture, weights)
    if isinstance(words, WordReader) and path is not None and refit:
        everything = [*numbers, *valid_numbers], np.concatenate([train_part.targets, valid_part.targets])
        weights = alone | _summed(alone, fit_again(path, words, everything, valid_numbers), a, b)
        graphs = build_graphs(architecture, weights)
    model.assign_arrays(weights)
    _check_agreement(model, graphs, reader, valid_ids)
    return Fitted(weights, graphs, unseen_graphs, np.asarray(both, np.float32), network, history)


def _together(
    network: NDArray[np.floating], path: LinearPath | None, targets: NDArray[np.int32]
) -> tuple[NDArray[np.floating], float, float]:
    """Logits of the network and the linear path, if there is one, each as loud as the validation rows want it, and the two
    loudnesses."""
    if path is None:
        a, _ = fit_loudness(network, np.zeros_like(network), targets, usual=(1.0, 1.0))
        return a * network, a, 0.0
    a, b = fit_loudness(network, path.logits, targets)
    return a * network + b * path.logits, a, b


def _in_words(
    network: NDArray[np.floating],
    path: LinearPath,
    both: NDArray[np.floating],
    loudness: tuple[float, float],
    targets: NDArray[np.int32],
) -> str:
    right = [float(np.mean(scores.argmax(axis=1) == targets)) for scores in (network, path.logits, both)]
    return (
        f"validation accuracy: network {right[0]:.4f}, linear path {right[1]:.4f} ({path.choice}), both {right[2]:.4f} "
        f"at loudness {loudness[0]:.2f} and {loudness[1]:.2f}"
    )


def _summed(
    weights: Mapping[str, NDArray[np.float32]], path: LinearPath | None, a: float, b: float
) -> dict[str, NDArray[np.float32]]:
    """The weights of the network's head and the linear path, if there is one, that give a · network + b · path."""
    head = {"head.W": a * weights["head.W"], "head.b": a * weights["head.b"]}
    if path is None:
        return head
    table = np.hstack([b * path.table[:, :-1], path.table[:, -1:]])
    return head | {"head.b": head["head.b"] + b * path.bias, "linear.table": table}


def _check_agreement(model: Any, graphs: Mapping[str, bytes], reader: Reader, ids: Sequence[Ids], sample: int = 64) -> None:
    batch = list(ids[:: max(1, len(ids) // sample)][:sample])
    inputs = reader.batch(batch)
    trained = model.in_float32(inputs).explain(inputs)
    gap, session = 0.0, Session(graphs["model.onnx"], graphs["words.onnx"])
    for i, served in enumerate(session.run(reader, batch, ["logits", "attention", "contributions"])):
        for ours, theirs in zip(served, trained, strict=True):
            expected = theirs[i] if ours.shape == theirs[i].shape else theirs[i, : len(batch[i])]
            here = np.abs(ours - expected).max() / max(1.0, np.abs(expected).max())
            gap = np.maximum(gap, here)  # keeps what is not a number
    if not gap <= AGREEMENT:
        raise ModelError(
            f"the served model differs from the trained one by {gap:.1e}, and {AGREEMENT:.0e} is allowed; nothing was saved",
            hint="report this with the output of `attnclf --version`",
        )
