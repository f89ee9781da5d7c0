"""After the weights are found: scores, the rule for accounts, how far explanations hold, and the model directory."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnclf import bundle as bundles
from attnclf.accounts.labelled import shares_of
from attnclf.bundle import Bundle
from attnclf.checkpoint import Checkpoints
from attnclf.data.repeats import fingerprints_of
from attnclf.reading.base import Reader
from attnclf.results import Baseline, Note, OnEvent, Report, softmax
from attnclf.scoring import metrics
from attnclf.served.model import ServedModel
from attnclf.served.session import Session
from attnclf.training.accounts import FittedAccounts, fit_accounts
from attnclf.training.card import model_card
from attnclf.training.facts import Facts
from attnclf.training.fitting import Fitted
from attnclf.training.measuring import accuracies, baseline_of, faithfulness_of, in_words
from attnclf.training.preparation import Prepared
from attnclf.visible import visible


@dataclass(frozen=True)
class Finished:
    """A model that only has to be written to `target`, and what was measured of it."""

    data: Prepared
    target: Path
    files: Mapping[str, bytes]
    report: Report
    baseline: Baseline | None
    accounts: FittedAccounts | None
    faithfulness: dict[str, Any] | None
    facts: Facts

    def write(self, warnings: Sequence[str]) -> Bundle:
        """Writes the model directory, with the warnings of training in its card. Raises DataError."""
        data, facts = self.data, replace(self.facts, warnings=tuple(map(visible, warnings)))
        scores: dict[str, Any] = {"validation": self.report.to_dict(), "baseline": None, "training": facts.to_dict()}
        if self.baseline:
            scores["baseline"] = {"name": self.baseline.name, "validation": self.baseline.report.to_dict()}
        scores["faithfulness"] = self.faithfulness
        scores["accounts"] = self.accounts.scores.to_dict() if self.accounts else None
        name = bundles.followed(self.target).name
        card = model_card(name, data.table, data.valid, data.config, self.report, self.baseline, facts, self.accounts)
        return bundles.write(
            self.target,
            {**self.files, "README.md": card.encode()},
            data.config,
            data.labels,
            scores,
            data.table.label_type,
            shares_of(data.labels, data.table.labels),
            self.accounts.rule if self.accounts else None,
        )


def finish(
    data: Prepared,
    reader: Reader,
    fitted: Fitted,
    device: str,
    target: Path,
    on_event: OnEvent,
    checkpoints: Checkpoints,
    measured: bool,
) -> Finished:
    """Scores the model and fits the rule for accounts. If it is to be `measured`, also trains the baseline and measures
    explanations, as the configuration asks."""
    config, valid_part = data.config, data.valid_part
    reader.forget()  # the words of the training texts
    report = metrics.report(data.labels, valid_part.targets, softmax(fitted.logits))
    wanted = measured and config.training.baseline
    baseline = baseline_of(data.labels, data.train_part, valid_part, on_event) if wanted else None
    accuracy = accuracies(fitted, valid_part.targets, report, baseline)
    on_event(Note(in_words(accuracy, report.rows), topic="scores"))
    unseen = Session(fitted.unseen_graphs["model.onnx"], fitted.unseen_graphs["words.onnx"])
    served = ServedModel(Bundle(target, config, data.labels, {}), reader, unseen)
    accounts = _accounts(data, fitted, served, on_event)
    faithfulness = faithfulness_of(served, valid_part.texts, config.training.faithfulness if measured else 0, on_event)
    facts = Facts(
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        rows=len(data.train_part.texts),
        seconds=time.monotonic() - checkpoints.started,
        accuracy=accuracy,
        mixing_weights=fitted.mixing_weights,
        linear_choice=fitted.linear.choice if fitted.linear else "",
        refitted=fitted.linear is not None and data.valid is None,
        epochs=len(fitted.history),
        best_epoch=fitted.best_epoch,
        device=device,
        warnings=(),
        begun=fitted.begun,
    )
    files = {
        **reader.files(),
        **fitted.graphs,
        "weights.safetensors": _safetensors(fitted.weights),
        "history.jsonl": "".join(json.dumps(line) + "\n" for line in fitted.history).encode(),
        bundles.TEXTS: fingerprints_of(data.texts, data.accounts),
        bundles.ACCOUNTS: accounts.model.file() if accounts and accounts.model else b"",
    }
    return Finished(data, target, files, report, baseline, accounts, faithfulness, facts)


def _accounts(data: Prepared, fitted: Fitted, served: ServedModel, on_event: OnEvent) -> FittedAccounts | None:
    """The rule for accounts, where a group column was named and the model reads posts."""
    if not data.table.groups:
        return None
    held_out, learnt = data.held_out, data.table.rows(data.train_part.rows)
    refit = data.valid is None
    return fit_accounts(data.labels, data.table, held_out, fitted.logits, served, on_event, learnt=learnt, refit=refit)


def _safetensors(weights: dict[str, NDArray[np.float32]]) -> bytes:
    from safetensors.numpy import save

    return bytes(save(weights))
