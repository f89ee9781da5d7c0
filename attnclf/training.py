"""`train`: a table in, a model directory out, with honest scores beside a classical baseline."""

import json
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from attnclf import bundle as bundles
from attnclf import metrics
from attnclf.architecture import Architecture
from attnclf.baseline import train_baseline
from attnclf.bundle import Bundle
from attnclf.card import model_card
from attnclf.config import Config, TrainingConfig
from attnclf.data import Table
from attnclf.errors import DataError, ModelError
from attnclf.results import Baseline, EpochEnded, Event, Note, OnEvent, Report, ignore
from attnclf.runtime.session import Session
from attnclf.split import split
from attnclf.text import build_tokenizer, choose_level, encode_ids, pad

AGREEMENT = 1e-4  # saving refuses when Keras' and ONNX Runtime's numbers are further apart
IMBALANCED = 3.0  # auto class weights act when the commonest label has this many times the rows of the rarest


@dataclass(frozen=True)
class Trained:
    """What `train` leaves: the model directory, its validation report, and the baseline's on the same rows."""

    bundle: Bundle
    report: Report
    baseline: Baseline | None
    seconds: float


@dataclass(frozen=True)
class Part:
    """One side of the split."""

    texts: list[str]
    targets: NDArray[np.int32]


def train(
    table: Table,
    valid: Table | None,
    config: Config,
    target: Path,
    on_event: OnEvent = ignore,
    importing: AbstractContextManager[None] = nullcontext(),  # noqa: B008 (a null context has no state)
) -> Trained:
    """Trains on `table`, validating on `valid` or on a part held out of `table`, and writes the bundle to `target`.

    `importing` is entered while Keras' back end starts, for callers who want its chatter elsewhere.

    Raises DataError for data that cannot be learnt from, DeviceError for a missing GPU; `target` is untouched until the end.
    """
    bundles.check_target(target.resolve())
    Architecture.of(
        config.model, "word", vocabulary=2, labels=2
    )  # names that do not exist are an error now, not after Keras started
    started = time.monotonic()
    labels = _labels(table)
    train_part, valid_part = _parts(table, valid, labels, config, on_event)
    config = _resolved(config, table, train_part, valid_part, on_event)
    tokenizer = build_tokenizer(train_part.texts, config.text)
    with importing:
        device = _start(config.training)
    on_event(Note(device))
    weights, graph, history = _fit(labels, tokenizer, train_part, valid_part, config, on_event)
    probabilities = metrics.softmax(_served_logits(graph, tokenizer, valid_part.texts))
    report = metrics.report(labels, valid_part.targets, probabilities)
    baseline = _baseline(labels, train_part, valid_part, on_event) if config.training.baseline else None
    scores = {"validation": report.to_dict(), "baseline": None}
    if baseline:
        scores["baseline"] = {"name": baseline.name, "validation": baseline.report.to_dict()}
    seconds = time.monotonic() - started
    files = {
        "tokenizer.json": tokenizer.to_str(pretty=False).encode(),
        "model.onnx": graph,
        "weights.safetensors": _safetensors(weights),
        "history.jsonl": "".join(json.dumps(line) + "\n" for line in history).encode(),
        "README.md": model_card(table, labels, config, report, baseline, seconds, len(train_part.texts)).encode(),
    }
    return Trained(bundles.write(target, files, config, labels, scores), report, baseline, seconds)


def _labels(table: Table) -> tuple[str, ...]:
    counts = Counter(table.labels)
    if len(counts) < 2:
        raise DataError(
            f"{table.source}: every row has the label '{next(iter(counts))}'", hint="a classifier needs at least two labels"
        )
    if rare := sorted(label for label, n in counts.items() if n < 2):
        names = ", ".join(f"'{label}'" for label in rare[:5]) + (f" and {len(rare) - 5} more" if len(rare) > 5 else "")
        raise DataError(
            f"{table.source}: only one row has the label {names}",
            hint="a label needs at least two rows, one to train on and one to validate on; add rows, or merge or remove it",
        )
    if table.empty_texts == len(table.texts):
        raise DataError(f"{table.source}: every text in column '{table.columns['text']}' is empty")
    return tuple(sorted(counts))


def _parts(table: Table, valid: Table | None, labels: Sequence[str], config: Config, on_event: OnEvent) -> tuple[Part, Part]:
    if table.empty_texts:
        on_event(Note(f"{table.empty_texts} texts are empty; they are kept, and read as one unknown token", warning=True))
    everything = Part(table.texts, _targets(table, labels))
    if valid is not None:
        return everything, Part(valid.texts, _targets(valid, labels))
    rows = split(everything.targets, table.groups, config.data.valid_share, config.training.seed)
    train_part, valid_part = (Part([table.texts[i] for i in side], everything.targets[side]) for side in rows)
    by = f" by {table.columns['group']}" if table.groups else ""
    on_event(Note(f"{len(train_part.texts)} rows to train on, {len(valid_part.texts)} held out{by} to validate on"))
    return train_part, valid_part


def _targets(table: Table, labels: Sequence[str]) -> NDArray[np.int32]:
    numbers = {label: i for i, label in enumerate(labels)}
    if unknown := sorted(set(table.labels) - set(labels)):
        raise DataError(
            f"{table.source}: the label '{unknown[0]}' is not in the training data", hint=f"known: {', '.join(labels)}"
        )
    return np.array([numbers[label] for label in table.labels], np.int32)


