"""How far each method can be trusted: what really removing the words that it names does to the answer.

The label k is that of the full text and stays; p is its probability; T counts words, runs without spaces; the top share q of
them is ⌈qT⌉ words, in the order that a method ranks them.

comprehensiveness   p(x) − p(x without the top q), meaned over q = 1, 5, 10, 20, 50 %: high where the words named mattered
sufficiency         p(x) − p(the top q alone), meaned alike: low where they are enough   (both: DeYoung et al. 2020, ERASER)
decision flip       the smallest share of words, in the method's order and steps of 2 %, whose removal changes the label
                    (Serrano & Smith 2019)
tau                 Kendall's τ-b between the method and leaving one word out: of sizes, as is published (Jain & Wallace 2019),
                    and with signs; `sign_differs` is the share of the five largest scores whose sign is not its sign
additivity          max |Σ evidence − log-odds|: must be rounding, or evidence is not what it says

Words are removed by deleting them (`delete`) or by putting something unknown in their place (`unk`). Random orders stand
beside. Intervals: 95 %, of 1,000 bootstrap samples of the texts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnclf.errors import AttnclfError, DataError
from attnclf.explain.explainer import explain
from attnclf.explain.methods import METHODS
from attnclf.explain.removal import Span, unknown, without
from attnclf.explain.sample import interval_of, share_of
from attnclf.results import RANDOM, Explanation, Faithfulness, MethodFaithfulness, softmax
from attnclf.served.model import ServedModel
from attnclf.served.prediction import windows

SHARES = (0.01, 0.05, 0.10, 0.20, 0.50)
TENTH = SHARES.index(0.10)
FLIP_STEP = 0.02
RANDOM_ORDERS = 10
STRONGEST = 5
MODES = ("delete", "unk")
AT_ONCE = 512  # texts, when all are explained
ADDITIVITY = 1e-4  # allowed, as a share of the largest piece of evidence or of 1

Order = tuple[int, ...]


class NotAdditive(AttnclfError):
    """Evidence that does not sum to the log-odds: a fault of the program, and no figure about it would mean anything."""


@dataclass(frozen=True)
class Curve:
    """p without and with only the top n words, for every n that is asked about, and the first share that flips the label."""

    comprehensiveness: float
    sufficiency: float
    without_tenth: float
    flip: float  # infinite where nothing flips it


def measure_faithfulness(
    served: ServedModel,
    texts: Sequence[str],
    mode: str = "delete",
    methods: Sequence[str] = ("attention", "evidence", "loo"),
    seed: int = 0,
) -> Faithfulness:
    """Faithfulness of the methods on texts that hold a word, with random orders beside.

    Raises NotAdditive when evidence does not sum to the log-odds, DataError when no text holds a word.
    """
    return measure_in_modes(served, texts, (mode,), methods, seed)[0]


def measure_in_modes(
    served: ServedModel,
    texts: Sequence[str],
    modes: Sequence[str] = MODES,
    methods: Sequence[str] = ("attention", "evidence", "loo"),
    seed: int = 0,
) -> list[Faithfulness]:
    """The same by each way of removing words, from one explanation of each text and the same orders."""
    if not (worded := [text for text in texts if text.strip()]):
        raise DataError("no text holds a word, so none can be removed")
    explained = explain(served, worded, methods=list(dict.fromkeys([*methods, "loo"])), by="word")
    gap = max(map(_gap, explained))
    rng = np.random.default_rng(seed)
    orders = [
        {name: [_order([t.score(name) for t in e.tokens])] for name in methods}
        | {RANDOM: [tuple(map(int, rng.permutation(len(e.tokens)))) for _ in range(RANDOM_ORDERS)]}
        for e in explained
    ]
    full = float(np.mean([e.prediction.probability for e in explained]))
    results = []
    for mode in modes:
        curves = _curves(served, mode, explained, orders)
        summaries = tuple(_summary(name, explained, [c[name] for c in curves]) for name in (*methods, RANDOM))
        results.append(Faithfulness(len(explained), mode, full, gap, summaries))
    return results


def check_additivity(served: ServedModel, texts: Iterable[str]) -> float:
    """The largest |Σ evidence − log-odds| of any of these texts, which stream: of the numbers as they are shown. Raises
    NotAdditive when it is more than rounding: more than 1e-4 of the text's largest piece of evidence, or of 1."""
    labels = len(served.labels)
    some = windows(texts, lambda text: len(text) * labels, AT_ONCE)
    return max((_gap(e) for window in some for e in explain(served, window)), default=0.0)


def _gap(explanation: Explanation) -> float:
    evidence = [token.evidence for token in explanation.tokens]
    gap = abs(sum(evidence) - explanation.log_odds)
    if not gap <= ADDITIVITY * max(1.0, *map(abs, evidence)):  # true of what is not a number, too
        raise NotAdditive(
            f"evidence misses the log-odds by {gap:.1e}", hint="report this with the output of `attnclf --version`"
        )
    return gap


