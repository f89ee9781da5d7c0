"""Faithfulness: how far each method can be trusted, measured by removing the words that it ranks highest.

The label k predicted from the full text x stays fixed, and p is its probability. T is the number of words, which are runs of
characters without spaces. "The top q" are the ⌈qT⌉ words that a method ranks highest.

comprehensiveness   p(x) − p(x without the top q), mean over q = 1, 5, 10, 20, 50 %; high if the top words mattered
sufficiency         p(x) − p(the top q alone), mean over the same q; low if the top words are enough
                    (both: DeYoung et al. 2020, ERASER)
decision flip       the smallest share of words whose removal changes the label, in the method's order and in steps of 2 %
                    (Serrano & Smith 2019)
tau                 Kendall's τ-b between the method's scores and those of leaving one word out: once for absolute scores, as
                    published (Jain & Wallace 2019), and once with signs. `sign_differs` is the share of the method's five
                    largest scores that have another sign when one word is left out.
additivity          max |Σ evidence − log-odds|; it must be no more than rounding, or evidence is not what it claims to be

Words are removed by deleting them (`delete`) or by replacing them with something unknown (`unk`). Random orders of the words
are measured too, for comparison. Intervals are 95 % intervals from 1,000 bootstrap samples of the texts.

In texts of more than MOST_WORDS words, neighbouring words are removed together, in as many pieces as that: "words" are then
pieces, and a text costs no more readings however long it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnclf.errors import DataError
from attnclf.explain.additivity import additivity_gap
from attnclf.explain.aggregate import in_pieces
from attnclf.explain.explainer import explain, with_scores
from attnclf.explain.methods import METHODS
from attnclf.explain.removal import Span, unknown, without
from attnclf.explain.sample import interval_of, share_of
from attnclf.results import RANDOM, Explanation, Faithfulness, MethodFaithfulness, softmax
from attnclf.served.model import ServedModel
from attnclf.served.prediction import windows

# Between attention and evidence stand two that tell them apart: attention with the sign of evidence, and evidence without it.
MEASURED = ("attention", "signed_attention", "evidence_size", "evidence", "loo")
SHARES = (0.01, 0.05, 0.10, 0.20, 0.50)
TENTH = SHARES.index(0.10)
FLIP_STEP = 0.02
RANDOM_ORDERS, RANDOM_ORDERS_OF_PIECES = 10, 3
MOST_WORDS = 100
STRONGEST = 5
MODES = ("delete", "unk")

Order = tuple[int, ...]


@dataclass(frozen=True)
class Curve:
    """What removing words in one order does to p: mean falls over the shares q, and the first share that flips the label."""

    comprehensiveness: float
    sufficiency: float
    without_tenth: float  # p without the top 10 %
    flip: float  # infinite if nothing flips it


def measure_faithfulness(
    served: ServedModel,
    texts: Sequence[str],
    mode: str = "delete",
    methods: Sequence[str] = MEASURED,
    seed: int = 0,
) -> Faithfulness:
    """Faithfulness of the methods, and of random orders for comparison, on those texts that hold a word.

    Raises NotAdditive if evidence does not sum to the log-odds, and DataError if no text holds a word.
    """
    return measure_in_modes(served, texts, (mode,), methods, seed)[0]


def measure_in_modes(
    served: ServedModel,
    texts: Sequence[str],
    modes: Sequence[str] = MODES,
    methods: Sequence[str] = MEASURED,
    seed: int = 0,
) -> list[Faithfulness]:
    """Like `measure_faithfulness`, for each way of removing words. All use the same explanations and the same orders."""
    if not (worded := [text for text in texts if text.strip()]):
        raise DataError("no text holds a word, so none can be removed")
    by_word = explain(served, worded, by="word")
    explained = with_scores(served, [in_pieces(e, MOST_WORDS) for e in by_word], list(dict.fromkeys([*methods, "loo"])))
    gap = max(map(additivity_gap, by_word))  # not of pieces: how far a sum rounds depends on how much is added up
    rng = np.random.default_rng(seed)
    orders = [
        {name: [_order([t.score(name) for t in e.tokens])] for name in methods}
        | {RANDOM: [tuple(map(int, rng.permutation(len(e.tokens)))) for _ in range(_random_orders(e))]}
        for e in explained
    ]
    full = float(np.mean([e.prediction.probability for e in explained]))
    results = []
    for mode in modes:
        curves = _curves(served, mode, explained, orders)
        summaries = tuple(_summary(name, explained, [c[name] for c in curves]) for name in (*methods, RANDOM))
        in_parts = sum(e.unit == "piece" for e in explained)
        results.append(Faithfulness(len(explained), mode, full, gap, summaries, in_parts))
    return results


def cost_of(words: int, window: int) -> int:
    """About how many words the network reads to measure a text of so many, of which it reads up to `window` at a time."""
    pieces, orders = min(words, MOST_WORDS), len(MEASURED) + (RANDOM_ORDERS_OF_PIECES if words > MOST_WORDS else RANDOM_ORDERS)
    return min(words, window) * (pieces + orders * (2 * len(SHARES) + min(pieces, round(1 / FLIP_STEP))))


def _random_orders(explanation: Explanation) -> int:
    return RANDOM_ORDERS_OF_PIECES if explanation.unit == "piece" else RANDOM_ORDERS


def _curves(
    served: ServedModel, mode: str, explained: Sequence[Explanation], orders: Sequence[dict[str, list[Order]]]
) -> list[dict[str, list[Curve]]]:
    """For each text and method, one curve for each of the method's orders."""
    cache = _ProbabilityCache(served, mode)
    requests = [
        {name: [(e, cache.request(e, order)) for order in its_orders] for name, its_orders in by_method.items()}
        for e, by_method in zip(explained, orders, strict=True)
    ]
    cache.compute()
    return [
        {name: [cache.curve(e, indices) for e, indices in its_requests] for name, its_requests in by_method.items()}
        for by_method in requests
    ]


