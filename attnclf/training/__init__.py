"""`train`: a table in, a model directory out, with honest scores beside a classical baseline."""

import json
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnclf import bundle as bundles
from attnclf.bundle import Bundle
from attnclf.config import Config
from attnclf.data import Table
from attnclf.explain import affordable, measure_faithfulness
from attnclf.linear.baseline import train_baseline
from attnclf.model.architecture import Architecture
from attnclf.reading.readers import build_reader
from attnclf.results import Baseline, Note, OnEvent, Report, ignore, softmax
from attnclf.scoring import metrics
from attnclf.served.model import ServedModel
from attnclf.served.session import Session
from attnclf.training.card import model_card
from attnclf.training.fitting import fit_weights, memory_errors, start_backend
from attnclf.training.memory import check_memory
from attnclf.training.preparation import MOST_LABELS, SplitPart, accounts_of, labels_of, parts_of, resolved


@dataclass(frozen=True)
class Trained:
    """What `train` leaves: the model directory, its validation report, the baseline's on the same rows, and the accuracy there
    of the network without the linear model."""

    bundle: Bundle
    report: Report
    baseline: Baseline | None
    network_accuracy: float
    seconds: float


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

    Raises DataError for data that cannot be learnt from, DeviceError for a missing GPU or too little memory;
    `target` is untouched until the end.
    """
    bundles.check_target(target.resolve())
    shape = Architecture.of(config.model, config.text.level, 2, 2, 2)  # what makes no sense fails now, not after Keras started
    if shape.mechanism.uses_query and not shape.encoder.final_steps:
        what = f"the encoder {config.model.encoder} has no final state to ask {config.model.attention} attention's query"
        on_event(Note(f"{what}; the query is learned, one for all texts"))
    check_memory(table.texts, config.text.max_length, on_event)
    started = time.monotonic()
    table, valid, config = accounts_of(table, valid, config, on_event)
    labels = labels_of(table)
    train_part, valid_part = parts_of(table, valid, labels, config, on_event)
    config = resolved(config, table, train_part, len(labels), on_event)
    with memory_errors():
        reader = build_reader(train_part.texts, config.text)
    with importing:
        device = start_backend(config.training)
    on_event(Note(device))
    with memory_errors():
        fitted = fit_weights(labels, reader, train_part, valid_part, config, on_event, started, refit_linear=valid is None)
    report = metrics.report(labels, valid_part.targets, softmax(fitted.logits))
    baseline = _baseline(labels, train_part, valid_part, on_event) if config.training.baseline else None
    scores: dict[str, Any] = {"validation": report.to_dict(), "baseline": None}
    if baseline:
        scores["baseline"] = {"name": baseline.name, "validation": baseline.report.to_dict()}
    served = ServedModel(
        Bundle(target, config, labels, {}),
        reader,
        Session(fitted.unseen_graphs["model.onnx"], fitted.unseen_graphs["words.onnx"]),
    )
    scores["faithfulness"] = _faithfulness(served, valid_part.texts, config.training.faithfulness, on_event)
    seconds = time.monotonic() - started
    files = {
        **reader.files(),
        **fitted.graphs,
        "weights.safetensors": _safetensors(fitted.weights),
        "history.jsonl": "".join(json.dumps(line) + "\n" for line in fitted.history).encode(),
        "README.md": model_card(table, labels, config, report, baseline, seconds, len(train_part.texts)).encode(),
    }
    network_accuracy = float(np.mean(fitted.network.argmax(axis=1) == valid_part.targets))
    return Trained(bundles.write(target, files, config, labels, scores), report, baseline, network_accuracy, seconds)


def _faithfulness(served: ServedModel, texts: Sequence[str], many: int, on_event: OnEvent) -> dict[str, Any] | None:
    some = affordable(texts, many)
    if not some or not many:
        return None
    on_event(Note("measuring how far explanations can be trusted"))
    return measure_faithfulness(served, some).to_dict()


def _baseline(labels: Sequence[str], train_part: SplitPart, valid_part: SplitPart, on_event: OnEvent) -> Baseline | None:
    if len(labels) > MOST_LABELS:
        on_event(
            Note(f"{len(labels):,} labels: no baseline is trained beside, it would take longer than the model", warning=True)
        )
        return None
    on_event(Note("training the baseline on the same rows"))
    try:
        return train_baseline(labels, (train_part.texts, train_part.targets), (valid_part.texts, valid_part.targets))
    except MemoryError:  # the model is done and must not be lost for it
        on_event(Note("the baseline ran out of memory and is left out", warning=True))
        return None


def _safetensors(weights: dict[str, NDArray[np.float32]]) -> bytes:
    from safetensors.numpy import save

    return bytes(save(weights))
