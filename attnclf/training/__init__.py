"""`train`: a table in, a model directory out, with honest scores and those of a classical baseline."""

import json
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnclf import bundle as bundles
from attnclf.bundle import Bundle
from attnclf.config import Config
from attnclf.data import Table
from attnclf.data.repeats import fingerprints_of
from attnclf.explain import affordable, measure_faithfulness
from attnclf.linear.baseline import train_baseline
from attnclf.model.architecture import Architecture
from attnclf.reading.readers import build_reader
from attnclf.results import Baseline, Event, Note, OnEvent, Report, Severity, StageStarted, counted, ignore, share, softmax
from attnclf.scoring import metrics
from attnclf.served.model import ServedModel
from attnclf.served.session import Session
from attnclf.training.card import model_card
from attnclf.training.facts import Facts
from attnclf.training.findings import tell_findings
from attnclf.training.fitting import Fitted, fit_weights, memory_errors, start_backend
from attnclf.training.memory import check_memory
from attnclf.training.preparation import (
    MOST_LABELS,
    SplitPart,
    accounts_of,
    labels_of,
    parts_of,
    resolved,
    without_rare_labels,
)
from attnclf.visible import visible


@dataclass(frozen=True)
class Trained:
    """What `train` leaves: the model directory, its validation report, the baseline's on the same rows, and the network's own
    validation accuracy, without the linear model."""

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
    strict: Severity | None = None,
) -> Trained:
    """Trains on `table`, validates on `valid` or on a part held out of `table`, and writes the bundle to `target`.

    `importing` is entered while Keras' back end starts, for callers who want its chatter elsewhere. With `strict`, findings of
    this severity or worse are an error.

    Raises DataError for data that cannot be learnt from, DeviceError for a missing GPU or too little memory. `target` is
    untouched until the end.
    """
    started = time.monotonic()
    tell = _Listener(on_event)
    bundles.check_target(target.resolve())
    replaced = _check(table, config, target, tell)
    table, valid, config, labels, train_part, valid_part = _prepared(table, valid, config, tell, strict)
    tell(StageStarted("reading the texts"))
    with memory_errors():
        reader = build_reader(train_part.texts, config.text)
    with importing:
        device = start_backend(config.training)
    tell(Note(device, topic="device"))
    with memory_errors():
        fitted = fit_weights(labels, reader, train_part, valid_part, config, tell, started, refit_linear=valid is None)
    report = metrics.report(labels, valid_part.targets, softmax(fitted.logits))
    baseline = _baseline(labels, train_part, valid_part, tell) if config.training.baseline else None
    accuracy = _accuracies(fitted, valid_part.targets, report, baseline)
    tell(Note(_in_words(accuracy, report.rows), topic="scores"))
    served = ServedModel(
        Bundle(target, config, labels, {}),
        reader,
        Session(fitted.unseen_graphs["model.onnx"], fitted.unseen_graphs["words.onnx"]),
    )
    faithfulness = _faithfulness(served, valid_part.texts, config.training.faithfulness, tell)
    facts = Facts(
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        rows=len(train_part.texts),
        seconds=time.monotonic() - started,
        accuracy=accuracy,
        mixing_weights=fitted.mixing_weights,
        linear_choice=fitted.linear.choice if fitted.linear else "",
        refitted=fitted.linear is not None and valid is None,
        epochs=len(fitted.history),
        best_epoch=fitted.best_epoch,
        device=device,
        warnings=tuple(map(visible, tell.warnings)),
    )
    scores: dict[str, Any] = {"validation": report.to_dict(), "baseline": None, "training": facts.to_dict()}
    if baseline:
        scores["baseline"] = {"name": baseline.name, "validation": baseline.report.to_dict()}
    scores["faithfulness"] = faithfulness
    files = {
        **reader.files(),
        **fitted.graphs,
        "weights.safetensors": _safetensors(fitted.weights),
        "history.jsonl": "".join(json.dumps(line) + "\n" for line in fitted.history).encode(),
        "texts.bin": fingerprints_of(table.texts),
        "README.md": model_card(target.resolve().name, table, valid, config, report, baseline, facts).encode(),
    }
    bundle = bundles.write(target, files, config, labels, scores, table.label_type)
    replacing = f"; it replaced the one there ({replaced})" if replaced else ""
    tell(Note(f"{target}, made in {facts.seconds:.0f} s{replacing}", topic="model"))
    return Trained(bundle, report, baseline, accuracy["network"], facts.seconds)