def _resolved(config: Config, table: Table, train_part: Part, valid_part: Part, on_event: OnEvent) -> Config:
    """The configuration with what data alone decides put in: columns, level, epochs."""
    data = replace(config.data, text_col=table.columns["text"], label_col=table.columns["label"])
    text, training = config.text, config.training
    if text.level == "auto":
        level, reason = choose_level(train_part.texts, valid_part.texts)
        on_event(Note(f"level: {level} ({reason}; --level chooses)"))
        text = replace(text, level=level)
    if training.epochs == 0:
        training = replace(training, epochs=epochs_for(len(train_part.texts)))
    return replace(config, data=data, text=text, training=training)


def epochs_for(rows: int) -> int:
    """1000 / √rows, between 5 and 20: few rows need many passes, many rows give enough steps in few."""
    return int(np.clip(round(1000 / rows**0.5), 5, 20))


def example_weights(targets: NDArray[np.int32], labels: int, config: TrainingConfig) -> NDArray[np.float32]:
    """What each example counts in the loss (mean 1). balanced: each label the same in sum. auto: the square root of that,
    and only when the commonest label has three times the rows of the rarest."""
    counts = np.bincount(targets, minlength=labels)
    uneven = counts.max() >= IMBALANCED * counts.min()
    if config.class_weight == "none" or (config.class_weight == "auto" and not uneven):
        return np.ones(len(targets), np.float32)
    power = 1.0 if config.class_weight == "balanced" else 0.5
    weights = (1.0 / np.maximum(counts, 1)) ** power
    return np.asarray(weights[targets] / weights[targets].mean(), np.float32)


def _start(config: TrainingConfig) -> str:
    """Starts Keras' back end on the device and in the precision asked for, and says in words which."""
    from attnclf.nn import backend

    device, reason = backend.choose_device(config.device)
    precision = backend.set_precision(config.precision, device)
    backend.make_repeatable(config.seed)
    return f"device: {device} ({reason}); precision {precision}"


def _fit(
    labels: Sequence[str],
    tokenizer: Tokenizer,
    train_part: Part,
    valid_part: Part,
    config: Config,
    on_event: OnEvent,
) -> tuple[dict[str, NDArray[np.float32]], bytes, list[dict[str, Any]]]:
    """Weights, graph and history."""
    from attnclf.nn.fit import Examples, fit
    from attnclf.runtime.graph import build_graph

    ids, truncated = encode_ids(tokenizer, train_part.texts)
    if any(truncated):
        on_event(
            Note(f"{sum(truncated)} texts are longer than {config.text.max_length} tokens and are cut there", warning=True)
        )
    valid_ids, _ = encode_ids(tokenizer, valid_part.texts)
    architecture = Architecture.of(config.model, config.text.level, tokenizer.get_vocab_size(), len(labels))
    examples = Examples(ids, train_part.targets, example_weights(train_part.targets, len(labels), config.training))
    history: list[dict[str, Any]] = []

    def record(event: Event) -> None:
        if isinstance(event, EpochEnded):
            history.append({"epoch": event.epoch, "loss": event.loss, "macro_f1": event.score, "best": event.best})
        on_event(event)

    def score(probabilities: NDArray[np.float32]) -> float:
        return metrics.macro_f1(valid_part.targets, probabilities)

    model = fit(architecture, examples, valid_ids, score, config.training, record)
    weights = model.arrays()
    graph = build_graph(architecture, weights)
    _check_agreement(model.in_float32(), graph, valid_ids)
    return weights, graph, history


def _check_agreement(model: Any, graph: bytes, ids: Sequence[NDArray[np.int32]], sample: int = 256) -> None:
    batch = list(ids[:: max(1, len(ids) // sample)])
    trained = model.explain(pad(batch))
    gap = 0.0
    for i, served in enumerate(Session(graph).run(batch, ["logits", "attention", "votes"])):
        for ours, theirs in zip(served, trained, strict=True):
            expected = theirs[i] if ours.shape == theirs[i].shape else theirs[i, : len(batch[i])]
            gap = max(gap, float(np.abs(ours - expected).max()))
    if not gap <= AGREEMENT:
        raise ModelError(
            f"the served model differs from the trained one by {gap:.1e}, and {AGREEMENT:.0e} is allowed; nothing was saved",
            hint="report this with the output of `attnclf --version`",
        )


def _served_logits(graph: bytes, tokenizer: Tokenizer, texts: Sequence[str]) -> NDArray[np.float32]:
    ids, _ = encode_ids(tokenizer, texts)
    return np.stack([outputs[0] for outputs in Session(graph).run(ids, ["logits"])])


def _baseline(labels: Sequence[str], train_part: Part, valid_part: Part, on_event: OnEvent) -> Baseline:
    on_event(Note("training the baseline on the same rows"))
    return train_baseline(labels, (train_part.texts, train_part.targets), (valid_part.texts, valid_part.targets))


def _safetensors(weights: dict[str, NDArray[np.float32]]) -> bytes:
    from safetensors.numpy import save

    return bytes(save(weights))