def _curves(
    served: ServedModel, mode: str, explained: Sequence[Explanation], orders: Sequence[dict[str, list[Order]]]
) -> list[dict[str, list[Curve]]]:
    """For each text and method, the curve of each of its orders."""
    asker = _ProbabilityCache(served, mode)
    asked = [
        {name: [(e, asker.ask(e, order)) for order in several] for name, several in by_method.items()}
        for e, by_method in zip(explained, orders, strict=True)
    ]
    asker.answer()
    return [
        {name: [asker.curve(e, numbers) for e, numbers in several] for name, several in by_method.items()}
        for by_method in asked
    ]


def _order(scores: Sequence[float]) -> Order:
    """Positions by falling score; of equals the first."""
    return tuple(map(int, np.argsort(-np.asarray(scores), kind="stable")))


def _tops(words: int) -> list[int]:
    """⌈qT⌉ for each share q."""
    return [share_of(share, words) for share in SHARES]


def _steps(words: int) -> list[int]:
    """How many words each step of the decision flip removes, each number once."""
    return sorted({share_of(share, words) for share in np.arange(FLIP_STEP, 1 + FLIP_STEP / 2, FLIP_STEP)})


class _ProbabilityCache:
    """Collects the texts whose probabilities are wanted, so that the model reads them in few batches and none twice."""

    def __init__(self, served: ServedModel, mode: str) -> None:
        self._served, self._mode = served, mode
        self._numbers: dict[tuple[str, int], int] = {}  # a text, and the label whose probability is wanted
        self._by_character = served.bundle.config.text.level == "char"

    def ask(self, explanation: Explanation, order: Order) -> list[int]:
        """The numbers of the texts without the top words, with only them, and step by step without."""
        tops, steps = _tops(len(order)), _steps(len(order))
        removed = [*(order[:n] for n in tops), *(order[n:] for n in tops), *(order[:n] for n in steps)]
        return [self._number(explanation, words) for words in removed]

    def answer(self) -> None:
        """Probabilities, and whether another label is likelier, of all that was asked; few rows of all labels at once."""
        self._p, self._flipped = np.empty(len(self._numbers)), np.empty(len(self._numbers), bool)
        for some in windows(self._numbers.items(), lambda item: len(item[0][0])):
            rows = softmax(self._served.logits([text for (text, _), _ in some])[0])
            labels, numbers = np.array([k for (_, k), _ in some]), np.array([number for _, number in some])
            self._p[numbers] = rows[np.arange(len(rows)), labels]
            self._flipped[numbers] = rows.argmax(axis=1) != labels

    def curve(self, explanation: Explanation, numbers: list[int]) -> Curve:
        """What the answers to `ask` make."""
        tops, words = len(SHARES), len(explanation.tokens)
        p, full = self._p[numbers], explanation.prediction.probability
        flips = [n for n, i in zip(_steps(words), numbers[2 * tops :], strict=True) if self._flipped[i]]
        return Curve(
            float(np.mean(full - p[:tops])),
            float(np.mean(full - p[tops : 2 * tops])),
            float(p[TENTH]),
            flips[0] / words if flips else float("inf"),
        )

    def _number(self, explanation: Explanation, words: Order) -> int:
        spans: list[Span] = [(explanation.tokens[i].start, explanation.tokens[i].end) for i in words]
        text = explanation.text[: explanation.read]
        left = without(text, spans) if self._mode == "delete" else unknown(text, spans, self._by_character)
        k = self._served.labels.index(explanation.prediction.label)
        return self._numbers.setdefault((left, k), len(self._numbers))


def _summary(name: str, explained: Sequence[Explanation], curves: Sequence[Sequence[Curve]]) -> MethodFaithfulness:
    """Over texts; where a text has several curves, of random orders, their mean."""

    def of_texts(attribute: str) -> NDArray[np.float64]:
        return np.array([np.mean([getattr(curve, attribute) for curve in several]) for several in curves])

    flips = np.array([curve.flip for several in curves for curve in several])
    median = float(np.median(flips))
    sizes, signs, differ = _compared(name, explained)
    return MethodFaithfulness(
        name,
        interval_of(of_texts("comprehensiveness")),
        interval_of(of_texts("sufficiency")),
        float(of_texts("without_tenth").mean()),
        median if np.isfinite(median) else None,
        float(np.mean(np.isinf(flips))),
        tau=interval_of(sizes) if sizes else None,
        tau_signed=interval_of(signs) if signs else None,
        sign_differs=float(np.mean(differ)) if differ else None,
    )


def _compared(name: str, explained: Sequence[Explanation]) -> tuple[list[float], list[float], list[float]]:
    """τ of sizes, τ with signs, and the share of strongest scores with another sign, of each text of two words or more."""
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
    """τ, or 0 where all scores of one side are equal and it is not defined."""
    return float(np.nan_to_num(tau.statistic))
