"""Signed evidence that sums exactly to the decision, from one forward pass.

The logits are ℓ_k = w_k · c + b_k + Σ_t λ_tk: a linear head over c = Σ_t α_t v_t, plus the linear model's λ. So the log-odds of
target k against reference label r split over the tokens:

    e_t = α_t [ (w_k − w_r) · v_t + b_k − b_r ] + λ_tk − λ_tr      Σ_t e_t = ℓ_k − ℓ_r = log(p_k / p_r)

If a token has one weight for each head or feature, each weight multiplies its own part of v_t, and the mean of these weights
multiplies b (`attnclf.model.pooling`).

Where base rates were asked for, their shift is one more term of the margin (`attnclf.served.base_rates`).

Evidence is a margin between two labels, not one label's logit: adding the same vector to every w_k changes each logit but no
probability, so a token's share of a single logit means nothing.

With local values, v_t comes from the token alone (at character level, from five characters), and context enters through α_t.
With `--values states`, v_t is a BiLSTM state, which has read the neighbours too. Either way e_t is exactly what the model took
*at* the token. It is not everything that deleting the token would change.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from attnclf.collector import collector_paused
from attnclf.errors import UsageError
from attnclf.reading.tokens import Encoded
from attnclf.reading.windows import ReadingLimits, Window
from attnclf.registry import nearest
from attnclf.results import Explanation, Prediction, TokenScore, side_of
from attnclf.served.model import Scored, ServedModel
from attnclf.served.prediction import ranked_all

NO_SCORES: Mapping[str, float] = {}  # one for all tokens: there are many


def explain_by_token(served: ServedModel, texts: Sequence[str], target: str = "", against: str = "") -> list[Explanation]:
    """Each text's prediction, with attention and evidence for each token.

    Evidence is for `target` (default: the predicted label) against `against` (default: the most likely other label). Raises
    UsageError for a label that the model does not have, and if both labels are the same.
    """
    for option, label in (("`target`", target), ("`against`", against)):
        if label and label not in served.labels:
            raise UsageError(f"{option}: the model has no label '{label}'", hint=nearest(label, served.labels))
    if target and target == against:
        raise UsageError(f"`target` and `against` are both '{target}'", hint="evidence weighs one label against another")
    limits = served.limits
    found: list[Explanation] = []
    with collector_paused():
        for scored in served.scored_in_parts(texts):
            some = texts[len(found) : len(found) + len(scored)]
            for one in zip(_predictions(served, limits, some, scored), scored, strict=True):
                found.append(_explained(served.labels, limits, *one, target, against))
    return found


def _predictions(
    served: ServedModel, limits: ReadingLimits, texts: Sequence[str], scored: Sequence[Scored]
) -> list[Prediction]:
    known = [float(np.count_nonzero(one.known) / len(one.known)) for one in scored]
    left_out = limits.left_out([len(one.known) for one in scored], [one.encoded.truncated for one in scored])
    return ranked_all(served, texts, (np.stack([one.logits for one in scored]), known, left_out), None)


def _explained(
    labels: Sequence[str], limits: ReadingLimits, prediction: Prediction, scored: Scored, target: str, against: str
) -> Explanation:
    encoded, text = scored.encoded, prediction.text
    asked = bool(against)
    target = target or next(label for label in prediction.labels if label != against)
    against = against or next(label for label in prediction.labels if label != target)
    k, r = labels.index(target), labels.index(against)
    return Explanation(
        text,
        prediction,
        target,
        against,
        float(scored.logits[k] - scored.logits[r]),
        "token",
        _tokens(text, scored, evidence_of(scored.contributions, k, r), {1: target, -1: against, 0: ""}),
        encoded.end,
        against_asked=asked,
        prior=float(scored.prior[k] - scored.prior[r]),
        gap=_gap(limits.window, encoded),
        gap_is_read=limits.gap_is_read,
    )


def _gap(window: Window, encoded: Encoded) -> tuple[int, int]:
    """The part [start, end) of a text that the network does not read, in code points."""
    spans = encoded.spans
    start, end = window.gap(len(spans))
    if start == end:
        return (0, 0)
    return spans[start][0], spans[end][0] if end < len(spans) else encoded.end


def _tokens(text: str, scored: Scored, evidence: NDArray[np.float64], sides: Mapping[int, str]) -> tuple[TokenScore, ...]:
    """The tokens at their places in the text, each with its side."""
    spans, attention, known = scored.encoded.spans, scored.attention, scored.known
    if len(set(spans)) < len(spans):  # normalising can turn one code point into two tokens, which are shown as one
        first = [place for place, span in enumerate(spans) if place == 0 or span != spans[place - 1]]
        spans = tuple(spans[place] for place in first)
        attention, evidence = np.add.reduceat(attention, first), np.add.reduceat(evidence, first)
        known = np.logical_or.reduceat(known, first)
    largest = float(np.abs(evidence).max())
    return tuple(
        TokenScore(text[start:end], start, end, weight, score, seen, NO_SCORES, sides[side_of(score, largest)])
        for (start, end), weight, score, seen in zip(spans, attention.tolist(), evidence.tolist(), known.tolist(), strict=True)
    )


def evidence_of(contributions: NDArray[np.float32], k: int, r: int) -> NDArray[np.float64]:
    """Evidence e (T,) for label k against label r from contributions (T, K), in float64 so that the sum loses nothing."""
    return np.asarray(contributions[:, k].astype(np.float64) - contributions[:, r])
