"""What training measures of a model before it is saved: accuracy of its parts, the baseline, and how far explanations hold."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnclf.explain import affordable, cost_of, measure_faithfulness
from attnclf.linear.baseline import train_baseline
from attnclf.linear.model import some_rows
from attnclf.results import Baseline, Faithfulness, Note, OnEvent, Report, StageStarted, counted, share
from attnclf.served.model import ServedModel
from attnclf.training.fitting import Fitted
from attnclf.training.preparation import MOST_LABELS
from attnclf.training.splitting import SplitPart

MOST_CHARACTERS = 30_000_000  # of the rows that the baseline is trained on: its n-grams of them take some gigabytes
AFFORDABLE = 3_000_000  # words that the model reads for it: some ten to twenty seconds


def accuracies(fitted: Fitted, targets: NDArray[np.int32], report: Report, baseline: Baseline | None) -> dict[str, float]:
    """Validation accuracy of each part of the model, of the model, and of the baseline."""
    found = {"network": float(np.mean(fitted.network.argmax(axis=1) == targets))}
    if fitted.linear:
        found["linear model"] = float(np.mean(fitted.linear.logits.argmax(axis=1) == targets))
        found["both together"] = report.accuracy
    return found | ({"baseline": baseline.report.accuracy} if baseline else {})


def in_words(accuracy: dict[str, float], rows: int) -> str:
    """The accuracies as a sentence."""
    return "validation accuracy: " + ", ".join(f"{part} {share(value, rows)}" for part, value in accuracy.items())


def faithfulness_of(served: ServedModel, texts: Sequence[str], count: int, on_event: OnEvent) -> dict[str, Any] | None:
    """How far explanations can be trusted, as plain values, measured on up to `count` of the texts; None without a text.

    Of long texts there are fewer, so that measuring them does not take much of a training.
    """
    sample = affordable(texts, count, lambda words: cost_of(words, served.limits.window.size), AFFORDABLE)
    if not sample or not count:
        return None
    on_event(StageStarted("measuring how far explanations can be trusted"))
    measured = measure_faithfulness(served, sample)
    share_of_size, share_of_evidence = measured.attention_shares
    if share_of_size is not None and share_of_evidence is not None:
        what = f"removing words by attention does {share_of_size:.0%} of what removing them by |evidence| does, and by "
        what += f"attention with its side {share_of_evidence:.0%} of what evidence does"
        on_event(Note(f"{what} ({_measured_on(measured, min(count, len(texts)))})", topic="explanations"))
    return measured.to_dict()


def _measured_on(measured: Faithfulness, wanted: int) -> str:
    """On which texts, in words: how many, why so few, and that words of long ones were removed together."""
    texts = counted(measured.texts, "validation text", "validation texts")
    few = ", fewer than asked for since they are long" if measured.texts < wanted / 2 else ""
    return texts + few + (f"; neighbouring words were removed together in {measured.in_pieces:,}" if measured.in_pieces else "")


def baseline_of(labels: Sequence[str], train_part: SplitPart, valid_part: SplitPart, on_event: OnEvent) -> Baseline | None:
    """The baseline, trained and validated on the same rows; None, which is told, where it would take too long or too much."""
    if len(labels) > MOST_LABELS:
        what = f"{len(labels):,} labels: no baseline is trained, since it would take longer than the model"
        on_event(Note(what, warning=True, topic="baseline"))
        return None
    on_event(StageStarted("training the baseline on the same rows"))
    texts, targets = train_part.texts, train_part.targets
    if (characters := sum(map(len, texts))) > MOST_CHARACTERS:
        rows = some_rows(targets, int(len(texts) * MOST_CHARACTERS / characters))
        what = f"trained on {len(rows):,} of {len(texts):,} rows, drawn at random: more would take too much memory"
        on_event(Note(what, warning=True, topic="baseline"))  # the model card repeats warnings
        texts, targets = [texts[row] for row in rows], targets[rows]
    try:
        return train_baseline(labels, (texts, targets), (valid_part.texts, valid_part.targets))
    except MemoryError:  # the model is done and must not be lost for it
        on_event(Note("the baseline ran out of memory and is left out", warning=True, topic="baseline"))
        return None
