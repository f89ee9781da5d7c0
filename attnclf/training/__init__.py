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
from attnclf.accounts.labelled import shares_of
from attnclf.bundle import Bundle
from attnclf.config import Config
from attnclf.data import Table
from attnclf.data.repeats import fingerprints_of
from attnclf.model.architecture import Architecture
from attnclf.reading.readers import build_reader
from attnclf.results import (
    AccountScores,
    Baseline,
    Event,
    Note,
    OnEvent,
    Report,
    Severity,
    StageStarted,
    ignore,
    softmax,
)
from attnclf.scoring import metrics
from attnclf.served.model import ServedModel
from attnclf.served.session import Session
from attnclf.training.accounts import FittedAccounts, check_promises, fit_accounts
from attnclf.training.card import model_card
from attnclf.training.facts import Facts
from attnclf.training.findings import tell_findings
from attnclf.training.fitting import Fitted, fit_weights, memory_errors, start_backend
from attnclf.training.measuring import accuracies, baseline_of, faithfulness_of, in_words
from attnclf.training.memory import check_memory
from attnclf.training.preparation import (
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
    validation accuracy, without the linear model. `accounts` are the scores of accounts, None where there is no rule for them.
    """

    bundle: Bundle
    report: Report
    baseline: Baseline | None
    network_accuracy: float
    seconds: float
    accounts: AccountScores | None = None


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
    bundles.check_target(bundles.followed(target))
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
    baseline = baseline_of(labels, train_part, valid_part, tell) if config.training.baseline else None
    accuracy = accuracies(fitted, valid_part.targets, report, baseline)
    tell(Note(in_words(accuracy, report.rows), topic="scores"))
    served = ServedModel(
        Bundle(target, config, labels, {}),
        reader,
        Session(fitted.unseen_graphs["model.onnx"], fitted.unseen_graphs["words.onnx"]),
    )
    accounts = _accounts(labels, table, valid, (train_part, valid_part), fitted, served, tell)
    faithfulness = faithfulness_of(served, valid_part.texts, config.training.faithfulness, tell)
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
    scores["accounts"] = accounts.scores.to_dict() if accounts else None
    files = {
        **reader.files(),
        **fitted.graphs,
        "weights.safetensors": _safetensors(fitted.weights),
        "history.jsonl": "".join(json.dumps(line) + "\n" for line in fitted.history).encode(),
        bundles.TEXTS: fingerprints_of(table.texts),
        bundles.ACCOUNTS: accounts.model.file() if accounts and accounts.model else b"",
        "README.md": model_card(
            bundles.followed(target).name, table, valid, config, report, baseline, facts, accounts
        ).encode(),
    }
    shares = shares_of(labels, table.labels)
    bundle = bundles.write(target, files, config, labels, scores, table.label_type, shares, accounts.rule if accounts else None)
    replacing = f"; it replaced the one there ({replaced})" if replaced else ""
    tell(Note(f"{target}, made in {facts.seconds:.0f} s{replacing}", topic="model"))
    of_accounts = accounts.scores if accounts else None
    return Trained(bundle, report, baseline, accuracy["network"], facts.seconds, of_accounts)


def dry_run(
    table: Table,
    valid: Table | None,
    config: Config,
    target: Path,
    on_event: OnEvent = ignore,
    strict: Severity | None = None,
) -> None:
    """Tells and raises what `train` does before it reads the texts. Nothing is trained or written."""
    bundles.check_target(bundles.followed(target), write=False)
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
    held_out, trained_on = _held_out(table, valid, train_part, valid_part)
    check_promises(labels, table, held_out, config.accounts, on_event, trained_on=trained_on)
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


def _accounts(
    labels: Sequence[str],
    table: Table,
    valid: Table | None,
    parts: tuple[SplitPart, SplitPart],
    fitted: Fitted,
    served: ServedModel,
    on_event: OnEvent,
) -> FittedAccounts | None:
    """The rule for accounts, where a group column was named and the model reads posts."""
    if not table.groups:
        return None
    held_out, _ = _held_out(table, valid, *parts)
    learnt = table.rows(parts[0].rows)
    return fit_accounts(labels, table, held_out, fitted.logits, served, on_event, learnt=learnt, refit=valid is None)


def _held_out(table: Table, valid: Table | None, train_part: SplitPart, valid_part: SplitPart) -> tuple[Table, frozenset[str]]:
    """The rows that are validated on, and the names of the accounts that are trained on."""
    trained_on = frozenset(table.groups[row] for row in train_part.rows) if table.groups else frozenset()
    return table.rows(valid_part.rows) if valid is None else valid, trained_on


def _safetensors(weights: dict[str, NDArray[np.float32]]) -> bytes:
    from safetensors.numpy import save

    return bytes(save(weights))