def _order(scores: Sequence[float]) -> Order:
    """Positions in order of falling score. Equal scores keep the order of the text."""
    return tuple(map(int, np.argsort(-np.asarray(scores), kind="stable")))


def _tops(words: int) -> list[int]:
    """⌈qT⌉ for each share q."""
    return [share_of(share, words) for share in SHARES]


def _steps(words: int) -> list[int]:
    """How many words each step of the decision flip removes, without repeated numbers."""
    return sorted({share_of(share, words) for share in np.arange(FLIP_STEP, 1 + FLIP_STEP / 2, FLIP_STEP)})


class _ProbabilityCache:
    """Collects all texts with words removed, so that the model reads them in few batches and reads no text twice."""

    def __init__(self, served: ServedModel, mode: str) -> None:
        self._served, self._mode = served, mode
        self._index: dict[tuple[str, int], int] = {}  # (text, label whose probability is needed) → index into the results
        self._by_character = served.bundle.config.text.level == "char"

    def request(self, explanation: Explanation, order: Order) -> list[int]:
        """Adds the texts that a curve needs, and returns their indices.

        They are the texts without the top words of each share, those with only the top words, and those of each flip step.
        """
        tops, steps = _tops(len(order)), _steps(len(order))
        removed = [*(order[:n] for n in tops), *(order[n:] for n in tops), *(order[:n] for n in steps)]
        return [self._add(explanation, words) for words in removed]

    def compute(self) -> None:
        """Computes p of each text and whether another label is more likely, in batches so that few rows are held at once."""
        self._p, self._flipped = np.empty(len(self._index)), np.empty(len(self._index), bool)
        for batch in windows(self._index.items(), lambda item: len(item[0][0])):
            rows = softmax(self._served.logits([text for (text, _), _ in batch])[0])
            labels, indices = np.array([k for (_, k), _ in batch]), np.array([index for _, index in batch])
            self._p[indices] = rows[np.arange(len(rows)), labels]
            self._flipped[indices] = rows.argmax(axis=1) != labels

    def curve(self, explanation: Explanation, indices: list[int]) -> Curve:
        """The curve of one order, from the `indices` that `request` returned for it."""
        tops, words = len(SHARES), len(explanation.tokens)
        p, full = self._p[indices], explanation.prediction.probability
        flips = [n for n, i in zip(_steps(words), indices[2 * tops :], strict=True) if self._flipped[i]]
        return Curve(
            float(np.mean(full - p[:tops])),
            float(np.mean(full - p[tops : 2 * tops])),
            float(p[TENTH]),
            flips[0] / words if flips else float("inf"),
        )

    def _add(self, explanation: Explanation, words: Order) -> int:
        spans: list[Span] = [(explanation.tokens[i].start, explanation.tokens[i].end) for i in words]
        text = explanation.text[: explanation.read]
        left = without(text, spans) if self._mode == "delete" else unknown(text, spans, self._by_character)
        k = self._served.labels.index(explanation.prediction.label)
        return self._index.setdefault((left, k), len(self._index))


def _summary(name: str, explained: Sequence[Explanation], curves: Sequence[Sequence[Curve]]) -> MethodFaithfulness:
    """Summarises a method over all texts. For random orders a text has several curves, which are averaged first."""

    def mean_of_each_text(attribute: str) -> NDArray[np.float64]:
        return np.array([np.mean([getattr(curve, attribute) for curve in of_text]) for of_text in curves])

    flips = np.array([curve.flip for of_text in curves for curve in of_text])
    median = float(np.median(flips))
    sizes, signs, differ = _agreement(name, explained)
    return MethodFaithfulness(
        name,
        interval_of(mean_of_each_text("comprehensiveness")),
        interval_of(mean_of_each_text("sufficiency")),
        float(mean_of_each_text("without_tenth").mean()),
        median if np.isfinite(median) else None,
        float(np.mean(np.isinf(flips))),
        tau=interval_of(sizes) if sizes else None,
        tau_signed=interval_of(signs) if signs else None,
        sign_differs=float(np.mean(differ)) if differ else None,
    )


def _agreement(name: str, explained: Sequence[Explanation]) -> tuple[list[float], list[float], list[float]]:
    """Agreement with leaving one out: τ of absolute scores, τ with signs, the share of strongest scores with another sign.

    Each list has one value for each text of two words or more. The last two are empty for methods without signs; all are empty
    for leaving one out itself and for random orders.
    """
    if name in ("loo", RANDOM):
        return [], [], []
    from scipy.stats import kendalltau

    sizes, signs, differ = [], [], []
    for e in explained:
        if len(e.tokens) < 2:
            continue
        ours, theirs = (np.array([token.score(method) for token in e.tokens]) for method in (name, "loo"))
        sizes.append(_defined(kendalltau(np.abs(ours), np.abs(theirs))))
        if METHODS[name].signed:
            signs.append(_defined(kendalltau(ours, theirs)))
            top = np.argsort(-np.abs(ours))[:STRONGEST]
            differ.append(float(np.mean(np.sign(ours[top]) != np.sign(theirs[top]))))
    return sizes, signs, differ


def _defined(tau: Any) -> float:
    """τ, or 0 if it is undefined because all scores of one side are equal."""
    return float(np.nan_to_num(tau.statistic))