def dry_run(
    table: Table,
    valid: Table | None,
    config: Config,
    target: Path,
    on_event: OnEvent = ignore,
    strict: Severity | None = None,
) -> None:
    """Tells and raises what `train` does before it reads the texts. Nothing is trained or written."""
    bundles.check_target(target.resolve(), write=False)
    _check(table, config, target, on_event)
    _prepared(table, valid, config, on_event, strict)


_Prepared = tuple[Table, Table | None, Config, tuple[str, ...], SplitPart, SplitPart]


def _prepared(table: Table, valid: Table | None, config: Config, on_event: OnEvent, strict: Severity | None) -> _Prepared:
    """The tables as they are trained on, the configuration with what the data decide, the labels, and the split."""
    table, valid, config = accounts_of(table, valid, config, on_event)
    table = without_rare_labels(table, config.data.min_rows, on_event)
    labels = labels_of(table)
    on_event(Note(f"{table.source}: {len(table.texts):,} rows, {len(labels):,} labels; {table.columns}", topic="data"))
    for remark in table.remarks:
        on_event(Note(remark, topic="data"))
    tell_findings(table, valid, config.text, on_event, strict)
    train_part, valid_part = parts_of(table, valid, labels, config, on_event)
    config = resolved(config, table, train_part, len(labels), on_event)
    return table, valid, config, labels, train_part, valid_part


class _Listener:
    """Passes events on, and keeps the warnings among them for the model card."""

    def __init__(self, on_event: OnEvent) -> None:
        self._on_event = on_event
        self.warnings: list[str] = []

    def __call__(self, event: Event) -> None:
        if isinstance(event, Note) and event.warning:
            self.warnings.append(event.message)
        self._on_event(event)


def _check(table: Table, config: Config, target: Path, on_event: OnEvent) -> str:
    """Fails now, and not after Keras started, for what cannot work. Which model will be replaced, in words, or ""."""
    replaced = bundles.summary_of(target)
    if replaced:
        on_event(Note(f"{target} holds a model ({replaced}); it is replaced when training is done", topic="replaced"))
    shape = Architecture.of(config.model, config.text.level, 2, 2, 2)
    if shape.mechanism.uses_query and not shape.encoder.final_steps:
        what = f"the encoder {config.model.encoder} has no final state for the query of {config.model.attention} attention"
        on_event(Note(f"{what}; one query is learned for all texts", topic="attention"))
    check_memory(table.texts, config.text.max_length, on_event)
    return replaced


def _accuracies(fitted: Fitted, targets: NDArray[np.int32], report: Report, baseline: Baseline | None) -> dict[str, float]:
    """Validation accuracy of each part of the model, of the model, and of the baseline."""
    found = {"network": float(np.mean(fitted.network.argmax(axis=1) == targets))}
    if fitted.linear:
        found["linear model"] = float(np.mean(fitted.linear.logits.argmax(axis=1) == targets))
        found["both together"] = report.accuracy
    return found | ({"baseline": baseline.report.accuracy} if baseline else {})


def _in_words(accuracy: dict[str, float], rows: int) -> str:
    return "validation accuracy: " + ", ".join(f"{part} {share(value, rows)}" for part, value in accuracy.items())


def _faithfulness(served: ServedModel, texts: Sequence[str], count: int, on_event: OnEvent) -> dict[str, Any] | None:
    sample = affordable(texts, count)
    if not sample or not count:
        return None
    on_event(StageStarted("measuring how far explanations can be trusted"))
    measured = measure_faithfulness(served, sample)
    share_of_size, share_of_evidence = measured.attention_shares
    if share_of_size is not None and share_of_evidence is not None:
        what = f"removing words by attention does {share_of_size:.0%} of what removing them by |evidence| does, and by "
        what += f"attention with its side {share_of_evidence:.0%} of what evidence does"
        on_event(Note(f"{what} ({counted(measured.texts, 'validation text', 'validation texts')})", topic="explanations"))
    return measured.to_dict()


def _baseline(labels: Sequence[str], train_part: SplitPart, valid_part: SplitPart, on_event: OnEvent) -> Baseline | None:
    if len(labels) > MOST_LABELS:
        what = f"{len(labels):,} labels: no baseline is trained, since it would take longer than the model"
        on_event(Note(what, warning=True, topic="baseline"))
        return None
    on_event(StageStarted("training the baseline on the same rows"))
    try:
        return train_baseline(labels, (train_part.texts, train_part.targets), (valid_part.texts, valid_part.targets))
    except MemoryError:  # the model is done and must not be lost for it
        on_event(Note("the baseline ran out of memory and is left out", warning=True, topic="baseline"))
        return None


def _safetensors(weights: dict[str, NDArray[np.float32]]) -> bytes:
    from safetensors.numpy import save

    return bytes(save(weights))
