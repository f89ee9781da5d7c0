"""Plausibility: whether a method points at the words that people marked.

People's marks, a text's rationale, come as spans of characters. The words that a method chooses are the ⌈ρT⌉ that it ranks
highest, where ρ is the mean share of words that people marked in these texts. All three scores are from DeYoung et al. 2020
and are averaged over texts:

token F1   F1 of the chosen words against the marked words
IOU F1     F1 of runs of neighbouring words; a run is found if its intersection with a run of the other side is at least half
           of their union
AUPRC      the area under the precision-recall curve of the whole ranking; it needs no ρ

A method can be plausible and unfaithful, or faithful to a model that reads other words than people do.
"""

import json
from collections.abc import Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from attnclf.errors import DataError
from attnclf.explain.explainer import explain
from attnclf.explain.removal import Span
from attnclf.explain.sample import evenly_spaced, interval_of, share_of
from attnclf.results import RANDOM, Explanation, MethodPlausibility, Plausibility
from attnclf.served.model import ServedModel

FOUND = 0.5  # the intersection as a share of the union of two runs
WRITE = "write it as [[start, end], ...] in characters of the text, [] for none"


def measure_plausibility(
    served: ServedModel,
    texts: Sequence[str],
    rationales: Sequence[Sequence[Span]],
    many: int,
    methods: Sequence[str] = ("attention", "evidence", "loo"),
) -> Plausibility | None:
    """The plausibility of the methods and of a random ranking, on texts with a marked word that the model reads.

    At most `many` texts are measured. None if there is no such text.
    """
    marked = [(text, spans) for text, spans in zip(texts, rationales, strict=True) if spans and text.strip()]
    marked = evenly_spaced(marked, many)
    explained = explain(served, [text for text, _ in marked], methods=methods, by="word")
    truth = [_marked(e, spans) for e, (_, spans) in zip(explained, marked, strict=True)]
    pairs = [(e, t) for e, t in zip(explained, truth, strict=True) if t.any()]
    if not pairs:
        return None
    share = float(np.mean([t.mean() for _, t in pairs]))
    rng = np.random.default_rng(0)
    results = []
    for name in (*methods, RANDOM):
        scores = [rng.random(len(t)) if name == RANDOM else np.array([w.score(name) for w in e.tokens]) for e, t in pairs]
        rows = np.array([_compared(s, t, share) for s, (_, t) in zip(scores, pairs, strict=True)])
        results.append(MethodPlausibility(name, *(interval_of(column) for column in rows.T)))
    return Plausibility(len(pairs), share, tuple(results))


def rationale_of(value: str, text: str, where: str) -> list[Span]:
    """The spans in one cell of a `rationale` column; `where` names the cell in error messages.

    Raises DataError if the cell is not a list of spans, or if a span lies outside the text.
    """
    try:
        spans = json.loads(value or "[]")
    except (ValueError, RecursionError) as error:
        raise DataError(f"{where}: the rationale is not JSON: {value[:40]!r}", hint=WRITE) from error
    if not isinstance(spans, list) or not all(
        isinstance(span, list) and len(span) == 2 and all(type(end) is int for end in span) for span in spans
    ):
        raise DataError(f"{where}: the rationale is not a list of [start, end): {value[:40]!r}", hint=WRITE)
    for start, end in spans:
        if not 0 <= start < end <= len(text):
            raise DataError(f"{where}: the rationale [{start}, {end}) is not in the text of {len(text)} characters", hint=WRITE)
    return [(start, end) for start, end in spans]


def _marked(explanation: Explanation, spans: Sequence[Span]) -> NDArray[np.bool_]:
    """Which words overlap a span (T,)."""
    return np.array([any(a < word.end and word.start < b for a, b in spans) for word in explanation.tokens], bool)


def _compared(scores: NDArray[np.float64], truth: NDArray[np.bool_], share: float) -> tuple[float, float, float]:
    """Token F1, IOU F1 and AUPRC of one text."""
    from sklearn.metrics import average_precision_score

    chosen = np.zeros(len(truth), bool)
    chosen[np.argsort(-scores, kind="stable")[: share_of(share, len(truth))]] = True
    both = float((chosen & truth).sum())
    token_f1 = 2 * both / float(chosen.sum() + truth.sum())
    return token_f1, _iou_f1(_runs(chosen), _runs(truth)), float(average_precision_score(truth, scores))


def _runs(flags: NDArray[np.bool_]) -> list[set[int]]:
    """The positions of each run of neighbouring true flags."""
    groups = groupby(range(len(flags)), key=lambda i: bool(flags[i]))
    return [set(group) for true, group in groups if true]


def _iou_f1(ours: list[set[int]], theirs: list[set[int]]) -> float:
    def found(runs: list[set[int]], among: list[set[int]]) -> float:
        return sum(any(len(run & other) >= FOUND * len(run | other) for other in among) for run in runs) / len(runs)

    precision, recall = found(ours, theirs), found(theirs, ours)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
